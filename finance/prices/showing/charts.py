"""The value of holdings by instrument, and prices over time."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from finance.prices import queries
from finance.prices.models import Mark
from finance.prices.queries import ValuedLine
from ledger.doors.charts import Column, Part, stacked_columns
from ledger.doors.lines import Line, line_chart

COUNTS, OFF = "#058058", "#cbd5e1"
COLOURS = ("#058058", "#3b6fd4", "#e0a100", "#8b5cf6", "#0ea5b7", "#dc2626", "#6b7280", "#b45309")


def by_instrument(
    lines: Sequence[ValuedLine], *, currency: str, names: Mapping[str, str]
) -> SafeString | str:
    """A column for each instrument: what counts, and above it what is taken off."""
    counted: dict[str, list[Decimal]] = {}
    for line in lines:
        if line.market_value is None or line.value is None:
            continue
        sums = counted.setdefault(line.scheme, [Decimal(0), Decimal(0)])
        sums[0] += line.value.amount
        sums[1] += line.market_value.amount - line.value.amount
    columns = [
        Column(
            names.get(scheme, scheme),
            (Part(_("counts"), int(value), COUNTS), Part(_("taken off"), int(off), OFF)),
        )
        for scheme, (value, off) in sorted(counted.items())
    ]
    if not columns:
        return ""
    title = _("Value by instrument, %(currency)s") % {"currency": currency}
    return stacked_columns(columns, title=title)


def legend() -> list[tuple[str, str]]:
    return [(_("counts"), COUNTS), (_("taken off by use or haircut"), OFF)]


def prices(scheme: str, *, first: date, last: date) -> dict[str, Any]:
    """A line for each vintage of an instrument, with its legend and the figures."""
    keys = queries.priced_keys([scheme])[-len(COLOURS) :]
    found: list[tuple[str, str, list[Mark]]] = []
    for colour, (_scheme, vintage) in zip(COLOURS, keys, strict=False):
        rows = queries.history(scheme, vintage, first=first, last=last)
        if rows:
            found.append((str(vintage or _("any vintage")), colour, rows))
    lines = [
        Line(name, colour, tuple((row.marked_on, row.price) for row in rows))
        for name, colour, rows in found
    ]
    return {
        "drawn": line_chart(lines, title=_("Price history of %(what)s") % {"what": scheme}),
        "legend": [(name, colour) for name, colour, _rows in found],
        "rows": sorted(
            (row for _name, _colour, rows in found for row in rows),
            key=lambda row: (row.marked_on, row.vintage_year or 0),
            reverse=True,
        ),
    }
