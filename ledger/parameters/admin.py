"""Rule numbers and calendars, to look at: they change only by loading the seeds."""

from django.contrib import admin
from django.utils.formats import localize
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from unfold.decorators import display

from ledger.doors.admin import ReadOnlyAdmin, site
from ledger.parameters import models, rules

# The units of the rule book that are words; the others are symbols.
UNITS = {
    "day": pgettext_lazy("unit", "day"),
    "year": pgettext_lazy("unit", "year"),
    "decimal places": _("decimal places"),
    "share of obligation": _("share of obligation"),
    "share": _("share"),
    "working days": _("working days"),
    "years": _("years"),
    "share of generation": _("share of generation"),
    "share of consumption": _("share of consumption"),
    "of previous close": _("of previous close"),
    "× average price of the month before": _("× average price of the month before"),
    "years of the reduction": _("years of the reduction"),
    "transfers": _("transfers"),
    "trading days": _("trading days"),
    "t (must be below)": _("t (must be below)"),
    "share of total": _("share of total"),
    "share of base year per year": _("share of base year per year"),
    "rate": _("rate"),
    "months including the month of generation": _("months including the month of generation"),
    "last usable day": _("last usable day"),
    "half-width at 95 %, part of the value": _("half-width at 95 %, part of the value"),
    "grade": _("grade"),
    "days after the month": _("days after the month"),
    "day of commissioning": _("day of commissioning"),
}
BADGES = {"A": "success", "B": "info", "C": "warning"}


@admin.register(models.Parameter, site=site)
class ParameterAdmin(ReadOnlyAdmin):
    open_to_all = True
    list_display = (
        "key", "scope", "value_in_words", "unit_in_words", "valid_from", "valid_to", "trust",
        "legal_basis",
    )  # fmt: skip
    list_filter = ("confidence", "axis")
    search_fields = ("key", "scope", "legal_basis", "note")
    fields = (
        "key", "scope", "axis", "value_in_words", "unit_in_words", "valid_from", "valid_to",
        "legal_basis", "source", "trust", "approver", "note", "digest", "id",
    )  # fmt: skip
    readonly_fields = fields

    @display(description=_("value"))
    def value_in_words(self, row: models.Parameter) -> str:
        value = rules.read_value(row.value)
        return _yes_or_no(value) if isinstance(value, bool) else rules.in_words(value)

    @display(description=_("unit"), ordering="unit")
    def unit_in_words(self, row: models.Parameter) -> str:
        return str(UNITS.get(row.unit, row.unit))

    @display(description=_("confidence"), label=BADGES, ordering="confidence")
    def trust(self, row: models.Parameter) -> tuple[str, str]:
        return row.confidence, row.get_confidence_display()


def _yes_or_no(value: bool) -> str:
    return str(_("yes") if value else _("no"))


@admin.register(models.CalendarYear, site=site)
class CalendarYearAdmin(ReadOnlyAdmin):
    open_to_all = True
    list_display = ("calendar", "which_year", "days_off", "days_worked", "source")
    list_filter = ("calendar",)
    fields = ("calendar", "which_year", "days_off", "days_worked", "source", "digest")
    readonly_fields = fields

    @display(description=_("year"), ordering="year")
    def which_year(self, row: models.CalendarYear) -> str:
        return str(row.year)  # no thousands separator

    @display(description=_("days off"))
    def days_off(self, row: models.CalendarYear) -> str:
        return self._days(row, "OFF")

    @display(description=_("weekend days worked in exchange"))
    def days_worked(self, row: models.CalendarYear) -> str:
        return self._days(row, "WORKED")

    @staticmethod
    def _days(row: models.CalendarYear, kind: str) -> str:
        found = [day for day, what, _name in row.days if what == kind]
        return f"{localize(len(found))}: " + ", ".join(day[5:] for day in found)
