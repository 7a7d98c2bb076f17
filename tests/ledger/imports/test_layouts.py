"""Each layout reads a file of its registry's shape: exact records, and each refused row by name."""

import io
import json
from datetime import date
from hashlib import md5
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.imports import layouts
from ledger.imports.layouts.account_numbers import AccountNumber
from ledger.imports.reading import read
from ledger.imports.records import Act, DateOrder, Record, Row, RowFaults

FILES = Path(__file__).parent / "files"
CODES = [layout.code for layout in layouts.all_layouts()]


def known(headers):
    return bool(layouts.recognise(headers))


def outcome(layout, row):
    try:
        records = layout.read(row)
    except RowFaults as refused:
        faults = [
            {"column": one.column, "code": one.code, "says": one.sentence()}
            | ({} if one.blocking else {"blocking": False})
            for one in refused.faults
        ]
        return {"row": row.number, "faults": faults}
    return {"row": row.number, "records": [one.to_json() for one in records]}


def read_file(code):
    layout = layouts.get(code)
    with (FILES / f"{code}.csv").open("rb") as file:
        table = read(file, dates=layout.dates, is_header=known)
        return table.headers, [outcome(layout, row) for row in table.rows]


@pytest.mark.parametrize("code", CODES)
def test_a_file_of_each_layout_gives_its_records_and_refuses_its_bad_rows(code):
    headers, found = read_file(code)
    assert code in [layout.code for layout in layouts.recognise(headers)]
    assert found == json.loads((FILES / f"{code}.expected.json").read_text())


@pytest.mark.parametrize("code", CODES)
def test_a_record_survives_json(code):
    _, found = read_file(code)
    for one in found:
        for told in one.get("records", []):
            assert Record.from_json(json.loads(json.dumps(told))).to_json() == told


@pytest.mark.parametrize("code", CODES)
def test_each_layout_is_the_first_that_its_own_headings_name(code):
    headers, _ = read_file(code)
    first = layouts.recognise(headers)[0]
    assert first.code == code


def test_headings_name_the_layout_and_the_file_name_does_not():
    assert layouts.recognise(["anything", "else"]) == []
    with pytest.raises(layouts.NoSuchLayout, match="no layout nonsense"):
        layouts.get("nonsense")


def a_row(code, cells, *, dates=None):
    layout = layouts.get(code)
    everything = {**dict.fromkeys(layout.required_headers, ""), **cells}
    return layout.read(Row(2, everything, dates or layout.dates))


VERRA = {
    "issuance date": "2026-04-14",
    "id": "3005",
    "quantity issued": "187",
    "serial number": ("19380-941382555-941382741-VCS-VCU-1310-VER-CN-13-3005-01012022-31102022-0"),
}


def test_verra_days_are_read_under_the_declared_order_only():
    told = {**VERRA, "issuance date": "03/04/2026"}
    with pytest.raises(RowFaults) as refused:
        a_row("verra_vcu_transactions", told)
    assert [fault.code for fault in refused.value.faults] == ["ambiguous_day"]

    (record,) = a_row("verra_vcu_transactions", told, dates=DateOrder.DAY_FIRST)
    assert record.happened_on == date(2026, 4, 3)
    (record,) = a_row("verra_vcu_transactions", told, dates=DateOrder.MONTH_FIRST)
    assert record.happened_on == date(2026, 3, 4)


def test_a_filled_date_means_gone_and_the_key_of_the_line_says_so():
    (live,) = a_row("verra_vcu_transactions", VERRA)
    (gone,) = a_row(
        "verra_vcu_transactions", {**VERRA, "retirement/cancellation date": "2026-04-20"}
    )
    assert (live.act, live.state, gone.act, gone.state) == (Act.HELD, "FREE", Act.RETIRED, "")
    assert (gone.first, gone.last, gone.quantity) == (941382555, 941382741, 187)
    assert live.natural_key != gone.natural_key
    assert gone.extra["end"] == "RETIRED_OR_CANCELLED"


