"""The ledger's pages show each party its own, and the acts on them say what they will do."""

import pytest
from django.utils import timezone

from ledger.accounts import operations as accounts
from ledger.accounts.models import Account
from ledger.approvals.models import Approval
from ledger.instruments.operations import load_schemes
from ledger.kernel.actors import SYSTEM
from ledger.kernel.ids import new_id
from ledger.parties import queries as parties
from ledger.units import operations as units
from ledger.units import queries
from ledger.units.models import Entry, Position
from ledger.units.operations import LotFacts
from tests.factories.people import give, make_party, make_user
from tests.ledger.parties.test_pages import confirm, enter

pytestmark = pytest.mark.django_db


@pytest.fixture
def ours(client) -> Account:
    """A carbon manager is signed in; her party's account has a hundred CCER."""
    user, party = make_user(), make_party()
    give(user, party, "CARBON_MANAGER")
    enter(client, user)
    return stocked(party.id)


def stocked(party_id) -> Account:
    load_schemes(by=SYSTEM, at=timezone.now())
    now = {"by": SYSTEM, "at": timezone.now()}

    def account(kind: str, holder) -> Account:
        number = f"{kind}-{new_id()}"
        return accounts.open_account(
            holder_id=holder, type=kind, registry="CCRC", number=number, **now
        )

    made, issuer = account("HOLDING", party_id), account("ISSUER", new_id())
    code = f"CCER-{new_id()}"
    facts = LotFacts(code, "CCER", 2024, space=("CCRC", "CCER", code))
    units.issue_units(
        lot_id=units.open_lot(facts=facts, **now),
        from_account_id=issuer.pk,
        to_account_id=made.pk,
        unit_count=100,
        ranges=[(1, 100)],
        happened_on=timezone.localdate(),
        idempotency_key=str(new_id()),
        **now,
    )
    return made


PAGES = ["lot", "position", "entry", "movement", "block"]


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("name", PAGES)
def test_the_lists_open_and_export(client, ours, name, language):
    client.cookies["tanzhang-language"] = language
    assert client.get(f"/admin/ledger_units/{name}/").status_code == 200
    for form in ("csv", "xlsx"):
        assert client.get(f"/admin/ledger_units/{name}/export.{form}").status_code == 200


@pytest.mark.parametrize("name", ["position", "block", "movement"])
def test_a_list_shows_ones_own_and_nothing_else(client, ours, name):
    other = stocked(make_party().id)
    page = client.get(f"/admin/ledger_units/{name}/").content.decode()
    assert ours.number in page
    assert other.number not in page


def test_an_object_page_opens(client, ours):
    place = Position.objects.get(account_id=ours.pk)
    (entry,) = Entry.objects.all()
    for address in (f"position/{place.pk}", f"entry/{entry.pk}", f"lot/{place.lot_id}"):
        assert client.get(f"/admin/ledger_units/{address}/change/").status_code == 200


def test_a_retirement_is_said_in_words_and_waits_for_an_approver(client, ours):
    place = Position.objects.get(account_id=ours.pk)
    asked = {
        "unit_count": "40",
        "ranges": "1-40",
        "happened_on": timezone.localdate().isoformat(),
        "reason": "meeting",
        "beneficiary_id": str(ours.holder_id),
        "purpose": "carbon neutral meeting",
    }
    address = f"/admin/ledger_units/position/{place.pk}/do/retire/"
    shown = client.get(address).content.decode()
    assert parties.name_of(ours.holder_id) in shown
    nobody = client.post(address, {**asked, "beneficiary_id": str(new_id())})
    assert nobody.context["form"].errors.keys() == {"beneficiary_id"}
    page = confirm(client, address, **asked)
    assert "40" in page
    assert "1–40" in page
    place.refresh_from_db()
    assert place.quantity == 100
    assert Approval.objects.get().payload["unit_count"] == 40


def test_too_much_is_refused_in_words(client, ours):
    place = Position.objects.get(account_id=ours.pk)
    asked = {
        "unit_count": "101",
        "happened_on": timezone.localdate().isoformat(),
        "reason": "gift",
        "confirmed": "yes",
        "idempotency_key": "k",
    }
    answer = client.post(f"/admin/ledger_units/position/{place.pk}/do/cancel/", asked)
    assert answer.status_code == 409
    place.refresh_from_db()
    assert place.quantity == 100


def test_a_reader_of_everything_moves_nothing(client, ours):
    user = make_user()
    give(user, make_party(), "AUDITOR")
    client.logout()
    enter(client, user)
    place = Position.objects.get(account_id=ours.pk)
    assert ours.number in client.get("/admin/ledger_units/position/").content.decode()
    assert client.get(f"/admin/ledger_units/position/{place.pk}/do/retire/").status_code == 404
    assert queries.positions_in([ours.pk])[0].unit_count == 100
