"""Every list of the desk, as every role: it answers, asks little, and leaks nothing."""

import json
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django_otp import DEVICE_ID_SESSION_KEY
from django_otp.plugins.otp_totp.models import TOTPDevice

from ledger.doors.admin import site
from ledger.parties.middleware import SIGNED_IN_AT
from ledger.parties.models import User

COUNTS = Path(__file__).with_name("query_counts.json")
ROLES = (
    "manager", "approver", "data", "auditor", "admin", "bank", "verifier", "fund", "fundapprover",
)  # fmt: skip
EXPORTERS = ("manager", "auditor")


def signed_in(name: str) -> Client:
    user = User.objects.get(email=f"{name}@demo.example")
    client = Client(SERVER_NAME="localhost")
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    session = client.session
    session[SIGNED_IN_AT] = timezone.now().isoformat()
    device = TOTPDevice.objects.filter(user=user).first()
    if device:
        session[DEVICE_ID_SESSION_KEY] = device.persistent_id
    session.save()
    return client


def lists() -> dict[str, str]:
    return {
        model._meta.label: reverse(
            f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"
        )
        for model in site._registry
    }


@pytest.mark.parametrize("role", ROLES)
def test_every_list_and_object_answers(demo_db, role):
    client = signed_in(role)
    assert client.get("/admin/").status_code == 200
    for label, address in lists().items():
        answer = client.get(address)
        assert answer.status_code in {200, 403, 404}, label
        if answer.status_code != 200:
            continue
        found = answer.context["cl"].result_list
        for form in ("csv", "xlsx") if role in EXPORTERS else ():
            assert client.get(f"{address}export.{form}").status_code == 200, label
        if found:
            page = client.get(f"{address}{found[0].pk}/change/")
            assert page.status_code == 200, label


def test_a_bank_sees_no_other_partys_rows(demo_db):
    client = signed_in("bank")
    for label in (
        "ledger_units.Position",
        "reporting_activity.ActivityRow",
        "ledger_files.StoredFile",
    ):
        answer = client.get(lists()[label])
        assert answer.status_code != 200 or not answer.context["cl"].result_list, label


def test_a_list_asks_the_database_as_often_as_agreed(demo_db):
    """A longer list must not ask more: the counts stand in query_counts.json."""
    client = signed_in("auditor")
    client.get("/admin/")
    found = {}
    for label, address in lists().items():
        with CaptureQueriesContext(connection) as asked:
            client.get(address)
        found[label] = len(asked)
    agreed = json.loads(COUNTS.read_text()) if COUNTS.exists() else {}
    more = {label: n for label, n in found.items() if n > agreed.get(label, 0)}
    if more:
        COUNTS.with_suffix(".found.json").write_text(json.dumps(found, indent=1, sort_keys=True))
    assert more == {}
