from collections.abc import Mapping
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from ledger.doors.admin import Choices, ConfirmedAction, ReadOnlyAdmin, actor_of, site
from ledger.kernel.actors import Actor, Role
from ledger.kernel.errors import NotFound
from ledger.kernel.periods import Period
from ledger.kernel.transitions import allows, check_transition
from ledger.parties import queries as parties
from reporting.inventories import queries as inventories
from reporting.parks import queries as parks
from reporting.verification import forms, models, operations, queries
from reporting.verification.states import (
    ENGAGEMENT_MOVES,
    FINDING_MOVES,
    AssuranceLevel,
    EngagementState,
    FindingKind,
    FindingState,
    OpinionKind,
    OpinionStatus,
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
}
STATUS = {
    OpinionStatus.VERIFIED: gettext_lazy("verified"),
    OpinionStatus.SUPERSEDED: gettext_lazy("verified (superseded)"),
    OpinionStatus.NOT_VERIFIED: gettext_lazy("not verified"),
}


class Open(ConfirmedAction):
    name, title = "open", gettext_lazy("Engage a verifier")
    operation = "verification.open_engagement"
    form_class = forms.EngagementForm
    icon = "handshake"

    def choices(self, request: HttpRequest, obj: Any) -> Mapping[str, Choices]:
        return {"park_code": parks.park_choices(actor_of(request))}

    def describe(self, request: HttpRequest, obj: Any, data: Mapping[str, Any]) -> list[str]:
        names = {"verifier": parties.shown_name(data["verifier"]), "year": str(data["year"])}
        return [
            _("%(verifier)s is engaged to verify the inventory of %(year)s.") % names,
            _("The verifier will be able to read that inventory and raise findings."),
        ]

    def perform(self, request: HttpRequest, obj: Any, data: Mapping[str, Any], key: str) -> str:
        park = parks.find_park(data["park_code"])
        if park is None:
            raise NotFound
        operations.open_engagement(
            park_id=park.id,
            period=Period.year(data["year"]),
            verifier_id=data["verifier"].pk,
            criteria=data["criteria"],
            level=AssuranceLevel(data["level"]),
            scope=data["scope"],
            by=actor_of(request),
            at=timezone.now(),
        )
        return _("The engagement was opened.")


class _OfEngagement(ConfirmedAction):
    """An act that an engagement's state must allow."""

    to: EngagementState

    def is_offered(self, request: HttpRequest, obj: models.Engagement) -> bool:
        return allows(check_transition, ENGAGEMENT_MOVES, obj.state, self.to)


class Declare(_OfEngagement):
    name, title = "declare", gettext_lazy("Declare independence")
    operation = "verification.declare_independence"
    form_class = forms.StatementForm
    to = EngagementState.ACTIVE
    icon = "verified_user"

    def describe(self, request: HttpRequest, obj: Any, data: Mapping[str, Any]) -> list[str]:
        return [_("Your declaration is recorded and the work begins."), data["statement"]]

    def perform(self, request: HttpRequest, obj: Any, data: Mapping[str, Any], key: str) -> str:
        operations.declare_independence(
            engagement_id=obj.pk,
            statement=data["statement"],
            by=actor_of(request),
            at=timezone.now(),
        )
        return _("Declared.")


class Raise(_OfEngagement):
    name, title = "raise", gettext_lazy("Raise a finding")
    operation = "verification.raise_finding"
    form_class = forms.FindingForm
    to = EngagementState.CONCLUDED
    icon = "flag"

    def describe(self, request: HttpRequest, obj: Any, data: Mapping[str, Any]) -> list[str]:
        return [_("The operator will see this finding and must answer it."), data["text"]]

    def perform(self, request: HttpRequest, obj: Any, data: Mapping[str, Any], key: str) -> str:
        operations.raise_finding(
            engagement_id=obj.pk,
            kind=FindingKind(data["kind"]),
            text=data["text"],
            effect_tco2e=data["effect_tco2e"],
            by=actor_of(request),
            at=timezone.now(),
        )
        return _("The finding was raised.")


class GiveOpinion(_OfEngagement):
    name, title = "opinion", gettext_lazy("Give the opinion")
    operation = "verification.give_opinion"
    form_class = forms.OpinionForm
    to = EngagementState.CONCLUDED
    icon = "gavel"

    def choices(self, request: HttpRequest, obj: models.Engagement) -> Mapping[str, Choices]:
        found = inventories.frozen_of(obj.park_id, obj.period_start)
        return {"content_hash": [(one.content_hash, one.content_hash) for one in found]}

    def initial(self, request: HttpRequest, obj: models.Engagement) -> Mapping[str, Any]:
        found = inventories.frozen_of(obj.park_id, obj.period_start)
        return {"content_hash": found[0].content_hash} if found else {}

    def describe(self, request: HttpRequest, obj: Any, data: Mapping[str, Any]) -> list[str]:
        kind = dict(models.OpinionKindChoice.choices)[data["kind"]]
        return [
            _("Your opinion: %(kind)s") % {"kind": kind},
            _("It binds to this content and its dataset: %(hash)s")
            % {"hash": data["content_hash"]},
            _("It cannot be changed. If the data changes later, it is shown as superseded."),
        ]

    def perform(self, request: HttpRequest, obj: Any, data: Mapping[str, Any], key: str) -> str:
        operations.give_opinion(
            engagement_id=obj.pk,
            kind=OpinionKind(data["kind"]),
            content_hash=data["content_hash"],
            text=data["text"],
            by=actor_of(request),
            at=timezone.now(),
        )
        return _("The opinion was given.")


