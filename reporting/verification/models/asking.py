from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ledger.doors.tables import AppendOnlyTable, StatefulTable
from ledger.kernel.ids import new_id
from reporting.verification.models.engagements import Engagement
from reporting.verification.models.sampling import SampleItem
from reporting.verification.states import RequestState


class RequestStateChoice(models.TextChoices):
    OPEN = RequestState.OPEN, _("Waits for an answer")
    ANSWERED = RequestState.ANSWERED, _("Answered")
    CLOSED = RequestState.CLOSED, _("Closed")
    WITHDRAWN = RequestState.WITHDRAWN, _("Withdrawn")


class Request(StatefulTable):
    """The verifier asks for evidence or an explanation."""

    id = models.UUIDField(_("id"), primary_key=True, default=new_id, editable=False)
    engagement = models.ForeignKey(
        Engagement, models.PROTECT, related_name="requests", verbose_name=_("engagement")
    )
    item = models.ForeignKey(
        SampleItem,
        models.PROTECT,
        related_name="requests",
        null=True,
        blank=True,
        verbose_name=_("row of a sample"),
    )
    number = models.PositiveIntegerField(_("no."))
    text = models.TextField(_("what is asked for"))
    due_on = models.DateField(_("wanted by"), null=True, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=RequestStateChoice)
    asked_at = models.DateTimeField(_("asked at"))
    asked_by = models.UUIDField(_("asked by"))
    moved_at = models.DateTimeField(_("last move at"))
    moved_by = models.UUIDField(_("last move by"))

    class Meta(StatefulTable.Meta):
        verbose_name = _("request of a verifier")
        verbose_name_plural = _("requests of verifiers")
        ordering = ["engagement", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["engagement", "number"], name="verifierrequest_number_once"
            ),
            models.CheckConstraint(
                name="verifierrequest_state_is_known",
                condition=Q(state__in=[state.value for state in RequestState]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number}. {self.text[:40]}"


class Reply(AppendOnlyTable):
    """One turn of the talk about a request; `files` are (id, SHA-256) of what came with it."""

    id = models.UUIDField(_("id"), primary_key=True, default=new_id, editable=False)
    request = models.ForeignKey(
        Request, models.PROTECT, related_name="replies", verbose_name=_("request of a verifier")
    )
    party_id = models.UUIDField(_("party"))
    text = models.TextField(_("text"))
    files = models.JSONField(_("files"), default=list)
    said_at = models.DateTimeField(_("said at"))
    said_by = models.UUIDField(_("said by"))

    class Meta(AppendOnlyTable.Meta):
        verbose_name = _("answer to a request")
        verbose_name_plural = _("answers to requests")
        ordering = ["said_at", "id"]

    def __str__(self) -> str:
        return self.text[:40]
