import pgtrigger
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from ledger.doors.tables import AppendOnlyTable, StatefulTable
from ledger.kernel.ids import new_id
from ledger.parameters import states


class AxisChoice(models.TextChoices):
    DAY = states.Axis.DAY, _("day")
    ACCOUNTING_YEAR = states.Axis.ACCOUNTING_YEAR, _("accounting year")
    OBLIGATION_YEAR = states.Axis.OBLIGATION_YEAR, _("obligation year")
    GENERATION_MONTH = states.Axis.GENERATION_MONTH, _("month of generation")


class ConfidenceChoice(models.TextChoices):
    A = states.Confidence.A, _("A: read in the text")
    B = states.Confidence.B, _("B: reported")
    C = states.Confidence.C, _("C: unverified")


class Parameter(StatefulTable):
    """A rule number for a time. Only its end may be added, once; a change is a new row."""

    id = models.UUIDField(_("id"), primary_key=True, default=new_id, editable=False)
    key = models.CharField(pgettext_lazy("parameter", "key"), max_length=80)
    axis = models.CharField(_("dated by"), max_length=20, choices=AxisChoice.choices)
    scope = models.CharField(pgettext_lazy("parameter", "scope"), max_length=80, blank=True)
    value = models.JSONField(_("value"))
    unit = models.CharField(_("unit"), max_length=60, blank=True)
    valid_from = models.DateField(_("valid from"))
    valid_to = models.DateField(_("valid to (exclusive)"), null=True, blank=True)
    legal_basis = models.CharField(_("legal basis"), max_length=300)
    source = models.CharField(_("source"), max_length=200)
    confidence = models.CharField(_("confidence"), max_length=1, choices=ConfidenceChoice.choices)
    approver = models.CharField(_("approved by"), max_length=100)
    note = models.TextField(_("note"), blank=True)
    digest = models.CharField(_("digest"), max_length=64)

    class Meta(StatefulTable.Meta):
        verbose_name = _("rule number")
        verbose_name_plural = _("rule numbers")
        ordering = ["key", "scope", "valid_from"]
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
                name="parameter_ends_after_it_starts",
                condition=Q(valid_to=None) | Q(valid_to__gt=F("valid_from")),
            ),
            ExclusionConstraint(
                name="parameter_holds_alone_on_each_day",
                expressions=[
                    (F("key"), RangeOperators.EQUAL),
                    (F("scope"), RangeOperators.EQUAL),
                    (
                        Func(F("valid_from"), F("valid_to"), function="daterange"),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key} {self.scope}".strip()


class CalendarYear(AppendOnlyTable):
    """The days of one year that differ from the ordinary week."""

    calendar = models.CharField(_("calendar"), max_length=20)
    year = models.PositiveSmallIntegerField(_("year"))
    days = models.JSONField(_("days off and days worked in exchange"))
    source = models.CharField(_("source"), max_length=200)
    confidence = models.CharField(_("confidence"), max_length=1, choices=ConfidenceChoice.choices)
    digest = models.CharField(_("digest"), max_length=64)

    class Meta(AppendOnlyTable.Meta):
        verbose_name = _("calendar year")
        verbose_name_plural = _("calendar years")
        ordering = ["calendar", "year"]
        constraints = [
            models.UniqueConstraint(
                name="calendar_year_is_loaded_once", fields=["calendar", "year"]
            ),
        ]

    def __str__(self) -> str:
        return f"{self.calendar} {self.year}"
