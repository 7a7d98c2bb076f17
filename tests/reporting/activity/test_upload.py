import io
import time
from decimal import Decimal

import pytest
from openpyxl import Workbook

from ledger.files.models import StoredFile
from ledger.files.rules import FileLooksLikeABomb, FileTooLarge, FileTypeRefused
from ledger.kernel.actors import Role
from ledger.kernel.errors import NotAllowed, NotFound
from ledger.kernel.measures import Measure
from ledger.kernel.periods import Period
from ledger.kernel.quantities import Quantity
from reporting.activity import operations, queries
from reporting.activity.models import ActivityRow, Dataset, Upload
from reporting.activity.rules import (
    ColumnsMissing,
    DatasetNotOpen,
    NoRows,
    NotReadable,
    SameFileAgain,
    UploadHasProblems,
    read_month,
    read_number,
)
from tests.ledger.files.test_files import workbook as bomb
from tests.reporting.activity.conftest import NOON, OFFICER, person

HEAD = "source,month,quantity,unit,evidence,note\n"


def upload(park, content, *, by=OFFICER, year=2025, name="year.csv", **more):
    if isinstance(content, str):
        content = content.encode()
    return operations.upload_year(
        park_id=park.id, year=year, content=io.BytesIO(content), name=name, by=by, at=NOON, **more
    )


def nothing_stored():
    counts = [model.objects.count() for model in (Dataset, Upload, ActivityRow, StoredFile)]
    return counts == [0, 0, 0, 0]


def problems_of(park, content):
    with pytest.raises(UploadHasProblems) as caught:
        upload(park, content)
    return [(one.row, one.column, one.code) for one in caught.value.problems]


def sheet(rows):
    book = Workbook()
    for row in [HEAD.strip().split(","), *rows]:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_rows_are_kept_in_the_measure_of_their_source(park):
    upload(park, HEAD + 'GRID,2025-03,"1,234,567.5",kWh,B-1,\nTRUCKS,2025-03,800,kg,,\n')

    rows = queries.rows_for(park.id, Period.year(2025))
    assert [(row.source_code, row.quantity) for row in rows] == [
        ("GRID", Quantity(Decimal("1234.5675"), Measure.MWH)),
        ("TRUCKS", Quantity(Decimal("0.8"), Measure.T)),
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_chinese_headings_and_units_are_read_in_the_usual_encodings(park, encoding):
    text = "来源编码,月份,数量,单位,凭证,备注\nGRID,2025年3月,12,万千瓦时,发票,港区\n"
    upload(park, text.encode(encoding))

    row = queries.rows_for(park.id, Period.year(2025))[0]
    assert (row.quantity, row.evidence) == (Quantity(Decimal(120), Measure.MWH), "发票")


def test_every_bad_row_is_reported_at_once_and_nothing_is_stored(park):
    bad = HEAD + (
        "GRID,2025-01,ten,MWh,,\n"
        "NOWHERE,2025-01,1,MWh,,\n"
        "GRID,2026-12,1,MWh,,\n"
        "GRID,2024-01,1,MWh,,\n"
        "TRUCKS,2025-01,1,m3,,\n"
        "GRID,2025-02,-1,MWh,,\n"
        "GRID,2025-03,1,MWh,,\n"
        "GRID,2025-03,2,MWh,,\n"
        "原煤,2025-01,1,t,,\n"
        "GRID,13/2025,1,stone,,\n"
        "GRID,2025-04,=1+1,MWh,,\n"
    )
    assert problems_of(park, bad) == [
        (2, "quantity", "not_a_number"),
        (3, "source", "unknown_source"),
        (4, "month", "future_month"),
        (5, "month", "other_year"),
        (6, "unit", "unit_does_not_fit"),
        (7, "quantity", "negative"),
        (9, "month", "month_twice"),
        (10, "source", "raw_coal"),
        (11, "month", "not_a_month"),
        (11, "unit", "unknown_unit"),
        (12, "quantity", "formula"),
    ]
    assert nothing_stored()


def test_a_formula_in_a_workbook_is_refused_though_it_has_a_value(park):
    assert problems_of(park, sheet([["GRID", "2025-01", "=1+1", "MWh", None, None]])) == [
        (2, "quantity", "formula")
    ]


def test_a_workbook_keeps_the_digits_that_were_typed(park):
    upload(park, sheet([["GRID", "2025-01", 0.1, "MWh", None, None]]), name="year.xlsx")

    assert queries.rows_for(park.id, Period.year(2025))[0].quantity.amount == Decimal("0.1")


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        ("来源,月份".encode("utf-16"), FileTypeRefused),
        (b"\x7fELF\x00\x00", FileTypeRefused),
        (b"source,month,quantity,unit\n\xff\xff\xff,1,2,3\n", NotReadable),
        (bomb(80_000_000), FileLooksLikeABomb),
        (HEAD.encode(), NoRows),
        (b"source,quantity\nGRID,1\n", ColumnsMissing),
    ],
)
def test_a_file_that_is_no_table_is_refused_whole(park, content, refusal):
    with pytest.raises(refusal):
        upload(park, content)
    assert nothing_stored()


