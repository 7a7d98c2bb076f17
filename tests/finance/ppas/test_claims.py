"""Certificates of settled power are matched, and what came is claimed once, up to Scope 2."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from finance.ppas import models, operations, queries
from finance.ppas.rules import refusals
from ledger.accounts import operations as accounts
from ledger.accounts.rules import CounterpartyNotTrusted
from ledger.claims import operations as claims
from ledger.claims import queries as claim_queries
from ledger.claims.models import Generation
from ledger.claims.rules import AlreadyClaimed
from ledger.kernel.actors import SYSTEM
from ledger.kernel.errors import NotFound
from ledger.kernel.ids import new_id
from ledger.kernel.periods import Period
from ledger.parameters import operations as parameters
from ledger.units import operations as units
from ledger.units import queries as unit_queries
from tests.factories.ppas import NOON, Bargain, company, person

pytestmark = pytest.mark.django_db
D = Decimal
SEEDS = Path(__file__).resolve().parents[3] / "seeds"
MARCH = date(2025, 3, 1)
PERIOD = Period.month(2025, 3)


def gec_account(party_id, kind="HOLDING"):
    return accounts.open_account(
        holder_id=party_id, type=kind, registry="GEC_PLATFORM", number=f"G-{new_id()}",
        by=SYSTEM, at=NOON,
    ).pk  # fmt: skip


class Story:
    """March 2025: 120.4 MWh generated, 100.7 used, 150 contracted; certificates are issued."""

    def __init__(self, **facts) -> None:
        self.bargain = Bargain(first=MARCH, **facts).signed("2025-03 150", ENVIRONMENT="0.01")
        self.bargain.read([("WIND", "2025-03", "120.4"), ("MILL", "2025-03", "100.7")])
        self.bargain.settle()
        (self.final,) = self.bargain.finalise()
        operations.record_metered_month(
            point_id=self.bargain.wind.pk, month=MARCH, by=self.bargain.manager, at=NOON
        )

    def certificates(self):
        """The month's certificates, issued to the seller: 120, and 0.4 carried."""
        parameters.load_seeds(folder=SEEDS, by=SYSTEM, at=NOON)
        self.source = gec_account(self.bargain.seller_id, "GENERATOR")
        self.target = gec_account(self.bargain.buyer_id)
        issued = claims.issue_certificates(
            plant_id=self.bargain.plant.pk,
            month=MARCH,
            issuer_account_id=gec_account(company("登记机构"), "ISSUER"),
            to_account_id=self.source,
            by=SYSTEM,
            at=NOON,
        )
        self.lot_id = issued.lot_id
        return self

    def moved(self, count):
        return units.transfer_units(
            lot_id=self.lot_id, from_account_id=self.source, to_account_id=self.target,
            unit_count=count, happened_on=NOON.date(), by=SYSTEM, at=NOON,
            idempotency_key=str(new_id()),
        ).entry_id  # fmt: skip

    def match(self, entry_id, **given):
        return operations.match_certificates(
            **{"contract_id": self.bargain.contract.pk, "month": MARCH, "lot_id": self.lot_id,
               "entry_id": entry_id, "by": self.bargain.manager, "at": NOON, **given}
        )  # fmt: skip

    def claim(self, **given):
        return operations.claim_power(
            **{"contract_id": self.bargain.contract.pk, "month": MARCH, "purpose": "2025 用电",
               "by": self.bargain.manager, "at": NOON, **given}
        )  # fmt: skip


def clean() -> bool:
    checks = (
        queries.check_rows_match_events, queries.check_sums,
        claim_queries.check_rows_match_events, claim_queries.check_against_retirements,
    )  # fmt: skip
    return [fault for check in checks for fault in check()] == []


def test_settled_power_is_certified_and_claimed_once():
    story = Story().certificates()
    assert story.final.certificate_count == 100
    (arrival,) = [
        one for _ in [story.moved(100)] for one in queries.arrivals(story.bargain.contract, MARCH)
    ]
    match = story.match(arrival.entry_id)
    assert (match.unit_count, match.account_id) == (100, story.target)
    assert queries.arrivals(story.bargain.contract, MARCH) == []
    (made,) = story.claim()
    assert (made.energy_wh, made.claim.unit_count) == (100_000_000, 100)
    (claimed,) = claim_queries.energy_claims(
        claimant_id=story.bargain.buyer_id, period=Period.year(2025)
    )
    assert (claimed.mwh, claimed.period) == (100, PERIOD)
    with pytest.raises(refusals.ClaimedBefore):
        story.claim()
    known = queries.delivered_of(story.final)
    assert (known.due, known.delivered, known.claimed, known.left) == (100, 100, 100, 0)
    assert Generation.objects.get(plant=story.bargain.plant).remaining_mwh == D("20.4")
    assert clean()


