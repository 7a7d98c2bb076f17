"""Notices, who has read them, the mails that tell of them, and how people want those."""

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ledger.doors.tables import StatefulTable
from ledger.doors.wording import moment
from ledger.kernel.ids import new_id
from ledger.notices.states import TRANSITIONS, DeliveryState, Reason, Severity

MOVES = sorted((str(old), str(new)) for old, news in TRANSITIONS.items() for new in news)


class Notice(StatefulTable):
    """A fact that stands, for the holders of some roles at a party, until it is settled.

    `also` are the roles that escalation has added in `level` steps. `round` counts reminders: when
    it rises, the notice is unread again for everybody.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(_("kind"), max_length=60)
    key = models.CharField(max_length=200)
    party = models.ForeignKey(
        "ledger_parties.Party",
        verbose_name=_("party"),
        on_delete=models.PROTECT,
        related_name="+",
    )
    roles = ArrayField(models.CharField(max_length=20))
    also = ArrayField(models.CharField(max_length=20), default=list)
    users = ArrayField(models.UUIDField(), default=list)
    without = ArrayField(models.UUIDField(), default=list)
    params = models.JSONField(default=dict)
    subject = models.CharField(max_length=120, blank=True)
    severity = models.PositiveSmallIntegerField(_("severity"), choices=Severity)
    due_on = models.DateField(_("due on"), null=True)
    round = models.PositiveSmallIntegerField(_("reminders"), default=0)
    level = models.PositiveSmallIntegerField(_("escalation steps"), default=0)
    created_at = models.DateTimeField(_("first seen"))
    told_at = models.DateTimeField(_("last told"))
    settled_at = models.DateTimeField(_("settled at"), null=True)

    class Meta(StatefulTable.Meta):
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        constraints = [
            models.UniqueConstraint(
                name="notice_stands_once",
                fields=["kind", "party", "key"],
                condition=Q(settled_at=None),
            ),
        ]
        indexes = [
            models.Index(fields=["party", "-id"], name="notice_open", condition=Q(settled_at=None)),
            models.Index(fields=["party", "-id"], name="notice_by_party"),
        ]


class Reading(StatefulTable):
    """What one person did with a notice: up to which round she has read or dismissed it."""

    notice = models.ForeignKey(Notice, on_delete=models.PROTECT, related_name="readings")
    user_id = models.UUIDField()
    read_round = models.SmallIntegerField(null=True)
    dismissed_round = models.SmallIntegerField(null=True)
    snoozed_until = models.DateField(null=True)
    changed_at = models.DateTimeField()

    class Meta(StatefulTable.Meta):
        verbose_name = _("reading")
        verbose_name_plural = _("readings")
        constraints = [
            models.UniqueConstraint(fields=["notice", "user_id"], name="reading_once"),
        ]

    def is_done_with(self, round_: int) -> bool:
        """Whether she has read or dismissed this round."""
        return any(
            done is not None and done >= round_ for done in (self.read_round, self.dismissed_round)
        )


class Delivery(StatefulTable):
    """One round of one notice on its way to one person by mail. Several may share a mail."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    notice = models.ForeignKey(
        Notice, verbose_name=_("notice"), on_delete=models.PROTECT, related_name="deliveries"
    )
    user_id = models.UUIDField(_("recipient"))
    round = models.PositiveSmallIntegerField(_("reminders"))
    state = models.CharField(_("state"), max_length=11, choices=DeliveryState)
    reason = models.CharField(_("why"), max_length=12, choices=Reason, blank=True)
    error = models.CharField(_("error"), max_length=500, blank=True)
    attempt_count = models.PositiveSmallIntegerField(_("attempts"), default=0)
    mail_id = models.UUIDField(_("mail"), null=True)
    created_at = models.DateTimeField(_("created at"))
    next_try_at = models.DateTimeField(_("not before"))
    # when it was handed on last: to a worker, or to the mail server
    handed_at = models.DateTimeField(_("handed on at"), null=True)
    sent_at = models.DateTimeField(_("sent at"), null=True)

    class Meta(StatefulTable.Meta):
        verbose_name = _("delivery by mail")
        verbose_name_plural = _("deliveries by mail")
        constraints = [
            models.UniqueConstraint(
                fields=["notice", "user_id", "round"], name="delivery_once_each_round"
            ),
            models.CheckConstraint(
                name="delivery_sent_has_its_moment",
                condition=Q(state=DeliveryState.SENT, sent_at__isnull=False)
                | (~Q(state=DeliveryState.SENT) & Q(sent_at=None)),
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_try_at"],
                name="delivery_waiting",
                condition=Q(state=DeliveryState.WAITING),
            ),
            models.Index(
                fields=["handed_at"],
                name="delivery_under_way",
                condition=Q(state__in=[DeliveryState.QUEUED, DeliveryState.SENDING]),
            ),
            models.Index(fields=["mail_id"], name="delivery_by_mail"),
        ]
        triggers = [
            *StatefulTable.Meta.triggers,
            pgtrigger.FSM(name="moves_by_the_table", field="state", transitions=MOVES),
        ]

    def __str__(self) -> str:
        return f"{self.get_state_display()} {moment(self.created_at)}"


class Preferences(StatefulTable):
    """How one person wants her notices by mail. Every change is an event."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user_id = models.UUIDField(unique=True)
    modes = models.JSONField(default=dict)  # kind → MailMode
    digest_hour = models.PositiveSmallIntegerField()
    quiet_from = models.PositiveSmallIntegerField()
    quiet_to = models.PositiveSmallIntegerField()
    urgent_any_time = models.BooleanField()
    changed_at = models.DateTimeField()

    class Meta(StatefulTable.Meta):
        verbose_name = _("notice preferences")
        verbose_name_plural = _("notice preferences")
        constraints = [
            models.CheckConstraint(
                name="preferences_hours_are_on_the_clock",
                condition=Q(digest_hour__lte=23, quiet_from__lte=23, quiet_to__lte=23),
            ),
        ]
