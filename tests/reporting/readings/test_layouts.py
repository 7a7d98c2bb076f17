"""Files as people keep them: a day a line, registers, and each of their traps named by its cell."""

import io
from datetime import date

import pytest
from django.utils.translation import gettext, override
from openpyxl import load_workbook

from reporting.parks import operations as parks
from reporting.readings import importer, queries, rules, showing
from reporting.readings.importer import Template
from reporting.readings.importer.templates import COLUMNS
from reporting.readings.models import Day, Month, Piece
from reporting.readings.states import UploadState
from tests.factories import readings as factory

pytestmark = pytest.mark.django_db
QUARTERS = [f"{at // 60:02d}:{at % 60:02d}" for at in range(0, 1440, 15)]
ENDS = [*QUARTERS[1:], "24:00"]


@pytest.fixture
def source_id(park):
    return factory.add_source(park[0], "GRID")


@pytest.fixture
def meter(source_id):
    return factory.add_meter(source_id, "E-1")


def days(headings, *rows):
    head = ",".join(["表计编号", "日期", *headings])
    return "\n".join([head, *(",".join(row) for row in rows)]) + "\n"


def one_day(number="E-1", day="2025-01-02", values=("1",) * 96):
    return [number, day, *values]


def problems_of(made):
    assert made.state == UploadState.REFUSED
    return [(row, column) for row, column, _reason, _text in made.problems]


def reasons_of(made):
    assert made.state == UploadState.REFUSED, made.state
    return {reason for _row, _column, reason, _text in made.problems}


# --- a line a day


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_a_line_of_96_quarters_is_a_meters_day(park, meter, encoding):
    values = [f"{at}.5" for at in range(96)]
    made = factory.upload(*park, days(QUARTERS, one_day(values=values)).encode(encoding))
    assert (made.state, made.row_count, made.new_count, made.day_count) == ("TAKEN", 1, 96, 1)
    day = Day.objects.get(meter_id=meter)
    assert day.values_millionths == [at * 1_000_000 + 500_000 for at in range(96)]
    assert (day.told_count, day.marks) == (96, "")


def test_a_day_is_the_same_by_its_line_and_by_its_readings(park, meter, source_id):
    other = factory.add_meter(source_id, "E-2")
    values = [f"{at * 7 % 13}.{at % 10}" for at in range(96)]
    factory.upload(*park, days(QUARTERS, one_day(values=values)))
    rows = [("E-2", f"2025-01-02 {t}", v) for t, v in zip(QUARTERS, values, strict=True)]
    factory.upload(*park, factory.lines(rows))
    ours, theirs = Day.objects.get(meter_id=meter), Day.objects.get(meter_id=other)
    assert ours.values_millionths == theirs.values_millionths
    assert ours.hours_millionths == theirs.hours_millionths


@pytest.mark.parametrize("headings", [ENDS, [*QUARTERS[1:], "00:00"]])
def test_columns_may_be_headed_by_where_their_quarters_end(park, meter, headings):
    made = factory.upload(*park, days(headings, one_day(values=[str(at) for at in range(96)])))
    assert made.state == UploadState.TAKEN
    day = Day.objects.get()
    assert (day.day, day.values_millionths[0]) == (date(2025, 1, 2), 0)
    assert day.values_millionths[95] == 95_000_000


@pytest.mark.parametrize(
    "headings",
    [[f"P{at}" for at in range(1, 25)], [f"{at}时" for at in range(24)],
     [f"{at:02d}:00" for at in range(24)]],
)  # fmt: skip
def test_24_hours_are_read_however_they_are_headed(park, source_id, headings):
    factory.add_meter(source_id, "H-1", 60)
    made = factory.upload(*park, days(headings, one_day("H-1", values=["2"] * 24)))
    assert made.state == UploadState.TAKEN
    assert Day.objects.get().hours_millionths == [2_000_000] * 24


