"""A source's file of prices: staged, checked line by line, taken in whole, and taken back."""

import io
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from finance.prices import models, queries
from finance.prices.rules import facts as rules
from ledger.approvals import operations as approvals
from ledger.audit.queries import Fault
from ledger.doors import tabular
from ledger.imports import approvable
from ledger.imports import operations as imports
from ledger.imports.mapping import Spec
from ledger.imports.models import Import
from ledger.imports.queries import problems_of
from ledger.imports.rules import HasProblems, MappingIncomplete, NothingNew
from ledger.imports.states import ImportState as S
from ledger.kernel.actors import SYSTEM, Role
from ledger.kernel.money import Money
from ledger.parameters import operations as parameters
from tests.factories import people, prices
from tests.factories.imports import still
from tests.factories.prices import LATE, ROOT

MONDAY, TUESDAY, WEDNESDAY = date(2026, 11, 16), date(2026, 11, 17), date(2026, 11, 18)
CSV = """品种,年份,来源,日期,价格,成交量,交易方式
CEA,2025,CNEEEX,2026-11-16,74.63,"120,000",
CEA,2025,上海环境能源交易所（全国碳市场）,2026年11月17日,75.10,,挂牌协议
CCER,,CBGEX_CCER,2026/11/17,70.76,500,
"""
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _book() -> None:
    parameters.load_seeds(folder=ROOT / "seeds", by=SYSTEM, at=LATE)
    prices.load()


@pytest.fixture
def by():
    roles = frozenset({Role.CARBON_MANAGER, Role.APPROVER})
    return replace(people.make_actor("CARBON_MANAGER"), roles=roles)


def read(content, *, by, name="marks.csv", **how):
    """A file uploaded as prices, and checked."""
    body = content.encode() if isinstance(content, str) else content
    made = imports.upload_file(
        content=io.BytesIO(body), name=name, target="prices", as_of=TUESDAY, by=by, at=LATE, **how
    )
    return checked(made.import_id)


def checked(import_id):
    imports.run_stage(import_id=import_id, progress=still, at=LATE)
    return Import.objects.get(pk=import_id)


def take_in(row, *, by):
    imports.commit_import(import_id=row.pk, by=by, at=LATE)
    imports.run_commit(import_id=row.pk, progress=still, at=LATE)
    return Import.objects.get(pk=row.pk)


def undo(row, *, by):
    imports.undo_import(import_id=row.pk, reason="a wrong file", by=by, at=LATE)
    imports.run_undo(import_id=row.pk, progress=still, at=LATE)
    return Import.objects.get(pk=row.pk)


def codes(row, *, blocking=True):
    found = problems_of(row).filter(is_blocking=blocking)
    return [(one.row_number, one.column, one.code) for one in found]


def price(day, scheme="CEA", vintage=2025):
    found = queries.mark_on(scheme, vintage, day)
    return None if found is None else (found.price.amount, found.marked_on)


def test_a_chinese_file_becomes_marks_with_its_file_behind_them(by):
    row = take_in(read(CSV.encode("gb18030"), by=by), by=by)
    assert row.state == S.COMMITTED
    assert queries.mark_on("CEA", 2025, MONDAY).price == Money("74.63")
    assert price(TUESDAY) == (Decimal("75.1"), TUESDAY)
    assert price(TUESDAY, "CCER", 2024) == (Decimal("70.76"), TUESDAY)
    telling = models.Telling.objects.get()
    assert (telling.row_count, telling.file_id) == (3, row.file_id)
    assert [one.volume for one in telling.marks.order_by("position")] == [120_000, None, 500]
    assert row.result["tellings"] == [str(telling.pk)]


def test_a_workbook_of_rates_becomes_rates(by):
    book = tabular.to_xlsx(
        ["from", "to", "source", "day", "rate", "reason"],
        [["eur", "CNY", "CFETS", "20261116", Decimal("8.25"), ""]],
        title="rates",
    )
    take_in(read(book, by=by, name="rates.xlsx"), by=by)
    assert queries.rate_on("EUR", "CNY", MONDAY).rate == Decimal("8.25")


