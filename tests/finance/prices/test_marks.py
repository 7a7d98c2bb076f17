"""What is told of days: versions, limits, calendars, refusals, and the newest of it."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, transaction
from hypothesis import given
from hypothesis import strategies as st

from finance.prices import models, operations, queries
from finance.prices.queries.checking import digest_of
from finance.prices.rules import facts as rules
from finance.prices.rules.facts import TellingHasProblems, band
from finance.prices.states import LimitCheck
from ledger.audit.queries import events_of
from ledger.kernel.actors import SYSTEM, Role
from ledger.kernel.errors import NotAllowed
from ledger.kernel.keys import KeyUsedOtherwise
from ledger.kernel.money import Money
from ledger.parameters import operations as parameters
from tests.factories import people, prices
from tests.factories.prices import LATE, ROOT, fact, mark, told

MONDAY, TUESDAY, WEDNESDAY = date(2026, 11, 16), date(2026, 11, 17), date(2026, 11, 18)
FRIDAY, SATURDAY = date(2026, 11, 20), date(2026, 11, 21)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _book() -> None:
    parameters.load_seeds(folder=ROOT / "seeds", by=SYSTEM, at=LATE)
    prices.load()


def test_the_newest_mark_until_a_day_is_given_with_its_day():
    mark(MONDAY, "74.63")
    mark(TUESDAY, "75.10")
    found = queries.mark_on("CEA", 2025, TUESDAY)
    assert found is not None
    assert (found.price, found.marked_on, found.source) == (Money("75.10"), TUESDAY, "CNEEEX")
    assert (found.days_old, found.is_stale, found.version) == (0, False, 1)
    assert models.Mark.objects.get(pk=found.version_id).price == Decimal("75.10")
    assert queries.mark_on("CEA", 2025, MONDAY).price == Money("74.63")
    assert queries.mark_on("CEA", 2025, MONDAY - timedelta(days=1)) is None


def test_a_missing_mark_is_the_last_one_and_says_that_it_is_stale():
    mark(MONDAY, "74.63")
    found = queries.mark_on("CEA", 2025, WEDNESDAY)
    assert (found.marked_on, found.days_old, found.is_stale) == (MONDAY, 2, True)


def test_a_weekend_makes_no_mark_stale():
    mark(FRIDAY, "74.63")
    assert queries.mark_on("CEA", 2025, SATURDAY).is_stale is False


def test_what_may_be_thin_is_stale_later():
    told(fact(MONDAY, "5.20", scheme="GEC", vintage_year=None, source="GEC_PLATFORM"))
    assert queries.mark_on("GEC", 2026, FRIDAY).is_stale is False


def test_an_old_vintage_is_never_given_the_price_of_a_new_one():
    mark(MONDAY, "74.63")
    assert queries.mark_on("CEA", 2023, MONDAY) is None
    with pytest.raises(rules.VintageNeeded):
        mark(TUESDAY, "74.63", vintage_year=None)


def test_a_price_of_any_vintage_stands_in_where_a_vintage_has_none_of_its_own():
    told(
        fact(MONDAY, "70.76", scheme="CCER", vintage_year=None, source="CBGEX_CCER"),
        fact(MONDAY, "69.00", scheme="CCER", vintage_year=2023, source="CBGEX_CCER"),
    )
    keys = [("CCER", 2023), ("CCER", 2024), ("CCER", None), ("GEC", 2025)]
    found = queries.marks_on(keys, MONDAY)
    assert {key: one.price for key, one in found.items()} == {
        ("CCER", 2023): Money("69"),
        ("CCER", 2024): Money("70.76"),
        ("CCER", None): Money("70.76"),
    }


def test_a_correction_is_a_new_version_with_its_reason_and_the_old_one_stays():
    mark(MONDAY, "74.63")
    with pytest.raises(rules.ReasonNeeded, match=r"as 74\.63\. A correction"):
        mark(MONDAY, "74.36")
    assert models.Mark.objects.count() == 1
    assert mark(MONDAY, "74.36", reason="digits swapped").corrected_count == 1
    found = queries.mark_on("CEA", 2025, MONDAY)
    assert (found.price, found.version) == (Money("74.36"), 2)
    row = queries.get_mark(found.version_id)
    kept = [(one.version, one.price, one.reason) for one in queries.versions_of(row)]
    assert kept == [(2, Decimal("74.36"), "digits swapped"), (1, Decimal("74.63"), "")]


def test_what_was_known_before_a_correction_can_be_asked():
    mark(MONDAY, "74.63")
    later = LATE + timedelta(hours=1)
    told(fact(MONDAY, "74.36"), reason="digits swapped", at=later)
    before = queries.marks_on([("CEA", 2025)], MONDAY, known_at=LATE)
    assert before["CEA", 2025].price == Money("74.63")


def test_the_same_price_told_again_is_no_version():
    mark(MONDAY, "74.63")
    again = told(fact(MONDAY, "74.63"), fact(TUESDAY, "74.70"))
    assert (again.row_count, again.unchanged_count, again.corrected_count) == (1, 1, 0)


def test_the_same_key_is_the_same_telling_once():
    first = told(fact(MONDAY, "74.63"), idempotency_key="k")
    assert told(fact(MONDAY, "74.63"), idempotency_key="k") == first
    with pytest.raises(KeyUsedOtherwise):
        told(fact(MONDAY, "74.64"), idempotency_key="k")
    assert models.Telling.objects.count() == 1


def test_nothing_that_was_told_can_be_altered_or_removed():
    mark(MONDAY, "74.63")
    for act in (lambda: models.Mark.objects.update(price=1), models.Mark.objects.all().delete):
        with pytest.raises(DatabaseError), transaction.atomic():
            act()


@pytest.mark.parametrize(
    ("close", "low", "high"),
    [("74.63", "67.17", "82.09"), ("100", "90.00", "110.00"), ("0.05", "0.05", "0.05")],
)
def test_the_limits_of_a_day_are_rounded_inwards_to_the_tick(close, low, high):
    found = band(Decimal(close), share=Decimal("0.10"), tick=Decimal("0.01"))
    assert (found.low, found.high) == (Decimal(low), Decimal(high))


@given(
    st.decimals("0.01", "1000", places=2),
    st.decimals("0.01", "0.5", places=2),
)
def test_both_limits_lie_within_the_share(close, share):
    found = band(close, share=share, tick=Decimal("0.01"))
    assert found.low >= close * (1 - share) and found.high <= close * (1 + share)
    assert close in found


def test_a_mark_outside_the_limits_of_its_day_needs_a_reason():
    mark(MONDAY, "74.63")
    with pytest.raises(rules.OutsideTheLimits, match=r"67\.17 to 82\.09"):
        mark(TUESDAY, "82.10")
    assert models.Mark.objects.count() == 1
    mark(TUESDAY, "82.10", reason="checked with the exchange")
    checks = models.Mark.objects.order_by("marked_on").values_list("limit_check", flat=True)
    assert list(checks) == [LimitCheck.UNKNOWN, LimitCheck.OUTSIDE]
    mark(WEDNESDAY, "82.00")
    assert models.Mark.objects.get(marked_on=WEDNESDAY).limit_check == LimitCheck.WITHIN


def test_a_block_trade_has_wider_limits_and_marks_nothing():
    mark(MONDAY, "74.63")
    with pytest.raises(rules.OutsideTheLimits, match=r"52\.25 to 97\.01"):
        mark(TUESDAY, "50.00", mode="BLOCK", volume=100_000)
    mark(TUESDAY, "60.00", mode="BLOCK", volume=100_000)
    found = queries.mark_on("CEA", 2025, TUESDAY)
    assert (found.marked_on, found.price) == (MONDAY, Money("74.63"))


def test_the_limits_of_a_day_can_be_asked():
    mark(MONDAY, "74.63")
    source = models.PriceSource.objects.get(pk="CNEEEX")
    found = {one.mode: one.band for one in queries.limits_on(source, "CEA", 2025, TUESDAY)}
    assert (found["LISTED"].low, found["LISTED"].high) == (Decimal("67.17"), Decimal("82.09"))
    assert (found["BLOCK"].low, found["BLOCK"].high) == (Decimal("52.25"), Decimal("97.01"))
    assert queries.limits_on(source, "CEA", 2025, FRIDAY) == []


def test_every_problem_of_every_row_is_told_and_nothing_is_kept():
    with pytest.raises(TellingHasProblems) as refused:
        told(
            fact(MONDAY, "74.63"),
            fact(MONDAY, "74.64"),
            fact(SATURDAY, "-1", source="NOBODY", currency="yuan"),
            fact(SATURDAY, "1", scheme="GEC"),
            fact(date(2027, 1, 4), "1.2345678", vintage_year=1066),
        )
    found = [(one.row, one.column, one.error.code) for one in refused.value.problems]
    assert found == [
        (2, "day", "told_twice"),
        (3, "source", "no_such_source"),
        (3, "price", "price_not_positive"),
        (3, "currency", "not_a_currency"),
        (4, "source", "not_of_this_source"),
        (4, "day", "not_a_trading_day"),
        (5, "vintage", "odd_vintage"),
        (5, "price", "price_too_fine"),
        (5, "day", "price_in_the_future"),
    ]
    assert models.Telling.objects.count() == models.Mark.objects.count() == 0


def test_only_the_operator_of_the_park_keeps_marks():
    bank = people.make_actor("APPROVER", party=people.make_party(kind="BANK"))
    with pytest.raises(rules.NotTheKeeper):
        told(fact(MONDAY, "74.63"), by=bank)
    data = people.make_actor("DATA_OFFICER")
    with pytest.raises(NotAllowed):
        told(fact(MONDAY, "74.63"), by=data)
    manager = people.make_actor("CARBON_MANAGER")
    assert manager.has(Role.CARBON_MANAGER)
    done = told(fact(MONDAY, "74.63"), by=manager)
    telling = models.Telling.objects.get(pk=done.telling_id)
    assert [one.verb for one in events_of(f"prices.Telling:{telling.pk}")] == ["prices.told"]


def test_many_marks_are_a_fixed_number_of_queries(django_assert_num_queries):
    days = [date(2026, 11, 2) + timedelta(days=n) for n in range(5)]
    told(*(fact(day, "74.63", vintage_year=year) for day in days for year in range(2019, 2027)))
    keys = [("CEA", year) for year in range(2019, 2027)]
    with django_assert_num_queries(5):
        assert len(queries.marks_on(keys, FRIDAY)) == 8


def test_a_source_is_written_once_and_again_when_it_reads_differently():
    rows = [{
        "code": "X", "name_zh": "某", "name_en": "X", "kind": "BROKER", "rank": 60,
        "source": "s", "confidence": "C",
    }]  # fmt: skip
    given = {"by": SYSTEM, "at": LATE}
    assert operations.load_sources(rows=rows, **given) == 1
    assert operations.load_sources(rows=rows, **given) == 0
    assert operations.load_sources(rows=[{**rows[0], "rank": 61}], **given) == 1
    assert list(queries.check_rows_match_events()) == []


def test_an_altered_mark_is_found():
    told(fact(MONDAY, "74.63"), fact(TUESDAY, "74.64"))
    assert list(queries.check_rows_match_events()) == []
    row = models.Mark.objects.get(marked_on=MONDAY)
    row.price = Decimal("99")
    rows = list(models.Mark.objects.order_by("position"))
    assert digest_of(rows) == models.Telling.objects.get().rows_digest
    assert digest_of([row, rows[1]]) != models.Telling.objects.get().rows_digest


def test_a_day_counts_in_beijing():
    early = datetime(2026, 11, 15, 17, 0, tzinfo=UTC)  # Monday, one in the morning
    assert told(fact(MONDAY, "74.63"), at=early).row_count == 1
