"""The greenhouse gas report: what the template needs, and the page it makes."""

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from ledger.kernel.canonical import canonical_json
from reporting.documents.rendering import charts, disclosures
from reporting.documents.templatetags.document_words import exact, said, tonnes

# Longer tables cost minutes to set; the embedded statement always has every row.
LONGEST_TABLE = 400
FIRST_ROWS = 100  # of a longer lineage; enough to see what the lines below them say
# What follows them is set as plain lines, which cost a tenth; and the end of it all.
MOST_LINES, BLOCK = 20_000, 180
# how many digits fit on a line of a wide page, in the print of these lines
LINE_ROOM, MOST_ABREAST, WIDE = 232, 3, re.compile("[\u2e80-\uffff]")
CHAPTERS_THAT_MAY_LACK = (
    "base_year", "recalculation", "exclusions", "verification", "method_changes",
    "uncertainty_impact", "uncertainty_result",
)  # fmt: skip
NOTHING_SAID = {"zh": "没有说明。", "en": "Nothing is stated."}
FAMILIES = ("CO2", "CH4", "N2O", "HFCs", "PFCs", "SF6", "NF3")


def report_html(statement: Mapping[str, Any], *, language: str) -> str:
    with translation.override(language):
        return render_to_string(
            "reporting/documents/report/report.html", _context(statement, language)
        )


def _context(statement: Mapping[str, Any], language: str) -> dict[str, Any]:
    source_hash = hashlib.sha256(canonical_json(dict(statement))).hexdigest()
    sources, factors = list(statement["sources"]), list(statement["factors"])
    lineage = list(statement["lineage"])
    tabled = LONGEST_TABLE if len(lineage) <= LONGEST_TABLE else FIRST_ROWS
    return {
        "s": statement,
        "language": language,
        "html_language": "zh-Hans" if language == "zh-hans" else "en",
        "source_hash": source_hash,
        "document_number": document_number(statement, language),
        "qr": charts.as_address(charts.qr_code(_verify_address(statement, source_hash))),
        "watermark": charts.as_address(charts.watermark(_("DRAFT")))
        if statement["is_draft"]
        else "",
        "gas_rows": _gas_rows(statement["gases"]),
        "charts": _charts(statement),
        "sources": sources[:LONGEST_TABLE],
        "sources_left": max(len(sources) - LONGEST_TABLE, 0),
        "factors": factors[:LONGEST_TABLE],
        "factors_left": max(len(factors) - LONGEST_TABLE, 0),
        "lineage": lineage[:tabled],
        "lineage_blocks": list(_blocks(lineage[tabled:MOST_LINES])),
        "lineage_left": max(len(lineage) - MOST_LINES, 0),
        "contents": _contents_by_obligation(statement["contents"]),
        "explained": _explained(statement),
        **disclosures.chapters(statement),
        **_words(statement),
    }


def _explained(statement: Mapping[str, Any]) -> dict[str, Mapping[str, str]]:
    """What a chapter says where it has nothing: the framework's words, then the common ones."""
    lacking = [one for one in statement["contents"] if one["state"] != "PRESENT"]
    own = {one["key"]: one["explanation"] for one in lacking}
    common = statement.get("explained") or {}
    found: dict[str, Mapping[str, str]] = dict.fromkeys(CHAPTERS_THAT_MAY_LACK, NOTHING_SAID)
    for words in (common, own):
        found |= {key: text for key, text in words.items() if any(text.values())}
    return found