def test_columns_may_stand_in_any_order(park, meter):
    rows = one_day(values=[str(at) for at in reversed(range(96))])
    assert factory.upload(*park, days(list(reversed(QUARTERS)), rows)).state == "TAKEN"
    assert Day.objects.get().values_millionths[:2] == [0, 1_000_000]


@pytest.mark.parametrize(
    ("headings", "named"),
    [
        ([one for one in QUARTERS if one not in {"05:15", "05:30"}], "05:15, 05:30"),
        ([f"P{at}" for at in range(1, 97) if at != 7], "P7"),
        (QUARTERS[:48], "12:00"),
    ],
)
def test_columns_that_are_missing_are_all_named(park, meter, headings, named):
    made = factory.upload(*park, days(headings, one_day(values=["1"] * len(headings))))
    assert made.state == UploadState.REFUSED
    [(row, _column, reason, text)] = made.problems
    assert (row, "columns are missing" in reason) == (0, True)
    assert named in text


@pytest.mark.parametrize("extra", ["05:07", "05:15"])
def test_a_column_of_no_quarter_or_one_twice_is_named(park, meter, extra):
    made = factory.upload(*park, days([*QUARTERS, extra], one_day(values=["1"] * 97)))
    [(_row, _column, _reason, text)] = made.problems
    assert extra in text


def test_every_bad_cell_of_every_day_is_named_and_nothing_is_kept(park, meter, source_id):
    factory.add_meter(source_id, "H-1", 60)
    bad = ["1"] * 96
    bad[21], bad[40] = "many", "0.0000001"
    made = factory.upload(
        *park,
        days(
            QUARTERS,
            one_day(values=bad),
            one_day(),
            one_day(),
            one_day("E-9"),
            one_day("H-1"),
            one_day(day="yesterday"),
            one_day(day="2199-01-02"),
            one_day(day="1989-12-31"),
            one_day(day="2025-02-29"),
        ),
    )
    assert problems_of(made) == [
        (2, "05:15"), (2, "10:00"), (4, "day"), (5, "meter"), (6, "meter"), (7, "day"),
        (8, "day"), (9, "day"), (10, "day"),
    ]  # fmt: skip
    assert not Piece.objects.exists()


def test_a_gap_in_a_line_is_a_gap_and_not_a_nought(park, meter):
    values = ["1"] * 96
    values[3] = ""
    assert factory.upload(*park, days(QUARTERS, one_day(values=values))).state == "TAKEN"
    day = Day.objects.get()
    assert (day.values_millionths[3], day.told_count) == (None, 95)


def test_a_days_total_must_be_the_sum_of_its_values(park, meter):
    rows = [[*one_day(), "96"], [*one_day(day="2025-01-03"), "95"]]
    made = factory.upload(*park, days([*QUARTERS, "日电量"], *rows))
    assert problems_of(made) == [(3, "total")]
    assert factory.upload(*park, days([*QUARTERS, "日电量"], rows[0])).state == "TAKEN"


def test_a_lines_unit_and_quality_are_those_of_all_its_values(park, meter):
    row = [*one_day(values=["0.001"] * 96), "MWh", "估算"]
    assert factory.upload(*park, days([*QUARTERS, "单位", "数据质量"], row)).state == "TAKEN"
    day = Day.objects.get()
    assert (day.values_millionths[0], day.estimated_count) == (1_000_000, 96)


@pytest.mark.parametrize("day", ["1991-04-14", "1991-09-15", "2025-03-30", "2025-11-02"])
def test_every_day_has_96_quarters_in_beijing(park, source_id, day):
    """Where clocks were put forward or back, and in China's own summers, too."""
    factory.add_meter(source_id, "O-1", valid_from=date(1990, 1, 1))
    factory.upload(*park, days(QUARTERS, one_day("O-1", day)))
    row = Day.objects.get()
    assert (row.told_count, row.hours_millionths) == (96, [4_000_000] * 24)


