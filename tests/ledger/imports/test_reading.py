"""Files as registries, spreadsheets and people make them; one spelling comes out."""

import io
import tracemalloc
from datetime import date, datetime

import pytest
from openpyxl import Workbook

from ledger.imports import layouts
from ledger.imports.layouts.cells import Cells
from ledger.imports.layouts.days import AmbiguousDay, NotADay, read_day, read_month
from ledger.imports.reading import NoRows, NotReadable, normalise, read
from ledger.imports.records import DateOrder, Row

TEXT = "项目,数量（吨）\n青海风电,187\n河北光伏,200\n"


def rows_of(content, **options):
    return [dict(row.cells) for row in read(io.BytesIO(content), **options).rows]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_chinese_is_read_in_each_encoding_that_spreadsheets_write(encoding):
    assert rows_of(TEXT.encode(encoding)) == [
        {"项目": "青海风电", "数量(吨)": "187"},
        {"项目": "河北光伏", "数量(吨)": "200"},
    ]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_any_separator_is_read_and_titles_above_the_headings_are_passed_over(separator):
    lines = [
        ["Report of units", "as of 2025"],
        [],
        ["Operator ID", "Year", "Emissions"],
        ["1", "2024", "7"],
        [],
        ["2", "2024", "8"],
    ]
    text = "\n".join(separator.join(line) for line in lines)

    def known(headers):
        return bool(layouts.recognise(headers))

    found = read(io.BytesIO(text.encode()), is_header=known)
    assert found.headers == ("operator id", "year", "emissions")
    assert [(row.number, row.cells["operator id"]) for row in found.rows] == [(4, "1"), (6, "2")]


def test_headings_have_one_spelling():
    assert normalise("\ufeffStatus Effective  (GMT)") == "status effective (gmt)"
    assert normalise("Program\n Country") == "program country"
    assert normalise("交易量（张）") == "交易量(张)"
    assert normalise("ＩＤ") == "id"


def test_nameless_and_repeated_columns_get_names_of_their_own():
    (row,) = rows_of(b"Name,,Name,\na,b,c,\n")
    assert row == {"name": "a", "column 2": "b", "name (2)": "c", "column 4": ""}


def test_a_line_break_in_a_cell_is_no_new_row_and_blank_lines_count():
    table = read(io.BytesIO(b'A,B\n"one\ntwo",2\n\n ,\nlast,3\n'))
    assert [(row.number, row.cells["a"]) for row in table.rows] == [(2, "one\ntwo"), (5, "last")]


def test_short_rows_are_filled_and_surplus_cells_are_kept_apart():
    first, second, third = read(io.BytesIO(b"A,B\n1\n1,2,,\n1,2,,x\n")).rows
    assert first.cells == {"a": "1", "b": ""}
    assert second.surplus == ()
    assert third.surplus == ("", "x")


def test_workbooks_give_the_texts_that_were_typed():
    book = Workbook()
    page = book.active
    page.append(["ID", "Day", "At", "Ton", "On"])
    half_past_eight = datetime(2025, 3, 1, 8, 30)  # noqa: DTZ001  a workbook knows no zone
    page.append([10789.0, date(2025, 3, 1), half_past_eight, 0.1, None])
    out = io.BytesIO()
    book.save(out)
    assert rows_of(out.getvalue()) == [
        {"id": "10789", "day": "2025-03-01", "at": "2025-03-01T08:30:00", "ton": "0.1", "on": ""}
    ]


@pytest.mark.parametrize(
    "content", [b"\x00\x01\x02", b"PK\x03\x04 no workbook", b"\xff\xff\xff\xff,\xff\n"]
)
def test_what_is_no_table_is_refused(content):
    with pytest.raises(NotReadable):
        list(read(io.BytesIO(content)).rows)


def test_an_empty_file_is_refused():
    for content in (b"", b"\n\n  \n"):
        with pytest.raises(NoRows):
            read(io.BytesIO(content))


