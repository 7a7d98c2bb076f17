"""What is owed under an agreement over time, and what of one's units is one's own."""

from collections.abc import Sequence
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from finance.repos import queries
from finance.repos.models import Agreement
from finance.repos.states import HandoverKind
from ledger.doors.charts import Column, Part, figure
from ledger.instruments import queries as instruments

OWED, BACK, HELD, DUE = "#e0a100", "#058058", "#058058", "#3b6fd4"


def still_owed(agreement: Agreement) -> dict[str, Any] | None:
    """After each handover: what is back, and what is owed."""
    owed, back, columns = 0, 0, []
    for one in agreement.handovers.order_by("happened_on", "id"):
        owed += one.unit_count if one.kind == HandoverKind.START else -one.unit_count
        back += 0 if one.kind == HandoverKind.START else one.unit_count
        parts = (
            Part(pgettext("of units lent", "still owed"), owed, OWED),
            Part(pgettext("of units lent", "returned"), back, BACK),
        )
        columns.append(Column(date_format(one.happened_on), parts))
    if not columns:
        return None
    return figure(columns, title=_("Owed after each handover, units"), heading=_("day"))


def ours(found: Sequence[queries.Ownership]) -> dict[str, Any] | None:
    """Of each instrument that somebody owes: one's own in one's accounts, with others, and owed."""
    names = instruments.short_names()
    columns = [
        Column(
            f"{names.get(one.scheme, one.scheme)} {one.vintage_year}",
            (
                Part(_("held and ours"), max(0, one.held - one.owed), HELD),
                Part(_("due to us"), one.due, DUE),
                Part(_("held, and owed to others"), min(one.held, one.owed), OWED),
            ),
        )
        for one in found
        if one.due or one.owed
    ]
    if not columns:
        return None
    title = _("Held and ours, where something is owed")
    return figure(columns, title=title, heading=_("instrument"))
