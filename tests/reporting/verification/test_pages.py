"""The pages of parks, inventories and verification open, in both languages, for who may."""

from html import unescape

import pytest
from django.contrib.messages.storage.fallback import FallbackStorage
from django.test import RequestFactory
from django.urls import reverse
from django.utils import translation

from ledger.doors.admin import site
from ledger.kernel.actors import Actor, Role
from ledger.kernel.ids import new_id
from ledger.parties.models import User
from reporting.inventories.models import FrozenInventory
from reporting.verification.models import Engagement
from tests.factories import populated

LABELS = (
    "reporting_parks_park",
    "reporting_parks_boundary",
    "reporting_parks_tenant",
    "reporting_parks_source",
    "reporting_parks_meter",
    "reporting_inventories_inventory",
    "reporting_inventories_inventoryline",
    "reporting_inventories_frozeninventory",
    "reporting_verification_engagement",
    "reporting_verification_finding",
    "reporting_verification_opinion",
)
# Of these the filled park has more than one.
SEVERAL = {
    "reporting_parks_boundary": 2,
    "reporting_parks_source": 2,
    "reporting_parks_meter": 4,
}


def request_of(path, party_id, role, data=None):
    factory = RequestFactory()
    request = factory.get(path) if data is None else factory.post(path, data)
    request.actor = Actor(user_id=new_id(), party_id=party_id, roles=frozenset({role}))
    request.at = populated.NOON
    request.user = User.objects.first()
    return request


@pytest.fixture(scope="module")
def _park(module_db, django_db_blocker):
    with django_db_blocker.unblock():
        populated._people()
        populated._parameters()
        populated._factors()
        populated._park()
    return Engagement.objects.get()


@pytest.fixture
def filled(_park, db):
    return _park


def admin_of(label):
    model = next(m for m in site._registry if m._meta.db_table == label)
    return model, site._registry[model]


def listed(label, party_id, role):
    path = reverse(f"admin:{label}_changelist")
    answer = admin_of(label)[1].changelist_view(request_of(path, party_id, role))
    return list(answer.context_data["cl"].result_list), unescape(answer.render().content.decode())


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("label", LABELS)
def test_a_list_and_its_object_open_for_the_operator(filled, label, language):
    model, admin = admin_of(label)
    with translation.override(language):
        rows, _ = listed(label, filled.party_id, Role.CARBON_MANAGER)
        request = request_of("/", filled.party_id, Role.CARBON_MANAGER)
        page = admin.change_view(request, str(model.objects.first().pk))
        assert page.render().status_code == 200
    assert len(rows) == SEVERAL.get(label, 1)


@pytest.mark.parametrize("label", LABELS)
def test_a_stranger_sees_no_row(filled, label):
    assert listed(label, new_id(), Role.CARBON_MANAGER)[0] == []


@pytest.mark.parametrize("label", [name for name in LABELS if "parks" not in name])
def test_the_engaged_verifier_reads_what_she_verifies(filled, label):
    assert len(listed(label, filled.verifier_id, Role.VERIFIER)[0]) == 1


def test_the_page_of_a_frozen_inventory_says_that_nothing_changed(filled):
    frozen = FrozenInventory.objects.get()
    admin = admin_of("reporting_inventories_frozeninventory")[1]
    with translation.override("zh-hans"):
        request = request_of("/", filled.party_id, Role.CARBON_MANAGER)
        page = admin.change_view(request, str(frozen.pk)).render().content.decode()
    assert "冻结后无变化" in page


def test_restating_asks_first_and_says_what_will_happen(filled):
    admin = admin_of("reporting_inventories_inventory")[1]
    inventory = FrozenInventory.objects.get().inventory
    data = {"change": "ERROR", "reason": "账单更正"}
    request = request_of("/", filled.party_id, Role.CARBON_MANAGER, data)
    with translation.override("zh-hans"):
        page = admin.act(request, str(inventory.pk), "restate").content.decode()
    assert "并取代本清单" in page
    inventory.refresh_from_db()
    assert inventory.state == "FROZEN"


def test_the_accreditation_is_entered_where_a_verifier_is_engaged(filled):
    admin = admin_of("reporting_verification_engagement")[1]
    data = {
        "park_code": filled.park.code,
        "year": "2021",
        "verifier": str(filled.verifier_id),
        "accreditation": "CNAS V001-ISO14065",
        "criteria": "ISO 14064-1:2018",
        "level": "LIMITED",
        "scope": "范围一",
        "confirmed": "yes",
        "idempotency_key": "e-1",
    }
    request = request_of("/", filled.party_id, Role.CARBON_MANAGER, data)
    request.session = {}
    request._messages = FallbackStorage(request)
    assert admin.act_on_list(request, "open").status_code == 302
    opened = Engagement.objects.exclude(pk=filled.pk).get()
    assert opened.accreditation == "CNAS V001-ISO14065"
