import pgtrigger
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value
from django.utils.translation import gettext_lazy as _

from ledger.doors.tables import AppendOnlyTable, StatefulTable
from ledger.kernel.ids import new_id
from reporting.factors import states


class PurposeChoice(models.TextChoices):
    PARK_910 = states.Purpose.PARK_910, _("national zero-carbon park (910)")
    ETS = states.Purpose.ETS, _("carbon market sector report")
    CORPORATE = states.Purpose.CORPORATE, _("corporate inventory")
    PRODUCT = states.Purpose.PRODUCT, _("product footprint")


class KindChoice(models.TextChoices):
    EMISSION = states.FactorKind.EMISSION, _("emission")
    NCV = states.FactorKind.NCV, _("net calorific value")
    TCE = states.FactorKind.TCE, _("coal equivalent")


class ConfidenceChoice(models.TextChoices):
    A = "A", _("A: read in the text")
    B = "B", _("B: reported")
    C = "C", _("C: unverified")


class Factor(StatefulTable):
    """What one measure of activity emits or holds, for one purpose. Only its end may be added."""

    id = models.UUIDField(_("id"), primary_key=True, default=new_id, editable=False)
    purpose = models.CharField(_("purpose"), max_length=10, choices=PurposeChoice.choices)
    kind = models.CharField(_("kind"), max_length=10, choices=KindChoice.choices)
    carrier = models.CharField(_("carrier"), max_length=40)
    name_zh = models.CharField(_("name in Chinese"), max_length=100)
    name_en = models.CharField(_("name in English"), max_length=100)
    region = models.CharField(_("region"), max_length=12)
    gas = models.CharField(_("gas"), max_length=20, blank=True)
    value = models.DecimalField(_("value"), max_digits=30, decimal_places=15)
    numerator = models.CharField(_("measure"), max_length=12)
    per = models.CharField(_("per"), max_length=12)
    factor_year = models.PositiveSmallIntegerField(_("year of the data"), null=True, blank=True)
    dataset = models.CharField(_("data set"), max_length=20)
    rank = models.PositiveSmallIntegerField(_("order of choice"))
    valid_from = models.DateField(_("valid from"))
    valid_to = models.DateField(_("valid to (exclusive)"), null=True, blank=True)
    published_on = models.DateField(_("published on"), null=True, blank=True)
    confidence = models.CharField(_("confidence"), max_length=1, choices=ConfidenceChoice.choices)
    source = models.CharField(_("source"), max_length=200)
    legal_basis = models.CharField(_("legal basis"), max_length=300)
    ncv_gj = models.DecimalField(
        _("net calorific value (GJ)"), max_digits=30, decimal_places=15, null=True, blank=True
    )
    carbon_tc_per_gj = models.DecimalField(
        _("carbon content (tC/GJ)"), max_digits=30, decimal_places=15, null=True, blank=True
    )
    oxidation = models.DecimalField(
        _("oxidation"), max_digits=30, decimal_places=15, null=True, blank=True
    )
    note = models.TextField(_("note"), blank=True)
    digest = models.CharField(_("digest"), max_length=64)

    class Meta(StatefulTable.Meta):
        verbose_name = _("factor")
        verbose_name_plural = _("factors")
        ordering = ["purpose", "kind", "carrier", "region", "gas", "rank", "factor_year"]
        triggers = [
            *StatefulTable.Meta.triggers,
            pgtrigger.ReadOnly(name="only_the_end_changes", exclude=["valid_to", "digest"]),
            pgtrigger.Protect(
                name="the_end_is_set_once",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__valid_to__isnull=False),
            ),
        ]
        constraints = [
            models.CheckConstraint(
                name="factor_ends_after_it_starts",
                condition=Q(valid_to=None) | Q(valid_to__gt=F("valid_from")),
            ),
            ExclusionConstraint(
                name="factor_holds_alone_on_each_day",
                expressions=[
                    *[
                        (F(name), RangeOperators.EQUAL)
                        for name in ("purpose", "kind", "carrier", "region", "gas", "dataset")
                    ],
                    (Func(F("factor_year"), Value(0), function="coalesce"), RangeOperators.EQUAL),
                    (
                        Func(F("valid_from"), F("valid_to"), function="daterange"),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name_zh} {self.factor_year or ''}".strip()


class Gwp(AppendOnlyTable):
    """Warming potential over 100 years of one gas in one edition."""

    gwp_set = models.CharField(_("edition"), max_length=4)
    gas = models.CharField(_("gas"), max_length=30)
    value = models.DecimalField(_("GWP-100"), max_digits=12, decimal_places=4)
    confidence = models.CharField(_("confidence"), max_length=1, choices=ConfidenceChoice.choices)
    source = models.CharField(_("source"), max_length=200)
    digest = models.CharField(_("digest"), max_length=64)

    class Meta(AppendOnlyTable.Meta):
        verbose_name = _("global warming potential")
        verbose_name_plural = _("global warming potentials")
        ordering = ["gas", "gwp_set"]
        constraints = [
            models.UniqueConstraint(name="gwp_is_one_per_edition", fields=["gwp_set", "gas"]),
        ]

    def __str__(self) -> str:
        return f"{self.gas} {self.gwp_set}"


class Blend(AppendOnlyTable):
    """One component of a refrigerant."""

    blend = models.CharField(_("refrigerant"), max_length=20)
    gas = models.CharField(_("gas"), max_length=30)
    mass_percent = models.DecimalField(_("percent by mass"), max_digits=7, decimal_places=4)
    confidence = models.CharField(_("confidence"), max_length=1, choices=ConfidenceChoice.choices)
    source = models.CharField(_("source"), max_length=200)
    digest = models.CharField(_("digest"), max_length=64)

    class Meta(AppendOnlyTable.Meta):
        verbose_name = _("refrigerant component")
        verbose_name_plural = _("refrigerant components")
        ordering = ["blend", "gas"]
        constraints = [
            models.UniqueConstraint(name="blend_names_a_gas_once", fields=["blend", "gas"]),
        ]

    def __str__(self) -> str:
        return f"{self.blend} {self.gas}"
