from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from ledger.doors.tables import AppendOnlyTable, StatefulTable
from ledger.kernel.ids import new_id
from reporting.verification.states import (
    AssuranceLevel,
    EngagementState,
    FindingKind,
    FindingState,
    OpinionKind,
)


class EngagementStateChoice(models.TextChoices):
    PLANNED = EngagementState.PLANNED, _("Planned")
    ACTIVE = EngagementState.ACTIVE, _("In progress")
    CONCLUDED = EngagementState.CONCLUDED, _("Concluded")
    WITHDRAWN = EngagementState.WITHDRAWN, _("Withdrawn")


class LevelChoice(models.TextChoices):
    LIMITED = AssuranceLevel.LIMITED, _("limited assurance")
    REASONABLE = AssuranceLevel.REASONABLE, _("reasonable assurance")


class FindingStateChoice(models.TextChoices):
    OPEN = FindingState.OPEN, _("Open")
    ANSWERED = FindingState.ANSWERED, _("Answered")
    CLOSED = FindingState.CLOSED, _("Closed")


class FindingKindChoice(models.TextChoices):
    MISSTATEMENT = FindingKind.MISSTATEMENT, _("misstatement")
    NONCONFORMITY = FindingKind.NONCONFORMITY, _("nonconformity")


class OpinionKindChoice(models.TextChoices):
    UNMODIFIED = OpinionKind.UNMODIFIED, _("unmodified")
    MODIFIED = OpinionKind.MODIFIED, _("modified")
    ADVERSE = OpinionKind.ADVERSE, _("adverse")
    DISCLAIMED = OpinionKind.DISCLAIMED, _("disclaimed")


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
        return f"{self.park} {self.period_start}–{self.period_end}"


class Finding(StatefulTable):
    """Something the verifier found: a misstatement with its effect, or a nonconformity."""

    id = models.UUIDField(_("id"), primary_key=True, default=new_id, editable=False)
    engagement = models.ForeignKey(
        Engagement, models.PROTECT, related_name="findings", verbose_name=_("engagement")
    )
    number = models.PositiveIntegerField(_("no."))
    kind = models.CharField(_("kind"), max_length=16, choices=FindingKindChoice)
    text = models.TextField(_("what was found"))
    effect_tco2e = models.DecimalField(
        _("effect (tCO2e)"), max_digits=30, decimal_places=10, null=True, blank=True
    )
    state = models.CharField(_("state"), max_length=10, choices=FindingStateChoice)
    answer = models.TextField(_("answer"), blank=True)
    is_corrected = models.BooleanField(_("corrected"), default=False)
    conclusion = models.TextField(_("conclusion"), blank=True)
    raised_at = models.DateTimeField(_("raised at"))
    raised_by = models.UUIDField(_("raised by"))
    answered_at = models.DateTimeField(_("answered at"), null=True)
    answered_by = models.UUIDField(_("answered by"), null=True)
    closed_at = models.DateTimeField(_("closed at"), null=True)
    closed_by = models.UUIDField(_("closed by"), null=True)

    class Meta(StatefulTable.Meta):
        verbose_name = _("finding")
        verbose_name_plural = _("findings")
        ordering = ["engagement", "number"]
        constraints = [
            models.UniqueConstraint(fields=["engagement", "number"], name="finding_number_once"),
            models.CheckConstraint(
                name="finding_state_is_known",
                condition=Q(state__in=[state.value for state in FindingState]),
            ),
            models.CheckConstraint(
                name="finding_answered_by_somebody",
                condition=Q(answered_at__isnull=True, answered_by__isnull=True)
                | Q(answered_at__isnull=False, answered_by__isnull=False),
            ),
            models.CheckConstraint(
                name="finding_closed_by_somebody",
                condition=Q(closed_at__isnull=True, closed_by__isnull=True)
                | Q(closed_at__isnull=False, closed_by__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number}. {self.text[:40]}"


class Opinion(AppendOnlyTable):
    """The verifier's word on one frozen inventory and its dataset: bound to one hash."""

    id = models.UUIDField(_("id"), primary_key=True, default=new_id, editable=False)
    engagement = models.OneToOneField(
        Engagement, models.PROTECT, related_name="opinion", verbose_name=_("engagement")
    )
    frozen = models.ForeignKey(
        "reporting_inventories.FrozenInventory",
        models.PROTECT,
        related_name="+",
        verbose_name=_("frozen inventory"),
    )
    kind = models.CharField(_("opinion"), max_length=12, choices=OpinionKindChoice)
    content_hash = models.CharField(_("content hash"), max_length=64)
    dataset_hash = models.CharField(_("dataset hash"), max_length=64)
    bound_hash = models.CharField(_("hash the opinion binds to"), max_length=64)
    threshold_tco2e = models.DecimalField(
        _("materiality threshold (tCO2e)"), max_digits=40, decimal_places=15
    )
    misstatement_tco2e = models.DecimalField(
        _("uncorrected misstatement (tCO2e)"), max_digits=40, decimal_places=15
    )
    text = models.TextField(_("text of the opinion"))
    given_at = models.DateTimeField(_("given at"))
    given_by = models.UUIDField(_("given by"))

    class Meta(AppendOnlyTable.Meta):
        verbose_name = _("verification opinion")
        verbose_name_plural = _("verification opinions")
        ordering = ["-given_at"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.bound_hash[:12]}"
