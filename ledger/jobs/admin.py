"""The job page: progress, error, retry."""

from collections.abc import Mapping
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from ledger.doors.admin import ConfirmedAction, ReadOnlyAdmin, actor_of, site
from ledger.jobs import operations, queries
from ledger.jobs.models import Job
from ledger.jobs.states import TRANSITIONS, JobState
from ledger.kernel.actors import Actor
from ledger.kernel.transitions import allows, check_transition

COLOURS = {
    JobState.QUEUED: "info",
    JobState.RUNNING: "warning",
    JobState.DONE: "success",
    JobState.FAILED: "danger",
    JobState.CANCELLED: "",
}


class RetryJob(ConfirmedAction):
    name = "retry"
    title = gettext_lazy("Try again")
    operation = "jobs.retry_job"
    icon = "refresh"

    def is_offered(self, request: HttpRequest, obj: Job) -> bool:
        failed = obj.state in {JobState.FAILED, JobState.CANCELLED}
        return failed and allows(check_transition, TRANSITIONS, obj.state, JobState.QUEUED)

    def describe(self, request: HttpRequest, obj: Job, data: Mapping[str, Any]) -> list[str]:
        return [_("The job is queued again and starts from where it can go on.")]

    def perform(self, request: HttpRequest, obj: Job, data: Mapping[str, Any], key: str) -> str:
        operations.retry_job(job_id=obj.pk, by=actor_of(request), at=timezone.now())
        return _("The job is queued again.")


class CancelJob(ConfirmedAction):
    name = "cancel"
    title = gettext_lazy("Cancel the job")
    operation = "jobs.cancel_job"
    icon = "cancel"
    dangerous = True

    def is_offered(self, request: HttpRequest, obj: Job) -> bool:
        return allows(check_transition, TRANSITIONS, obj.state, JobState.CANCELLED)

    def describe(self, request: HttpRequest, obj: Job, data: Mapping[str, Any]) -> list[str]:
        return [_("The job stops at its next step. What it has finished stays.")]

    def perform(self, request: HttpRequest, obj: Job, data: Mapping[str, Any], key: str) -> str:
        operations.cancel_job(job_id=obj.pk, by=actor_of(request), at=timezone.now())
        return _("The job is cancelled.")


@admin.register(Job, site=site)
class JobAdmin(ReadOnlyAdmin):
    list_display = (
        "show_kind",
        "show_state",
        "show_progress",
        "show_note",
        "enqueued_at",
        "finished_at",
    )
    list_filter = ("state", "kind")
    search_fields = ("kind", "note", "subject")
    ordering = ("-enqueued_at",)
    fields = (
        "show_kind",
        "show_subject",
        "state",
        "show_progress",
        "show_note",
        "error",
        "show_result",
        "attempt_count",
        "enqueued_at",
        "alive_at",
        "finished_at",
    )
    confirmed_actions = (RetryJob, CancelJob)
    change_form_template = "ledger/jobs/job.html"

    def scope(self, queryset: QuerySet[Job], actor: Actor) -> QuerySet[Job]:
        return queryset.filter(party_id=actor.party_id)

    # The room that asks for a job marks its words for translation (N_).
    @display(description=gettext_lazy("kind"), ordering="kind")
    def show_kind(self, job: Job) -> str:
        return _(job.kind)

    @display(description=gettext_lazy("subject"))
    def show_subject(self, job: Job) -> str:
        return queries.told(job).subject or "–"

    @display(description=gettext_lazy("result"))
    def show_result(self, job: Job) -> str:
        return queries.told(job).sentence or "–"

    @display(description=gettext_lazy("note"))
    def show_note(self, job: Job) -> str:
        return _(job.note) if job.note else "–"

    @display(description=gettext_lazy("state"), label=COLOURS)
    def show_state(self, job: Job) -> tuple[str, str]:
        return job.state, job.get_state_display()

    @display(description=gettext_lazy("progress"))
    def show_progress(self, job: Job) -> str:
        return f"{job.done_count} / {job.total_count}" if job.total_count else "–"

    def object_context(self, request: HttpRequest, obj: Job | None) -> dict[str, Any]:
        if obj is None:
            return {}
        running = obj.state in {JobState.QUEUED, JobState.RUNNING}
        told = queries.told(obj, actor_of(request))
        return {"refresh_seconds": 2 if running else 0, "job": obj, "links": told.links}