# --- registers, one after the other


def series(rows, head="表计编号,抄表时间,示数"):
    return head + "\n" + "\n".join(",".join(row) for row in rows) + "\n"


def test_what_flowed_is_the_difference_of_the_registers(park, meter):
    made = factory.upload(
        *park,
        series([("E-1", "2025-01-02 00:00", "100"), ("E-1", "2025-01-02 00:15", "101.25"),
                ("E-1", "2025-01-02 00:30", "101.25")]),
    )  # fmt: skip
    assert (made.state, made.row_count) == ("TAKEN", 3)
    assert Day.objects.get().values_millionths[:3] == [1_250_000, 0, None]
    assert Day.objects.get().marks == ""


def test_registers_may_stand_in_any_order_in_gb18030(park, meter):
    text = series([("E-1", "2025-01-02 00:30", "103"), ("E-1", "2025-01-02 00:00", "100"),
                   ("E-1", "2025-01-02 00:15", "101")])  # fmt: skip
    assert factory.upload(*park, text.encode("gb18030")).state == "TAKEN"
    assert Day.objects.get().values_millionths[:2] == [1_000_000, 2_000_000]


def test_a_register_read_once_a_day_is_laid_evenly_and_its_sum_is_measured(park, meter):
    made = factory.upload(
        *park, series([("E-1", "2025-01-02", "100"), ("E-1", "2025-01-03", "110")])
    )
    assert made.state == UploadState.TAKEN
    day = Day.objects.get()
    assert sum(day.values_millionths) == day.total_millionths == 10_000_000
    assert max(day.values_millionths) - min(day.values_millionths) <= 1
    assert (day.marks, day.estimated_count) == ("s" * 96, 0)


def test_evenly_laid_days_are_not_taken_for_a_frozen_meter(park, meter):
    rows = [("E-1", f"2025-01-{day:02d}", str(day * 960)) for day in range(1, 32)]
    assert factory.upload(*park, series(rows)).state == UploadState.TAKEN
    limits = {"frozen_days": 2, "spike_times": 8, "twin_days": 2, "unit_times": 300}
    period = queries.period_of(Month.objects.get())
    found = queries.oddities(park[0].id, period, limits=limits, today=date(2026, 1, 1))
    assert "frozen" not in {one.kind for one in found}


def test_a_sum_across_the_end_of_a_month_is_an_estimate_in_each(park, meter):
    rows = [("E-1", "2025-01-31 00:00", "0"), ("E-1", "2025-02-02 00:00", "192")]
    assert factory.upload(*park, series(rows)).state == UploadState.TAKEN
    assert list(Day.objects.order_by("day").values_list("estimated_count", flat=True)) == [96, 96]
    assert {one.total_millionths for one in Month.objects.all()} == {96_000_000}


@pytest.mark.parametrize(
    "case",
    [
        ("99950", "55", "", 105),  # full: from its last tenth into its first
        ("9995.5", "0.5", "", 5),
        ("60000", "12345", "5", 52345),  # more than half of a turn: backwards, whatever its digits
        ("45000", "55", "", None),
        ("75000", "12345", "5", 37345),
        ("75000", "12345", "", None),
    ],
)
def test_a_full_register_begins_at_nought_again(park, meter, case):
    first, last, digits, flowed = case
    rows = [("E-1", "2025-01-02 00:00", first, digits), ("E-1", "2025-01-02 00:15", last, digits)]
    made = factory.upload(*park, series(rows, "表计编号,时间,示数,位数"))
    if flowed is None or flowed * 2 > 100_000:
        assert problems_of(made) == [(3, "register")]
        assert "runs backwards" in next(iter(reasons_of(made)))
    else:
        assert made.state == UploadState.TAKEN
        assert Day.objects.get().values_millionths[0] == flowed * rules.ONE