@pytest.mark.parametrize(
    ("day", "volume", "mwh"),
    [("2021-01-31", "5040", 5040), ("2021-01-31", "5040000000000", 5_040_000)],
)
def test_the_delivery_sheets_wh_are_mwh_unless_no_plant_could_make_them(day, volume, mwh):
    told = {
        "volume_wh": volume,
        "generationstart": "2021-01-01",
        "generationend": day,
        "generatorname": "Hebei Wind 1",
    }
    (record,) = a_row("irec_china_delivery", told)
    assert (record.quantity, record.measure) == (mwh, "MWh")


UPLOAD = "UK_EMISSIONS_01032025_EA_{}.xlsx"


def test_the_sum_in_the_name_of_an_upload_is_that_of_its_bytes():
    check = layouts.get("uk_emissions_upload").check_file
    told = md5(b"bytes", usedforsecurity=False).hexdigest()
    assert list(check(UPLOAD.format(told), told)) == []
    assert list(check(UPLOAD.format(told.upper()), told)) == []

    other = md5(b"others", usedforsecurity=False).hexdigest()
    assert [fault.code for fault in check(UPLOAD.format(told), other)] == ["sum_differs"]
    odd = UPLOAD.replace("EA", "XX").replace("0103", "3102").format(told)
    assert [fault.code for fault in check(odd, told)] == ["not_a_day", "unknown_regulator"]
    assert [fault.code for fault in check("emissions.xlsx", told)] == ["odd_file_name"]

    check = layouts.get("uk_allocation_upload_operators").check_file
    assert list(check(f"UK_NAVAT_2021_2030_{told}.xlsx", told)) == []
    assert [f.code for f in check(f"UK_XYZ_2021_2030_{told}.xlsx", told)] == ["odd_file_name"]


def test_a_row_with_more_cells_than_headings_is_refused_whole():
    """An unquoted separator shifts every later cell: nothing of the row can be believed."""
    file = io.BytesIO(b"Operator ID,Year,Emissions\n1000021,2024,1,200\n")
    (row,) = read(file).rows
    with pytest.raises(RowFaults) as refused:
        layouts.get("uk_emissions_upload").read(row)
    assert [fault.code for fault in refused.value.faults] == ["more_cells_than_headings"]


def test_check_digits_of_account_numbers_are_computed_and_compared():
    whole = AccountNumber.parse("UK-100-10000010-0").with_check_digits()
    assert AccountNumber.parse(whole).has_right_check_digits
    for digits in range(100):
        number = AccountNumber.parse(f"UK-100-10000010-0-{digits}")
        right = f"{digits}" == whole.rsplit("-", 1)[1]
        kyoto = AccountNumber.parse("GB-100-10000010-0").with_check_digits().endswith(f"-{digits}")
        assert number.has_right_check_digits == (right or kyoto)


ODDITIES = st.sampled_from(
    [
        "", "0", "1", "-1", "2024", "2024-05-01", "03/04/2024", "187", "1,000", "1,00", "(zero)",
        "GB", "UK-100-1-0-1", "Allowance", "10-2", "COMPLETED", "Issued", "Held", "Transfer",
        "CN-5-1-2-2-0-1 - CN-5-9-2-2-0-1", "GS1-1-KE-GS1-16-2025-3-1-9", "ACR-1-1 to 9",
        "1-1-9-VCS-VCU-1-VER-CN-13-1-01012022-31102022-0", "A1", "B9", "9" * 5000, "²", "１２", "�",
    ]
)  # fmt: skip


@pytest.mark.parametrize("code", CODES)
@settings(max_examples=60)
@given(data=st.data())
def test_whatever_stands_in_a_row_gives_records_or_named_faults(code, data):
    layout = layouts.get(code)
    texts = ODDITIES | st.text(max_size=12)
    cells = {heading: data.draw(texts) for heading in sorted(layout.required_headers)}
    order = data.draw(st.sampled_from(DateOrder))
    try:
        records = layout.read(Row(2, cells, order))
    except RowFaults as refused:
        assert refused.faults
        assert all(fault.code and fault.sentence() for fault in refused.faults)
        return
    for record in records:
        assert record.natural_key
        assert 0 <= record.quantity < 2**63
        if record.first is not None:
            assert record.quantity == record.last - record.first + 1
