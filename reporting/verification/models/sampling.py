from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ledger.doors.tables import AppendOnlyTable, StatefulTable
from ledger.kernel.ids import new_id
from reporting.verification.models.engagements import Engagement
from reporting.verification.states import Outcome, SamplingMethod

# as an inventory keeps its emissions
DIGITS, PLACES = 60, 30


class MethodChoice(models.TextChoices):
    RANDOM = SamplingMethod.RANDOM, _("at random: every row has the same chance")
    WEIGHTED = SamplingMethod.WEIGHTED, _("by tonnes: every tCO2e has the same chance")


class OutcomeChoice(models.TextChoices):
    WAITING = Outcome.WAITING, _("Not looked at yet")
    AGREES = Outcome.AGREES, _("Agrees with the evidence")
    DIFFERS = Outcome.DIFFERS, _("Differs from the evidence")
    NO_EVIDENCE = Outcome.NO_EVIDENCE, _("No evidence")


class Sample(AppendOnlyTable):
    """A sample of the rows of a frozen inventory: how it was drawn, so that it can be again."""

    id = models.UUIDField(_("id"), primary_key=True, default=new_id, editable=False)
    engagement = models.ForeignKey(
        Engagement, models.PROTECT, related_name="samples", verbose_name=_("engagement")
    )
    frozen = models.ForeignKey(
        "reporting_inventories.FrozenInventory",
        models.PROTECT,
        related_name="+",
        verbose_name=_("frozen inventory"),
    )
    number = models.PositiveIntegerField(_("no."))
    method = models.CharField(_("method"), max_length=10, choices=MethodChoice)
    size = models.PositiveIntegerField(_("rows asked for"))
    seed = models.CharField(_("seed"), max_length=32)
    content_hash = models.CharField(_("content hash"), max_length=64)
    population_count = models.PositiveIntegerField(_("rows in the inventory"))
    population_tco2e = models.DecimalField(
        _("emissions drawn from (tCO2e)"), max_digits=DIGITS, decimal_places=PLACES
    )
    population_hash = models.CharField(_("hash of what was drawn from"), max_length=64)
    reason = models.TextField(_("why this sample"))
    drawn_at = models.DateTimeField(_("drawn at"))
    drawn_by = models.UUIDField(_("drawn by"))

    class Meta(AppendOnlyTable.Meta):
        verbose_name = _("sample")
        verbose_name_plural = _("samples")
        ordering = ["engagement", "number"]
        constraints = [
            models.UniqueConstraint(fields=["engagement", "number"], name="sample_number_once"),
            models.CheckConstraint(name="sample_draws_something", condition=Q(size__gt=0)),
        ]

    def __str__(self) -> str:
        return f"{self.number}. {self.get_method_display()}"


class SampleItem(StatefulTable):
    """One row of activity that was drawn, and what looking at its evidence showed."""

    id = models.UUIDField(_("id"), primary_key=True, default=new_id, editable=False)
    sample = models.ForeignKey(
        Sample, models.PROTECT, related_name="items", verbose_name=_("sample")
    )
    number = models.PositiveIntegerField(_("no."))
    activity_id = models.CharField(_("activity row"), max_length=80)
    source_code = models.CharField(_("source"), max_length=60)
    month = models.CharField(_("month"), max_length=10)
    emission_tco2e = models.DecimalField(
        _("emission (tCO2e)"), max_digits=DIGITS, decimal_places=PLACES
    )
    is_certain = models.BooleanField(_("drawn for certain"), default=False)
    outcome = models.CharField(_("outcome"), max_length=12, choices=OutcomeChoice)
    difference_tco2e = models.DecimalField(
        _("stated less right (tCO2e)"), max_digits=30, decimal_places=10, null=True
    )
    note = models.TextField(_("note"), blank=True)
    looked_at = models.DateTimeField(_("looked at"), null=True)
    looked_by = models.UUIDField(_("looked at by"), null=True)

    class Meta(StatefulTable.Meta):
        verbose_name = _("row of a sample")
        verbose_name_plural = _("rows of samples")
        ordering = ["sample", "number"]
        constraints = [
            models.UniqueConstraint(fields=["sample", "number"], name="sampleitem_number_once"),
            models.UniqueConstraint(fields=["sample", "activity_id"], name="sampleitem_row_once"),
            models.CheckConstraint(
                name="sampleitem_outcome_is_known",
                condition=Q(outcome__in=[outcome.value for outcome in Outcome]),
            ),
            models.CheckConstraint(
                name="sampleitem_looked_by_somebody",
                condition=Q(outcome=Outcome.WAITING, looked_at__isnull=True, looked_by__isnull=True)
                | (
                    ~Q(outcome=Outcome.WAITING)
                    & Q(looked_at__isnull=False, looked_by__isnull=False)
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number}. {self.source_code} {self.month[:7]}"