def test_a_register_with_more_digits_than_it_has_is_refused(park, meter):
    rows = [("E-1", "2025-01-02 00:00", "99999", "4"), ("E-1", "2025-01-02 00:15", "1", "x")]
    made = factory.upload(*park, series(rows, "表计编号,时间,示数,位数"))
    assert problems_of(made) == [(3, "digits")]


def test_every_odd_row_of_registers_is_named(park, source_id):
    factory.add_meter(source_id, "E-1", multiplier=40)
    factory.add_meter(source_id, "E-2")
    rows = [
        ("E-1", "2025-01-02 00:00", "10", "40"),
        ("E-1", "2025-01-02 00:00", "11", "40"),
        ("E-1", "2025-01-02 00:15", "many", "40"),
        ("E-1", "2025-01-02 00:30", "-1", "40"),
        ("E-1", "2025-01-02 00:45", "12", "80"),
        ("E-1", "someday", "12", "40"),
        ("E-1", "2199-01-01 00:00", "12", "40"),
        ("E-9", "2025-01-02 00:45", "12", "40"),
        ("E-1", "2025-01-02 01:07", "12", "40"),
        ("E-2", "2025-01-02 00:00", "1", "1"),
    ]
    made = factory.upload(*park, series(rows, "表计编号,时间,示数,倍率"))
    assert sorted(problems_of(made)) == [
        (3, "time"), (4, "register"), (5, "register"), (6, "multiplier"), (7, "time"),
        (8, "time"), (9, "meter"), (10, "time"), (11, "register"),
    ]  # fmt: skip
    assert not Piece.objects.exists()


# --- registers at both ends of a time

PAIRS = "表计编号,起始时间,终止时间,起始示数,终止示数,用量,倍率"


def test_start_and_end_registers_are_held_against_the_amount_and_the_multiplier(park, source_id):
    factory.add_meter(source_id, "E-1", multiplier=40)
    good = [("E-1", "2025-01-01", "2025-02-01", "1000", "1100.5", "4020", "40")]
    assert factory.upload(*park, series(good, PAIRS)).state == UploadState.TAKEN
    month = Month.objects.get()
    assert month.total_millionths == 100_500_000  # as read: the multiplier is the meter's
    assert (month.told_count, month.estimated_count) == (31 * 96, 0)
    bad = [("E-1", "2025-02-01", "2025-03-01", "1100.5", "1200", "4000", "40")]
    assert problems_of(factory.upload(*park, series(bad, PAIRS))) == [(2, "value")]


def test_a_time_must_end_and_go_on_where_the_one_before_ended(park, meter):
    rows = [
        ("E-1", "2025-01-02", "2025-01-01", "1", "2", "", ""),
        ("E-1", "2025-01-01", "2025-01-03", "10", "20", "", ""),
        ("E-1", "2025-01-02", "2025-01-04", "20", "30", "", ""),
        ("E-1", "2025-01-05", "2025-01-06", "40", "50", "", ""),
        ("E-1", "2025-01-06", "2025-01-07", "51", "60", "", ""),
    ]
    made = factory.upload(*park, series(rows, PAIRS))
    assert problems_of(made) == [(2, "to"), (4, "from"), (6, "start")]


# --- a meter is replaced


@pytest.fixture
def replaced(park, source_id):
    """E-1 gives way to another of its number in the course of the tenth."""
    old = factory.add_meter(source_id, "E-1")
    new = parks.replace_meter(
        meter_id=old, number="E-1", on=date(2025, 1, 10), reads_that_day=True,
        by=factory.SYSTEM, at=factory.NOON,
    )  # fmt: skip
    return old, new


