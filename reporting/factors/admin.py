"""Factors and warming potentials, to look at: they change only by loading the seeds."""

from django.contrib import admin
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from ledger.doors.admin import ReadOnlyAdmin, site
from reporting.factors import models, queries, rules

BADGES = {"A": "success", "B": "info", "C": "warning"}


@admin.register(models.Factor, site=site)
class FactorAdmin(ReadOnlyAdmin):
    open_to_all = True
    list_display = (
        "what", "purpose", "place", "data_year", "amount", "unit", "published_on", "trust",
    )  # fmt: skip
    list_filter = ("purpose", "kind", "gas", "confidence", "dataset")
    search_fields = ("carrier", "name_zh", "name_en", "region", "legal_basis", "note")
    fields = (
        "what", "purpose", "kind", "carrier", "place", "gas", "amount", "unit", "data_year",
        "dataset", "rank", "published_on", "valid_from", "valid_to", "ncv_gj", "carbon_tc_per_gj",
        "oxidation", "legal_basis", "source", "trust", "note", "digest", "id",
    )  # fmt: skip
    readonly_fields = fields

    @display(description=_("factor"), ordering="carrier")
    def what(self, row: models.Factor) -> str:
        return row.name_zh if (get_language() or "").startswith("zh") else row.name_en

    @display(description=_("region"), ordering="region")
    def place(self, row: models.Factor) -> str:
        return row.region

    @display(description=_("year of the data"), ordering="factor_year")
    def data_year(self, row: models.Factor) -> str:
        return str(row.factor_year or "–")  # no thousands separator

    @display(description=_("value"), ordering="value")
    def amount(self, row: models.Factor) -> str:
        return str(rules.plain(row.value))

    @display(description=_("unit"))
    def unit(self, row: models.Factor) -> str:
        return queries.unit_of(row.numerator, row.gas, row.per)

    @display(description=_("confidence"), label=BADGES, ordering="confidence")
    def trust(self, row: models.Factor) -> tuple[str, str]:
        return row.confidence, row.get_confidence_display()


@admin.register(models.Gwp, site=site)
class GwpAdmin(ReadOnlyAdmin):
    open_to_all = True
    list_display = ("gas", "gwp_set", "amount", "trust", "source")
    list_filter = ("gwp_set", "confidence")
    search_fields = ("gas",)
    fields = ("gas", "gwp_set", "amount", "trust", "source", "digest")
    readonly_fields = fields

    @display(description=_("GWP-100"), ordering="value")
    def amount(self, row: models.Gwp) -> str:
        return str(rules.plain(row.value))

    @display(description=_("confidence"), label=BADGES, ordering="confidence")
    def trust(self, row: models.Gwp) -> tuple[str, str]:
        return row.confidence, row.get_confidence_display()


@admin.register(models.Blend, site=site)
class BlendAdmin(ReadOnlyAdmin):
    open_to_all = True
    list_display = ("blend", "gas", "share", "trust", "source")
    list_filter = ("confidence",)
    search_fields = ("blend", "gas")
    fields = ("blend", "gas", "share", "trust", "source", "digest")
    readonly_fields = fields

    @display(description=_("percent by mass"), ordering="mass_percent")
    def share(self, row: models.Blend) -> str:
        return str(rules.plain(row.mass_percent))

    @display(description=_("confidence"), label=BADGES, ordering="confidence")
    def trust(self, row: models.Blend) -> tuple[str, str]:
        return row.confidence, row.get_confidence_display()
