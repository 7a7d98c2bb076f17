from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from ledger.doors.tables import StatefulTable
from ledger.doors.wording import in_language
from ledger.kernel.ids import new_id
from reporting.targets import states


class KindChoice(models.TextChoices):
    ABSOLUTE = states.TargetKind.ABSOLUTE, _("absolute contraction")
    INTENSITY = states.TargetKind.INTENSITY, _("intensity")
    PEAK = states.TargetKind.PEAK, _("peak year")


class CoverageChoice(models.TextChoices):
    SCOPE_1 = states.Coverage.SCOPE_1, _("Scope 1")
    SCOPES_1_2_LOCATION = states.Coverage.SCOPES_1_2_LOCATION, _("Scopes 1 and 2, location-based")
    SCOPES_1_2_MARKET = states.Coverage.SCOPES_1_2_MARKET, _("Scopes 1 and 2, market-based")
    ALL_MARKET = states.Coverage.ALL_MARKET, _("Scopes 1, 2 (market-based) and 3")
    PARK_910 = states.Coverage.PARK_910, _("CO2 of the national park method")


class StateChoice(models.TextChoices):
    ACTIVE = states.TargetState.ACTIVE, _("active")
    WITHDRAWN = states.TargetState.WITHDRAWN, _("withdrawn")


class StandingChoice(models.TextChoices):
    ON_TRACK = states.Standing.ON_TRACK, _("on track")
    OFF_TRACK = states.Standing.OFF_TRACK, _("off track")
    BROKEN = states.Standing.BROKEN, _("broken by a later year")
    NO_DATA = states.Standing.NO_DATA, _("no data yet")


class ReasonChoice(models.TextChoices):
    ACTIVITY = states.Reason.ACTIVITY, _("more or less activity")
    FACTOR = states.Reason.FACTOR, _("other emission factors")
    INSTRUMENT = states.Reason.INSTRUMENT, _("green power claimed")
    STRUCTURE = states.Reason.STRUCTURE, _("sources that came or went")


class Target(StatefulTable):
    """A promise to reduce: from a base, by stages; or a year after which nothing is higher."""

    id = models.UUIDField(_("id"), primary_key=True, default=new_id, editable=False)
    park = models.ForeignKey("reporting_parks.Park", models.PROTECT, verbose_name=_("park"))
    party_id = models.UUIDField(_("operator"))
    name_zh = models.CharField(_("name in Chinese"), max_length=120)
    name_en = models.CharField(_("name in English"), max_length=120, blank=True)
    kind = models.CharField(_("kind"), max_length=10, choices=KindChoice)
    coverage = models.CharField(_("covers"), max_length=20, choices=CoverageChoice)
    base_year = models.PositiveSmallIntegerField(_("base year"))
    base = models.DecimalField(_("base"), max_digits=30, decimal_places=12, null=True)
    per = models.CharField(_("per (name of the denominator)"), max_length=80, blank=True)
    # [{"year": 2030, "cut": "0.42"}]: parts of the base that are gone by the end of each year
    stages = models.JSONField(_("stages"), default=list)
    standard = models.CharField(_("standard and version"), max_length=120, blank=True)
    validation_id = models.CharField(_("validation id"), max_length=60, blank=True)
    evidence = models.CharField(_("evidence"), max_length=300)
    state = models.CharField(_("state"), max_length=10, choices=StateChoice)
    recorded_at = models.DateTimeField(_("recorded at"))
    recorded_by = models.UUIDField(_("recorded by"))
    moved_at = models.DateTimeField(_("last move at"))
    moved_by = models.UUIDField(_("last move by"))
    idempotency_key = models.CharField(max_length=250)

    class Meta(StatefulTable.Meta):
        verbose_name = _("target")
        verbose_name_plural = _("targets")
        ordering = ["base_year", "name_zh", "id"]
        constraints = [
            models.UniqueConstraint(fields=["idempotency_key"], name="target_key_once"),
            models.CheckConstraint(
                name="target_state_is_known",
                condition=Q(state__in=[state.value for state in states.TargetState]),
            ),
            models.CheckConstraint(
                name="target_has_a_base",
                condition=Q(kind=states.TargetKind.PEAK) | Q(base__gt=0),
            ),
            models.CheckConstraint(
                name="target_intensity_has_a_denominator",
                condition=~Q(kind=states.TargetKind.INTENSITY) | ~Q(per=""),
            ),
            models.CheckConstraint(
                name="target_moved_not_before_recorded",
                condition=Q(moved_at__gte=F("recorded_at")),
            ),
        ]

    def __str__(self) -> str:
        return in_language(self.name_zh, self.name_en)
