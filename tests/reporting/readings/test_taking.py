"""Files of readings: all or nothing, versions, roll-ups, refusals."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction

from ledger.audit.models import Event
from ledger.kernel.actors import Role
from ledger.kernel.errors import NotAllowed, NotFound
from reporting.readings import queries
from reporting.readings.models import Day, Month, Piece
from reporting.readings.states import Stamp, UploadState
from tests.factories import readings as factory

pytestmark = pytest.mark.django_db
JANUARY = date(2025, 1, 1)


def quarters(number, day, values):
    return [(number, f"{day} {at // 4:02d}:{at % 4 * 15:02d}", v) for at, v in enumerate(values)]


@pytest.fixture
def meter(park):
    return factory.add_meter(factory.add_source(park[0], "GRID"), "E-1")


def test_a_day_of_quarters_is_added_up_by_hour_day_and_month(park, meter):
    made = factory.upload(*park, factory.lines(quarters("E-1", "2025-01-02", ["1.5"] * 96)))
    assert (made.state, made.row_count, made.new_count) == (UploadState.TAKEN, 96, 96)
    day = Day.objects.get(meter_id=meter, day=date(2025, 1, 2))
    assert day.hours_millionths == [6_000_000] * 24
    assert (day.total_millionths, day.told_count, day.version) == (144_000_000, 96, 1)
    month = Month.objects.get(meter_id=meter)
    assert (month.month, month.total_millionths) == (JANUARY, 144_000_000)
    assert (month.told_count, month.expected_count, month.day_count) == (96, 31 * 96, 1)


def test_a_correction_is_a_new_version_and_what_was_told_stays(park, meter):
    factory.upload(*park, factory.lines(quarters("E-1", "2025-01-02", ["1"] * 96)))
    before = Month.objects.get().root
    made = factory.upload(
        *park, factory.lines([("E-1", "2025-01-02 00:15", "7")]), reason="misread"
    )
    assert (made.corrected_count, made.new_count, made.same_count) == (1, 0, 0)
    pieces = Piece.objects.filter(meter_id=meter).order_by("version")
    assert [one.version for one in pieces] == [1, 2]
    assert pieces[0].values_millionths[1] == 1_000_000
    assert pieces[1].values_millionths == [None, 7_000_000, *[None] * 94]
    assert Day.objects.get().values_millionths[1] == 7_000_000
    month = Month.objects.get()
    assert (month.total_millionths, month.corrected_count) == (102_000_000, 1)
    assert month.root != before


def test_a_correction_without_a_reason_changes_nothing(park, meter):
    factory.upload(*park, factory.lines([("E-1", "2025-01-02 00:00", "1")]))
    made = factory.upload(*park, factory.lines([("E-1", "2025-01-02 00:00", "2")]))
    assert (made.state, made.problem_count) == (UploadState.REFUSED, 1)
    assert Day.objects.get().total_millionths == 1_000_000
    assert Piece.objects.count() == 1


def test_late_readings_fill_the_day_without_a_reason(park, meter):
    factory.upload(*park, factory.lines([("E-1", "2025-01-02 00:00", "1")]))
    made = factory.upload(*park, factory.lines([("E-1", "2025-01-02 00:15", "2")]))
    assert made.state == UploadState.TAKEN
    assert Day.objects.get().hours_millionths[:2] == [3_000_000, None]


def test_the_same_readings_again_make_no_version(park, meter):
    text = factory.lines(quarters("E-1", "2025-01-02", ["1"] * 96))
    first = factory.upload(*park, text)
    assert factory.upload(*park, text).pk == first.pk
    made = factory.upload(*park, text.replace(",1\n", ",1.0\n"))
    assert (made.state, made.same_count, made.day_count) == (UploadState.TAKEN, 96, 0)
    assert Piece.objects.count() == 1


def test_every_bad_row_is_named_and_nothing_is_kept(park, meter):
    text = (
        "表计编号,时间,用量,单位\nE-1,2025-01-02 00:00,1,kWh\nE-9,2025-01-02 00:00,1,kWh\n"
        "E-1,yesterday,1,kWh\nE-1,2025-01-02 00:07,1,kWh\nE-1,2025-01-02 00:15,many,kWh\n"
        "E-1,2025-01-02 00:30,1,GJ2\nE-1,2025-01-02 00:45,1,t\nE-1,2025-01-02 00:00,1,kWh\n"
        "E-1,2025-01-02 01:00,0.0000001,kWh\nE-1,2199-01-02 01:00,1,kWh\n"
        "E-1,1999-01-02 01:00,1,kWh\nE-1\n"
    )
    made = factory.upload(*park, text.encode("gb18030"))
    assert made.state == UploadState.REFUSED
    assert [(row, column) for row, column, _reason, _text in made.problems] == [
        (3, "meter"), (4, "time"), (5, "time"), (6, "value"), (7, "unit"), (8, "unit"),
        (9, "time"), (10, "value"), (11, "time"), (12, "meter"), (13, ""),
    ]  # fmt: skip
    assert not Piece.objects.exists() and not Day.objects.exists() and not Month.objects.exists()


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("meter,time\nE-1,2025-01-02 00:00\n", "columns are missing"),
        ("meter,time,value\n", "no rows"),
        ("\x01\x02", "columns are missing"),
    ],
)
def test_a_file_that_cannot_be_read_has_that_one_problem(park, meter, text, problem):
    made = factory.upload(*park, text)
    assert made.state == UploadState.REFUSED
    assert [problem in one[2] for one in made.problems] == [True]


def test_a_unit_is_turned_into_the_meters_exactly(park, meter):
    made = factory.upload(
        *park, "meter,time,value,unit\nE-1,2025-01-02 00:00,0.0015,MWh\nE-1,2025-01-02 00:15,3,\n"
    )
    assert made.state == UploadState.TAKEN
    assert Day.objects.get().values_millionths[:2] == [1_500_000, 3_000_000]


def test_estimates_and_proxies_are_marked_and_counted(park, meter):
    factory.upload(
        *park,
        "meter,time,value,quality\nE-1,2025-01-02 00:00,1,measured\n"
        "E-1,2025-01-02 00:15,2,估算\nE-1,2025-01-02 00:30,3,proxy\n",
    )
    day = Day.objects.get()
    assert (day.marks[:4], day.estimated_count) == ("mepm", 2)
    assert Month.objects.get().estimated_count == 2


def test_a_time_may_say_where_its_interval_ends(park, meter):
    text = factory.lines([("E-1", "2025-01-02 00:15", "1"), ("E-1", "2025-01-02 24:00", "2")])
    factory.upload(*park, text, stamp=Stamp.END)
    values = Day.objects.get().values_millionths
    assert (values[0], values[95]) == (1_000_000, 2_000_000)


def test_moments_with_an_offset_are_beijings(park, meter):
    factory.upload(*park, factory.lines([("E-1", "2025-01-01T16:30:00Z", "1")]))
    day = Day.objects.get()
    assert (day.day, day.values_millionths[2]) == (date(2025, 1, 2), 1_000_000)


def test_blank_values_are_gaps_and_not_noughts(park, meter):
    text = factory.lines([("E-1", "2025-01-02 00:00", ""), ("E-1", "2025-01-02 00:15", "0")])
    made = factory.upload(*park, text)
    assert (made.row_count, made.blank_count) == (1, 1)
    assert Day.objects.get().values_millionths[:2] == [None, 0]


def test_a_replaced_meter_keeps_its_days_and_the_new_one_has_its_own(park):
    source_id = factory.add_source(park[0], "GRID")
    old = factory.add_meter(source_id, "E-1", valid_to=date(2025, 1, 10))
    new = factory.add_meter(source_id, "E-1", valid_from=date(2025, 1, 10), replaces_id=old)
    text = factory.lines([("E-1", "2025-01-09 00:00", "1"), ("E-1", "2025-01-10 00:00", "2")])
    assert factory.upload(*park, text).state == UploadState.TAKEN
    assert set(Day.objects.values_list("meter_id", "total_millionths")) == {
        (old, 1_000_000), (new, 2_000_000),
    }  # fmt: skip
    expected = dict(Month.objects.values_list("meter_id", "expected_count"))
    assert expected == {old: 9 * 96, new: 22 * 96}


def test_only_the_data_officer_of_the_park_brings_readings(park, meter):
    text = factory.lines([("E-1", "2025-01-02 00:00", "1")])
    manager = factory.person(park[1].own_party, Role.CARBON_MANAGER)
    with pytest.raises(NotAllowed):
        factory.upload(park[0], manager, text)
    _other, stranger = factory.make_park("XX")
    with pytest.raises(NotFound):
        factory.upload(park[0], stranger, text)
    assert not Piece.objects.exists()


def test_the_log_says_what_was_taken_in(park, meter):
    made = factory.upload(*park, factory.lines([("E-1", "2025-01-02 00:00", "1")]))
    verbs = Event.objects.filter(subject=f"readings.Upload:{made.pk}").order_by("id")
    assert [one.verb for one in verbs] == ["readings.uploaded", "readings.taken"]
    assert len(made.pieces_digest) == 64


def test_the_database_refuses_to_change_what_was_told(park, meter):
    factory.upload(*park, factory.lines([("E-1", "2025-01-02 00:00", "1")]))
    for statement in (
        "UPDATE reporting_readings_piece SET version = 9",
        "DELETE FROM reporting_readings_piece",
        "DELETE FROM reporting_readings_day",
        "TRUNCATE reporting_readings_piece",
        "UPDATE reporting_readings_day_202501 SET total_millionths = 0",
        "INSERT INTO reporting_readings_piece_202501 SELECT * FROM reporting_readings_piece",
    ):
        with (
            pytest.raises(DatabaseError),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)
    assert Piece.objects.get().version == 1


def test_other_parties_see_nothing_of_it(park, meter):
    made = factory.upload(*park, factory.lines([("E-1", "2025-01-02 00:00", "1")]))
    _other, stranger = factory.make_park("XX")
    with pytest.raises(NotFound):
        queries.get_upload(made.pk, by=stranger)
    with pytest.raises(NotFound):
        queries.prove_day(meter_id=meter, day=date(2025, 1, 2), by=stranger)
    assert not queries.months_of(stranger).exists()
    assert queries.millionths_as(Month.objects.get().total_millionths) == Decimal(1)
