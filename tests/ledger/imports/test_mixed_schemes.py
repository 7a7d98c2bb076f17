"""A file whose lines name their own scheme: each is counted in what that scheme counts."""

import io
from datetime import date

import pytest
from django.utils import translation

from ledger.doors.wording import refusal_text
from ledger.imports import mapping, operations, queries, reading
from ledger.imports.records import Row, RowFaults
from ledger.imports.rules import ConstantUnfit, SchemeChoice
from ledger.imports.states import ImportState as S
from ledger.units.models import Position
from tests.factories import imports as files
from tests.factories.imports import NOON

SCHEMES = (
    SchemeChoice("CEA", "CEA 全国碳配额", "CCRC", "t", ("全国碳配额", "China ETS allowance")),
    SchemeChoice("GEC", "GEC 绿证", "GEC_PLATFORM", "MWh", ("绿色电力证书", "Green certificate")),
    SchemeChoice("ISOMETRIC", "Isometric", "ISOMETRIC", "kg", ("Isometric", "Isometric")),
)
COLUMNS = {
    "scheme": "品种", "quantity": "数量", "told_in": "计量单位", "vintage_year": "年度",
    "prefix": "号段", "first": "起始",
}  # fmt: skip
MIXED = {"act": "HELD", "scheme": "", "measure": "t", "columns": COLUMNS}


def read(spec, **cells):
    layout = mapping.layout_of(
        mapping.Spec.from_json(spec), name="x", normalise=reading.normalise, schemes=SCHEMES
    )
    return layout.read(Row(7, cells))


@pytest.mark.parametrize(
    ("scheme", "told_in", "text", "units", "measure"),
    [
        ("CEA", "", "7", 7, "t"),
        ("GEC", "", "7", 7, "MWh"),
        ("CEA", "kg", "7,000", 7, "t"),
        ("GEC", "kWh", "7000.0", 7, "MWh"),
        ("CEA", "吨", "7", 7, "t"),
        ("CEA", "万吨", "0.0007", 7, "t"),
        ("GEC", "千瓦时", "7000", 7, "MWh"),
        ("GEC", "万千瓦时", "0.7", 7, "MWh"),
        ("GEC", "GWh", "0.007", 7, "MWh"),
        ("GEC", "张", "7", 7, "MWh"),
        ("ISOMETRIC", "t", "0.007", 7, "kg"),
        ("ISOMETRIC", "", "7", 7, "kg"),
        ("gec", "兆瓦时", "7", 7, "MWh"),
        ("绿色电力证书", "", "7", 7, "MWh"),
        ("china ets allowance", "公斤", "7000", 7, "t"),
    ],
)
def test_each_line_is_counted_as_its_own_scheme_counts(scheme, told_in, text, units, measure):
    (made,) = read(MIXED, 品种=scheme, 计量单位=told_in, 数量=text)
    known = {"gec": "GEC", "绿色电力证书": "GEC", "china ets allowance": "CEA"}
    assert (made.scheme, made.quantity, made.measure) == (
        known.get(scheme, scheme), units, measure,
    )  # fmt: skip


def test_a_line_without_a_measure_is_told_in_what_the_mapping_says_of_all():
    spec = {**MIXED, "told_in": "kWh"}
    assert read(spec, 品种="GEC", 数量="7000")[0].quantity == 7
    assert read(spec, 品种="GEC", 数量="7", 计量单位="MWh")[0].quantity == 7
    assert read(spec, 品种="CEA", 数量="7", 计量单位="吨")[0].quantity == 7


def test_a_lines_serials_are_of_its_own_schemes_registry():
    (made,) = read(MIXED, 品种="GEC", 数量="7", 号段="G-", 起始="1")
    assert (made.space, made.first, made.last) == (("GEC_PLATFORM", "GEC", "G-"), 1, 7)


def fault_of(spec, **cells):
    with pytest.raises(RowFaults) as refused:
        read(spec, **cells)
    (fault,) = refused.value.faults
    return fault.column, fault.code, fault.sentence()


@pytest.mark.parametrize(
    ("scheme", "told_in", "text", "column", "code"),
    [
        ("CEA", "kWh", "7000", "计量单位", "other_measure"),
        ("GEC", "kg", "7000", "计量单位", "other_measure"),
        ("GEC", "吨", "7", "计量单位", "other_measure"),
        ("CEA", "kg", "7,001", "数量", "not_whole_units"),
        ("GEC", "kWh", "6999.999999999", "数量", "not_whole_units"),
        ("GEC", "箱", "7", "计量单位", "cell_not_readable"),
        ("CEA", "", "7.5", "数量", "cell_not_readable"),
        ("CEA", "kg", "-7000", "数量", "cell_not_readable"),
        ("GEC", "kWh", "", "数量", "cell_empty"),
    ],
)
def test_what_cannot_be_counted_is_told_by_its_column(scheme, told_in, text, column, code):
    found = fault_of(MIXED, 品种=scheme, 计量单位=told_in, 数量=text)
    assert found[:2] == (column, code)