def test_the_preview_says_what_will_be_told(by):
    row = read(CSV, by=by)
    assert (row.state, row.problem_count) == (S.READY, 0)
    assert row.summary["records"] == 3
    told = [(one["kind"], one["scheme"], one["movements"]) for one in row.summary["written"]]
    assert told == [("PRICED", "CCER", 1), ("PRICED", "CEA", 2)]
    assert "2026-11-16 – 2026-11-17" in " ".join(approvable.sentences_of(row))


def test_every_cell_that_cannot_be_read_is_named_and_nothing_is_told(by):
    text = (
        "instrument,vintage,source,day,price,mode\n"
        "CEA,old,CNEEEX,soon,much,LISTED\n"
        "CEA,2025,CNEEEX,2026-11-16,74.63,swap\n"
        "CEA,2025,NOBODY,2026-11-16,74.63,\n"
        "CEA,,CNEEEX,2026-11-17,74.63,\n"
        "CEA,2025,CNEEEX,2026-11-15,-1,\n"
    )
    row = read(text, by=by)
    assert codes(row) == [
        (2, "day", "not_a_day"),
        (2, "price", "not_a_number"),
        (2, "vintage", "not_a_year"),
        (3, "mode", "not_one_of"),
        (4, "source", "no_such_source"),
        (5, "vintage_year", "vintage_needed"),
        (6, "price", "price_not_positive"),
        (6, "happened_on", "not_a_trading_day"),
    ]
    with pytest.raises(HasProblems):
        imports.commit_import(import_id=row.pk, by=by, at=LATE)
    assert models.Telling.objects.count() == 0


def test_a_price_outside_the_limits_of_the_day_keeps_the_file_out_unless_it_says_why(by):
    head = "instrument,vintage,source,day,price,reason\nCEA,2025,CNEEEX,2026-11-16,74.63,\n"
    row = read(f"{head}CEA,2025,CNEEEX,2026-11-17,82.10,\n", by=by)
    assert codes(row) == [(3, "price", "outside_the_limits")]
    row = read(f"{head}CEA,2025,CNEEEX,2026-11-17,82.10,corporate action\n", by=by)
    assert row.state == S.READY


def test_what_is_known_is_passed_over_and_a_correction_needs_its_reason(by):
    prices.mark(MONDAY, "74.63")
    row = read(CSV, by=by)
    assert codes(row, blocking=False) == [(2, "price", "told_already")]
    assert row.summary["records"] == 2
    take_in(row, by=by)
    head = "instrument,vintage,source,day,price,reason\n"
    row = read(f"{head}CEA,2025,CNEEEX,2026-11-17,75.20,\n", by=by)
    assert codes(row) == [(2, "reason", "reason_needed")]
    row = take_in(read(f"{head}CEA,2025,CNEEEX,2026-11-17,75.20,misread\n", by=by), by=by)
    assert row.summary["written"][0]["kind"] == "CORRECTED"
    assert price(TUESDAY) == (Decimal("75.2"), TUESDAY)


def test_a_file_that_says_nothing_new_is_not_taken_in(by):
    take_in(read(CSV, by=by), by=by)
    again = read(CSV + "\n", by=by)
    with pytest.raises(NothingNew):
        imports.commit_import(import_id=again.pk, by=by, at=LATE)


def test_undoing_says_again_what_was_said_and_withdraws_the_rest(by):
    prices.mark(MONDAY, "74.00")
    text = (
        "instrument,vintage,source,day,price,reason\n"
        "CEA,2025,CNEEEX,2026-11-16,74.63,misread\n"
        "CEA,2025,CNEEEX,2026-11-17,75.10,\n"
    )
    row = take_in(read(text, by=by), by=by)
    assert price(TUESDAY) == (Decimal("75.1"), TUESDAY)
    row = undo(row, by=by)
    assert row.state == S.UNDONE
    assert price(TUESDAY) == (Decimal(74), MONDAY)
    assert list(queries.history("CEA", 2025, first=MONDAY, last=TUESDAY))[-1].version == 3
    kept = models.Mark.objects.order_by("marked_on", "version")
    assert [(one.version, one.price, one.is_withdrawn, one.reason) for one in kept] == [
        (1, 74, False, ""),
        (2, Decimal("74.63"), False, "misread"),
        (3, 74, False, "a wrong file"),
        (1, Decimal("75.10"), False, ""),
        (2, Decimal("75.10"), True, "a wrong file"),
    ]
    assert faults() == []