def test_a_meter_replaced_in_the_course_of_a_day_keeps_its_part_of_it(park, replaced):
    rows = [
        ("E-1", "2025-01-10 00:00", "99900"), ("E-1", "2025-01-10 10:20", "99962"),
        ("E-1", "2025-01-10 10:20", "3"), ("E-1", "2025-01-11 00:00", "85"),
        ("E-1", "2025-01-11 00:15", "86"),
    ]  # fmt: skip
    made = factory.upload(*park, series(rows))
    assert made.state == UploadState.TAKEN, made.problems
    old, new = replaced
    before = Day.objects.get(meter_id=old)
    assert (before.day, before.total_millionths) == (date(2025, 1, 10), 62_000_000)
    assert (before.told_count, set(before.values_millionths[42:])) == (96, {0})
    after = Day.objects.get(meter_id=new, day=date(2025, 1, 10))
    assert (after.total_millionths, after.told_count) == (82_000_000, 96)
    assert set(after.values_millionths[:41]) == {0} and after.values_millionths[41] > 0
    assert Day.objects.get(meter_id=new, day=date(2025, 1, 11)).values_millionths[0] == 1_000_000


@pytest.mark.parametrize(
    "rows",
    [
        # no last register of the old one: the fall looks as if it had been full
        [("00:00", "99950"), ("12:00", "55")],
        # the new one goes on where the old one ended, through midnight
        [("00:00", "10"), ("10:00", "20"), ("10:00", "20")],
    ],
)
def test_a_replacement_without_both_registers_is_refused(park, replaced, rows):
    told = [("E-1", f"2025-01-10 {time}", register) for time, register in rows]
    made = factory.upload(*park, series([*told, ("E-1", "2025-01-11 00:15", "90")]))
    assert made.state == UploadState.REFUSED
    assert any("replaced" in reason for reason in reasons_of(made))
    assert not Piece.objects.exists()


def test_a_replacement_at_midnight_needs_both_registers_too(park, source_id):
    old = factory.add_meter(source_id, "E-1", valid_to=date(2025, 1, 10))
    new = factory.add_meter(source_id, "E-1", valid_from=date(2025, 1, 10), replaces_id=old)
    told = [("E-1", "2025-01-09 12:00", "99950"), ("E-1", "2025-01-10 12:00", "99990")]
    assert "replaced" in next(iter(reasons_of(factory.upload(*park, series(told)))))
    rows = [
        ("E-1", "2025-01-09 12:00", "2025-01-10", "99950", "99990", "", ""),
        ("E-1", "2025-01-10", "2025-01-10 12:00", "0", "7", "", ""),
    ]
    assert factory.upload(*park, series(rows, PAIRS)).state == UploadState.TAKEN
    assert dict(Day.objects.values_list("meter_id", "total_millionths")) == {
        old: 40_000_000, new: 7_000_000,
    }  # fmt: skip


# --- the words and the templates


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("template", list(Template))
def test_a_template_is_taken_back_as_it_was_filled_in(park, source_id, template, language):
    step = 60 if template is Template.HOURS else 15
    factory.add_meter(source_id, "E-1", step, multiplier=20)
    with override(language):
        words = {name: str(word) for name, word in showing.COLUMNS.items()}
        mark = gettext("measured")
        content = importer.write_template(
            template=template, words=words, numbers=["E-1"], units=["kWh"], marks=[mark]
        )
    book = load_workbook(io.BytesIO(content))
    sheet = book["readings"]
    lists = {one.formula1 for one in sheet.data_validations.dataValidation}
    assert {"lists!$A$1:$A$1", "lists!$B$1:$B$1", "lists!$C$1:$C$1"} <= lists
    cells = {"meter": "E-1", "unit": "kWh", "mark": mark, "multiplier": 20, "day": "2025-01-02",
             "digits": 5}  # fmt: skip
    times = {"time": "2025-01-02 00:00", "from": "2025-01-02 00:00", "to": "2025-01-02 00:15"}
    first = {**cells, **times, "value": 1.25, "register": 10, "start": 10, "end": 11}
    second = {**first, "time": "2025-01-02 00:15", "register": 11}
    if template is Template.SPANS:
        first["value"] = 20
    rows = [first, second] if template in {Template.LINES, Template.REGISTERS} else [first]
    for number, row in enumerate(rows, start=2):
        for at, name in enumerate(COLUMNS[template], start=1):
            sheet.cell(row=number, column=at, value=row.get(name, 1 if ":" in name else None))
    out = io.BytesIO()
    book.save(out)
    made = factory.upload(*park, out.getvalue())
    assert made.state == UploadState.TAKEN, made.problems
    wanted = {Template.LINES: [1_250_000] * 2, Template.REGISTERS: [1_000_000, None],
              Template.SPANS: [1_000_000, None]}  # fmt: skip
    assert Day.objects.get().values_millionths[:2] == wanted.get(template, [1_000_000] * 2)


