"""The desk's lists and objects of verification; the verifier's own room is `/verifier/`."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from ledger.doors.admin import actor_of, site
from ledger.kernel.actors import Actor, Role
from reporting.inventories import queries as inventories
from reporting.verification import models, queries, showing
from reporting.verification.admin import acts
from reporting.verification.admin.watched import Watched
from reporting.verification.states import (
    EngagementState,
    FactState,
    FindingState,
)

READERS = frozenset({Role.CARBON_MANAGER, Role.APPROVER, Role.DATA_OFFICER})
READERS |= {Role.VERIFIER, Role.AUDITOR, Role.ADMINISTRATOR}
STATE_COLOURS = {
    EngagementState.PLANNED: "info",
    EngagementState.ACTIVE: "warning",
    EngagementState.CONCLUDED: "success",
    EngagementState.WITHDRAWN: "danger",
    FindingState.OPEN: "danger",
    FindingState.ANSWERED: "warning",
    FindingState.CLOSED: "success",
    FactState.TOLD: "warning",
    FactState.REOPENED: "danger",
    FactState.DISMISSED: "success",
}


class EngagementFilter(admin.RelatedFieldListFilter):
    """Only engagements that the reader sees, in one query."""

    def field_choices(
        self, field: Any, request: HttpRequest, model_admin: Any
    ) -> list[tuple[str, Any]]:
        rows = queries.engagements_for(actor_of(request))
        return [(str(row.pk), str(row)) for row in rows]


@admin.register(models.Engagement, site=site)
class EngagementAdmin(Watched):
    readers = READERS
    list_display = ("park", "period_start", "verifier", "level", "materiality", "show_state")
    list_filter = ("state", "level")
    list_select_related = ("park", "verifier")
    list_actions = (acts.Open,)
    confirmed_actions = (
        acts.Declare,
        acts.Raise,
        acts.GiveOpinion,
        acts.TellFact,
        acts.Withdraw,
    )

    def scope(
        self, queryset: QuerySet[models.Engagement], actor: Actor
    ) -> QuerySet[models.Engagement]:
        return queryset.filter(pk__in=queries.engagements_for(actor).values("pk"))

    @display(description=gettext_lazy("state"), label=STATE_COLOURS)
    def show_state(self, row: models.Engagement) -> tuple[str, str]:
        return row.state, row.get_state_display()

    def told(self, request: HttpRequest, obj: models.Engagement | None) -> dict[str, Any]:
        if obj is None:
            return {}
        links = [
            (str(model._meta.verbose_name_plural).capitalize(), _of_engagement(model, obj))
            for model in (models.Request, models.Finding, models.Sample, models.Opinion)
        ]
        for frozen in inventories.frozen_of(obj.park_id, obj.period_start):
            address = reverse(
                "admin:reporting_inventories_frozeninventory_change", args=[frozen.id]
            )
            links.append(
                (_("Frozen inventory %(hash)s") % {"hash": frozen.content_hash[:12]}, address)
            )
        related = [showing.weighed_block(obj), showing.looks_block(obj)]
        return {"links": links, "related": [one for one in related if one]}


def _of_engagement(model: Any, obj: models.Engagement) -> str:
    name = f"admin:reporting_verification_{model._meta.model_name}_changelist"
    return f"{reverse(name)}?engagement__id__exact={obj.pk}"


@admin.register(models.Finding, site=site)
class FindingAdmin(Watched):
    readers = READERS
    list_display = ("number", "engagement", "kind", "text", "effect_tco2e", "show_state")
    list_filter: Any = (("engagement", EngagementFilter), "kind", "state")
    list_select_related = ("engagement__park",)
    confirmed_actions = (acts.AnswerFinding, acts.CloseFinding)

    def scope(self, queryset: QuerySet[models.Finding], actor: Actor) -> QuerySet[models.Finding]:
        return queryset.filter(engagement__in=queries.engagements_for(actor).values("pk"))

    @display(description=gettext_lazy("state"), label=STATE_COLOURS)
    def show_state(self, row: models.Finding) -> tuple[str, str]:
        return row.state, row.get_state_display()


@admin.register(models.Opinion, site=site)
class OpinionAdmin(Watched):
    readers = READERS
    list_display = ("engagement", "kind", "bound_hash", "given_at")
    list_filter = ("kind",)
    list_select_related = ("engagement__park",)

    def scope(self, queryset: QuerySet[models.Opinion], actor: Actor) -> QuerySet[models.Opinion]:
        return queryset.filter(engagement__in=queries.engagements_for(actor).values("pk"))

    def told(self, request: HttpRequest, obj: models.Opinion | None) -> dict[str, Any]:
        view = queries.opinion_for(obj.frozen_id) if obj else None
        if view is None:
            return {}
        rows = [(showing.STATUS[view.status],)]
        blocks = [{"title": _("Today"), "headings": [_("status")], "rows": rows}]
        return {"related": [*blocks, *showing.signature_blocks(view)]}


@admin.register(models.Request, site=site)
class RequestAdmin(Watched):
    readers = READERS
    list_display = ("number", "engagement", "text", "due_on", "show_state")
    list_filter: Any = (("engagement", EngagementFilter), "state")
    list_select_related = ("engagement__park",)
    search_fields = ("text",)
    confirmed_actions = (acts.AnswerRequest,)

    def scope(self, queryset: QuerySet[models.Request], actor: Actor) -> QuerySet[models.Request]:
        return queryset.filter(engagement__in=queries.engagements_for(actor).values("pk"))

    @display(description=gettext_lazy("state"), label=STATE_COLOURS)
    def show_state(self, row: models.Request) -> tuple[str, str]:
        return row.state, row.get_state_display()

    def told(self, request: HttpRequest, obj: models.Request | None) -> dict[str, Any]:
        if obj is None:
            return {}
        rows = [[one.at, one.who, one.text, _links(obj, one.files)] for one in showing.talk_of(obj)]
        headings = [_("time"), _("who"), _("text"), _("files")]
        return {"related": [{"title": _("Answers"), "headings": headings, "rows": rows}]}


def _links(obj: models.Request, files: list[tuple[Any, str]]) -> Any:
    address = "verification_reply_file"
    return (
        format_html_join(
            ", ",
            '<a href="{}">{}</a>',
            ((reverse(address, args=[obj.pk, key]), name) for key, name in files),
        )
        or "–"
    )


@admin.register(models.Sample, site=site)
class SampleAdmin(Watched):
    readers = READERS
    list_display = ("number", "engagement", "method", "size", "population_count", "drawn_at")
    list_filter: Any = (("engagement", EngagementFilter), "method")
    list_select_related = ("engagement__park",)

    def scope(self, queryset: QuerySet[models.Sample], actor: Actor) -> QuerySet[models.Sample]:
        return queryset.filter(engagement__in=queries.engagements_for(actor).values("pk"))

    def told(self, request: HttpRequest, obj: models.Sample | None) -> dict[str, Any]:
        return {"related": [showing.items_block(obj)]} if obj else {}


@admin.register(models.LaterFact, site=site)
class LaterFactAdmin(Watched):
    readers = READERS
    list_display = ("engagement", "text", "told_at", "show_state")
    list_filter: Any = (("engagement", EngagementFilter), "state")
    list_select_related = ("engagement__park",)

    def scope(
        self, queryset: QuerySet[models.LaterFact], actor: Actor
    ) -> QuerySet[models.LaterFact]:
        return queryset.filter(engagement__in=queries.engagements_for(actor).values("pk"))

    @display(description=gettext_lazy("state"), label=STATE_COLOURS)
    def show_state(self, row: models.LaterFact) -> tuple[str, str]:
        return row.state, row.get_state_display()