def _blocks(rows: Sequence[Mapping[str, Any]]) -> Iterator[tuple[int, str]]:
    """Rows as lines of text, and how many stand abreast; read across.

    A line costs the same whatever is in it: the fewer, the sooner the document is set.
    """
    for start in range(0, len(rows), BLOCK):
        told = [_plain_line(row) for row in rows[start : start + BLOCK]]
        abreast = max(min(LINE_ROOM // max(map(_room_of, told)), MOST_ABREAST), 1)
        lines = ("\t".join(told[at : at + abreast]) for at in range(0, len(told), abreast))
        yield abreast, "\n".join(lines)


def _room_of(line: str) -> int:
    """In widths of a digit; a Chinese character takes two."""
    return len(line) + len(WIDE.findall(line)) + 2


def _plain_line(row: Mapping[str, Any]) -> str:
    digests = [str(row[name] or "")[:16] for name in ("activity_digest", "factor_digest")]
    parts = (row["figure"], row["source"], row["month"], row["gas"], tonnes(row["tco2e"]))
    return " · ".join(str(part) for part in (*parts, *digests, row["claim"]) if part)


def _words(statement: Mapping[str, Any]) -> dict[str, Any]:
    """Fixed words of the document's language."""
    titles = _titles(statement)
    verification = statement.get("verification") or {}
    return {
        "title": {key.replace("-", "_"): text for key, text in titles.items()},
        "chapters": list(titles.items()),
        "draft_mark": _("DRAFT - not verified"),
        "demonstration_mark": _("DEMONSTRATION DATA"),
        "page_words": _("Page {page} of {pages}").replace("{pages}", "{page}").split("{page}"),
        "consolidation": _of(_consolidations(), statement["boundary"]["consolidation"]),
        "level": _of(_levels(), str(verification.get("level", ""))),
        "opinion": _of(_opinions(), str(verification.get("opinion", ""))),
    }


def _of(names: Mapping[str, str], key: str) -> str:
    return names.get(key, key)


def _titles(statement: Mapping[str, Any]) -> dict[str, str]:
    """The chapters; those that only later statements have are left out of earlier ones."""
    titles = _all_titles()
    told = {"disclosures": "facts", "comparison": "comparison", "words": "facts"}
    return {key: text for key, text in titles.items() if told.get(key, "totals") in statement}


def _all_titles() -> dict[str, str]:
    return {
        "summary": _("Summary"),
        "disclosures": _("Disclosures asked for"),
        "comparison": _("Comparison with last year"),
        "organization": _("Organization and period"),
        "boundaries": _("Boundaries"),
        "direct": _("Direct emissions and removals"),
        "indirect": _("Indirect emissions"),
        "sources": _("Emissions by tenant and source"),
        "methods": _("Quantification approaches"),
        "factors": _("Factors and global warming potentials"),
        "base-year": _("Base year"),
        "uncertainty": _("Uncertainty"),
        "verification": _("Verification"),
        "conformity": _("Statement of conformity"),
        "instruments": _("Contractual instruments and offsets"),
        "words": _("In the operator's words"),
        "further": _("Index of contents"),
        "lineage": _("Where every figure comes from"),
        "check": _("How to check this document"),
    }


def _consolidations() -> dict[str, str]:
    return {
        "OPERATIONAL_CONTROL": _("operational control"),
        "FINANCIAL_CONTROL": _("financial control"),
        "EQUITY_SHARE": _("equity share"),
    }


def _levels() -> dict[str, str]:
    return {"REASONABLE": _("reasonable assurance"), "LIMITED": _("limited assurance")}


def _opinions() -> dict[str, str]:
    return {
        "UNMODIFIED": _("unmodified"),
        "MODIFIED": _("modified"),
        "ADVERSE": _("adverse"),
        "DISCLAIMED": _("disclaimed"),
    }


def document_number(statement: Mapping[str, Any], language: str) -> str:
    """The number printed on every page: the statement's, with the language."""
    return f"{statement['number']}-{'ZH' if language == 'zh-hans' else 'EN'}"


def _verify_address(statement: Mapping[str, Any], source_hash: str) -> str:
    # The hash stands behind '#': a browser never sends it, so no log collects it.
    base = settings.VERIFY_ADDRESS
    return f"{base}/d/{statement['number']}#s={source_hash}"


def _gas_rows(gases: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """One row per family of gases: direct, location-based, market-based."""
    rows = []
    for family in (*FAMILIES, *sorted({g["family"] for g in gases} - set(FAMILIES))):
        own = [gas for gas in gases if gas["family"] == family]
        rows.append(
            {
                "family": family,
                "direct": _sum(own, "1", None),
                "location": _sum(own, "2", "LOCATION"),
                "market": _sum(own, "2", "MARKET"),
                "parts": sorted({g["gas"] for g in own} - {family}),
            }
        )
    return rows


def _sum(gases: Sequence[Mapping[str, Any]], category: str, basis: str | None) -> Decimal | None:
    found = [
        Decimal(gas["tco2e"])
        for gas in gases
        if gas["category"] == category and basis in (None, gas["basis"])
    ]
    return sum(found, Decimal(0)) if found else None


def _contents_by_obligation(
    contents: Sequence[Mapping[str, Any]],
) -> list[tuple[str, list[Mapping[str, Any]]]]:
    titles = {
        "REQUIRED": _("Required contents"),
        "CONDITIONAL": _("Contents asked for where they apply"),
        "RECOMMENDED": _("Recommended contents"),
        "OPTIONAL": _("Optional contents, kept apart"),
    }
    found = [
        (title, [point for point in contents if point["obligation"] == obligation])
        for obligation, title in titles.items()
    ]
    return [(title, points) for title, points in found if points]


def _charts(statement: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    made = {
        "category": _by_category(statement["totals"]),
        "gas": _by_gas(statement["gases"]),
        "month": _by_month(statement["months"]),
        "energy": _by_energy(statement["energy"]),
    }
    return {name: chart for name, chart in made.items() if chart}


def _picture(bars: Sequence[charts.Bar], unit: str) -> dict[str, str]:
    """A chart and its words: what a reader who cannot see it is told."""
    if not bars:
        return {}
    words = "; ".join(f"{bar.name}: {bar.figure} {unit}" for bar in bars)
    return {"image": charts.as_address(charts.lying_bars(bars)), "alt": words}


def _by_category(totals: Mapping[str, Any]) -> dict[str, str]:
    named = (
        (_("Direct"), "direct_tco2e"),
        (_("Energy, location"), "energy_location_tco2e"),
        (_("Energy, market"), "energy_market_tco2e"),
    )
    bars = [
        charts.Bar(name, (Decimal(totals[key]),), tonnes(totals[key]))
        for name, key in named
        if totals.get(key) is not None
    ]
    return _picture(bars, "tCO2e")


def _by_gas(gases: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    rows = [(row["family"], row["direct"]) for row in _gas_rows(gases) if row["direct"]]
    bars = [charts.Bar(family, (amount,), tonnes(amount)) for family, amount in rows]
    return _picture(bars, "tCO2e")


def _by_month(months: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    bars = [
        charts.Bar(
            str(int(month["month"][5:7])),
            (Decimal(month["direct_tco2e"]), Decimal(month["location_tco2e"])),
            tonnes(Decimal(month["direct_tco2e"]) + Decimal(month["location_tco2e"])),
        )
        for month in months
    ]
    if not bars:
        return {}
    steps = charts.round_steps(max(sum(bar.parts, Decimal(0)) for bar in bars))
    image = charts.standing_bars(bars, [(step, exact(step)) for step in steps])
    words = "; ".join(f"{bar.name}: {bar.figure}" for bar in bars)
    return {"image": charts.as_address(image), "alt": words}


def _by_energy(energy: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    bars = [
        charts.Bar(said(part["name"]), (Decimal(part["mwh"]),), exact(part["mwh"]))
        for part in energy
        if Decimal(part["mwh"]) > 0
    ]
    return _picture(bars, "MWh")
