"""Checks over readings, their answers, and activity rows that are added up from meters."""

from datetime import date
from decimal import Decimal

import pytest

from ledger.kernel.actors import Role
from ledger.kernel.errors import IllegalTransition, NotAllowed, NotFound
from ledger.kernel.periods import Period
from reporting.activity import operations, queries
from reporting.activity.models import ActivityRow, Finding, ReadingLink
from reporting.activity.rules import AnswerNeeded, FindingsUnanswered, NothingToTake
from reporting.activity.states import AnswerKind, FindingState
from reporting.parks import operations as parks
from reporting.parks.states import SourceKind
from reporting.readings.models import Month
from tests.factories import readings as factory
from tests.factories.readings import NOON

pytestmark = pytest.mark.django_db
FEBRUARY = date(2025, 2, 1)
OF_FEBRUARY = Period.month(2025, 2)


@pytest.fixture
def place():
    return factory.make_park()


@pytest.fixture
def grid(place):
    return factory.add_source(place[0], "GRID")


def february(number, value_of=lambda day, hour: 1 + (day * 7 + hour) % 5, days=range(1, 29)):
    """Hours of the whole month."""
    return [
        (number, f"2025-02-{day:02d} {hour:02d}:00", value)
        for day in days
        for hour in range(24)
        if (value := value_of(day, hour)) is not None
    ]


def bring(place, *rows, reason=""):
    made = factory.upload(
        *place, factory.lines([one for some in rows for one in some]), reason=reason
    )
    assert made.state == "TAKEN", made.problems


def found(place):
    rows = operations.run_checks(park_id=place[0].id, year=2025, by=place[1], at=NOON)
    waiting = [row for row in rows if row.state == FindingState.OPEN]
    return {(row.check_code, row.subject): row.params for row in waiting}


def answer_all(place):
    for row in operations.run_checks(park_id=place[0].id, year=2025, by=place[1], at=NOON):
        if row.state == FindingState.OPEN:
            operations.answer_finding(
                finding_id=row.pk, kind=AnswerKind.EXPLAINED, answer="检修", by=place[1], at=NOON
            )


def take(place, **more):
    return operations.take_from_readings(
        park_id=place[0].id, month=FEBRUARY, by=place[1], at=NOON, **more
    )


# --- what the checks find


def test_whole_and_steady_readings_raise_nothing(place, grid):
    factory.add_meter(grid, "E-1", 60)
    bring(place, february("E-1"))
    assert found(place) == {}


@pytest.mark.parametrize(
    ("value_of", "check", "params"),
    [
        (lambda d, h: None if d == 9 and h < 3 else 1 + h % 5, "gap",
         {"count": "3", "first_on": "2025-02-09"}),
        (lambda d, h: -2 if (d, h) == (4, 4) else 1 + h % 5, "negative",
         {"count": "1", "first_on": "2025-02-04", "value": "-2"}),
        (lambda d, h: 3 if d in (5, 6) else 1 + h % 5, "frozen",
         {"count": "2", "first_on": "2025-02-05", "value": "3"}),
        (lambda d, h: 60 if (d, h) == (7, 1) else 1 + h % 5, "spike",
         {"count": "1", "first_on": "2025-02-07", "value": "20"}),
        (lambda d, h: (1 + h % 5) * (1000 if d == 8 else 1), "unit",
         {"count": "1", "first_on": "2025-02-08", "value": "1000"}),
    ],
)  # fmt: skip
def test_a_check_finds_what_it_looks_for(place, grid, value_of, check, params):
    factory.add_meter(grid, "E-1", 60)
    bring(place, february("E-1", value_of))
    assert found(place)[check, "E-1"] == params


def test_a_day_frozen_alone_is_not_enough(place, grid):
    factory.add_meter(grid, "E-1", 60)
    bring(place, february("E-1", lambda d, h: 3 if d == 5 else 1 + h % 5))
    assert found(place) == {}


def test_two_meters_with_the_same_days_are_found(place, grid):
    factory.add_meter(grid, "E-1", 60)
    factory.add_meter(grid, "E-2", 60)
    odd = lambda d, h: (1 + (d * 7 + h) % 5) if d in (3, 4) else 2 + h % 3  # noqa: E731
    bring(place, february("E-1"), february("E-2", odd))
    [(check, _subject)] = found(place)
    assert check == "duplicate"


