"""The settlement statement of a green power contract, for both sides."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _
from weasyprint import HTML, Attachment

from finance.ppas import states
from ledger.kernel.canonical import canonical_json
from reporting.documents.rendering.finishing import finish
from reporting.documents.rendering.fonts import font_configuration

TEMPLATE = "reporting/documents/settlement/settlement.html"


def settlement_html(content: Mapping[str, Any], *, language: str) -> str:
    with translation.override(language):
        return render_to_string(TEMPLATE, _context(content, language))


def settlement_pdf(content: Mapping[str, Any], *, language: str) -> bytes:
    """PDF/A-3a with the statement inside; the same statement, the same bytes."""
    source = canonical_json(dict(content))
    settled_at = datetime.fromisoformat(str(content["settled_at"]))
    attachment = Attachment(
        string=source,
        name="settlement.json",
        description="The settlement statement from which every figure was taken",
        relationship="Source",
        created=settled_at,
        modified=settled_at,
    )
    html = HTML(string=settlement_html(content, language=language), encoding="utf-8")
    pdf = html.write_pdf(
        font_config=font_configuration(),
        pdf_variant="pdf/a-3a",
        pdf_identifier=hashlib.sha256(source + language.encode()).digest()[:16],
        attachments=[attachment],
        finisher=finish,
    )
    assert isinstance(pdf, bytes)  # noqa: S101  without a target it returns the file
    return pdf


def _context(content: Mapping[str, Any], language: str) -> dict[str, Any]:
    contract, energy = content["contract"], content["energy_mwh"]
    short = max(Decimal(0), Decimal(energy["contracted"]) - Decimal(energy["delivered"]))
    return {
        "s": content,
        "language": language,
        "html_language": "zh-Hans" if language == "zh-hans" else "en",
        "settled_at_second": str(content["settled_at"])[:19] + "+00:00",
        "title": _("Settlement statement of green power"),
        "statement": states.StatementKind(content["kind"]).label,
        "kind": states.ContractKind(contract["kind"]).label,
        "rule": states.QuantityRule(contract["quantity_rule"]).label,
        "is_demonstration": settings.MODE == "demo",
        "demonstration_mark": _("DEMONSTRATION DATA"),
        "preliminary_mark": _("PRELIMINARY - nothing is owed by it")
        if content["kind"] == states.StatementKind.PRELIMINARY
        else "",
        "page_words": _("Page {page} of {pages}").replace("{pages}", "{page}").split("{page}"),
        "ratio": _ratio(energy),
        "shortfall_mwh": f"{short.normalize():f}",
        "quantities": _quantities(energy, short),
        "lines": [_line(line) for line in content["lines"]],
        "payments": _payments(content["payments_cny"]),
        "meters": [
            {**meter, "side": states.Side(meter["side"]).label,
             "share": Decimal(meter["share_bps"]) / 10_000}
            for meter in content["meters"]
        ],
    }  # fmt: skip


def _ratio(energy: Mapping[str, str]) -> Decimal | None:
    contracted = Decimal(energy["contracted"])
    return Decimal(energy["delivered"]) / contracted if contracted else None


def _quantities(energy: Mapping[str, str], short: Decimal) -> list[tuple[str, str]]:
    told = [
        (_("Contracted"), energy["contracted"]),
        (_("Generated, the contract's share"), energy["generated"]),
        (_("Consumed"), energy["consumed"]),
        (_("Delivered"), energy["delivered"]),
        (_("Settled"), energy["settled"]),
        (_("Shortfall"), f"{short.normalize():f}"),
        (_("Shortfall of the generator"), energy["seller_short"]),
        (_("Shortfall of the user"), energy["buyer_short"]),
        (_("Surplus"), energy["surplus"]),
    ]
    if Decimal(energy["make_good"]):
        told.append((_("To be made good in certificates"), energy["make_good"]))
    return told


def _line(line: Mapping[str, Any]) -> dict[str, Any]:
    names = {
        "SHORTFALL_SELLER": _("Shortfall of the generator"),
        "SHORTFALL_BUYER": _("Shortfall of the user"),
        "SURPLUS": _("Surplus"),
    }
    kind = str(line["kind"])
    name = names[kind] if kind in names else str(states.PartKind(kind).label)
    hours = f" · {states.Tariff(line['tariff']).label}" if line["tariff"] else ""
    return {
        **line,
        "name": f"{name}{hours}",
        "payer": states.Role(line["payer"]).label,
        "payee": states.Role(line["payee"]).label,
    }


def _payments(paid: Mapping[str, str]) -> list[tuple[str, str]]:
    return [
        (_("The buyer pays"), paid["buyer_pays"]),
        (_("The seller gets"), paid["seller_gets"]),
        (_("The grid company gets"), paid["grid_gets"]),
        (_("The treasury gets"), paid["treasury_gets"]),
    ]
