from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ledger.doors.tables import StatefulTable
from ledger.kernel.ids import new_id
from reporting.verification.models.engagements import Engagement
from reporting.verification.states import FindingKind, FindingState


class FindingStateChoice(models.TextChoices):
    OPEN = FindingState.OPEN, _("Open")
    ANSWERED = FindingState.ANSWERED, _("Answered")
    CLOSED = FindingState.CLOSED, _("Closed")
    WITHDRAWN = FindingState.WITHDRAWN, _("Withdrawn")


class FindingKindChoice(models.TextChoices):
    MISSTATEMENT = FindingKind.MISSTATEMENT, _("misstatement")
    NONCONFORMITY = FindingKind.NONCONFORMITY, _("nonconformity")


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