def test_main_and_sub_meters_must_balance(place, grid):
    main = factory.add_meter(grid, "MAIN", 60)
    factory.add_meter(grid, "SUB-1", 60, fed_by_id=main)
    factory.add_meter(grid, "SUB-2", 60, fed_by_id=main, multiplier=Decimal(2))
    bring(
        place,
        february("MAIN", lambda d, h: 10 + h % 3),
        february("SUB-1", lambda d, h: 4 + h % 3),
        february("SUB-2", lambda d, h: Decimal(3) if d != 1 or h else Decimal("3.5")),
    )
    assert ("balance", "MAIN") not in found(place)
    rows = [("SUB-1", f"2025-02-{day:02d} 00:00", 100) for day in range(1, 29)]
    bring(place, rows, reason="worse")
    assert found(place)["balance", "MAIN"]["main"] == "7392 kWh"


def test_a_lapsed_calibration_is_found_from_its_month_on(place, grid):
    meter = factory.add_meter(grid, "E-1", 60)
    bring(place, february("E-1"))
    given = {"meter_id": meter, "by": factory.SYSTEM, "at": NOON}
    parks.record_calibration(
        calibrated_on=date(2023, 2, 15), valid_to=date(2025, 2, 15), certificate="C-1", **given
    )
    assert found(place)["calibration", "E-1"] == {"valid_to": "2025-02-15"}
    parks.record_calibration(
        calibrated_on=date(2025, 2, 14), valid_to=date(2027, 2, 14), certificate="C-2", **given
    )
    assert found(place) == {}


def test_a_bill_is_held_against_the_meters(place, grid):
    factory.add_meter(grid, "E-1", 60)
    bring(place, february("E-1"))
    kwh = Month.objects.get().total_millionths / 10**6
    upload_bill(place, kwh / 1000 * Decimal("1.02"))
    assert found(place) == {}
    upload_bill(place, kwh / 1000 * Decimal("1.2"))
    assert found(place)["bill", "GRID"]["unit"] == "MWh"


def upload_bill(place, mwh, month="2025-02"):
    from io import BytesIO

    text = f"source,month,quantity,unit,evidence\nGRID,{month},{round(mwh, 6)},MWh,bill\n"
    operations.upload_year(
        park_id=place[0].id, year=int(month[:4]), content=BytesIO(text.encode()), name="b.csv",
        reason="r", by=place[1], at=NOON,
    )  # fmt: skip


def test_a_month_far_from_last_years_is_found(place, grid):
    upload_bill(place, Decimal(100), "2024-02")
    upload_bill(place, Decimal(151), "2025-02")
    assert found(place)["year_on_year", "GRID"] == {"before": "100", "now": "151", "unit": "MWh"}


def test_direct_power_without_its_evidence_is_found(place, grid):
    source = factory.add_source(place[0], "DIRECT", kind=SourceKind.DIRECT_GREEN_POWER)
    factory.add_meter(source, "D-1", 60)
    bring(place, february("D-1"))
    take(place)
    assert found(place)["direct_supply", "DIRECT"] == {"missing": "record"}


# --- answers


def test_a_finding_waits_until_it_is_answered_and_asks_again_when_it_changes(place, grid):
    factory.add_meter(grid, "E-1", 60)
    bring(place, february("E-1", lambda d, h: None if d == 9 else 1 + h % 5))
    with pytest.raises(FindingsUnanswered, match="1"):
        take(place)
    assert not ActivityRow.objects.exists()
    answer_all(place)
    assert Finding.objects.get().state == FindingState.ANSWERED
    assert len(take(place)) == 1
    bring(place, february("E-1", days=[9])[:5])
    with pytest.raises(FindingsUnanswered):
        take(place)
    assert set(found(place)) == {("gap", "E-1"), ("changed", "GRID")}
    assert Finding.objects.get(check_code="gap").answer == ""
    bring(place, february("E-1", days=[9])[5:])
    take(place)
    assert found(place) == {}
    assert Finding.objects.get(check_code="gap").state == FindingState.CLEARED


def test_an_answer_needs_words_the_right_person_and_an_open_question(place, grid):
    factory.add_meter(grid, "E-1", 60)
    bring(place, february("E-1", days=range(1, 20)))
    found(place)
    row = Finding.objects.get()
    given = {"finding_id": row.pk, "kind": AnswerKind.EXPLAINED, "at": NOON}
    _other, stranger = factory.make_park("XX")
    with pytest.raises(AnswerNeeded):
        operations.answer_finding(**given, answer="  ", by=place[1])
    with pytest.raises(NotFound):
        operations.answer_finding(**given, answer="a", by=stranger)
    with pytest.raises(NotAllowed):
        verifier = factory.person(place[1].own_party, Role.VERIFIER)
        operations.answer_finding(**given, answer="a", by=verifier)
    assert Finding.objects.get().state == FindingState.OPEN
    operations.answer_finding(**given, answer="a", by=place[1])
    with pytest.raises(IllegalTransition):
        operations.answer_finding(**given, answer="b", by=place[1])
    assert Finding.objects.get().answer == "a"


