"""A sheet of facts for the indicators: waste heat, solid waste, water, products and the rest."""

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from ledger.imports.filling import Column, Line
from ledger.kernel.measures import Measure
from ledger.kernel.quantities import NotANumber, exact
from reporting.indicators.models import FactKindChoice
from reporting.indicators.rules.facts import DIMENSION, PAIRS, CellMissing, CellNotANumber
from reporting.indicators.states import FactKind

COUNTED = [choice for choice in FactKindChoice.choices if choice[0] != FactKind.EXCLUSION]


def columns(kind: FactKind | None = None) -> list[Column]:
    """Of the template of one kind, or all that a file may have."""
    kinds = [one for one in COUNTED if kind is None or one[0] == kind]
    wanted = DIMENSION.get(kind) if kind else None
    units = [one.value for one in Measure if one.dimension is wanted]
    found = [
        Column("kind", _("what"), choices=kinds, is_needed=True),
        Column("name", pgettext_lazy("indicator", "Which")),
        Column("part", _("amount"), is_needed=True, is_number=True),
        Column("whole", _("of, or quota"), is_number=True),
        Column("unit", _("unit"), offers=units, is_needed=True),
        Column("evidence", _("evidence"), is_needed=True),
        Column("reason", _("reason")),
    ]
    single = kind is not None and kind not in PAIRS
    return [one for one in found if not (single and one.name == "whole")]


def told_by(line: Line) -> dict[str, Any]:
    """What `record_fact` is to be told.

    :raises CellMissing, CellNotANumber: named by the column
    """
    cells = line.cells
    for name in ("kind", "part", "unit"):
        if not cells[name]:
            raise CellMissing(name=name)
    return {
        "kind": FactKind(cells["kind"]),
        "name": cells.get("name", ""),
        "part": _number(cells["part"], "part"),
        "whole": _number(cells["whole"], "whole") if cells.get("whole") else None,
        "unit": cells["unit"],
        "evidence": cells["evidence"],
        "reason": cells.get("reason", ""),
    }


def _number(text: str, name: str) -> Decimal:
    try:
        return exact(text.replace(",", ""))
    except NotANumber:
        raise CellNotANumber(name=name, text=text) from None
