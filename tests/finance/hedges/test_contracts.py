"""Contracts day by day: variation, margin, options, their end, and what is hedged of a gap."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from finance.hedges import models, operations, queries
from finance.hedges.operations import Terms
from finance.hedges.rules import positions as rules
from finance.hedges.states import ContractState
from ledger.compliance import operations as compliance
from ledger.kernel.actors import SYSTEM, Actor, Role
from ledger.kernel.errors import IllegalTransition, NotFound
from ledger.kernel.ids import new_id
from ledger.kernel.money import Money
from ledger.parameters import operations as parameters
from tests.factories import prices
from tests.factories.prices import LATE, ROOT, mark

MONDAY, TUESDAY, WEDNESDAY = date(2026, 11, 16), date(2026, 11, 17), date(2026, 11, 18)
LAST = date(2026, 12, 16)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _book() -> None:
    parameters.load_seeds(folder=ROOT / "seeds", by=SYSTEM, at=LATE)
    compliance.load_regimes(folder=ROOT / "seeds", by=SYSTEM, at=LATE)
    prices.load()


@pytest.fixture
def by() -> Actor:
    return Actor(new_id(), new_id(), frozenset({Role.CARBON_MANAGER, Role.APPROVER}))


def opened(by: Actor, **given: Any) -> models.Contract:
    wanted: dict[str, Any] = {
        "number": f"F-{new_id()}", "kind": "FUTURE", "side": "LONG", "venue": "CLEARED",
        "counterparty": "期货公司", "scheme": "CEA", "vintage_year": 2025, "lots": 5,
        "units_per_lot": 1000, "price": Decimal("74.00"), "opened_on": MONDAY, "last_day": LAST,
        "margin_rate": Decimal("0.1"),
    }  # fmt: skip
    terms = Terms(**{**wanted, **given})
    return operations.open_contract(terms=terms, by=by, at=LATE, idempotency_key=str(new_id()))


def option(by: Actor, **given: Any) -> models.Contract:
    wanted: dict[str, Any] = {
        "kind": "CALL", "premium": Decimal("2.5"), "volatility": Decimal("0.3"),
        "interest_rate": Decimal("0.02"), "price": Decimal("75"),
    }  # fmt: skip
    return opened(by, **{**wanted, **given})


def settled(row: models.Contract, by: Actor, day: date, price: str | None = None, **given: Any):
    wanted: dict[str, Any] = {"by": by, "at": LATE, "idempotency_key": str(new_id())}
    return operations.settle_day(
        contract_id=row.pk, settled_on=day, price=Decimal(price) if price else None,
        **{**wanted, **given},
    )  # fmt: skip


def test_each_day_brings_its_variation_and_asks_for_margin(by):
    row = opened(by)
    first, second = settled(row, by, MONDAY, "74.60"), settled(row, by, TUESDAY, "73.10")
    assert (first.variation, first.margin_required) == (Decimal("3000.00"), Decimal("37300.00"))
    assert (second.variation, second.margin_required) == (Decimal("-7500.00"), Decimal("36550.00"))
    operations.pay_margin(
        contract_id=row.pk, kind="DEPOSIT", amount=Decimal(40000), paid_on=MONDAY, evidence="e",
        by=by, at=LATE, idempotency_key="m",
    )  # fmt: skip
    standing = queries.standing_of(row)
    assert (standing.gained, standing.balance) == (Money("-4500"), Money("35500"))
    assert standing.call == Money("1050.00")


def test_a_seller_gains_when_the_price_falls(by):
    assert settled(opened(by, side="SHORT"), by, MONDAY, "73.10").variation == Decimal("4500.00")


def test_a_day_is_settled_at_its_own_mark_and_at_no_old_one(by):
    row = opened(by)
    mark(MONDAY, "74.63")
    made = settled(row, by, MONDAY)
    assert (made.price, made.mark_id is not None) == (Decimal("74.63"), True)
    with pytest.raises(rules.SettlementPriceNeeded):
        settled(row, by, TUESDAY)
    assert row.settlements.count() == 1


def test_the_newest_day_is_told_anew_with_a_reason_and_no_older_one(by):
    row = opened(by)
    settled(row, by, MONDAY, "74.60")
    with pytest.raises(rules.SettledAlready):
        settled(row, by, MONDAY, "74.50")
    again = settled(row, by, MONDAY, "74.50", reason="misread")
    assert (again.version, again.variation) == (2, Decimal("2500.00"))
    settled(row, by, TUESDAY, "75.00")
    with pytest.raises(rules.SettledLater):
        settled(row, by, MONDAY, "74.40", reason="misread")
    assert queries.standing_of(row).gained == Money("5000.00")


def test_an_option_is_valued_by_black_with_its_greeks(by):
    row = option(by)
    made = settled(row, by, MONDAY, "74.63")
    assert Decimal("2") < made.unit_value < Decimal("3")
    assert Decimal("0.4") < Decimal(made.greeks["delta"]) < Decimal("0.6")
    assert made.margin_required == 0  # bought and paid for
    expected = Money((made.unit_value - Decimal("2.5")) * 5000).rounded()
    assert made.variation == expected.amount
    assert queries.standing_of(row).value == Money(made.unit_value * 5000).rounded()


def test_a_bought_option_is_never_called_for_margin_and_a_sold_one_is(by):
    """Its premium is all that can be lost."""
    kept, sold = option(by), option(by, side="SHORT")
    settled(kept, by, MONDAY, "60")
    settled(sold, by, MONDAY, "90")
    mine, theirs = queries.standing_of(kept), queries.standing_of(sold)
    assert mine.gained < Money("0") and mine.call == Money("0")
    assert (mine.is_margined, mine.balance) == (False, Money("0"))
    assert theirs.call > Money("0")


def test_an_option_is_exercised_only_where_that_pays(by):
    given: dict[str, Any] = {"ended_on": LAST, "by": by, "at": LATE}
    states = {}
    for name, price in (("paid", "80"), ("lost", "70")):
        row = option(by)
        ended = operations.end_contract(
            contract_id=row.pk, price=Decimal(price), idempotency_key=name, **given
        )
        states[name] = (ended.state, queries.standing_of(ended).gained)
    assert states == {
        "paid": (ContractState.EXERCISED, Money("12500.00")),  # 5 - 2.5 of 5,000
        "lost": (ContractState.EXPIRED, Money("-12500.00")),
    }


def test_a_closed_contract_settles_its_last_day_and_moves_no_more(by):
    row = opened(by)
    settled(row, by, MONDAY, "74.60")
    done = operations.close_contract(
        contract_id=row.pk, ended_on=TUESDAY, price=Decimal("76"), by=by, at=LATE,
        idempotency_key="c",
    )  # fmt: skip
    assert (done.state, queries.standing_of(done).gained) == (ContractState.CLOSED, Money("10000"))
    with pytest.raises(IllegalTransition):
        settled(row, by, WEDNESDAY, "76")
    assert list(queries.check_rows_match_events()) == []


@pytest.mark.parametrize(
    ("given_", "refusal"),
    [
        ({"price": Decimal(0)}, rules.PriceOutOfReach),
        ({"kind": "PUT"}, rules.OptionTermsNeeded),
        ({"last_day": date(2026, 1, 1)}, rules.LastDayPassed),
    ],
)
def test_terms_that_make_no_contract_are_refused(by, given_, refusal):
    with pytest.raises(refusal):
        opened(by, **given_)
    opened(by, number="F-1")
    with pytest.raises(rules.NumberInUse):
        opened(by, number="F-1")
    assert models.Contract.objects.count() == 1


def test_days_out_of_the_contract_and_strangers_are_refused(by):
    row = opened(by)
    for day, refusal in ((date(2026, 11, 13), rules.NotYetOpened), (LAST, None)):
        if refusal:
            with pytest.raises(refusal):
                settled(row, by, day, "74")
    with pytest.raises(rules.LastDayPassed):
        settled(row, by, date(2026, 12, 17), "74")
    stranger = Actor(new_id(), new_id(), frozenset({Role.CARBON_MANAGER}))
    with pytest.raises(NotFound):
        settled(row, stranger, MONDAY, "74")


def test_margin_above_what_is_required_can_be_taken_out_and_no_more(by):
    row = opened(by)
    settled(row, by, MONDAY, "74.00")
    paid: dict[str, Any] = {
        "contract_id": row.pk, "paid_on": MONDAY, "evidence": "e", "by": by, "at": LATE,
    }  # fmt: skip
    operations.pay_margin(kind="DEPOSIT", amount=Decimal(40000), idempotency_key="1", **paid)
    with pytest.raises(rules.MarginTooLow):
        operations.pay_margin(kind="WITHDRAWAL", amount=Decimal(3001), idempotency_key="2", **paid)
    operations.pay_margin(kind="WITHDRAWAL", amount=Decimal(3000), idempotency_key="3", **paid)
    assert queries.standing_of(row).paid_in == Money("37000")


def test_what_is_hedged_of_the_compliance_gap(by):
    entity = compliance.enter_entity(
        party_id=by.own_party, regime="CN_NATIONAL", code="91330200X", sector="POWER",
        first_year=2025, told_on=MONDAY, by=by, at=LATE,
    )  # fmt: skip
    compliance.record_emissions(
        entity_id=entity.pk, year=2025, parts={"1": Decimal(10000)}, purpose="ETS",
        verification="V", content_hash="ab" * 32, evidence="e", told_on=MONDAY, by=by, at=LATE,
    )  # fmt: skip
    opened(by, for_year=2025)
    opened(by, for_year=2025, side="SHORT", lots=1)
    call = option(by, for_year=2025, lots=2)
    delta = Decimal(settled(call, by, MONDAY, "74.63").greeks["delta"])
    (found,) = queries.hedged_of(by.own_party, MONDAY)
    assert (found.year, found.exposure) == (2025, 10000)
    assert found.hedged == 4000 + delta * 2000
    assert abs(found.ratio - found.hedged / 10000) < Decimal("1e-20")
