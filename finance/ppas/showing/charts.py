"""Charts of energy: settled and missed by month, sides of a month, a meter's year and day."""

from collections.abc import Sequence

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from finance.ppas.models import MeterMonth, Settlement
from finance.ppas.queries.metering import DayProfile
from finance.ppas.rules.quantities import WH_PER_KWH, WH_PER_MWH
from finance.ppas.states import PartKind
from ledger.doors.charts import Column, Part, stacked_columns

GREEN, AMBER, BLUE, RED, VIOLET, GREY = (
    "#058058", "#e0a100", "#3b6fd4", "#dc2626", "#8b5cf6", "#6b7280",
)  # fmt: skip
COLOURS = {
    PartKind.ENERGY: BLUE, PartKind.ENVIRONMENT: GREEN, PartKind.TRANSMISSION: GREY,
    PartKind.LOSSES: VIOLET, PartKind.SYSTEM: AMBER, PartKind.FUNDS: RED,
    PartKind.SERVICE: "#0ea5b7",
}  # fmt: skip


def by_month(rows: Sequence[Settlement]) -> SafeString:
    """Settled, missed and beyond the contract, in MWh."""
    columns = [
        Column(
            f"{row.month:%Y-%m}",
            (
                Part(_("settled energy"), row.settled_wh // WH_PER_MWH, GREEN),
                Part(
                    _("shortfall"),
                    max(0, row.contracted_wh - row.delivered_wh) // WH_PER_MWH,
                    AMBER,
                ),
                Part(_("surplus"), row.surplus_wh // WH_PER_MWH, BLUE),
            ),
        )
        for row in sorted(rows, key=lambda one: one.month)
    ]
    return stacked_columns(columns, title=_("Settled, shortfall and surplus by month, MWh"))


def legend() -> list[tuple[str, str]]:
    return [(_("settled energy"), GREEN), (_("shortfall"), AMBER), (_("surplus"), BLUE)]


def parts_of(row: Settlement) -> tuple[SafeString, list[tuple[str, str]]]:
    """What the buyer pays for, in whole yuan."""
    sums: dict[str, int] = {}
    for line in row.lines.all():
        if line.kind in COLOURS:
            sums[line.kind] = sums.get(line.kind, 0) + int(line.amount_cny)
    columns = [
        Column(str(PartKind(kind).label), (Part(_("CNY"), amount, COLOURS[PartKind(kind)]),))
        for kind, amount in sums.items()
    ]
    chart = stacked_columns(columns, title=_("Price parts of the month, CNY"))
    return chart, [(str(PartKind(kind).label), COLOURS[PartKind(kind)]) for kind in sums]


def metered_months(rows: Sequence[MeterMonth]) -> SafeString:
    columns = [
        Column(f"{row.month:%Y-%m}", (Part(_("metered"), row.energy_wh // WH_PER_MWH, GREEN),))
        for row in sorted(rows, key=lambda one: one.month)
    ]
    return stacked_columns(columns, title=_("Metered by month, MWh"))


def typical_day(profile: DayProfile) -> SafeString:
    columns = [
        Column(f"{hour:02d}", (Part(_("mean of the hour"), energy // WH_PER_KWH, BLUE),))
        for hour, energy in enumerate(profile.hours_wh)
    ]
    return stacked_columns(columns, title=_("A typical day of the month, kWh"))
