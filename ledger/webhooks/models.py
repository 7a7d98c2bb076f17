"""Addresses that are told, messages, and the log of their deliveries."""

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ledger.doors.tables import AppendOnlyTable, StatefulTable
from ledger.kernel.ids import new_id
from ledger.webhooks.states import TRANSITIONS, DeliveryState

MOVES = sorted((str(old), str(new)) for old, news in TRANSITIONS.items() for new in news)


class Endpoint(StatefulTable):
    """Where a party's machine listens, and for what; no kinds: for everything.

    The secret follows from a key of the key folder and `secret_round`; no table holds it.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    party_id = models.UUIDField(_("party"), db_index=True)
    url = models.CharField(_("address"), max_length=500)
    kinds = ArrayField(models.CharField(max_length=60), verbose_name=_("kinds"), default=list)
    secret_round = models.PositiveSmallIntegerField(default=1)
    key_name = models.CharField(max_length=30, default="", blank=True)
    # after a rotation messages carry the signature of the old secret, too, until then
    old_key_name = models.CharField(max_length=30, default="", blank=True)
    old_secret_until_at = models.DateTimeField(null=True)
    made_at = models.DateTimeField(_("made at"))
    made_by = models.UUIDField(_("made by"))
    ended_at = models.DateTimeField(_("ended at"), null=True)
    ended_by = models.UUIDField(_("ended by"), null=True)

    class Meta(StatefulTable.Meta):
        verbose_name = _("webhook")
        verbose_name_plural = _("webhooks")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="webhook_end_has_its_author",
                condition=Q(ended_at=None, ended_by=None)
                | Q(ended_at__isnull=False, ended_by__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.url


class Message(AppendOnlyTable):
    """What a party's machines are told; the facts are in the events of what happened."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    party_id = models.UUIDField(_("party"), db_index=True)
    kind = models.CharField(_("kind"), max_length=60)
    subject = models.CharField(max_length=120)
    data = models.JSONField(default=dict)
    told_at = models.DateTimeField(_("told at"))
    told_by = models.UUIDField(_("told by"))

    class Meta(AppendOnlyTable.Meta):
        verbose_name = _("message to machines")
        verbose_name_plural = _("messages to machines")
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.kind


class Delivery(StatefulTable):
    """A message on its way to one address."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    message = models.ForeignKey(Message, on_delete=models.PROTECT, related_name="deliveries")
    endpoint = models.ForeignKey(Endpoint, on_delete=models.PROTECT, related_name="deliveries")
    state = models.CharField(
        _("state"), max_length=7, choices=DeliveryState, default=DeliveryState.WAITING
    )
    attempt_count = models.PositiveSmallIntegerField(_("attempts"), default=0)
    next_try_at = models.DateTimeField(_("not before"))
    settled_at = models.DateTimeField(_("settled at"), null=True)

    class Meta(StatefulTable.Meta):
        verbose_name = _("delivery to a webhook")
        verbose_name_plural = _("deliveries to webhooks")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["message", "endpoint"], name="webhook_message_once_for_an_address"
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_try_at"], name="webhook_waiting", condition=Q(state="WAITING")
            ),
        ]
        triggers = [
            *StatefulTable.Meta.triggers,
            pgtrigger.FSM(name="webhook_moves_by_the_table", field="state", transitions=MOVES),
        ]


class Attempt(AppendOnlyTable):
    """One try: what the other side answered, or why there was no answer."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    delivery = models.ForeignKey(Delivery, on_delete=models.PROTECT, related_name="attempts")
    sent_at = models.DateTimeField(_("sent at"))
    status = models.PositiveSmallIntegerField(_("answer"), null=True)
    error = models.CharField(_("error"), max_length=200, blank=True)
    milliseconds = models.PositiveIntegerField(_("milliseconds"))

    class Meta(AppendOnlyTable.Meta):
        verbose_name = _("try of a delivery")
        verbose_name_plural = _("tries of deliveries")
        ordering = ["id"]
