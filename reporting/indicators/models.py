from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from ledger.doors.tables import KeptTable
from reporting.indicators import states


class FactKindChoice(models.TextChoices):
    SENT_POWER_GREEN = states.FactKind.SENT_POWER_GREEN, _("power sent out, non-fossil")
    SENT_POWER_FOSSIL = states.FactKind.SENT_POWER_FOSSIL, _("power sent out, fossil")
    SENT_HEAT_FOSSIL = states.FactKind.SENT_HEAT_FOSSIL, _("heat sent out, fossil")
    HEAT_FACTOR = states.FactKind.HEAT_FACTOR, _("measured factor of bought heat")
    TRANSFORMED_IN = states.FactKind.TRANSFORMED_IN, _("fuel put into a transformation")
    TRANSFORMED_OUT = states.FactKind.TRANSFORMED_OUT, _("fuel made by a transformation")
    PRODUCT_OUTPUT = states.FactKind.PRODUCT_OUTPUT, _("output with process emissions")
    PRODUCT_ENERGY = states.FactKind.PRODUCT_ENERGY, _("energy use of a product, and its quota")
    SOLID_WASTE = states.FactKind.SOLID_WASTE, _("solid waste used, of generated")
    WASTE_HEAT = states.FactKind.WASTE_HEAT, _("waste heat used, of available")
    WASTE_COLD = states.FactKind.WASTE_COLD, _("waste cold used, of available")
    WASTE_PRESSURE = states.FactKind.WASTE_PRESSURE, _("waste pressure used, of available")
    WATER = states.FactKind.WATER, _("water reused, of reused and fresh")
    BUNKERS = states.FactKind.BUNKERS, _("international bunkers (memo)")
    EXCLUSION = states.FactKind.EXCLUSION, _("indicator that does not fit, with the reason")


class IndicatorChoice(models.TextChoices):
    CORE = states.Indicator.CORE, _("carbon per unit of energy (core)")
    CLEAN_ENERGY = states.Indicator.CLEAN_ENERGY, _("clean energy share")
    PRODUCT_ENERGY = states.Indicator.PRODUCT_ENERGY, _("energy use of products against quota")
    SOLID_WASTE = states.Indicator.SOLID_WASTE, _("industrial solid waste used")
    WASTE_HEAT = states.Indicator.WASTE_HEAT, _("waste heat, cold and pressure used")
    WATER_REUSE = states.Indicator.WATER_REUSE, _("industrial water reused")
    DIRECT_SHARE = states.Indicator.DIRECT_SHARE, _("green power supplied directly")
    CERTIFICATE_SHARE = states.Indicator.CERTIFICATE_SHARE, _("green power by certificates")


class StatusChoice(models.TextChoices):
    MET = states.Status.MET, pgettext_lazy("of an indicator", "met")
    NOT_MET = states.Status.NOT_MET, _("not met")
    EXCLUDED = states.Status.EXCLUDED, _("left out, with a reason")
    NO_DATA = states.Status.NO_DATA, _("no data")
    NO_TIER = states.Status.NO_TIER, _("no national tier applies")
    SHOWN = states.Status.SHOWN, _("shown, without a threshold")


class PartChoice(models.TextChoices):
    FUEL = states.EmissionPart.FUEL, _("fuel burnt")
    TRANSFORMATION = states.EmissionPart.TRANSFORMATION, _("transformation of fuels")
    POWER = states.EmissionPart.POWER, _("net electricity received")
    HEAT = states.EmissionPart.HEAT, _("net heat received")
    PROCESS = states.EmissionPart.PROCESS, _("industrial processes")


class ParkFact(KeptTable):
    """Something of a park's year that no meter tells. A correction is the next version."""

    park = models.ForeignKey("reporting_parks.Park", models.PROTECT, verbose_name=_("park"))
    party_id = models.UUIDField(_("operator"))
    year = models.PositiveSmallIntegerField(_("year"))
    # None: of the whole park
    inner_park = models.CharField(  # noqa: DJ001
        _("park within the park"), max_length=200, null=True, blank=True
    )
    kind = models.CharField(_("what"), max_length=20, choices=FactKindChoice)
    name = models.CharField(_("which"), max_length=60)
    version = models.PositiveSmallIntegerField(_("version"))
    part = models.DecimalField(_("amount"), max_digits=30, decimal_places=12, null=True)
    whole = models.DecimalField(
        _("of, or quota"), max_digits=30, decimal_places=12, null=True, blank=True
    )
    unit = models.CharField(_("unit"), max_length=20, blank=True)
    evidence = models.CharField(_("evidence"), max_length=300, blank=True)
    reason = models.CharField(_("reason"), max_length=500, blank=True)

    class Meta(KeptTable.Meta):
        verbose_name = _("fact for the indicators")
        verbose_name_plural = _("facts for the indicators")
        ordering = ["-year", "kind", "name", "-version"]
        constraints = [
            *KeptTable.Meta.constraints,
            models.UniqueConstraint(
                fields=["park", "inner_park", "year", "kind", "name", "version"],
                name="park_fact_one_per_version",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                name="park_fact_not_negative",
                condition=(Q(part=None) | Q(part__gte=0)) & (Q(whole=None) | Q(whole__gte=0)),
            ),
            models.CheckConstraint(
                name="park_fact_part_within_whole",
                condition=Q(kind=states.FactKind.PRODUCT_ENERGY)
                | Q(part=None)
                | Q(whole=None)
                | Q(part__lte=F("whole")),
            ),
            models.CheckConstraint(
                name="park_fact_exclusion_has_a_reason",
                condition=~Q(kind=states.FactKind.EXCLUSION) | ~Q(reason=""),
            ),
        ]

    def __str__(self) -> str:
        whose = " · ".join(filter(None, (str(self.park), self.inner_park)))
        return f"{whose} {self.year} {self.get_kind_display()} {self.name}".strip()


class Assessment(KeptTable):
    """How a park stood by the national method in a year, with everything it was made of."""

    park = models.ForeignKey("reporting_parks.Park", models.PROTECT, verbose_name=_("park"))
    party_id = models.UUIDField(_("operator"))
    # None: of the whole park
    inner_park = models.CharField(  # noqa: DJ001
        _("park within the park"), max_length=200, null=True, blank=True
    )
    year = models.PositiveSmallIntegerField(_("year"))
    emission_tco2 = models.DecimalField(_("emissions (tCO2)"), max_digits=30, decimal_places=12)
    energy_tce = models.DecimalField(_("energy (tce)"), max_digits=30, decimal_places=12)
    intensity = models.DecimalField(_("tCO2 per tce"), max_digits=30, decimal_places=12)
    status = models.CharField(_("core indicator"), max_length=10, choices=StatusChoice)
    worked_out_on = models.DateField(_("with the factors of"))
    content = models.JSONField(_("content"))
    content_hash = models.CharField(_("content hash"), max_length=64)
    dataset_hash = models.CharField(_("dataset hash"), max_length=64)

    class Meta(KeptTable.Meta):
        verbose_name = _("assessment of a park")
        verbose_name_plural = _("assessments of parks")
        ordering = ["-year", "-recorded_at", "-id"]

    def __str__(self) -> str:
        return f"{self.whose} {self.year}"

    @property
    def whose(self) -> str:
        """The park, and the park within it if it is that one's."""
        return " · ".join(filter(None, (str(self.park), self.inner_park)))
