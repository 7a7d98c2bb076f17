"""The portal of a bank: her own pledges, and no trace of anything else."""

from uuid import UUID

import pytest

from config.bank import door  # noqa: F401
from ledger.audit.models import Event
from ledger.kernel.ids import new_id
from tests.factories.banks import TwoBanks, officer, signed_in
from tests.factories.machines import machine

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return TwoBanks()


def test_an_officer_sees_her_pledges_and_nothing_of_another_bank(world):
    page = signed_in(officer(world.bank_id)).get("/bank/").content.decode()
    assert world.pledge.number in page
    assert world.request.number in page
    assert world.other.number not in page
    assert world.other_request.number not in page
    assert str(world.other.pk) not in page


def test_another_bank_sees_nothing_of_it(world):
    page = signed_in(officer(world.other_bank_id)).get("/bank/").content.decode()
    assert world.other.number in page
    assert world.pledge.number not in page


def test_what_is_not_hers_cannot_be_told_from_what_is_not_there(world):
    client = signed_in(officer(world.bank_id))
    for pattern, theirs in (
        ("/bank/pledges/{}/", world.other.pk),
        ("/bank/requests/{}/", world.other_request.pk),
    ):
        answers = [client.get(pattern.format(one)) for one in (theirs, new_id())]
        assert [one.status_code for one in answers] == [404, 404]
        assert answers[0].content == answers[1].content
        assert dict(answers[0].headers) == dict(answers[1].headers)


def test_every_look_is_an_event_that_the_debtor_sees(world):
    user = officer(world.bank_id)
    signed_in(user).get(f"/bank/pledges/{world.pledge.pk}/")
    looks = Event.objects.filter(verb="pledge.read")
    assert [(one.subject, one.actor_id) for one in looks] == [
        (f"pledges.Pledge:{world.pledge.pk}", user.pk)
    ]
    debtor = officer(world.mine.borrower.own_party, role="CARBON_MANAGER", totp=False)
    page = signed_in(debtor).get(f"/admin/finance_pledges/pledge/{world.pledge.pk}/change/")
    assert "Looked at by the creditor" in page.content.decode()
    assert user.name in page.content.decode()


@pytest.mark.parametrize("kind", ["facility", "hold"])
def test_a_look_at_a_facility_or_hold_on_the_desk_is_an_event_that_the_debtor_sees(world, kind):
    hold_id = world.pledge.parts.get().hold_id
    room, key = {
        "facility": ("finance_facilities", world.pledge.facility_id),
        "hold": ("ledger_holds", hold_id),
    }[kind]
    user = officer(world.bank_id)
    address = f"/admin/{room}/{kind}/"
    for page in (address, f"{address}{key}/change/"):
        assert signed_in(user).get(page).status_code == 200
    looks = Event.objects.filter(verb=f"{kind}.read").order_by("id")
    assert {one.actor_id for one in looks} == {user.pk}
    # on the list every hold in her favour, the former reservation too; on the page this one
    count = looks.count()
    assert [one.subject.rpartition(":")[2] for one in looks][-1] == str(key)
    seen = {one.subject.rpartition(":")[2] for one in looks}
    theirs = {str(world.other.facility_id), str(world.other.parts.get().hold_id)}
    assert seen & theirs == set()
    debtor = officer(world.mine.borrower.own_party, role="CARBON_MANAGER", totp=False)
    page = signed_in(debtor).get(f"{address}{key}/change/").content.decode()
    assert "Looked at by the" in page
    assert user.name in page
    assert Event.objects.filter(verb=f"{kind}.read").count() == count


def test_a_look_by_a_machine_is_recorded_of_holds_and_facilities_too(world):
    mine = machine(world.bank_id, "BANK_OFFICER")
    for address in ("holds/", f"holds/{world.pledge.parts.get().hold_id}/", "facilities/",
                    f"facilities/{world.pledge.facility_id}/", "facility-lines/"):  # fmt: skip
        assert mine.get(address).status_code == 200, address
    told = {one.subject for one in Event.objects.filter(verb__in=["hold.read", "facility.read"])}
    assert told >= {
        f"holds.Hold:{world.pledge.parts.get().hold_id}",
        f"facilities.Facility:{world.pledge.facility_id}",
    }
    theirs = {world.other.parts.get().hold_id, world.other.facility_id}
    assert {UUID(one.rpartition(":")[2]) for one in told} & theirs == set()


def test_the_way_from_a_kept_checkpoint_is_refused_in_words_where_there_is_none(world):
    page = signed_in(officer(world.bank_id)).get("/bank/attestations/way", {"previous": "7"})
    assert page.status_code == 422
    assert "No attestation yet" in page.content.decode()
