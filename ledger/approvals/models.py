import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from ledger.approvals.states import TRANSITIONS, ApprovalState
from ledger.doors.tables import AppendOnlyTable, StatefulTable
from ledger.doors.wording import day, moment
from ledger.kernel.ids import new_id

S = ApprovalState
BOUND = [
    "id",
    "operation",
    "party",
    "requested_party_id",
    "payload",
    "payload_digest",
    "state_digest",
    "summary",
    "requested_at",
    "requested_by",
    "requested_person",
    "requested_roles",
    "expires_at",
    "needed_count",
]


class Approval(StatefulTable):
    """Somebody asks to do something; somebody else lets it happen, or not."""

    class State(models.TextChoices):
        REQUESTED = S.REQUESTED.value, _("waiting")
        APPROVED = S.APPROVED.value, _("approved and done")
        REJECTED = S.REJECTED.value, _("rejected")
        WITHDRAWN = S.WITHDRAWN.value, _("withdrawn")
        EXPIRED = S.EXPIRED.value, _("expired")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    operation = models.CharField(_("operation"), max_length=80)
    # Whose approver decides; usually, but not always, the maker's own party.
    party = models.ForeignKey(
        "ledger_parties.Party",
        verbose_name=_("party"),
        on_delete=models.PROTECT,
        related_name="+",
    )
    requested_party_id = models.UUIDField(_("asked for by the party"), null=True)
    payload = models.JSONField(_("exact content"))
    payload_digest = models.BinaryField()
    state_digest = models.BinaryField()
    summary = models.JSONField(_("what will happen"))
    state = models.CharField(_("state"), max_length=10, choices=State, default=S.REQUESTED)
    requested_at = models.DateTimeField(_("asked for at"))
    requested_by = models.UUIDField(_("asked for by"))
    requested_person = models.UUIDField()
    requested_roles = ArrayField(models.CharField(max_length=20))
    expires_at = models.DateTimeField(_("expires at"))
    needed_count = models.PositiveSmallIntegerField(_("approvers needed"), default=1)
    decided_at = models.DateTimeField(_("decided at"), null=True)
    decided_by = models.UUIDField(_("decided by"), null=True)
    decided_person = models.UUIDField(null=True)
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    result = models.JSONField(_("result"), null=True)

    class Meta(StatefulTable.Meta):
        verbose_name = _("approval")
        verbose_name_plural = _("approvals")
        indexes = [
            models.Index(
                fields=["party", "requested_at"],
                name="approval_open_by_party",
                condition=Q(state=S.REQUESTED),
            ),
        ]
        constraints = [
            models.CheckConstraint(
                name="approval_decision_has_its_author",
                condition=Q(
                    state=S.REQUESTED, decided_at=None, decided_by=None, decided_person=None
                )
                | Q(
                    ~Q(state=S.REQUESTED),
                    decided_at__isnull=False,
                    decided_by__isnull=False,
                    decided_person__isnull=False,
                ),
            ),
            models.CheckConstraint(
                name="approval_checker_is_not_its_maker",
                condition=~Q(state__in=[S.APPROVED, S.REJECTED])
                | (~Q(decided_person=F("requested_person")) & ~Q(decided_by=F("requested_by"))),
            ),
        ]
        triggers = [
            *StatefulTable.Meta.triggers,
            pgtrigger.ReadOnly(name="bound_content_never_changes", fields=BOUND),
            pgtrigger.FSM(
                name="moves_by_the_table",
                field="state",
                transitions=[
                    (old, new) for old, news in TRANSITIONS.items() for new in sorted(news)
                ],
            ),
        ]

    def __str__(self) -> str:
        return str(self.summary[0]) if self.summary else self.operation


class Consent(AppendOnlyTable):
    """One of several approvers agrees; the last one's yes carries the operation out."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    approval = models.ForeignKey(
        Approval,
        verbose_name=_("approval"),
        on_delete=models.PROTECT,
        related_name="consents",
    )
    given_at = models.DateTimeField(_("agreed at"))
    given_by = models.UUIDField(_("agreed by"))
    given_person = models.UUIDField()
    reason = models.CharField(_("reason"), max_length=500, blank=True)

    class Meta(AppendOnlyTable.Meta):
        verbose_name = _("consent")
        verbose_name_plural = _("consents")
        constraints = [
            models.UniqueConstraint(fields=["approval", "given_person"], name="consent_once"),
        ]

    def __str__(self) -> str:
        return moment(self.given_at)


class Threshold(AppendOnlyTable):
    """From how many units a party's act needs how many approvers, from a day on.

    `tiers`: [[units from, approvers], …], the first from 0. An empty operation: every moving act
    without a line of its own. The newest line that is in force counts; none is ever changed.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    party = models.ForeignKey(
        "ledger_parties.Party",
        verbose_name=_("party"),
        on_delete=models.PROTECT,
        related_name="+",
    )
    operation = models.CharField(_("operation"), max_length=80, blank=True)
    tiers = models.JSONField(_("approvers from so many units"))
    valid_from = models.DateField(_("valid from"))
    reason = models.CharField(_("reason"), max_length=500)
    approval_id = models.UUIDField(_("approval"), null=True)
    set_at = models.DateTimeField(_("set at"))
    set_by = models.UUIDField(_("set by"))

    class Meta(AppendOnlyTable.Meta):
        verbose_name = _("approval threshold")
        verbose_name_plural = _("approval thresholds")
        indexes = [
            models.Index(fields=["party", "operation", "valid_from"], name="threshold_by_party")
        ]

    def __str__(self) -> str:
        return f"{self.operation} {day(self.valid_from)}".strip()
