from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from ledger.doors.admin import Choices, ConfirmedAction, ReadOnlyAdmin, actor_of, site
from ledger.doors.wording import number_format
from ledger.jobs import queries as jobs
from ledger.kernel.actors import Actor
from ledger.kernel.periods import Period
from ledger.kernel.transitions import allows, check_transition
from reporting.activity import checking, operations, queries, showing
from reporting.activity.deriving import derive_month
from reporting.activity.models import ActivityRow, Dataset, Upload
from reporting.activity.states import TRANSITIONS, DatasetState, FindingState
from reporting.parks import queries as parks
from reporting.readings import queries as readings


class _Move(ConfirmedAction):
    """A step in the life of a year of data."""

    to: DatasetState
    sentence: Any

    def is_offered(self, request: HttpRequest, obj: Dataset) -> bool:
        return allows(check_transition, TRANSITIONS, obj.state, self.to)

    def describe(self, request: HttpRequest, obj: Dataset, data: Mapping[str, Any]) -> list[str]:
        return [str(obj), str(self.sentence)]


class Submit(_Move):
    name, title, operation = "submit", gettext_lazy("Submit"), "activity.submit_dataset"
    to = DatasetState.SUBMITTED
    icon = "send"
    sentence = gettext_lazy("The year is handed in for checking and cannot be changed meanwhile.")

    def perform(self, request: HttpRequest, obj: Dataset, data: Mapping[str, Any], key: str) -> str:
        about: dict[str, Any] = {
            "dataset_id": obj.pk,
            "by": actor_of(request),
            "at": timezone.now(),
        }
        if operations.is_large(obj):
            operations.ask_to_submit(**about)
            return _("The year is being looked at; the job's page says how far, and what is odd.")
        operations.submit_dataset(**about)
        return _("Submitted.")


class Check(_Move):
    name, title, operation = "check", gettext_lazy("Mark as checked"), "activity.check_dataset"
    to = DatasetState.CHECKED
    icon = "check"
    sentence = gettext_lazy("You confirm that you have compared the rows with their evidence.")

    def perform(self, request: HttpRequest, obj: Dataset, data: Mapping[str, Any], key: str) -> str:
        operations.check_dataset(dataset_id=obj.pk, by=actor_of(request), at=timezone.now())
        return _("Checked.")


class Lock(_Move):
    name, title, operation = "lock", gettext_lazy("Lock"), "activity.lock_dataset"
    to = DatasetState.LOCKED
    icon = "lock"
    sentence = gettext_lazy("The verified year is closed.")

    def perform(self, request: HttpRequest, obj: Dataset, data: Mapping[str, Any], key: str) -> str:
        operations.lock_dataset(dataset_id=obj.pk, by=actor_of(request), at=timezone.now())
        return _("Locked.")


class ReasonForm(forms.Form):
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=200)


class Reopen(_Move):
    name, title, operation = "reopen", gettext_lazy("Re-open"), "activity.reopen_dataset"
    to = DatasetState.DRAFT
    icon = "lock_open"
    dangerous = True
    form_class = ReasonForm
    sentence = gettext_lazy(
        "The year becomes a draft again. Its reports become stale as soon as a row changes."
    )

    def perform(self, request: HttpRequest, obj: Dataset, data: Mapping[str, Any], key: str) -> str:
        operations.reopen_dataset(
            dataset_id=obj.pk, reason=data["reason"], by=actor_of(request), at=timezone.now()
        )
        return _("Re-opened.")


