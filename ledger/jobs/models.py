from django.db import models
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ledger.doors.tables import StatefulTable
from ledger.doors.wording import moment
from ledger.jobs.states import JobState
from ledger.kernel.ids import new_id


class Job(StatefulTable):
    """Work that somebody asked for and that runs later, with its progress and its error."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(_("kind"), max_length=60)
    task = models.CharField(_("task"), max_length=120)
    args = models.JSONField(_("arguments"), default=dict)
    subject = models.CharField(_("subject"), max_length=120, blank=True)
    # asking twice for the same thing gives the same job
    key = models.CharField(_("natural key"), max_length=200, null=True, unique=True)  # noqa: DJ001
    party_id = models.UUIDField(_("party"), null=True)
    state = models.CharField(_("state"), max_length=10, choices=JobState, default=JobState.QUEUED)
    done_count = models.IntegerField(_("steps done"), default=0)
    total_count = models.IntegerField(_("steps in all"), default=0)
    note = models.CharField(_("note"), max_length=200, blank=True)
    error = models.TextField(_("error"), blank=True)
    result = models.JSONField(_("result"), default=dict)
    attempt_count = models.IntegerField(_("attempts"), default=0)
    enqueued_at = models.DateTimeField(_("enqueued at"))
    enqueued_by = models.UUIDField(_("enqueued by"))
    # the worker that holds the job now, and when it last gave a sign of life
    lease = models.UUIDField(null=True)
    alive_at = models.DateTimeField(_("last sign of life"), null=True)
    finished_at = models.DateTimeField(_("finished at"), null=True)

    class Meta(StatefulTable.Meta):
        verbose_name = _("job")
        verbose_name_plural = _("jobs")
        indexes = [
            models.Index(
                fields=["alive_at"], name="job_running", condition=Q(state=JobState.RUNNING)
            ),
            models.Index(fields=["party_id", "-enqueued_at"], name="job_by_party"),
        ]
        constraints = [
            models.CheckConstraint(
                name="job_running_has_a_lease",
                condition=Q(state=JobState.RUNNING, lease__isnull=False)
                | ~Q(state=JobState.RUNNING),
            ),
            models.CheckConstraint(
                name="job_state_is_known", condition=Q(state__in=JobState.values)
            ),
        ]

    def __str__(self) -> str:
        return f"{gettext(self.kind)} {moment(self.enqueued_at)}"


class OutboxMessage(StatefulTable):
    """A message to the queue, written with the change that causes it, sent after the commit."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    task = models.CharField(max_length=120)
    args = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    attempt_count = models.IntegerField(default=0)
    next_try_at = models.DateTimeField()

    class Meta(StatefulTable.Meta):
        verbose_name = _("outbox message")
        verbose_name_plural = _("outbox messages")
        indexes = [
            models.Index(
                fields=["next_try_at"], name="outbox_unsent", condition=Q(sent_at__isnull=True)
            )
        ]