def test_more_certificates_than_due_are_not_matched():
    story = Story().certificates()
    with pytest.raises(refusals.MoreThanDue, match="101 certificates are wanted and 100 are due"):
        story.match(story.moved(101))
    assert not models.CertificateMatch.objects.exists()


def test_certificates_of_another_plant_or_contract_are_not_matched():
    story, other = Story().certificates(), Story().certificates()
    with pytest.raises(refusals.WrongCertificates):
        story.match(other.moved(50), lot_id=other.lot_id)
    with pytest.raises(refusals.NotDelivered):  # it never came to this buyer
        story.match(other.moved(50))


def test_only_what_is_final_is_matched_and_claimed():
    bargain = Bargain(first=MARCH).signed("2025-03 150", ENVIRONMENT="0.01")
    bargain.read([("WIND", "2025-03", "120.4"), ("MILL", "2025-03", "100.7")])
    bargain.settle()
    with pytest.raises(refusals.NotFinal):
        operations.claim_power(
            contract_id=bargain.contract.pk, month=MARCH, purpose="x",
            by=bargain.manager, at=NOON,
        )  # fmt: skip


def test_the_seller_claims_nothing_and_a_stranger_sees_nothing():
    story = Story().certificates()
    story.match(story.moved(100))
    with pytest.raises(refusals.NotTheBuyer):
        story.claim(by=person(story.bargain.seller_id))
    with pytest.raises(NotFound):
        story.claim(by=person(company("陌生公司")))
    assert not models.PowerClaim.objects.exists()


def test_direct_power_without_certificates_is_claimed_against_its_plant():
    story = Story(
        kind="DIRECT", is_direct=True, is_bundled=False, agreement="接入协议", line="35kV 甲线"
    )
    (made,) = story.claim()
    assert (made.plant_id, made.energy_wh) == (story.bargain.plant.pk, 100_700_000)
    assert made.claim.instrument == "PPA"
    assert Generation.objects.get(plant=story.bargain.plant).remaining_mwh == D("19.7")
    with pytest.raises(refusals.ClaimedBefore):
        story.claim()
    with pytest.raises(AlreadyClaimed):  # the rest of the plant's month is 19.7 MWh
        claims.claim_self_use(
            plant_id=story.bargain.plant.pk, period=PERIOD, mwh=D("19.8"),
            claimant_id=story.bargain.buyer_id, by=SYSTEM, at=NOON, idempotency_key="x",
        )  # fmt: skip
    assert clean()


def test_certificates_are_delivered_by_the_contract_itself():
    story = Story().certificates()
    given = {
        "contract_id": story.bargain.contract.pk, "month": MARCH, "lot_id": story.lot_id,
        "from_account_id": story.source, "to_account_id": story.target,
        "happened_on": NOON.date(), "at": NOON,
    }  # fmt: skip
    seller = person(story.bargain.seller_id)
    with pytest.raises(refusals.MoreThanDue):
        operations.deliver_certificates(**given, unit_count=101, idempotency_key="a", by=seller)
    with pytest.raises(CounterpartyNotTrusted):  # the safeguards of the ledger hold here too
        operations.deliver_certificates(**given, unit_count=100, idempotency_key="b", by=seller)
    assert not models.CertificateMatch.objects.exists()
    made = operations.deliver_certificates(**given, unit_count=100, idempotency_key="c", by=SYSTEM)
    assert made.unit_count == 100
    held = {view.lot_id: view.unit_count for view in unit_queries.positions_in([story.target])}
    assert held == {story.lot_id: 100}


def test_what_the_generator_lacks_is_made_good_in_certificates():
    bargain = Bargain(first=MARCH)
    bargain.rule("SELLER", "MAKE_GOOD", tolerance_bps=1000)
    bargain.signed("2025-03 150", ENVIRONMENT="0.01")
    bargain.read([("WIND", "2025-03", "120.4"), ("MILL", "2025-03", "150")])
    (row,) = bargain.settle()
    assert row.seller_short_wh == 29_600_000
    assert row.make_good_wh == 14_600_000  # beyond a tenth of 150 MWh
    line = row.lines.get(kind="SHORTFALL_SELLER")
    assert (line.energy_wh, line.amount_cny) == (14_600_000, 0)