def test_a_workbook_with_real_times_is_read_at_midnight_too(park, meter):
    from datetime import datetime

    from openpyxl import Workbook

    book = Workbook()
    book.active.append(["表计编号", "时间", "用量"])
    book.active.append(["E-1", datetime(2025, 1, 2, 0, 0), 1])  # noqa: DTZ001  as people type it
    book.active.append(["E-1", datetime(2025, 1, 2, 0, 15), 2])  # noqa: DTZ001
    out = io.BytesIO()
    book.save(out)
    assert factory.upload(*park, out.getvalue()).state == UploadState.TAKEN
    assert Day.objects.get().values_millionths[:2] == [1_000_000, 2_000_000]


def test_a_day_alone_is_no_time_in_a_text_file(park, meter):
    made = factory.upload(*park, factory.lines([("E-1", "2025-01-02", "24")]))
    assert problems_of(made) == [(2, "time")]


# --- the quick way through long files, and the exact one


ODD_ROWS = {
    "a_quoted_cell": '"E-1","2025-01-02 00:15","2"',
    "a_blank": "E-1,2025-01-02 00:15,",
    "a_blank_line": "",
    "spaces": " E-1 , 2025-01-02 00:15 , 2 ",
    "a_longer_row": "E-1,2025-01-02 00:15,2,and more",
}


@pytest.mark.parametrize("odd", sorted(ODD_ROWS))
def test_an_odd_row_is_taken_as_by_the_exact_way(park, meter, odd):
    rows = ["E-1,2025-01-02 00:00,1", ODD_ROWS[odd], "E-1,2025-01-02 00:30,3"]
    made = factory.upload(*park, "meter,time,value\r\n" + "\r\n".join(rows) + "\r\n")
    assert made.state == UploadState.TAKEN, made.problems
    blank = odd in {"a_blank", "a_blank_line"}
    middle = None if blank else 2_000_000
    assert Day.objects.get().values_millionths[:3] == [1_000_000, middle, 3_000_000]
    assert (made.row_count, made.blank_count) == ((2, 1) if blank else (3, 0))


def test_a_reading_told_twice_in_parts_that_lie_far_apart_is_named(park, meter, source_id):
    factory.add_meter(source_id, "E-2")
    rows = [("E-1", f"2025-01-02 {t}", "1") for t in QUARTERS]
    rows += [("E-2", f"2025-01-02 {t}", "1") for t in QUARTERS]
    made = factory.upload(*park, factory.lines([*rows, ("E-1", "2025-01-02 07:15", "1")]))
    assert problems_of(made) == [(194, "time")]


def test_meters_that_take_turns_line_by_line_are_read_as_well(park, source_id):
    meters = [factory.add_meter(source_id, f"E-{at}") for at in range(5)]
    rows = [(f"E-{at}", f"2025-01-02 {t}", str(at)) for t in QUARTERS for at in range(5)]
    assert factory.upload(*park, factory.lines(rows)).new_count == 480
    for at, meter in enumerate(meters):
        assert Day.objects.get(meter_id=meter).values_millionths == [at * rules.ONE] * 96
