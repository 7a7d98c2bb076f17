"""A contract day by day, and how much of each year's gap is hedged."""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from itertools import accumulate
from typing import Any

from django.utils.translation import gettext as _

from finance.hedges import queries
from finance.hedges.models import Contract
from ledger.doors.charts import Column, Part
from ledger.doors.charts import figure as columns_figure
from ledger.doors.lines import Line, figure

PRICE, AGREED, GAINED, OPEN = "#058058", "#6b7280", "#3b6fd4", "#cbd5e1"


def day_by_day(contract: Contract) -> list[dict[str, Any]]:
    """The settlement prices beside what was agreed, and all variation up to each day."""
    days = queries.newest_settlements(contract)
    if len(days) < 2:
        return []
    agreed = _("strike") if contract.is_option else _("agreed price")
    prices = (
        Line(_("settlement price"), PRICE, tuple((one.settled_on, one.price) for one in days)),
        Line(agreed, AGREED, tuple((one.settled_on, contract.price) for one in days)),
    )
    sums = accumulate(one.variation for one in days)
    gained = tuple((one.settled_on, total) for one, total in zip(days, sums, strict=True))
    about = {"currency": contract.currency}
    return [
        figure(prices, title=_("Prices, %(currency)s") % about, heading=_("day")),
        figure(
            [Line(_("variation so far"), GAINED, gained)],
            title=_("Variation so far, %(currency)s") % about,
            heading=_("day"),
        ),
    ]


def hedged(found: Sequence[queries.Hedged]) -> dict[str, Any] | None:
    """A column for each obligation year: what is hedged of it, and what is not."""
    columns = [_column(one) for one in found if one.exposure]
    if not columns:
        return None
    return columns_figure(
        columns, title=_("What is missing, and hedged of it, t"), heading=_("obligation year")
    )


def _column(one: queries.Hedged) -> Column:
    within = min(max(one.hedged, Decimal(0)), Decimal(one.exposure))
    count = int(within.to_integral_value(ROUND_HALF_UP))
    parts = (Part(_("hedged"), count, PRICE), Part(_("not hedged"), one.exposure - count, OPEN))
    return Column(str(one.year), parts)
