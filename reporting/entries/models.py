from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from ledger.doors.tables import KeptTable
from reporting.entries import states


class PartChoice(models.TextChoices):
    STATIONARY = states.Part.STATIONARY, _("stationary combustion")
    MOBILE = states.Part.MOBILE, _("mobile combustion")
    PROCESS = states.Part.PROCESS, _("industrial processes")
    FUGITIVE = states.Part.FUGITIVE, _("fugitive emissions")
    IMPORTED_HEAT = states.Part.IMPORTED_HEAT, _("imported heat")
    PURCHASED_GOODS = states.Part.PURCHASED_GOODS, _("1 purchased goods and services")
    CAPITAL_GOODS = states.Part.CAPITAL_GOODS, _("2 capital goods")
    FUEL_AND_ENERGY = states.Part.FUEL_AND_ENERGY, _("3 fuel- and energy-related activities")
    UPSTREAM_TRANSPORT = states.Part.UPSTREAM_TRANSPORT, _("4 upstream transport")
    WASTE = states.Part.WASTE, _("5 waste from operations")
    BUSINESS_TRAVEL = states.Part.BUSINESS_TRAVEL, _("6 business travel")
    COMMUTING = states.Part.COMMUTING, _("7 commuting")
    UPSTREAM_LEASED = states.Part.UPSTREAM_LEASED, _("8 upstream leased assets")
    DOWNSTREAM_TRANSPORT = states.Part.DOWNSTREAM_TRANSPORT, _("9 downstream transport")
    PROCESSING = states.Part.PROCESSING, _("10 processing of sold products")
    USE_OF_SOLD = states.Part.USE_OF_SOLD, _("11 use of sold products")
    END_OF_LIFE = states.Part.END_OF_LIFE, _("12 end of life of sold products")
    DOWNSTREAM_LEASED = states.Part.DOWNSTREAM_LEASED, _("13 downstream leased assets")
    FRANCHISES = states.Part.FRANCHISES, _("14 franchises")
    INVESTMENTS = states.Part.INVESTMENTS, _("15 investments")
    OTHER_INDIRECT = states.Part.OTHER_INDIRECT, _("other indirect emissions")
    REMOVALS = states.Part.REMOVALS, _("removals")


class MethodChoice(models.TextChoices):
    AVERAGE = states.Method.AVERAGE, _("average data")
    SPEND = states.Method.SPEND, _("spend")
    SUPPLIER = states.Method.SUPPLIER, _("told by the supplier")
    DISTANCE = states.Method.DISTANCE, _("distance")
    ASSET = states.Method.ASSET, _("share of an asset")
    FUEL = states.Method.FUEL, _("fuel by its heat value")
    GRID_LOSSES = states.Method.GRID_LOSSES, _("losses of the grid")
    REFRIGERANT_BALANCE = states.Method.REFRIGERANT_BALANCE, _("refrigerant, balance of mass")
    REFRIGERANT_SCREENING = states.Method.REFRIGERANT_SCREENING, _("refrigerant, screening")
    PRODUCT = states.Method.PRODUCT, _("output of a product")
    CLINKER = states.Method.CLINKER, _("clinker")
    ANODE_EFFECTS = states.Method.ANODE_EFFECTS, _("anode effects")
    CARBON_BALANCE = states.Method.CARBON_BALANCE, _("carbon balance")
    SHARED_PLANT = states.Method.SHARED_PLANT, _("heat of a plant that also makes power")


class QualityChoice(models.TextChoices):
    MEASURED = states.DataQuality.MEASURED, _("measured")
    TOLD = states.DataQuality.TOLD, _("told by others, on paper")
    AVERAGED = states.DataQuality.AVERAGED, _("an average")
    ESTIMATED = states.DataQuality.ESTIMATED, _("estimated")


class Entry(KeptTable):
    """Activity of a year that no meter reads. A correction is the next version."""

    park = models.ForeignKey("reporting_parks.Park", models.PROTECT, verbose_name=_("park"))
    party_id = models.UUIDField(_("operator"))
    year = models.PositiveSmallIntegerField(_("year"))
    code = models.CharField(_("code"), max_length=40)
    version = models.PositiveSmallIntegerField(_("version"))
    title = models.CharField(_("what it is"), max_length=200)
    part = models.CharField(_("stands in"), max_length=24, choices=PartChoice)
    method = models.CharField(_("method"), max_length=24, choices=MethodChoice)
    inputs = models.JSONField(_("what was told"))
    carrier = models.CharField(
        pgettext_lazy("of a factor", "thing of the factor"), max_length=40, blank=True
    )
    region = models.CharField(_("region of the factor"), max_length=12, blank=True)
    given = models.JSONField(_("factor that was given"), default=dict)
    tenant_code = models.CharField(_("tenant"), max_length=30, blank=True)
    supplier = models.CharField(_("supplier"), max_length=200, blank=True)
    evidence = models.CharField(_("evidence"), max_length=300)
    quality = models.CharField(_("quality"), max_length=10, choices=QualityChoice)
    is_withdrawn = models.BooleanField(_("withdrawn"), default=False)
    reason = models.CharField(_("reason of the correction"), max_length=500, blank=True)

    class Meta(KeptTable.Meta):
        verbose_name = _("calculated activity")
        verbose_name_plural = _("calculated activities")
        ordering = ["-year", "code", "-version"]
        constraints = [
            *KeptTable.Meta.constraints,
            models.UniqueConstraint(
                fields=["park", "year", "code", "version"], name="entry_one_per_version"
            ),
            models.CheckConstraint(
                name="entry_correction_has_a_reason", condition=Q(version=1) | ~Q(reason="")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.year} {self.code} {self.title}"