def test_a_file_of_200_mb_is_refused_before_it_is_parsed(park):
    class Large(io.RawIOBase):
        def read(self, size=-1):
            return bytes(min(size, 200 * 1024 * 1024))

    started = time.monotonic()
    with pytest.raises(FileTooLarge):
        operations.upload_year(
            park_id=park.id, year=2025, content=Large(), name="x", by=OFFICER, at=NOON
        )
    assert time.monotonic() - started < 5
    assert nothing_stored()


def test_the_same_file_again_is_refused_by_its_day(park):
    text = HEAD + "GRID,2025-01,1,MWh,,\n"
    upload(park, text)

    with pytest.raises(SameFileAgain, match="2026-02-05"):
        upload(park, text)
    assert ActivityRow.objects.count() == 1


def test_another_value_is_a_new_version_and_the_old_one_stays(park):
    upload(park, HEAD + "GRID,2025-01,1,MWh,,\n")
    before = queries.dataset_hash(park.id, Period.year(2025))
    upload(park, HEAD + "GRID,2025-01,2,MWh,,\n", reason="bill corrected")

    assert [row.version for row in ActivityRow.objects.order_by("version")] == [1, 2]
    assert [r.quantity.amount for r in queries.rows_for(park.id, Period.year(2025))] == [2]
    assert queries.dataset_hash(park.id, Period.year(2025)) != before


def test_only_a_data_officer_of_the_operator_uploads(park):
    with pytest.raises(NotAllowed):
        upload(park, HEAD, by=person(Role.CARBON_MANAGER))
    with pytest.raises(NotFound):
        upload(park, HEAD, by=person(Role.DATA_OFFICER, party_id=park.id))
    assert nothing_stored()


def test_a_submitted_year_takes_no_more_files(park):
    upload(park, HEAD + "GRID,2025-01,1,MWh,,\n")
    Dataset.objects.update(state="SUBMITTED", submitted_by=OFFICER.user_id)

    with pytest.raises(DatasetNotOpen):
        upload(park, HEAD + "GRID,2025-02,1,MWh,,\n")
    assert ActivityRow.objects.count() == 1


@pytest.mark.parametrize(
    ("text", "month"),
    [
        ("2025-03", "2025-03-01"),
        ("2025-03-31", "2025-03-01"),
        ("2025-03-01T00:00:00", "2025-03-01"),
        ("31/12/2025", "2025-12-01"),
        ("2025年3月", "2025-03-01"),
        ("202503", "2025-03-01"),
        ("3/2025", "2025-03-01"),
        ("2025-13", None),
        ("Jan-25", "2025-01-01"),
        ("dec-25", "2025-12-01"),
        ("Abc-25", None),
        ("March", None),
    ],
)
def test_months_are_read_as_people_write_them(text, month):
    found = read_month(text)
    assert (found and found.isoformat()) == month


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1,234.50", "1234.50"),
        ("1，234", "1234"),
        ("12,34", None),
        ("1e3", "1E+3"),
        ("NaN", None),
        ("١٢", None),
        ("", None),
    ],
)
def test_numbers_are_exact_or_refused(text, number):
    found = read_number(text)
    assert (None if found is None else str(found)) == number


def test_a_row_says_how_it_came_about_and_anything_else_is_refused(park):
    text = "source,month,quantity,unit,数据质量\nGRID,2025-01,1,MWh,估算\nGRID,2025-02,1,MWh,\n"
    upload = operations.upload_year(
        park_id=park.id, year=2025, content=io.BytesIO(text.encode()), name="q.csv",
        by=OFFICER, at=NOON,
    )  # fmt: skip
    rows = upload.activityrow_set.order_by("month").values_list("quality", flat=True)
    assert list(rows) == ["ESTIMATED", None]
    with pytest.raises(UploadHasProblems) as refused:
        operations.preview_upload(
            park_id=park.id, year=2025, content=text.replace("估算", "guess").encode(), at=NOON
        )
    assert [(one.row, one.column) for one in refused.value.problems] == [(2, "quality")]
