"""The compliance gap over time, drawn: what was owed, handed in, and within reach."""

from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from ledger.compliance import queries
from ledger.compliance.models import Obligation
from ledger.doors.charts import Column, Level, Part, figure

SURRENDERED, OFFSET, FREE, CREDITS, MISSING = "#3b6fd4", "#0ea5b7", "#058058", "#8bc34a", "#dc2626"
OWED, CAP = "currentColor", "#e0a100"


def gap_chart(obligation: Obligation, on: date) -> dict[str, Any]:
    """A column for each month: handed in, then what is free for it, then what is missing."""
    told = queries.gap_over_time(obligation, on=on)
    return figure(
        [_column(one) for one in told],
        title=_("Obligation and cover at the end of each month, t"),
        heading=_("month"),
        levels=[
            Level(_("owed"), tuple(one.owed_t for one in told), OWED),
            Level(_("offsets at most"), tuple(one.cap_t for one in told), CAP),
        ],
    )


def _column(one: queries.MonthEnd) -> Column:
    """Free units beyond what is owed are no cover: only as many as are needed are drawn."""
    left = max(0, (one.owed_t or 0) - one.allowances_t - one.offsets_t)
    spent = min(one.usable_offsets, left)
    return Column(
        one.name,
        (
            Part(_("allowances surrendered"), one.allowances_t, SURRENDERED),
            Part(_("offsets surrendered"), one.offsets_t, OFFSET),
            Part(_("free offsets that may be used"), spent, CREDITS),
            Part(_("free allowances that may be used"),
                 min(one.free_allowances, left - spent), FREE),
            Part(_("to be acquired"), one.missing_t, MISSING),
        ),
    )  # fmt: skip
