"""What the checks found, and how it is answered."""

from collections.abc import Mapping
from io import BytesIO
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from ledger.doors.admin import ConfirmedAction, ReadOnlyAdmin, actor_of, site, worded
from ledger.files import operations as files
from ledger.kernel.actors import Actor
from ledger.kernel.transitions import allows, check_transition
from reporting.activity import checking, operations, queries, showing
from reporting.activity.models import Finding
from reporting.activity.states import FINDING_TRANSITIONS, AnswerKind, FindingState, Severity

STATES = {
    FindingState.OPEN: "danger",
    FindingState.ANSWERED: "success",
    FindingState.CLEARED: "info",
}
SEVERITIES = {Severity.HIGH: "danger", Severity.LOW: "warning"}


class AnswerForm(forms.Form):
    kind = forms.ChoiceField(label=gettext_lazy("Kind of answer"), choices=AnswerKind)
    answer = forms.CharField(
        label=gettext_lazy("Answer"),
        max_length=400,
        widget=forms.Textarea,
        help_text=gettext_lazy(
            "Data that is wrong is corrected, not answered: the next run of the checks clears it."
        ),
    )
    evidence = forms.FileField(
        label=gettext_lazy("Evidence"),
        required=False,
        help_text=gettext_lazy(
            "PDF, picture, workbook or text. It is scanned, kept under its hash, and never opened "
            "in the browser."
        ),
    )


class Answer(ConfirmedAction):
    name, title, operation = "answer", gettext_lazy("Answer"), "activity.answer_finding"
    icon = "reply"
    form_class = AnswerForm
    asks_first = False

    def is_offered(self, request: HttpRequest, obj: Finding) -> bool:
        mine = obj.dataset.party_id == actor_of(request).party_id
        return mine and allows(
            check_transition, FINDING_TRANSITIONS, obj.state, FindingState.ANSWERED
        )

    def perform(self, request: HttpRequest, obj: Finding, data: Mapping[str, Any], key: str) -> str:
        actor, at, file_id = actor_of(request), timezone.now(), None
        if data["evidence"]:
            file_id = files.store_file(
                content=BytesIO(files.read_limited(data["evidence"])),
                name=data["evidence"].name,
                purpose="evidence",
                party_id=actor.own_party,
                by=actor,
                at=at,
            ).pk
        operations.answer_finding(
            finding_id=obj.pk,
            kind=AnswerKind(data["kind"]),
            answer=data["answer"],
            evidence_file_id=file_id,
            by=actor,
            at=at,
        )
        return _("The finding is answered.")


@admin.register(Finding, site=site)
class FindingAdmin(ReadOnlyAdmin):
    list_display = (
        "show_check", "subject", "show_month", "show_severity", "show_what", "show_state",
        "answer",
    )  # fmt: skip
    list_filter = (
        "state",
        "severity",
        ("check_code", worded(lambda: lambda code: checking.check_names().get(code, code))),
        "dataset",
        "month",
    )
    list_select_related = ("dataset__park",)
    search_fields = ("subject", "answer")
    fields = (
        "dataset", "show_check", "subject", "show_month", "show_severity", "show_what",
        "show_state", "answer_kind", "answer", "evidence_file_id", "found_at", "moved_at",
        "moved_by",
    )  # fmt: skip
    confirmed_actions = (Answer,)

    def scope(self, queryset: QuerySet[Finding], actor: Actor) -> QuerySet[Finding]:
        return queryset.filter(dataset__in=queries.readable_datasets(actor).values("pk"))

    def object_context(self, request: HttpRequest, obj: Finding | None) -> dict[str, Any]:
        return {"links": showing.links_of_finding(obj)} if obj else {}

    @display(description=gettext_lazy("check of the data"), ordering="check_code")
    def show_check(self, obj: Finding) -> str:
        return checking.check_names().get(obj.check_code, obj.check_code)

    @display(description=gettext_lazy("month"), ordering="month")
    def show_month(self, obj: Finding) -> str:
        return f"{obj.month:%Y-%m}"

    @display(description=gettext_lazy("gravity"), label=SEVERITIES, ordering="severity")
    def show_severity(self, obj: Finding) -> tuple[str, str]:
        return obj.severity, obj.get_severity_display()

    @display(description=gettext_lazy("what was found"))
    def show_what(self, obj: Finding) -> str:
        return showing.sentence(obj)

    @display(description=gettext_lazy("state"), label=STATES, ordering="state")
    def show_state(self, obj: Finding) -> tuple[str, str]:
        return obj.state, obj.get_state_display()