def test_the_refusal_says_what_the_scheme_counts():
    assert fault_of({**MIXED, "told_in": "kg"}, 品种="GEC", 数量="7000") == (
        "数量", "other_measure", "GEC counts MWh; 7000 kg cannot be counted so.",
    )  # fmt: skip


@pytest.mark.django_db
def test_allowances_in_kilograms_and_certificates_in_kilowatt_hours_come_in_together():
    by = files.manager()
    lines = (
        "品种,数量,计量单位,年度,账户\n"
        'CEA,"7,000",千克,2024,A-1\n'
        "GEC,9000,千瓦时,2024,G-1\n"
        "GEC,500,千瓦时,2024,G-1\n"
        "绿证,5,个,2024,G-1\n"
        "CEA,5,千瓦时,2024,A-1\n"
    )
    mine = [
        files.account(by, number="A-1", registry="CCRC"),
        files.account(by, number="G-1", registry="GEC_PLATFORM"),
    ]
    columns = {
        "scheme": "品种", "quantity": "数量", "told_in": "计量单位", "vintage_year": "年度",
        "account": "账户",
    }  # fmt: skip
    year = {"period": "2024年"}
    content = {"act": "HELD", "columns": columns, "constants": year}
    kept = operations.save_mapping(name="混合", content=content, by=by, at=NOON)
    made = operations.upload_file(
        content=io.BytesIO(lines.encode("gb18030")), name="混合.csv", target="units",
        as_of=files.DAY, mapping_id=kept.pk, by=by, at=NOON,
    )  # fmt: skip
    row = files.check(made.import_id)
    with translation.override("zh-hans"):
        told = [
            (one.row_number, one.shown_column, one.text) for one in queries.problems_of(row)
            if one.row_number
        ]  # fmt: skip
    assert told == [
        (4, "数量", "500 kWh 换算后不是整数单位。"),
        (5, "品种", "不存在机制 绿证。"),
        (6, "计量单位", "CEA 以 t 计量；5 kWh 无法换算。"),
    ]
    assert (row.state, Position.objects.count()) == (S.FAULTY, 0)

    aside = [(4, 0), (5, 1), (6, 0)]
    operations.set_aside_lines(import_id=row.pk, lines=aside, reason="另行处理", by=by, at=NOON)
    files.take_in(files.check(row.pk), by=by)
    held = Position.objects.filter(state="FREE", account_id__in=mine)
    found = sorted(held.values_list("lot__scheme", "quantity", "lot__generated_from"))
    assert found == [("CEA", 7, None), ("GEC", 9, date(2024, 1, 1))]


# --- what is the same for every line


def test_a_value_for_every_line_fills_the_empty_cells_only():
    spec = {
        "act": "HELD", "scheme": "CEA", "measure": "t",
        "columns": {"quantity": "数量", "vintage_year": "年度"},
        "constants": {"vintage_year": "2023", "state": "FROZEN", "account": "A-9"},
    }  # fmt: skip
    made = [*read(spec, 数量="7", 年度="2024"), *read(spec, 数量="7", 年度="")]
    assert [one.vintage_year for one in made] == [2024, 2023]
    assert {(one.state, one.account) for one in made} == {("FROZEN", "A-9")}


def test_a_list_of_certificates_one_to_a_line_needs_no_column_of_quantities():
    spec = {
        "act": "ISSUED", "scheme": "GEC", "measure": "MWh", "columns": {"serial": "绿证编码"},
        "constants": {"quantity": "1", "period": "2025-03"},
    }  # fmt: skip
    (made,) = read(spec, 绿证编码="GEC-330000-000123")
    assert (made.quantity, made.first, made.last) == (1, 123, 123)
    assert made.period_to == date(2025, 3, 31)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("constants", "named"),
    [
        ({"vintage_year": "two"}, "Vintage year"),
        ({"state": "lost"}, "State of the units"),
        ({"happened_on": "31/12/2025"}, "Day"),
        ({"quantity": "-1"}, "Units"),
        ({"serial": "A-1"}, "Serial number or range"),
    ],
)
def test_what_no_line_could_have_is_refused_when_the_mapping_is_kept(constants, named):
    by = files.manager()
    content = {**files.spec("HELD"), "constants": constants}
    with pytest.raises(ConstantUnfit) as refused:
        operations.save_mapping(name="x", content=content, by=by, at=NOON)
    (text,) = constants.values()
    with translation.override("en"):
        said = refusal_text(refused.value)
    assert said == f"{named} cannot be “{text}” for every line."
    assert not queries.mappings_of(by).exists()
