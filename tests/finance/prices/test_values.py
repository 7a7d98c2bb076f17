"""What holdings are worth: by vintage, by use, by currency; what is unknown is not invented."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from finance.prices import queries
from finance.prices.rules.values import Rate, crossed, inverted, worth
from ledger.compliance import operations as compliance
from ledger.kernel.actors import SYSTEM
from ledger.kernel.money import CurrencyMismatch, Money
from ledger.parameters import operations as parameters
from tests.factories import holdings, prices
from tests.factories.prices import LATE, ROOT, fact, mark, rate, told
from tests.factories.units import MANAGER, issued, lot

BEFORE, AFTER = date(2025, 6, 3), date(2026, 11, 20)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _book() -> None:
    parameters.load_seeds(folder=ROOT / "seeds", by=SYSTEM, at=LATE)
    compliance.load_regimes(folder=ROOT / "seeds", by=SYSTEM, at=LATE)
    prices.load()


def one(**given):
    (line,) = queries.value_position(**given)
    return line


def test_usable_units_are_worth_their_mark():
    mark(AFTER, "74.63")
    line = one(scheme="CEA", vintage_year=2025, unit_count=500_000, on=AFTER)
    assert (line.use, line.market_value, line.value) == (
        "USABLE", Money("37315000.00"), Money("37315000.00"),
    )  # fmt: skip
    assert line.is_draft and not line.is_stale


def test_an_old_vintage_is_valued_at_its_real_use():
    """R2.31, trap 8: after its last deadline it serves nothing, whatever it is quoted at."""
    told(
        fact(BEFORE, "80", vintage_year=2023),
        fact(AFTER, "60", vintage_year=2023),
        fact(AFTER, "74.63"),
    )
    asked = {"scheme": "CEA", "vintage_year": 2023, "unit_count": 1000}
    before, after = one(**asked, on=BEFORE), one(**asked, on=AFTER)
    # 10 % off for a vintage of two years
    assert (before.use, before.haircut, before.value) == ("USABLE", Decimal("0.10"), Money("72000"))
    assert (after.use, after.market_value, after.value) == ("NO_USE", Money("60000"), Money("0"))


def test_old_units_count_as_far_as_arrears_go_and_the_oldest_go_first():
    told(fact(AFTER, "60", vintage_year=2023), fact(AFTER, "50", vintage_year=2022))
    entity = compliance.enter_entity(
        party_id=MANAGER.own_party, regime="CN_NATIONAL", code="91330200X", sector="POWER",
        first_year=2024, told_on=BEFORE, by=MANAGER, at=LATE,
    )  # fmt: skip
    compliance.record_emissions(
        entity_id=entity.pk, year=2024, parts={"1": Decimal(150)}, purpose="ETS",
        verification="V", content_hash="ab" * 32, evidence="e", told_on=BEFORE, by=MANAGER, at=LATE,
    )  # fmt: skip
    account, _ = holdings.holdings(100, vintage_year=2023)
    issued(account.pk, 80, lot_id=lot(vintage_year=2022))
    lines = queries.value_holdings(MANAGER.own_party, AFTER)
    told_of = [(x.vintage_year, x.use, x.unit_count, x.value) for x in lines]
    assert told_of == [
        (2022, "ARREARS", 80, Money("3600.00")),
        (2023, "ARREARS", 70, Money("3780.00")),
        (2023, "NO_USE", 30, Money("0.00")),
    ]


def test_what_has_no_mark_has_no_value_and_is_counted():
    mark(AFTER, "74.63")
    account, _ = holdings.holdings(100, vintage_year=2025)
    issued(account.pk, 80, lot_id=lot(scheme="CCER", vintage_year=2024))
    lines = queries.value_holdings(MANAGER.own_party, AFTER)
    assert [(x.scheme, x.is_valued) for x in lines] == [("CCER", False), ("CEA", True)]
    found = queries.total(lines)
    assert (found.value, found.unvalued_count, found.stale_count) == (Money("7463.00"), 1, 0)


def test_holdings_are_those_of_the_day():
    mark(AFTER, "74.63")
    account, lot_id = holdings.holdings(100, vintage_year=2025)
    holdings.pledge(account.pk, lot_id, 40)
    lines = queries.value_holdings(MANAGER.own_party, AFTER)
    assert {x.state: x.unit_count for x in lines} == {"FREE": 60, "PLEDGED": 40}
    assert queries.value_holdings(MANAGER.own_party, date(2025, 1, 6)) == []


def test_a_certificate_past_its_last_day_is_worth_nothing():
    told(fact(AFTER, "5", scheme="GEC", vintage_year=None, source="GEC_PLATFORM"))
    asked = {"scheme": "GEC", "vintage_year": 2024, "unit_count": 10, "on": AFTER}
    assert one(**asked, expires_on=AFTER).value == Money("0.00")
    assert one(**asked, expires_on=date(2026, 12, 1)).value == Money("50.00")


def test_a_credit_that_its_market_refuses_counts_for_voluntary_use_only():
    told(fact(AFTER, "70", scheme="CCER", vintage_year=None, source="CBGEX_CCER"))
    account, _ = holdings.holdings(1, vintage_year=2025)
    inside = lot(scheme="CCER", vintage_year=2025, traits={"inside_covered_activity": True})
    issued(account.pk, 10, lot_id=inside)
    line = next(x for x in queries.value_holdings(MANAGER.own_party, AFTER) if x.scheme == "CCER")
    assert (line.use, line.value) == ("VOLUNTARY", Money("350.00"))


def test_a_foreign_mark_is_converted_by_the_rate_of_the_day():
    rate(date(2026, 11, 19), "EUR", "8.2514")
    told(fact(AFTER, "71.50", scheme="EUA", source="ICE_EUA", currency="EUR"))
    line = one(scheme="EUA", vintage_year=2025, unit_count=10, on=AFTER)
    assert line.market_value == Money("5899.75")  # 715 × 8.2514 = 5899.751
    assert (line.rate.rated_on, line.rate.is_stale, line.is_stale) == (
        date(2026, 11, 19), True, True,
    )  # fmt: skip
    assert (
        one(scheme="EUA", vintage_year=2025, unit_count=1, on=AFTER, currency="USD").value is None
    )


def test_rates_turn_round_and_cross_by_the_renminbi():
    rate(AFTER, "EUR", "8.2")
    rate(AFTER, "USD", "7.1")
    assert queries.rate_on("EUR", "CNY", AFTER).rate == Decimal("8.2")
    assert queries.rate_on("CNY", "CNY", AFTER).rate == 1
    crossed_rate = queries.rate_on("EUR", "USD", AFTER)
    assert crossed_rate.rate.quantize(Decimal("0.000001")) == Decimal("1.154930")
    assert len(crossed_rate.version_ids) == 2
    assert queries.rate_on("GBP", "CNY", AFTER) is None
    back = queries.rate_on("CNY", "EUR", AFTER).rate * Decimal("8.2")
    assert back.quantize(Decimal("1e-20")) == 1


def test_a_corrected_rate_is_the_one_that_counts():
    rate(AFTER, "EUR", "8.2")
    rate(AFTER, "EUR", "8.3", reason="typed wrongly")
    assert queries.rate_on("EUR", "CNY", AFTER).rate == Decimal("8.3")


def test_a_rate_does_not_convert_another_currency():
    found = Rate("EUR", "CNY", Decimal(8), AFTER, is_stale=False, source="x")
    assert found.convert(Money("2", "EUR")) == Money("16")
    with pytest.raises(CurrencyMismatch):
        found.convert(Money("2", "USD"))


@given(st.decimals("0.0001", "1000", places=4), st.decimals("0.0001", "1000", places=4))
def test_there_and_back_is_the_same(first, second):
    there = Rate("EUR", "CNY", first, AFTER, is_stale=False, source="x")
    further = Rate("CNY", "USD", second, AFTER, is_stale=False, source="y")
    back = crossed(there, inverted(there)).rate
    assert abs(back - 1) < Decimal("1e-50")
    assert crossed(there, further).rate == first * second


@given(st.integers(0, 10**9), st.integers(0, 100), st.integers(0, 100))
def test_what_counts_is_never_more_than_the_market_value(count, share, haircut):
    here = Rate("CNY", "CNY", Decimal(1), AFTER, is_stale=False, source="")
    mark_ = queries.Mark("CEA", 2025, Money("74.63"), AFTER, 0, False, "CNEEEX", "LISTED", 1, None)
    market, value = worth(
        count, mark=mark_, rate=here,
        use_share=Decimal(share) / 100, haircut=Decimal(haircut) / 100,
    )  # fmt: skip
    assert market == Money("74.63") * count
    assert Money("0") <= value <= market


def test_what_all_is_worth_takes_as_many_queries_for_one_vintage_as_for_eight():
    account, _ = holdings.holdings(100, vintage_year=2025)
    told(*(fact(AFTER, "74.63", vintage_year=year) for year in range(2019, 2027)))
    assert len(queries.value_holdings(MANAGER.own_party, AFTER)) == 1  # rule sets are kept
    with CaptureQueriesContext(connection) as one_vintage:
        queries.value_holdings(MANAGER.own_party, AFTER)
    for vintage in range(2019, 2027):
        issued(account.pk, 10, lot_id=lot(vintage_year=vintage))
    with CaptureQueriesContext(connection) as eight:
        assert len(queries.value_holdings(MANAGER.own_party, AFTER)) == 8
    assert len(eight) == len(one_vintage)
