"""Bought, sold and used units month by month."""

from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from finance.trades.queries.results import USED
from finance.trades.rules.book import Book, Cause
from ledger.doors.charts import Column, Part, stacked_columns
from ledger.kernel.periods import Period

LAST = 24  # months on a chart
BOUGHT, SOLD, USED_UP = "#058058", "#3b6fd4", "#e0a100"


def traded_by_month(book: Book, period: Period, scheme: str) -> dict[str, Any]:
    """Units of the period by month, of one instrument or all; each part says its figure."""
    months = [month.start for month in period.months()][-LAST:]
    found: dict[tuple[date, str], int] = {}
    for booking in book.bookings:
        flow = booking.flow
        name = _kind(flow.cause)
        if not name or flow.day not in period or (scheme and flow.pool[0] != scheme):
            continue
        key = (flow.day.replace(day=1), name)
        found[key] = found.get(key, 0) + flow.unit_count
    kinds = [("BOUGHT", _("bought"), BOUGHT), ("SOLD", _("sold"), SOLD),
             ("USED", _("used"), USED_UP)]  # fmt: skip
    columns = [
        Column(
            f"{max(month, period.start):%Y-%m}",
            tuple(
                Part(said, found.get((month.replace(day=1), code), 0), colour)
                for code, said, colour in kinds
            ),
        )
        for month in months
    ]
    title = _("Units bought, sold and used by month")
    return {
        "drawn": stacked_columns(columns, title=title) if found else "",
        "title": title,
        "legend": [(said, colour) for _code, said, colour in kinds],
        "columns": [(one.name, one.parts, one.amount) for one in columns],
    }


def _kind(cause: Cause) -> str:
    if cause in USED:
        return "USED"
    return cause.value if cause in {Cause.BOUGHT, Cause.SOLD} else ""
