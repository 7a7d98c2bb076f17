"""The report itself: the same figures as everywhere, each with its tag."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from ledger.kernel.canonical import canonical_json
from reporting.documents.rendering.inline.concepts import GASES, MEASURES, concept_name, concepts
from reporting.documents.rendering.inline.taxonomy import NAMESPACE, SCHEMA
from reporting.documents.templatetags.document_words import figure, said, tonnes

CENT = Decimal("0.01")
FOLDER = "taxonomy"
USCC, OWN = "urn:cn:uscc", "urn:tanzhang:party"


@dataclass(frozen=True, slots=True)
class Tagged:
    """A figure or words with its concept; figures are rounded once, to two decimals."""

    concept: str
    label: str
    unit: str
    unit_ref: str
    value: str
    scale: int = 0


def statement_xhtml(statement: Mapping[str, Any], *, language: str) -> bytes:
    """The report in one language; it expects the taxonomy's files in a folder beside it."""
    with translation.override(language):
        context = _context(statement, "zh" if language == "zh-hans" else "en")
        page = render_to_string("reporting/documents/inline/report.html", context)
    return ('<?xml version="1.0" encoding="UTF-8"?>\n' + page).encode()


def _context(statement: Mapping[str, Any], language: str) -> dict[str, Any]:
    figures = list(_figures(statement, language))
    entity = statement["organization"]
    code = entity["credit_code"]
    start = date.fromisoformat(str(statement["period"]["start"])[:10])
    end = date.fromisoformat(str(statement["period"]["end"])[:10])
    return {
        "s": statement,
        "namespace": NAMESPACE,
        "schema": f"{FOLDER}/{SCHEMA}",
        "html_language": "zh-Hans" if language == "zh" else "en",
        "xml_language": language,
        "scheme": USCC if code else OWN,
        "identifier": code or entity["id"],
        "start": start.isoformat(),
        "last": (end - timedelta(days=1)).isoformat(),
        "units": sorted({(one.unit_ref, _measure(one.unit)) for one in figures}),
        "figures": figures,
        "words": list(_words(statement, language)),
        "source_hash": hashlib.sha256(canonical_json(dict(statement))).hexdigest(),
        "title": f"{said(statement['framework']['title'])} {statement['number']}",
        "status": _("Draft: not verified, not signed") if statement["is_draft"] else _("Final"),
    }


def _measure(unit: str) -> str:
    return MEASURES[unit][2]


def _figures(statement: Mapping[str, Any], language: str) -> Iterator[Tagged]:
    known = concepts()
    for name, unit, amount in _amounts(statement):
        shown = Decimal(amount).quantize(CENT, ROUND_HALF_UP)
        yield Tagged(
            concept=name,
            label=known[name].label[language],
            unit=unit,
            unit_ref=MEASURES[unit][1],
            value=tonnes(shown),
            scale=-2 if unit == "%" else 0,
        )


def _amounts(statement: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """(concept, unit, exact amount) of everything that has a concept with a unit."""
    known, totals = concepts(), statement["totals"]
    yield "TotalLocation", "tCO2e", totals["total_location_tco2e"]
    yield "TotalMarket", "tCO2e", totals["total_market_tco2e"]
    told = {one["key"] for one in statement.get("asked") or []} | set(ALWAYS)
    for key, fact in (statement.get("facts") or {}).items():
        name = concept_name(key)
        if key in told and fact["value"] is not None and known[name].unit:
            yield name, known[name].unit, fact["value"]
    for gas in GASES:
        rows = [x for x in statement["gases"] if x["category"] == "1" and x["family"] == gas]
        if rows:
            whole = sum((Decimal(x["tco2e"]) for x in rows), Decimal(0))
            yield f"Scope1{gas}", "tCO2e", str(whole)
    for row in (statement.get("facts") or {}).get("energy_total", {}).get("rows", []):
        if row["unit"] in {"GJ", "MWh"}:
            yield f"Energy{row['unit']}", row["unit"], row["value"]


ALWAYS = ("scope_1", "scope_2_location", "scope_2_market")  # what the totals are made of


def _words(statement: Mapping[str, Any], language: str) -> Iterator[Tagged]:
    """What is told in words or rows, as one text each."""
    known = concepts()
    for asked in statement.get("asked") or []:
        fact = statement["facts"][asked["key"]]
        name = concept_name(asked["key"])
        text = _text_of(fact)
        if text and not known[name].unit:
            yield Tagged(name, known[name].label[language], "", "", text)


def _text_of(fact: Mapping[str, Any]) -> str:
    parts = [
        " ".join(x for x in (said(row["name"]), _told(row), said(row["text"] or {})) if x)
        for row in fact["rows"]
    ]
    if fact["value"] is not None:
        parts.insert(0, f"{figure(fact['value'])} {fact['unit']}")
    parts += [said(fact[name]) for name in ("text", "remark") if fact[name]]
    return "; ".join(part for part in parts if part)


def _told(row: Mapping[str, Any]) -> str:
    return f"{figure(row['value'])} {row['unit']}".strip() if row["value"] else ""