def test_a_year_is_not_handed_in_while_a_finding_waits(place, grid):
    for month in range(1, 13):
        upload_bill(place, Decimal(100), f"2024-{month:02d}")
        upload_bill(place, Decimal(100 if month != 5 else 900), f"2025-{month:02d}")
    dataset = queries.find_dataset(park_id=place[0].id, year=2025)
    with pytest.raises(FindingsUnanswered, match="GRID 2025-05"):
        operations.submit_dataset(dataset_id=dataset.pk, by=place[1], at=NOON)
    answer_all(place)
    operations.submit_dataset(dataset_id=dataset.pk, by=place[1], at=NOON)
    dataset.refresh_from_db()
    assert dataset.state == "SUBMITTED"


# --- rows out of readings


def test_a_row_is_what_its_meters_add_up_to_and_says_of_which(place, grid):
    first = factory.add_meter(grid, "E-1", 60, multiplier=Decimal(40))
    second = factory.add_meter(grid, "E-2", 60, unit="MWh")
    bring(place, february("E-1"), february("E-2", lambda d, h: Decimal(1 + h % 4) / 1000))
    [row] = take(place)
    totals = {one.meter_id: one.total_millionths for one in Month.objects.all()}
    wanted = totals[first] * 40 / Decimal(10**9) + totals[second] / Decimal(10**6)
    assert (row.amount, row.measure, row.quality) == (wanted, "MWh", "MEASURED")
    links = {link.meter_id: link.root for link in ReadingLink.objects.filter(row=row)}
    assert links == dict(Month.objects.values_list("meter_id", "root"))
    assert row.evidence.startswith("meters:2 sha256:")
    assert list(queries.check_rows_against_events()) == []


def test_sub_meters_and_parts_of_a_virtual_meter_do_not_count_twice(place, grid):
    main = factory.add_meter(grid, "MAIN", 60)
    sub = factory.add_meter(grid, "SUB", 60, fed_by_id=main)
    virtual = factory.add_meter(grid, "REST", 60)
    parks.make_virtual(
        meter_id=virtual, parts=[(main, 1), (sub, -1)], valid_from=factory.SINCE,
        by=factory.SYSTEM, at=NOON,
    )  # fmt: skip
    bring(place, february("MAIN", lambda d, h: 10 + h % 3), february("SUB"))
    answer_all(place)
    [row] = take(place)
    totals = {one.meter_id: one.total_millionths for one in Month.objects.all()}
    assert row.amount == (totals[main] - totals[sub]) / Decimal(10**9)


def test_taking_again_makes_a_version_only_when_the_readings_say_otherwise(place, grid):
    factory.add_meter(grid, "E-1", 60)
    bring(place, february("E-1"))
    [first] = take(place)
    with pytest.raises(NothingToTake):
        take(place)
    bring(place, [("E-1", "2025-02-03 05:00", "3.5")], reason="misread")
    assert list(found(place)) == [("changed", "GRID")]
    [second] = take(place, reason="misread")
    assert (first.version, second.version) == (1, 2)
    assert found(place) == {}
    facts = queries.rows_for(place[0].id, OF_FEBRUARY)
    assert [one.row_id for one in facts] == [second.pk]
    assert ReadingLink.objects.get(row=first).root != ReadingLink.objects.get(row=second).root


def test_gaps_and_estimates_make_the_row_an_estimate(place, grid):
    factory.add_meter(grid, "E-1", 60)
    bring(place, february("E-1", days=range(1, 28)))
    answer_all(place)
    assert take(place)[0].quality == "ESTIMATED"
    dataset = queries.find_dataset(park_id=place[0].id, year=2025)
    grades = queries.quality_of(dataset)
    assert [(grade, count) for grade, _word, count in grades.counts] == [
        ("A", 0), ("B", 1), ("C", 0), ("D", 11),
    ]  # fmt: skip
    assert grades.score == Decimal("0.6") / 12


def test_another_party_takes_nothing(place, grid):
    factory.add_meter(grid, "E-1", 60)
    bring(place, february("E-1"))
    _other, stranger = factory.make_park("XX")
    with pytest.raises(NotFound):
        operations.take_from_readings(park_id=place[0].id, month=FEBRUARY, by=stranger, at=NOON)
    assert not ActivityRow.objects.exists()
