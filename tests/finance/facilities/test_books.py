"""What a facility owes to the cent, and what it refuses."""

from datetime import UTC, date, datetime
from decimal import Decimal as D  # noqa: N817
from pathlib import Path

import pytest
from django.db import IntegrityError, transaction

from finance.facilities import models, operations, queries
from finance.facilities.rules import interest as rules
from finance.facilities.rules import margins
from finance.facilities.rules.margins import Verified
from finance.facilities.rules.schedules import Terms, due_days, schedule
from ledger.audit import queries as log
from ledger.kernel.actors import SYSTEM, Actor, Role
from ledger.kernel.errors import IllegalTransition, NotAllowed, NotFound
from ledger.kernel.ids import new_id
from ledger.parameters.operations import load_seeds
from tests.factories.loans import Loan, banker

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[3]
START, AFTER_180_DAYS = date(2026, 1, 5), date(2026, 7, 4)


@pytest.fixture
def loan():
    return Loan()


def test_interest_of_180_days_is_exact_to_the_cent(loan):
    """TV-7.4."""
    loan.draw("22389000", START)
    found = queries.standing_on(loan.facility, AFTER_180_DAYS)
    assert found.interest == D("386210.25")
    assert found.principal == D("22389000.00")


def test_a_repayment_lowers_the_interest_from_its_day(loan):
    loan.draw("1000000", START)
    loan.line("PREPAID", "400000", date(2026, 2, 4))  # after 30 days
    found = queries.standing_on(loan.facility, date(2026, 3, 6))  # 30 days more
    assert (found.principal, found.interest) == (D("600000.00"), D("4600.00"))


def test_no_more_is_drawn_than_the_limit_whoever_writes(loan):
    loan.draw("30000000", START)
    with pytest.raises(rules.MoreThanTheLimit):
        loan.draw("0.01", START)
    refused = pytest.raises(IntegrityError, match="more is drawn than the limit")
    with refused, transaction.atomic():
        models.Line.objects.create(
            facility=loan.facility, kind="DRAWN", amount=D("0.01"), happened_on=START,
            evidence="x", recorded_at=loan.at, recorded_by=loan.borrower.user_id,
            idempotency_key="x",
        )  # fmt: skip
    assert loan.facility.lines.count() == 1


def test_no_more_is_paid_than_is_owed_and_no_more_used_than_was_drawn(loan):
    loan.draw("1000000", START)
    with pytest.raises(rules.MoreThanOwed, match=r"1000000.01 is paid, 1000000.00 is owed"):
        loan.line("REPAID", "1000000.01", START)
    with pytest.raises(rules.MoreThanDrawn):
        loan.line("USED", "1000000.01", START, payee="总包方")
    with pytest.raises(rules.NotEvidenced):
        loan.line("USED", "1", START, evidence=" ")
    assert loan.facility.lines.count() == 1
    loan.line("USED", "900000", START, payee="总包方")
    assert queries.standing_on(loan.facility, START).unused == D("100000.00")


def test_nothing_is_drawn_before_it_is_agreed_or_outside_the_term():
    loan = Loan(agreed=False)
    with pytest.raises(IllegalTransition):
        loan.draw("1", START)
    with pytest.raises(rules.NotYet):
        Loan().draw("1", date(2027, 2, 1))
    assert models.Line.objects.count() == 0


def test_a_facility_closes_when_the_lender_says_that_nothing_is_owed(loan):
    loan.draw("1000000", START)
    loan.line("REPAID", "1000000", START)
    with pytest.raises(NotAllowed):
        loan.do(operations.close_facility, evidence="结清证明", by=loan.borrower)
    loan.line("FEE", "100", START)
    with pytest.raises(rules.StillOwed, match=r"100.00 is still owed"):
        loan.do(operations.close_facility, evidence="结清证明", by=loan.bank)
    loan.line("FEE_PAID", "100", START)
    closed = loan.do(operations.close_facility, evidence="结清证明", by=loan.bank)
    assert closed.state == "REPAID"


def test_a_stranger_does_not_see_it(loan):
    with pytest.raises(NotFound):
        queries.get_facility(loan.facility.pk, by=Loan().borrower)


