"""Agreements on units for machines: entered once, handed over by a person's word, own rows only."""

import pytest
from django.utils import timezone

from finance.repos.models import Agreement, Handover
from ledger.accounts import operations as accounts
from ledger.approvals import operations as approvals
from ledger.kernel.actors import SYSTEM
from tests.factories.holdings import quantities
from tests.factories.machines import machine
from tests.factories.people import make_actor, make_party
from tests.factories.units import issued, lot

pytestmark = pytest.mark.django_db
NOW = timezone.now()
TODAY = timezone.localdate()


class Place:
    """A party with 1,500 units, and a partner's outside account that it trusts."""

    def __init__(self) -> None:
        from tests.finance.repos.test_agreements import LONG_AGO, shop

        shop()  # parameters and schemes
        self.party, self.partner = make_party(), make_party(name_zh="碳资产公司")
        self.checker = make_actor("APPROVER", party=self.party, name="王审")
        open_ = accounts.open_account
        self.mine = open_(
            holder_id=self.party.id, type="HOLDING", registry="CCRC", number="P-1", by=SYSTEM,
            at=NOW,
        )  # fmt: skip
        self.theirs = open_(
            holder_id=self.partner.id, type="OUTSIDE", registry="CCRC", number="P-2", by=SYSTEM,
            at=NOW,
        )  # fmt: skip
        accounts.trust_account(
            account_id=self.theirs.pk, reason="合同", by=self.checker, at=LONG_AGO
        )
        self.lot_id = lot(vintage_year=2025)
        issued(self.mine.pk, 1500, lot_id=self.lot_id)

    def body(self, **given):
        wanted = {
            "number": "HG-1", "kind": "REPO", "from_account_id": str(self.mine.pk),
            "to_account_id": str(self.theirs.pk), "lot_id": str(self.lot_id), "unit_count": 1000,
            "starts_on": "2026-01-05", "ends_on": "2026-07-06", "first_price": "30.00",
            "second_price": "31.50",
        }  # fmt: skip
        return {**wanted, **given}


@pytest.fixture
def place():
    return Place()


def test_an_agreement_is_entered_once_with_its_implied_rate(place):
    mine = machine(place.party.id)
    one, two = (mine.post("unit-agreements/", place.body(), key="a-1") for _ in range(2))
    assert (one.status_code, one.json()) == (201, two.json())
    assert Agreement.objects.filter(number="HG-1").count() == 1
    told = mine.get(one.headers["Location"]).json()
    assert told["implied_rate"].startswith("0.1002747")  # TV-7.5: 10.03 %
    assert (told["giver_id"], told["taker_id"]) == (str(place.party.id), str(place.partner.id))
    assert mine.post("unit-agreements/", place.body(unit_count=5), key="a-1").status_code == 422


def test_units_go_over_and_come_back_when_a_person_says_so(place):
    mine = machine(place.party.id)
    address = mine.post("unit-agreements/", place.body(), key="a-1").headers["Location"]
    path = address.removeprefix("/api/v1/")
    day = {"happened_on": TODAY.isoformat(), "evidence": "交割确认"}
    asked = mine.post(f"{path}starts/", day, key="s-1")
    assert asked.status_code == 202
    assert quantities(place.mine.pk, place.lot_id)["FREE"] == 1500
    approvals.approve(approval_id=asked.json()["approval_id"], by=place.checker, at=NOW)
    assert quantities(place.mine.pk, place.lot_id)["FREE"] == 500
    back = {**day, "lot_id": str(place.lot_id), "unit_count": 400}
    one, two = (mine.post(f"{path}returns/", back, key="r-1") for _ in range(2))
    assert one.json() == two.json()
    approvals.approve(approval_id=one.json()["approval_id"], by=place.checker, at=NOW)
    assert quantities(place.mine.pk, place.lot_id)["FREE"] == 900
    told = mine.get(address).json()
    assert (told["state"], told["returned_count"]) == ("OPEN", 400)


def test_strangers_neither_see_nor_enter_it(place):
    mine, other = machine(place.party.id), machine(make_party(name_zh="别家").id)
    address = mine.post("unit-agreements/", place.body(), key="a-1").headers["Location"]
    assert other.get(address).status_code == 404
    assert other.get("unit-agreements/").json()["items"] == []
    assert other.post("unit-agreements/", place.body(number="X"), key="x").status_code == 404
    assert not Handover.objects.filter(agreement__number="HG-1").exists()
