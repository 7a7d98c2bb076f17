"""The sheets of a statement."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _
from openpyxl import Workbook

from ledger.kernel.canonical import canonical_json
from reporting.documents.rendering.disclosures import groups
from reporting.documents.rendering.workbook.cells import Formula, Sheet, amount, saved
from reporting.documents.templatetags.document_words import said

# Where the lines stand: the formulas of every other sheet point there.
LINES = "Lines"
FIGURE, SOURCE, MONTH, GAS, TONNES, PART = "A", "B", "C", "D", "E", "F"
HEAT = "IMPORTED_HEAT"  # bought heat counts in both ways of counting power
CATEGORIES = (
    ("1", "direct_tco2e"),
    ("2", "energy_location_tco2e"),
    ("2 MB", "energy_market_tco2e"),
)
Statement = Mapping[str, Any]


def statement_xlsx(statement: Statement, *, language: str) -> bytes:
    """The workbook in one language; same statement, same bytes."""
    with translation.override(language):
        book = Workbook(write_only=True)
        last = len(statement["lineage"]) + 1
        _summary(book, statement, last)
        _points(book, statement)
        _comparison(book, statement)
        _sums(book, statement, last)
        _lines(book, statement["lineage"])
        _factors(book, statement["factors"])
        book.calculation.fullCalcOnLoad = True
        frozen_at = datetime.fromisoformat(str(statement["frozen_at"]).replace("Z", "+00:00"))
        return saved(book, made_at=frozen_at)


def _sum_of(last: int, *conditions: tuple[str, str]) -> Formula:
    """The tonnes of the lines that meet every condition (a column, and what must stand in it)."""
    asked = "".join(f",{LINES}!${x}$2:${x}${last},{wanted}" for x, wanted in conditions)
    return Formula(f"=SUMIFS({LINES}!${TONNES}$2:${TONNES}${last}{asked})")


def _of_figure(last: int, figure: str) -> Formula:
    """Market-based lines are of power alone; the heat beside them is that of the location."""
    own = _sum_of(last, (FIGURE, _quoted(figure)))
    if figure != "2 MB":
        return own
    heat = _sum_of(last, (FIGURE, _quoted("2")), (PART, _quoted(HEAT)))
    return Formula(f"{own}+{heat[1:]}")


def _quoted(text: str) -> str:
    escaped = text.replace('"', '""')
    return f'"{escaped}"'


def _summary(book: Workbook, statement: Statement, last: int) -> None:
    sheet = Sheet(book, "Summary", widths=(46, 22, 22, 22, 40))
    sheet.row(said(statement["framework"]["title"]), bold=True)
    for name, text in (
        (_("Document number"), statement["number"]),
        (_("Reporting organization"), said(statement["organization"]["name"])),
        (_("Park or facility"), said(statement["park"]["name"])),
        (_("Reporting period"), f"{statement['period']['start']} – {statement['period']['end']}"),
        (_("SHA-256 of the statement"), _hash_of(statement)),
        (_("Status"), _("Draft") if statement["is_draft"] else _("Final")),
    ):
        sheet.row(name, text)
    if statement["is_demonstration"]:
        sheet.row(_("DEMONSTRATION DATA"), bold=True)
    sheet.row()
    sheet.head("tCO2e", _("Sum of the lines"), _("As reported"), _("Difference"))
    rows = {}
    for figure, key in CATEGORIES:
        reported = amount(statement["totals"][key])
        at = sheet.row_count + 1
        rows[figure] = sheet.row(
            _names()[figure],
            _of_figure(last, figure),
            reported,
            Formula(f"=ROUND(B{at}-C{at},6)"),
        )
    for key, energy in (("total_location_tco2e", "2"), ("total_market_tco2e", "2 MB")):
        at = sheet.row_count + 1
        sheet.row(
            _names()[key],
            Formula(f"=B{rows['1']}+B{rows[energy]}"),
            amount(statement["totals"][key]),
            Formula(f"=ROUND(B{at}-C{at},6)"),
            bold=True,
        )
    sheet.row()
    sheet.row(_("A spreadsheet counts with fifteen digits; the statement with all of them."))


def _hash_of(statement: Statement) -> str:
    return hashlib.sha256(canonical_json(dict(statement))).hexdigest()


def _names() -> dict[str, str]:
    return {
        "1": _("Category 1: direct emissions (Scope 1)"),
        "2": _("Imported energy (category 2), location-based"),
        "2 MB": _("Imported energy (category 2), market-based"),
        "total_location_tco2e": _("Categories 1 and 2, location-based"),
        "total_market_tco2e": _("Categories 1 and 2, market-based"),
    }


def _points(book: Workbook, statement: Statement) -> None:
    """Every data point that is asked for, a row for each thing told of it."""
    sheet = Sheet(book, "Data points", widths=(8, 22, 16, 44, 14, 34, 22, 16, 60))
    sheet.head(
        _("No."), _("Group"), _("Reference"), _("Data point"), _("State"), _("Part"), _("Value"),
        _("Unit"), _("In words"),
    )  # fmt: skip
    states = {one["key"]: one["state"] for one in statement["contents"]}
    for asked in statement.get("asked") or []:
        fact = statement["facts"][asked["key"]]
        begin = (fact["number"], groups().get(fact["group"], ""), asked["reference"],
                 said(fact["heading"]), _state(fact, states))  # fmt: skip
        words = said(fact["text"] or fact["explanation"] or {})
        if fact["value"] is not None or not fact["rows"]:
            sheet.row(*begin, "", _value(fact["value"]), fact["unit"], words)
        for row in fact["rows"]:
            more = (said(row["name"]), _value(row["value"]), row["unit"], said(row["text"] or {}))
            sheet.row(*begin, *more)


def _state(fact: Mapping[str, Any], states: Mapping[str, str]) -> str:
    if fact["value"] is not None or fact["rows"] or fact["text"] is not None:
        return _("present")
    if fact["explanation"]:
        return _("absent, explained")
    return _("missing") if states.get(fact["key"]) == "MISSING" else _("not given")


def _value(text: Any) -> Any:
    return amount(text) if text not in (None, "") and amount(text) is not None else (text or "")


def _comparison(book: Workbook, statement: Statement) -> None:
    sheet = Sheet(book, "Comparison", widths=(44, 34, 16, 20, 20, 20, 14, 24))
    sheet.head(
        _("Figure"), _("Part"), _("Unit"), _("This year"), _("Last year"), _("Change"), "%",
        _("Last year, as first reported"),
    )  # fmt: skip
    for one in (statement.get("comparison") or {}).get("rows", []):
        at = sheet.row_count + 1
        sheet.row(
            said(one["heading"]),
            said(one["name"]),
            one["unit"],
            amount(one["now"]),
            amount(one["before"]),
            Formula(f"=D{at}-E{at}"),
            Formula(f'=IF(E{at}=0,"",100*F{at}/E{at})'),
            _value(one["first"]),
        )


def _sums(book: Workbook, statement: Statement, last: int) -> None:
    """By month, gas and source: sums of the lines, beside what the report says of months."""
    sheet = Sheet(book, "Sums", widths=(20, 40, 22, 22, 22))
    sheet.head(_("By"), _("Which"), _("Direct"), _("Energy, location"), _("Both"))

    def add(by: str, which: str, column: str, wanted: str) -> None:
        at = sheet.row_count + 1
        direct, energy = (
            _sum_of(last, (FIGURE, _quoted(figure)), (column, _quoted(wanted)))
            for figure in ("1", "2")
        )
        sheet.row(by, which, direct, energy, Formula(f"=C{at}+D{at}"))

    for one in statement["months"]:
        add(_("Month"), one["month"], MONTH, one["month"])
    for gas in _distinct(statement["lineage"], "gas"):
        add(_("Gas"), gas, GAS, gas)
    for source in _distinct((x for x in statement["lineage"] if x["figure"] != "2 MB"), "source"):
        add(_("Source"), source, SOURCE, source)


def _distinct(rows: Iterable[Mapping[str, Any]], name: str) -> list[str]:
    return sorted({str(row[name]) for row in rows})


def _lines(book: Workbook, lineage: Sequence[Mapping[str, Any]]) -> None:
    sheet = Sheet(book, LINES, widths=(10, 24, 12, 12, 22, 24, 60, 40, 66, 40, 66, 40))
    sheet.head(
        _("Figure"), _("Source"), _("Month"), _("Gas"), "tCO2e", _("Part"), _("Formula"),
        _("Activity"), _("Activity digest"), _("Factor"), _("Factor digest"), _("Claim"),
    )  # fmt: skip
    for one in lineage:
        told = (one.get(name, "") for name in LINE_WORDS)
        sheet.row(
            one["figure"], one["source"], one["month"], one["gas"], amount(one["tco2e"]), *told
        )


LINE_WORDS = ("part", "formula", "activity", "activity_digest", "factor", "factor_digest", "claim")


def _factors(book: Workbook, factors: Sequence[Mapping[str, Any]]) -> None:
    sheet = Sheet(book, "Factors", widths=(8, 40, 12, 22, 20, 60, 10, 14))
    sheet.head(
        "#", _("Factor"), _("Gas"), _("Value"), _("Unit"), _("Source"), _("Year"), _("Confidence")
    )
    for one in factors:
        sheet.row(
            one["number"], said(one["name"]), one["gas"], amount(one["value"]), one["unit"],
            said(one["source"]), one["validity"], one["confidence"],
        )  # fmt: skip
