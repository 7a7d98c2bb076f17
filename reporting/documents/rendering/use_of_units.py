"""The statement of a use of units: a page with its data inside, of the statement alone."""

import hashlib
from collections.abc import Mapping
from typing import Any

from django.template.loader import render_to_string
from django.utils import translation
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from ledger.kernel.canonical import canonical_json


def use_html(statement: Mapping[str, Any], *, language: str) -> str:
    """The document before it is set in pages."""
    with translation.override(language):
        return render_to_string(
            "reporting/documents/use/statement.html",
            {
                "s": statement,
                "html_language": "zh-Hans" if language == "zh-hans" else "en",
                "title": _titles()[statement["kind"]],
                "rows": [(name, text) for name, text in _rows(statement, language) if text],
                "source_hash": hashlib.sha256(canonical_json(dict(statement))).hexdigest(),
            },
        )


def _titles() -> Mapping[str, str]:
    return {
        "CLAIM": _("Statement of certificates written off"),
        "REDEMPTION": _("Redemption statement"),
        "RETIRED": _("Retirement statement"),
    }


def _rows(told: Mapping[str, Any], language: str) -> list[tuple[str, str]]:
    runs = [f"{space} {first}–{last}" for space, first, last in told["serials"]]
    amount = f"{number_format(told['unit_count'], use_l10n=True)} {told['measure']}"
    return [
        (_("Number"), told["number"]),
        (_("Beneficiary"), told["beneficiary"]),
        (_("Purpose"), told["purpose"]),
        (_("Period of use"), " – ".join(told["period"])),
        (_("Country"), told["country"]),
        (_("Instrument"), f"{told['scheme']['code']} · {told['scheme'][language]}"),
        (_("Quantity"), amount),
        (_("Lot"), told["lot"]),
        (_("Vintage"), str(told["vintage_year"])),
        (_("Plant"), told["plant"]),
        (_("Generated"), " – ".join(told["generated"])),
        (_("Serial numbers"), "; ".join(runs)),
        (_("Used on"), told["used_on"]),
        (_("Entry in the ledger"), told["entry"]),
        (_("Approval"), told["approval"]),
        (_("Blocks lifted by two persons"), "; ".join(map(_lifted, told.get("lifted", [])))),
    ]


def _lifted(one: Mapping[str, Any]) -> str:
    """As an attestation says it, with the account."""
    return f"{one['account']}, {one['valid_from']} – {one['expires_on']}: {one['reason']}"