def faults() -> list[Fault]:
    return list(queries.check_rows_match_events())


def test_rates_of_an_undone_file_are_gone(by):
    text = "from,to,source,day,rate\nEUR,CNY,CFETS,2026-11-16,8.25\n"
    row = take_in(read(text, by=by, name="rates.csv"), by=by)
    undo(row, by=by)
    assert queries.rate_on("EUR", "CNY", TUESDAY) is None
    assert faults() == []


def test_a_file_is_taken_in_again_after_it_was_undone(by):
    row = undo(take_in(read(CSV, by=by), by=by), by=by)
    again = take_in(read(CSV, by=by), by=by)
    assert again.pk != row.pk and again.state == S.COMMITTED
    assert price(TUESDAY) == (Decimal("75.1"), TUESDAY)
    newest = models.Mark.objects.filter(scheme="CEA", marked_on=TUESDAY).latest("version")
    assert (newest.version, newest.reason) == (3, "marks.csv")


def test_what_was_told_again_since_keeps_an_undoing_out(by):
    row = take_in(read(CSV, by=by), by=by)
    prices.mark(TUESDAY, "75.30", reason="misread")
    with pytest.raises(rules.ToldSince):
        undo(row, by=by)
    row.refresh_from_db()
    assert row.state == S.COMMITTED
    assert price(TUESDAY) == (Decimal("75.3"), TUESDAY)
    assert models.Telling.objects.count() == 2


def test_a_day_whose_mark_is_withdrawn_has_the_one_before_it_also_as_of_then(by):
    prices.mark(MONDAY, "74.63")
    row = take_in(read(CSV.replace("2026-11-16", "2026-11-13"), by=by), by=by)
    undo(row, by=by)
    assert price(WEDNESDAY) == (Decimal("74.63"), MONDAY)


def test_prices_are_taken_in_only_for_the_keeper_of_marks():
    stranger = people.make_actor("CARBON_MANAGER", party=people.make_party(kind="COMPANY"))
    row = read(CSV, by=stranger)
    assert codes(row) == [(0, "", "not_the_keeper")]


def test_another_person_agrees_whatever_the_thresholds_say_of_small_amounts(by):
    row = read(CSV, by=by)
    assert approvable.size(approvable.payload_of(row, key="k")) is None
    made = approvals.propose(
        operation=approvable.COMMIT, payload=approvable.payload_of(row, key="k"),
        summary=approvable.sentences_of(row), party_id=by.own_party, by=by, at=LATE,
    )  # fmt: skip
    assert made.approval is not None
    assert models.Mark.objects.count() == 0


def test_a_sources_own_columns_are_mapped_once_and_its_name_said_once(by):
    content = {
        "act": "PRICED",
        "scheme": "CEA",
        "columns": {
            "happened_on": "交易日期", "price": "收盘价(元/吨)", "vintage_year": "标的",
            "quantity": "成交量(吨)",
        },
        "constants": {"source": "CNEEEX"},
    }  # fmt: skip
    imports.save_mapping(name="全国碳市场每日行情", content=content, by=by, at=LATE)
    text = '交易日期,标的,收盘价（元/吨）,成交量（吨）\n2026-11-16,CEA25,74.63,"120,000"\n'
    row = take_in(read(text, by=by, name="daily.csv"), by=by)
    assert row.mapping.name == "全国碳市场每日行情"
    assert price(MONDAY) == (Decimal("74.63"), MONDAY)
    assert models.Mark.objects.get().volume == 120_000


def test_a_mapping_of_prices_names_its_source():
    content = {"act": "PRICED", "scheme": "CEA", "columns": {"happened_on": "d", "price": "p"}}
    with pytest.raises(MappingIncomplete) as refused:
        Spec.from_json(content)
    assert refused.value.params["fields"] == "Source of the price"


def test_units_do_not_come_in_as_prices(by):
    mapping = imports.save_mapping(
        name="units", by=by, at=LATE,
        content={
            "act": "HELD", "scheme": "CEA", "registry": "CHINA_CEA",
            "columns": {"quantity": "units", "vintage_year": "vintage"},
        },
    )  # fmt: skip
    row = read("units,vintage\n5,2024\n", by=by, name="u.csv", mapping_id=mapping.pk)
    assert codes(row) == [(2, "act", "not_a_price")]