def test_a_long_file_needs_no_more_memory_than_a_short_one():
    def peak(count):
        file = io.BytesIO(b"A,B,C\n" + b"aaaaaaaaaa,bbbbbbbbbb,cccccccccc\n" * count)
        tracemalloc.start()
        number = sum(1 for _ in read(file).rows)
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert number == count
        return most

    assert peak(120_000) < 1.2 * peak(60_000)


ISO, DAY, MONTH = DateOrder.ISO, DateOrder.DAY_FIRST, DateOrder.MONTH_FIRST


@pytest.mark.parametrize(
    ("text", "order", "day"),
    [
        ("2024-05-01", ISO, date(2024, 5, 1)),
        ("2024-05-01", MONTH, date(2024, 5, 1)),
        ("2024/5/1", ISO, date(2024, 5, 1)),
        ("2024.05.01", ISO, date(2024, 5, 1)),
        ("20240501", ISO, date(2024, 5, 1)),
        ("2024年5月1日", ISO, date(2024, 5, 1)),
        ("２０２４-０５-０１", ISO, date(2024, 5, 1)),
        ("2024-05-01T23:59:59.000Z", ISO, date(2024, 5, 1)),
        ("2012-04-27 09:11:03.0", DAY, date(2012, 4, 27)),
        ("03/04/2024", DAY, date(2024, 4, 3)),
        ("03/04/2024", MONTH, date(2024, 3, 4)),
        ("7/4/2025 3:15:00 PM", MONTH, date(2025, 7, 4)),
        ("03.04.2024", DAY, date(2024, 4, 3)),
        ("1 January 2024", ISO, date(2024, 1, 1)),
        ("01-Feb-2024", ISO, date(2024, 2, 1)),
        ("Mar 5, 2024", ISO, date(2024, 3, 5)),
    ],
)
def test_days_are_read_as_their_registries_write_them(text, order, day):
    assert read_day(text, order) == day


@pytest.mark.parametrize("text", ["03/04/2024", "13/04/2024", "4.3.2024"])
def test_a_day_that_may_be_a_month_is_refused_without_a_declaration(text):
    with pytest.raises(AmbiguousDay):
        read_day(text, ISO)


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("14/13/2024", DAY),
        ("14/03/2024", MONTH),
        ("2024-02-30", ISO),
        ("1/2/24", DAY),
        ("tomorrow", ISO),
        ("1/2-2024", DAY),
        ("45000", ISO),
    ],
)
def test_what_is_no_day_is_refused(text, order):
    with pytest.raises(NotADay):
        read_day(text, order)


def test_months_are_read_in_three_spellings():
    march = (date(2025, 3, 1), date(2025, 3, 31))
    assert {read_month(text) for text in ("2025-03", "202503", "2025年3月", "２０２５-０３")} == {
        march
    }
    assert read_month("2024-12") == (date(2024, 12, 1), date(2024, 12, 31))
    for text in ("2025-13", "三月", "202500"):
        with pytest.raises(NotADay):
            read_month(text)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1,454,054", 1454054),
        ("１,４５４", 1454),
        ("１，４５４", 1454),
        ("187.0", 187),
        ("187.000000", 187),
        ("0", 0),
        ("+5", 5),
        ("1\u00a0454\u202f054", 1454054),
        ("", None),
    ],
)
def test_whole_numbers_are_read_in_each_spelling(text, number):
    cells = Cells(Row(2, {"n": text}))
    assert cells.whole_or_none("n") == number
    assert cells.faults == []


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("12.5", "not_whole"),
        ("1,45,054", "not_whole"),
        ("1.454.054", "not_whole"),
        ("(zero)", "not_whole"),
        ("-5", "negative"),
        ("-1,000", "negative"),
        ("3476 14,482", "two_values"),
        ("280,922 291,928", "two_values"),
        ("99999999999999999999", "too_large"),
    ],
)
def test_a_cell_that_holds_no_whole_number_is_named(text, code):
    cells = Cells(Row(2, {"n": text}))
    assert not cells.whole_or_none("n")
    assert [fault.code for fault in cells.faults] == [code]
