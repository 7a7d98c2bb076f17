"""A break worked through the pages: found, assigned, noted, corrected; and a block lifted."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_otp import DEVICE_ID_SESSION_KEY
from django_otp.plugins.otp_totp.models import TOTPDevice

from ledger.approvals import operations as approvals
from ledger.approvals.models import Approval
from ledger.jobs.models import Job
from ledger.kernel.actors import SYSTEM
from ledger.parameters.operations import load_seeds
from ledger.parties.middleware import SIGNED_IN_AT
from ledger.parties.models import User
from ledger.reconciliation import queries, tasks
from ledger.reconciliation.models import Break, Comparison, Statement, Withdrawal
from tests.factories.holdings import open_account
from tests.factories.populated import ROOT
from tests.factories.statements import compare, line, shop, statement
from tests.factories.units import NOON

pytestmark = pytest.mark.django_db


def signed_in(actor):
    client = Client(SERVER_NAME="localhost")
    user = User.objects.get(pk=actor.user_id)
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    session = client.session
    session[SIGNED_IN_AT] = timezone.now().isoformat()
    device = TOTPDevice.objects.filter(user=user).first()
    if device:
        session[DEVICE_ID_SESSION_KEY] = device.persistent_id
    session.save()
    return client


def address(model, name, *args):
    return reverse(f"admin:ledger_reconciliation_{model}_{name}", args=args)


def does(client, url, **filled):
    """Fill in, read, confirm; the sentences that stood on the page."""
    page = client.post(url, filled)
    assert page.status_code == 200, page.context and page.context.get("refusal")
    sure = {**filled, "confirmed": "yes", "idempotency_key": page.context["key"]}
    assert client.post(url, sure).status_code == 302
    return " ".join(page.context["sentences"])


@pytest.fixture
def place():
    load_seeds(folder=ROOT / "seeds", by=SYSTEM, at=NOON)
    made = shop()
    statement(made.account_id, line(90, 1, space=made.space), by=made.maker)
    return made


@pytest.fixture(autouse=True)
def own_folder(settings, tmp_path):
    storage = {**settings.STORAGES["evidence"], "OPTIONS": {"location": tmp_path}}
    settings.STORAGES = {**settings.STORAGES, "evidence": storage}


def test_a_comparison_is_asked_for_and_a_worker_makes_it(place):
    client = signed_in(place.maker)
    one = Statement.objects.get()
    page = client.get(address("statement", "change", one.pk), HTTP_ACCEPT_LANGUAGE="zh-hans")
    assert page.status_code == 200
    does(client, address("statement", "act", one.pk, "compare"))
    job = Job.objects.get()
    tasks.compare(job_id=str(job.pk))
    job.refresh_from_db()
    assert (job.state, job.result) == ("DONE", {"statements": 1, "differences": 1})
    made = Comparison.objects.get()
    assert client.get(address("comparison", "change", made.pk)).status_code == 200
    lines = client.get(address("statementline", "changelist"), {"statement__id__exact": one.pk})
    assert len(lines.context["cl"].result_list) == 1
    assert queries.due_accounts() == []


def test_what_is_due_is_compared_by_the_clock(place):
    assert queries.due_accounts() == [place.account_id]
    tasks.compare_due()
    tasks.compare_due()
    assert Job.objects.count() == 1


def test_a_break_is_worked_through_its_page_to_an_approved_correction(place):
    (found,) = compare(place.account_id)
    manager, other = signed_in(place.maker), open_account("OTHER", by=place.maker)
    listed = manager.get(address("break", "changelist"), {"state__exact": "OPEN"})
    assert [row.pk for row in listed.context["cl"].result_list] == [found.pk]

    def act(name, **filled):
        return does(manager, address("break", "act", found.pk, name), **filled)

    act("assign", owner=str(place.maker.user_id))
    act("comment", text="asked the registry")
    file = SimpleUploadedFile("answer.txt", b"they are not there")
    attach = manager.post(
        address("break", "act", found.pk, "attach"), {"file": file, "text": "their answer"}
    )
    assert attach.status_code == 302
    act("explain", text="never delivered")
    said = act("correct", counter_account=str(other.pk), lot="", reason="registry is right")
    assert "OTHER" in said

    asked = Approval.objects.get()
    approvals.approve(approval_id=asked.pk, by=place.checker, at=timezone.now())
    page = manager.get(address("break", "change", found.pk))
    shown = page.content.decode()
    assert "asked the registry" in shown
    assert "their answer" in shown
    assert Break.objects.get().state == "CLOSED"
    assert compare(place.account_id) == []


def test_many_are_assigned_at_once_and_others_are_not(place):
    statement(
        place.account_id, line(80, 1, space=place.space), line(5, 90, space=place.space),
        as_of=NOON + timedelta(hours=1), by=place.maker,
    )  # fmt: skip
    assert len(compare(place.account_id)) == 2
    said = does(
        signed_in(place.maker),
        address("break", "do", "assign_many"),
        owner=str(place.checker.user_id),
        kind="MISSING_THERE",
        account="",
        scheme="CCER",
        vintage_year="",
    )
    assert "2" in said
    assert set(Break.objects.values_list("state", "owner_id")) == {
        ("ASSIGNED", place.checker.user_id)
    }


def test_a_block_is_lifted_from_the_list_of_overrides(place):
    compare(place.account_id)
    day = timezone.localdate() + timedelta(days=2)
    said = does(
        signed_in(place.maker),
        address("override", "do", "lift"),
        vintage=f"{place.account_id}:CCER:2025",
        expires_on=day.isoformat(),
        deadline_on=day.isoformat(),
        reason="surrender is due",
    )
    assert "2025" in said
    approvals.approve(approval_id=Approval.objects.get().pk, by=place.checker, at=timezone.now())
    (made,) = queries.overrides_touching(account_ids=[place.account_id])
    page = signed_in(place.maker).get(address("override", "change", made.id))
    assert page.status_code == 200


def test_the_home_page_says_how_many_differences_are_open(place):
    manager = signed_in(place.maker)
    assert "registr" not in " ".join(text for text, _ in troubles(manager))
    compare(place.account_id)
    found = [url for text, url in troubles(manager) if text.startswith("1 difference")]
    assert found == [address("break", "changelist")]


def troubles(client):
    return client.get("/admin/", HTTP_ACCEPT_LANGUAGE="en").context["troubles"]


def test_a_withdrawn_statement_leads_to_closure(place):
    (found,) = compare(place.account_id)
    manager, one = signed_in(place.maker), Statement.objects.get()
    does(manager, address("statement", "act", one.pk, "withdraw"), reason="wrong file")
    assert Withdrawal.objects.count() == 1
    compare(place.account_id)
    does(manager, address("break", "act", found.pk, "close"), reason="never was one")
    assert Break.objects.get().state == "CLOSED"


def test_another_party_sees_no_statement_and_no_break(place):
    (found,) = compare(place.account_id)
    stranger = signed_in(shop().maker)
    assert stranger.get(address("break", "change", found.pk)).status_code in {302, 404}
    assert not stranger.get(address("break", "changelist")).context["cl"].result_list
    assert stranger.get(address("break", "act", found.pk, "comment")).status_code == 404