class RunChecks(ConfirmedAction):
    name, title, operation = "checks", gettext_lazy("Run the checks"), "activity.run_checks"
    icon = "rule"

    def is_offered(self, request: HttpRequest, obj: Dataset) -> bool:
        return obj.state == DatasetState.DRAFT and obj.party_id == actor_of(request).party_id

    def describe(self, request: HttpRequest, obj: Dataset, data: Mapping[str, Any]) -> list[str]:
        names = checking.check_names().values()
        return [
            str(obj),
            _("These are looked at: %(names)s.") % {"names": _("; ").join(names)},
            _("What is odd becomes a finding that must be answered; what is mended is cleared."),
        ]

    def perform(self, request: HttpRequest, obj: Dataset, data: Mapping[str, Any], key: str) -> str:
        if operations.is_large(obj):
            operations.ask_for_checks(dataset_id=obj.pk, by=actor_of(request), at=timezone.now())
            return _("The year is being looked at; the job's page says how far, and what is odd.")
        found = operations.run_checks(
            park_id=obj.park_id, year=obj.year, by=actor_of(request), at=timezone.now()
        )
        waiting = sum(1 for one in found if one.state == FindingState.OPEN)
        return _("%(count)s findings wait for an answer.") % {"count": waiting}


class OfMonth(forms.Form):
    month = forms.ChoiceField(label=gettext_lazy("Month"))
    reason = forms.CharField(
        label=gettext_lazy("Reason, if values are corrected"), max_length=200, required=False
    )


class TakeFromReadings(ConfirmedAction):
    name = "take"
    title = gettext_lazy("Take a month from readings")
    operation = "activity.take_from_readings"
    form_class = OfMonth
    icon = "electric_meter"

    def is_offered(self, request: HttpRequest, obj: Dataset) -> bool:
        return (
            obj.state == DatasetState.DRAFT
            and obj.party_id == actor_of(request).party_id
            and bool(readings.months_with_readings(obj.park_id, obj.year))
        )

    def choices(self, request: HttpRequest, obj: Dataset) -> Mapping[str, Choices]:
        months = readings.months_with_readings(obj.park_id, obj.year)
        return {"month": [(month.isoformat(), f"{month:%Y-%m}") for month in months]}

    def describe(self, request: HttpRequest, obj: Dataset, data: Mapping[str, Any]) -> list[str]:
        month = date.fromisoformat(data["month"])
        found = derive_month(obj.park_id, Period.month(month.year, month.month))
        said = [
            f"{one.source.code}: {number_format(one.quantity.amount, 3)} {one.source.unit}"
            for one in found
        ]
        last = _("Each row keeps the meters that it was added up from, and their Merkle roots.")
        return [str(obj), *said, last]

    def perform(self, request: HttpRequest, obj: Dataset, data: Mapping[str, Any], key: str) -> str:
        rows = operations.take_from_readings(
            park_id=obj.park_id,
            month=date.fromisoformat(data["month"]),
            reason=data["reason"],
            by=actor_of(request),
            at=timezone.now(),
        )
        return _("%(count)s rows were taken from readings.") % {"count": len(rows)}


COLOURS = {
    DatasetState.DRAFT: "info",
    DatasetState.SUBMITTED: "warning",
    DatasetState.CHECKED: "warning",
    DatasetState.VERIFIED: "success",
    DatasetState.LOCKED: "success",
}