class _OfFinding(ConfirmedAction):
    to: FindingState

    def is_offered(self, request: HttpRequest, obj: models.Finding) -> bool:
        return allows(check_transition, FINDING_MOVES, obj.state, self.to)


class AnswerFinding(_OfFinding):
    name, title = "answer", gettext_lazy("Answer")
    operation = "verification.answer_finding"
    form_class = forms.AnswerForm
    to = FindingState.ANSWERED
    icon = "reply"

    def describe(self, request: HttpRequest, obj: Any, data: Mapping[str, Any]) -> list[str]:
        return [_("The verifier will see your answer."), data["answer"]]

    def perform(self, request: HttpRequest, obj: Any, data: Mapping[str, Any], key: str) -> str:
        operations.answer_finding(
            finding_id=obj.pk, answer=data["answer"], by=actor_of(request), at=timezone.now()
        )
        return _("Answered.")


class CloseFinding(_OfFinding):
    name, title = "close", gettext_lazy("Close")
    operation = "verification.close_finding"
    form_class = forms.CloseForm
    to = FindingState.CLOSED
    icon = "task_alt"

    def describe(self, request: HttpRequest, obj: Any, data: Mapping[str, Any]) -> list[str]:
        corrected = _("It is closed as corrected.")
        standing = _("It is closed uncorrected and weighed against materiality.")
        return [corrected if data["is_corrected"] else standing, data["conclusion"]]

    def perform(self, request: HttpRequest, obj: Any, data: Mapping[str, Any], key: str) -> str:
        operations.close_finding(
            finding_id=obj.pk,
            is_corrected=data["is_corrected"],
            conclusion=data["conclusion"],
            by=actor_of(request),
            at=timezone.now(),
        )
        return _("Closed.")


@admin.register(models.Engagement, site=site)
class EngagementAdmin(ReadOnlyAdmin):
    readers = READERS
    list_display = ("park", "period_start", "verifier", "level", "materiality", "show_state")
    list_filter = ("state", "level")
    list_select_related = ("park", "verifier")
    list_actions = (Open,)
    confirmed_actions = (Declare, Raise, GiveOpinion)

    def scope(
        self, queryset: QuerySet[models.Engagement], actor: Actor
    ) -> QuerySet[models.Engagement]:
        return queryset.filter(pk__in=queries.engagements_for(actor).values("pk"))

    @display(description=gettext_lazy("state"), label=STATE_COLOURS)
    def show_state(self, row: models.Engagement) -> tuple[str, str]:
        return row.state, row.get_state_display()

    def object_context(self, request: HttpRequest, obj: models.Engagement | None) -> dict[str, Any]:
        if obj is None:
            return {}
        found = reverse("admin:reporting_verification_finding_changelist")
        links = [(_("Findings"), f"{found}?engagement__id__exact={obj.pk}")]
        for frozen in inventories.frozen_of(obj.park_id, obj.period_start):
            address = reverse(
                "admin:reporting_inventories_frozeninventory_change", args=[frozen.id]
            )
            links.append(
                (_("Frozen inventory %(hash)s") % {"hash": frozen.content_hash[:12]}, address)
            )
        return {"links": links}


@admin.register(models.Finding, site=site)
class FindingAdmin(ReadOnlyAdmin):
    readers = READERS
    list_display = ("number", "engagement", "kind", "text", "effect_tco2e", "show_state")
    list_filter = ("engagement", "kind", "state")
    list_select_related = ("engagement__park",)
    confirmed_actions = (AnswerFinding, CloseFinding)

    def scope(self, queryset: QuerySet[models.Finding], actor: Actor) -> QuerySet[models.Finding]:
        return queryset.filter(engagement__in=queries.engagements_for(actor).values("pk"))

    @display(description=gettext_lazy("state"), label=STATE_COLOURS)
    def show_state(self, row: models.Finding) -> tuple[str, str]:
        return row.state, row.get_state_display()


@admin.register(models.Opinion, site=site)
class OpinionAdmin(ReadOnlyAdmin):
    readers = READERS
    list_display = ("engagement", "kind", "bound_hash", "given_at")
    list_filter = ("kind",)
    list_select_related = ("engagement__park",)

    def scope(self, queryset: QuerySet[models.Opinion], actor: Actor) -> QuerySet[models.Opinion]:
        return queryset.filter(engagement__in=queries.engagements_for(actor).values("pk"))

    def object_context(self, request: HttpRequest, obj: models.Opinion | None) -> dict[str, Any]:
        view = queries.opinion_for(obj.frozen_id) if obj else None
        if view is None:
            return {}
        rows = [(STATUS[view.status],)]
        return {"related": [{"title": _("Today"), "headings": [_("status")], "rows": rows}]}