TYPED = {
    "indicator": "碳强度", "year": 2025, "value": D("0.49"), "verified_by": "核查机构",
    "opinion": "VER-1",
}  # fmt: skip
VERIFIED = Verified(
    source="verification.Opinion:1#total_location_tco2e", name="园区: 范围一与范围二", year=2025,
    value=D("0.49"), measure="tCO2e", verified_by="核查机构", opinion="VER-1", sha256="ab" * 32,
)  # fmt: skip


def step(loan, **given):
    wanted = {
        "indicator": "碳强度", "year": 2025, "comparison": "AT_MOST", "target": D("0.5"),
        "measure": "tCO2e", "met_bps": -10, "missed_bps": 5, "applies_on": date(2026, 2, 4),
        "evidence": "合同第8条",
    }  # fmt: skip
    return loan.do(operations.set_margin_step, **{**wanted, **given})


def test_a_figure_of_a_verified_inventory_moves_the_margin_and_says_where_it_is_from(
    loan, monkeypatch
):
    asked = []
    monkeypatch.setattr(
        queries, "figure_tellers", [lambda party_id: asked.append(party_id) or [VERIFIED]]
    )
    made = loan.do(operations.draw_figure, step_id=step(loan).pk, source=VERIFIED.source)
    assert set(asked) == {loan.borrower.party_id}
    assert (made.value, made.source, made.source_sha256) == (
        D("0.490000"), VERIFIED.source, "ab" * 32,
    )  # fmt: skip
    found = queries.rates_of(loan.facility, until=date(2026, 12, 1))
    assert found.changes[-1].value == D("0.0335")


@pytest.mark.parametrize(
    ("given", "refusal"),
    [({"year": 2024}, margins.OtherYear), ({"measure": "tCO2e/万元"}, margins.OtherMeasure)],
)
def test_a_figure_of_something_else_than_the_step_is_refused(loan, monkeypatch, given, refusal):
    monkeypatch.setattr(queries, "figure_tellers", [lambda _party_id: [VERIFIED]])
    with pytest.raises(refusal):
        loan.do(operations.draw_figure, step_id=step(loan, **given).pk, source=VERIFIED.source)
    assert models.Figure.objects.count() == 0


def test_a_figure_that_no_opinion_vouches_for_is_not_drawn(loan, monkeypatch):
    monkeypatch.setattr(queries, "figure_tellers", [lambda _party_id: []])
    with pytest.raises(margins.NotVerified):
        loan.do(operations.draw_figure, step_id=step(loan).pk, source=VERIFIED.source)
    with pytest.raises(NotFound):
        loan.do(operations.draw_figure, step_id=new_id(), source=VERIFIED.source)
    assert models.Figure.objects.count() == 0


def test_a_figure_that_is_typed_in_needs_its_document_and_a_second_person(loan):
    step(loan)
    with pytest.raises(margins.NotDecidedByTwo):
        loan.do(operations.record_figure, **TYPED)
    with pytest.raises(rules.NotEvidenced):
        loan.do(operations.record_figure, approval_id=new_id(), **{**TYPED, "opinion": " "})
    manager = Actor(new_id(), loan.borrower.party_id, frozenset({Role.CARBON_MANAGER}))
    with pytest.raises(NotAllowed):
        loan.do(operations.record_figure, approval_id=new_id(), by=manager, **TYPED)
    refused = pytest.raises(IntegrityError, match="facility_figure_drawn_or_approved")
    with refused, transaction.atomic():
        models.Figure.objects.create(
            facility=loan.facility, recorded_at=loan.at, recorded_by=new_id(),
            idempotency_key="x", **TYPED,
        )  # fmt: skip
    assert models.Figure.objects.count() == 0


def test_a_lenders_look_at_a_facility_is_on_record_and_nobody_elses(loan):
    for who in (loan.borrower, banker(), loan.bank):
        operations.record_reads([loan.facility], what="page", by=who, at=loan.at)
    looks = log.reads_of(f"facilities.Facility:{loan.facility.pk}", verb="facility.read")
    assert [(one.by, one.what) for one in looks] == [(loan.bank.user_id, "page")]