@admin.register(Dataset, site=site)
class DatasetAdmin(ReadOnlyAdmin):
    list_display = ("park", "year_text", "show_state", "moved_at")
    list_filter = ("state", "year")
    fields = ("park", "year_text", "state", "moved_at")
    confirmed_actions = (RunChecks, TakeFromReadings, Submit, Check, Lock, Reopen)

    def scope(self, queryset: QuerySet[Dataset], actor: Actor) -> QuerySet[Dataset]:
        return queryset.filter(pk__in=queries.readable_datasets(actor).values("pk"))

    @display(description=gettext_lazy("year"), ordering="year")
    def year_text(self, dataset: Dataset) -> str:
        return str(dataset.year)

    @display(description=gettext_lazy("state"), label=COLOURS)
    def show_state(self, dataset: Dataset) -> tuple[str, str]:
        return dataset.state, dataset.get_state_display()

    def object_context(self, request: HttpRequest, obj: Dataset | None) -> dict[str, Any]:
        if obj is None:
            return {}
        rows = reverse("admin:reporting_activity_activityrow_changelist")
        upload = reverse("activity_upload")
        template = reverse("activity_template", args=[obj.park_id, obj.year, "xlsx"])
        plain = reverse("activity_template", args=[obj.park_id, obj.year, "csv"])
        links = [(_("Rows"), f"{rows}?dataset__id__exact={obj.pk}"), *_jobs(obj)]
        if obj.party_id == actor_of(request).party_id:
            links += [
                (_("Upload a file"), f"{upload}?park={obj.park_id}&year={obj.year}"),
                (_("Template to fill in"), template),
                (_("Template as CSV"), plain),
                *(
                    (_("Template: %(kind)s") % {"kind": word} + form, f"{at}?kind={kind}")
                    for kind, word in parks.kind_names(obj.park_id)
                    for at, form in ((template, ""), (plain, " (CSV)"))
                ),
            ]
        return {
            "links": links,
            "related": [
                showing.findings_table(obj),
                showing.quality_table(obj),
                _missing(obj),
                _spikes(obj),
            ],
        }


def _jobs(dataset: Dataset) -> list[tuple[str, str]]:
    """The newest job that looks, or looked, at the year."""
    job = jobs.newest_about(f"activity.Dataset:{dataset.pk}")
    if job is None:
        return []
    said = f"{_(job.kind)}: {job.get_state_display()}"
    return [(said, reverse("admin:ledger_jobs_job_change", args=[job.pk]))]


def _missing(dataset: Dataset) -> dict[str, Any]:
    found = queries.completeness(dataset.park_id, dataset.year, until=timezone.localdate())
    title = _("Missing months (%(percent)s %% complete)") % {"percent": found.percent}
    months: dict[str, list[str]] = {}
    for code, month in found.missing:
        months.setdefault(code, []).append(month.strftime("%Y-%m"))
    rows = [(code, " · ".join(missing)) for code, missing in months.items()]
    return {"title": title, "headings": [_("Source"), _("Months")], "rows": rows}


def _spikes(dataset: Dataset) -> dict[str, Any]:
    rows = [
        (one.source_code, date_format(one.month, "Y-m"), one.amount, one.usual)
        for one in queries.spikes(dataset.park_id, dataset.year)
    ]
    return {
        "title": _("Months far from the usual: please look"),
        "headings": [_("Source"), _("Month"), _("Quantity"), _("Usual")],
        "rows": rows,
    }


@admin.register(ActivityRow, site=site)
class ActivityRowAdmin(ReadOnlyAdmin):
    list_display = (
        "source_code",
        "month",
        "version",
        "amount",
        "measure",
        "quality",
        "evidence",
        "recorded_at",
    )
    list_filter = ("dataset", "source_code", "month")
    search_fields = ("source_code", "evidence", "note")
    ordering = ("source_code", "month", "-version")
    list_select_related = ("dataset",)

    def object_context(self, request: HttpRequest, obj: ActivityRow | None) -> dict[str, Any]:
        if obj is None or not obj.evidence.startswith("meters:"):
            return {}
        return {"related": [showing.meters_table(obj)]}

    def scope(self, queryset: QuerySet[ActivityRow], actor: Actor) -> QuerySet[ActivityRow]:
        return queryset.filter(dataset__in=queries.readable_datasets(actor).values("pk"))


@admin.register(Upload, site=site)
class UploadAdmin(ReadOnlyAdmin):
    list_display = ("dataset", "row_count", "uploaded_at", "sha256")
    list_select_related = ("dataset__park",)
    ordering = ("-uploaded_at",)

    def scope(self, queryset: QuerySet[Upload], actor: Actor) -> QuerySet[Upload]:
        return queryset.filter(dataset__party_id=actor.own_party)
