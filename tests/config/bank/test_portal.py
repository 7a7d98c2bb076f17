"""The portal of a bank: her own pledges, and no trace of anything else."""

import pytest

from config.bank import door  # noqa: F401
from ledger.audit.models import Event
from ledger.kernel.ids import new_id
from tests.factories.banks import TwoBanks, officer, signed_in

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