def test_the_margin_follows_verified_figures_and_misses_without_them(loan):
    for indicator in ("碳强度", "绿电占比"):
        loan.do(
            operations.set_margin_step, indicator=indicator, year=2025, comparison="AT_MOST",
            target=D("0.5"), measure="tCO2e", met_bps=-10, missed_bps=5,
            applies_on=date(2026, 2, 4), evidence="合同第8条",
        )  # fmt: skip
    loan.do(operations.record_figure, approval_id=new_id(), **TYPED)
    found = queries.rates_of(loan.facility, until=date(2026, 12, 1))
    assert [(one.on, one.value) for one in found.changes] == [
        (START, D("0.0345")), (date(2026, 2, 4), D("0.0340")),
    ]  # fmt: skip


def test_lpr_is_read_on_each_reset_and_said_to_be_unverified():
    load_seeds(folder=ROOT / "seeds", by=SYSTEM, at=datetime(2026, 1, 5, tzinfo=UTC))
    loan = Loan(
        rate_kind="LPR_1Y", rate_bps=45, starts_on=date(2024, 9, 1), matures_on=date(2026, 9, 1),
        reset_months=12,
    )  # fmt: skip
    found = queries.rates_of(loan.facility, until=date(2026, 1, 1))
    assert [(one.on, one.value) for one in found.changes] == [
        (date(2024, 9, 1), D("0.0380")), (date(2025, 9, 1), D("0.0345")),
    ]  # fmt: skip
    assert found.is_unverified


def test_a_subsidy_pays_its_basis_points_and_no_more_is_received(loan):
    loan.draw("1000000", START)
    loan.do(
        operations.promise_subsidy, bps=200, starts_on=START, ends_on=date(2026, 2, 4),
        granted_by="财政局", evidence="贴息文件",
    )  # fmt: skip
    assert queries.standing_on(loan.facility, date(2026, 6, 1)).subsidy == D("1666.67")
    with pytest.raises(rules.MoreThanOwed):
        loan.line("SUBSIDY", "1666.68", date(2026, 6, 1))


def terms(plan: str, **more: object) -> Terms:
    wanted: dict[str, object] = {
        "plan": plan, "rate": D("0.06"), "day_count": "30/360 ISDA", "starts_on": date(2026, 1, 1),
        "matures_on": date(2027, 1, 1), "period_months": 1, **more,
    }  # fmt: skip
    return Terms(**wanted)  # type: ignore[arg-type]


def test_level_instalments_are_those_of_the_textbook():
    """PMT(0.5 %, 12, -100000) = 8606.64; the last takes what rounding left."""
    found = schedule(D("100000"), terms("INSTALMENTS"), since=date(2026, 1, 1))
    assert {one.payment for one in found[:-1]} == {D("8606.64")}
    assert (found[-1].payment, found[-1].owed) == (D("8606.69"), 0)
    assert found[0].interest == D("500.00")


def test_equal_principal_and_bullet_repay_it_all():
    equal = schedule(D("100000"), terms("PRINCIPAL"), since=date(2026, 1, 1))
    assert [one.principal for one in equal] == [D("8333.33")] * 11 + [D("8333.37")]
    bullet = schedule(D("100000"), terms("BULLET", period_months=3), since=date(2026, 1, 1))
    assert [one.principal for one in bullet] == [0, 0, 0, D("100000")]
    assert [one.interest for one in bullet] == [D("1500.00")] * 4


def test_in_the_months_of_grace_only_interest_is_paid():
    found = schedule(D("100000"), terms("INSTALMENTS", grace_months=6), since=date(2026, 1, 1))
    assert [one.principal for one in found[:6]] == [0] * 6
    assert found[-1].owed == 0
    assert found[6].payment == D("16959.55")  # PMT(0.5 %, 6, -100000)


def test_a_payment_falls_on_the_last_of_a_shorter_month():
    days = due_days(date(2026, 1, 31), date(2026, 5, 31), months=1)
    assert days == [date(2026, 2, 28), date(2026, 3, 31), date(2026, 4, 30), date(2026, 5, 31)]
