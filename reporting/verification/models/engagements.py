from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from ledger.doors.tables import AppendOnlyTable, StatefulTable
from ledger.doors.wording import period
from ledger.kernel.ids import new_id
from reporting.verification.states import AssuranceLevel, EngagementState


class EngagementStateChoice(models.TextChoices):
    PLANNED = EngagementState.PLANNED, _("Planned")
    ACTIVE = EngagementState.ACTIVE, _("In progress")
    CONCLUDED = EngagementState.CONCLUDED, _("Concluded")
    WITHDRAWN = EngagementState.WITHDRAWN, _("Withdrawn")


class LevelChoice(models.TextChoices):
    LIMITED = AssuranceLevel.LIMITED, _("limited assurance")
    REASONABLE = AssuranceLevel.REASONABLE, _("reasonable assurance")
    PROCEDURES = AssuranceLevel.PROCEDURES, _("agreed-upon procedures, no opinion")


class Engagement(StatefulTable):
    """A verifier's assignment for a park and a period."""

    id = models.UUIDField(_("id"), primary_key=True, default=new_id, editable=False)
    park = models.ForeignKey("reporting_parks.Park", models.PROTECT, verbose_name=_("park"))
    party_id = models.UUIDField(_("operator"))
    verifier = models.ForeignKey(
        "ledger_parties.Party", models.PROTECT, related_name="+", verbose_name=_("verifier")
    )
    period_start = models.DateField(_("period from"))
    period_end = models.DateField(_("period to (exclusive)"))
    accreditation = models.CharField(
        _("accreditation of the verification body"), max_length=200, blank=True
    )
    criteria = models.CharField(_("criteria"), max_length=200)
    level = models.CharField(_("level of assurance"), max_length=12, choices=LevelChoice)
    scope = models.TextField(pgettext_lazy("verification", "scope"))
    materiality = models.DecimalField(_("materiality"), max_digits=7, decimal_places=6)
    parameter_id = models.UUIDField(_("parameter row"))
    team = models.JSONField(_("team (user ids)"), default=list)
    state = models.CharField(_("state"), max_length=12, choices=EngagementStateChoice)
    independence = models.TextField(_("declaration of independence"), blank=True)
    declared_at = models.DateTimeField(_("declared at"), null=True)
    declared_by = models.UUIDField(_("declared by"), null=True)
    opened_at = models.DateTimeField(_("opened at"))
    opened_by = models.UUIDField(_("opened by"))

    class Meta(StatefulTable.Meta):
        verbose_name = _("verification engagement")
        verbose_name_plural = _("verification engagements")
        ordering = ["-opened_at"]
        constraints = [
            models.CheckConstraint(
                name="engagement_ends_after_start", condition=Q(period_end__gt=F("period_start"))
            ),
            models.CheckConstraint(
                name="engagement_verifier_is_not_operator", condition=~Q(verifier=F("party_id"))
            ),
            models.CheckConstraint(
                name="engagement_state_is_known",
                condition=Q(state__in=[state.value for state in EngagementState]),
            ),
            models.CheckConstraint(
                name="engagement_materiality_is_part_of_one",
                condition=Q(materiality__gt=0, materiality__lte=1),
            ),
            models.CheckConstraint(
                name="engagement_declared_by_somebody",
                condition=Q(declared_at__isnull=True, declared_by__isnull=True)
                | Q(declared_at__isnull=False, declared_by__isnull=False),
            ),
            models.CheckConstraint(
                name="engagement_works_only_independent",
                condition=Q(state__in=[EngagementState.PLANNED, EngagementState.WITHDRAWN])
                | Q(declared_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.park} {period(self.period_start, self.period_end)}"


class Declaration(AppendOnlyTable):
    """A further member of the team declares her own independence; the first is the engagement's."""

    id = models.UUIDField(_("id"), primary_key=True, default=new_id, editable=False)
    engagement = models.ForeignKey(
        Engagement, models.PROTECT, related_name="declarations", verbose_name=_("engagement")
    )
    statement = models.TextField(_("declaration of independence"))
    declared_at = models.DateTimeField(_("declared at"))
    declared_by = models.UUIDField(_("declared by"))

    class Meta(AppendOnlyTable.Meta):
        verbose_name = _("declaration of independence")
        verbose_name_plural = _("declarations of independence")
        ordering = ["declared_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["engagement", "declared_by"], name="declaration_once_per_person"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.engagement} {self.declared_at:%Y-%m-%d}"
