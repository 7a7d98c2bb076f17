from collections.abc import Mapping
from typing import Any

from django import forms as plain
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from ledger.approvals import approvable, forms, operations, queries
from ledger.approvals.models import Approval, Threshold
from ledger.approvals.states import ApprovalState
from ledger.doors.admin import Choices, ConfirmedAction, ReadOnlyAdmin, actor_of, site, worded
from ledger.doors.permissions import may_approve
from ledger.doors.wording import number_format
from ledger.kernel.actors import Actor, Role
from ledger.parties import queries as parties

COLOURS = {
    ApprovalState.REQUESTED: "warning",
    ApprovalState.APPROVED: "success",
    ApprovalState.REJECTED: "danger",
}


class SeenForm(plain.Form):
    """Carries the digest of what the checker read to the act itself."""

    seen = plain.CharField(widget=plain.HiddenInput)
    reason = plain.CharField(label=gettext_lazy("Remark"), max_length=500, required=False)


class ReasonForm(plain.Form):
    reason = plain.CharField(label=gettext_lazy("Reason"), max_length=500)


class Decision(ConfirmedAction):
    """Shows only to who may decide: an approver of the party who did not ask herself."""

    def is_offered(self, request: HttpRequest, obj: Approval) -> bool:
        actor = actor_of(request)
        waiting = obj.state == ApprovalState.REQUESTED and obj.party_id == actor.party_id
        person = parties.person_of(actor.user_id)
        agreed = {consent.given_person for consent in queries.consents_of(obj)}
        stranger = person != obj.requested_person and person not in agreed
        return waiting and stranger and may_approve(actor, obj.operation)


class Approve(Decision):
    name = "approve"
    title = gettext_lazy("Approve")
    operation = "approvals.approve"
    form_class = SeenForm
    icon = "check"

    def initial(self, request: HttpRequest, obj: Approval) -> Mapping[str, Any]:
        return {"seen": bytes(obj.payload_digest).hex()}

    def describe(self, request: HttpRequest, obj: Approval, data: Mapping[str, Any]) -> list[str]:
        maker = parties.name_of(obj.requested_by)
        said = _("%(name)s asked for it. It happens at once when you confirm.")
        if len(queries.consents_of(obj)) + 1 < obj.needed_count:
            said = _("%(name)s asked for it. It happens when another approver agrees, too.")
        return [*queries.sentences(obj), said % {"name": maker}]

    def perform(
        self, request: HttpRequest, obj: Approval, data: Mapping[str, Any], key: str
    ) -> str:
        made = operations.approve(
            approval_id=obj.id,
            by=actor_of(request),
            at=request.at,  # type: ignore[attr-defined]
            seen_digest=data["seen"],
            reason=data["reason"],
        )
        if made.state == ApprovalState.REQUESTED:
            return _("You have agreed. Another approver is needed.")
        return _("Approved and done.")


class Reject(Decision):
    name = "reject"
    title = gettext_lazy("Reject")
    operation = "approvals.reject"
    form_class = ReasonForm
    icon = "close"
    dangerous = True

    def describe(self, request: HttpRequest, obj: Approval, data: Mapping[str, Any]) -> list[str]:
        return [_("The request is refused for good, and this will not happen:"), *obj.summary]

    def perform(
        self, request: HttpRequest, obj: Approval, data: Mapping[str, Any], key: str
    ) -> str:
        operations.reject(
            approval_id=obj.id,
            by=actor_of(request),
            at=request.at,  # type: ignore[attr-defined]
            reason=data["reason"],
        )
        return _("Rejected.")


class Withdraw(ConfirmedAction):
    name = "withdraw"
    title = gettext_lazy("Withdraw")
    operation = "approvals.withdraw"
    form_class = ReasonForm
    icon = "undo"

    def is_offered(self, request: HttpRequest, obj: Approval) -> bool:
        own = parties.person_of(actor_of(request).user_id) == obj.requested_person
        return own and obj.state == ApprovalState.REQUESTED

    def describe(self, request: HttpRequest, obj: Approval, data: Mapping[str, Any]) -> list[str]:
        return [_("You take your request back, and this will not happen:"), *obj.summary]

    def perform(
        self, request: HttpRequest, obj: Approval, data: Mapping[str, Any], key: str
    ) -> str:
        operations.withdraw(
            approval_id=obj.id,
            by=actor_of(request),
            at=request.at,  # type: ignore[attr-defined]
            reason=data["reason"],
        )
        return _("Withdrawn.")


@admin.register(Approval, site=site)
class ApprovalAdmin(ReadOnlyAdmin):
    confirmed_actions = (Approve, Reject, Withdraw)
    list_display = ("what", "party", "shown_state", "maker", "requested_at", "expires_at")
    list_filter = ("state", ("operation", worded(lambda: queries.title_of)))
    search_fields = ("operation", "summary")
    ordering = ("-requested_at",)
    list_select_related = ("party",)
    fields = (
        "will_happen",
        "shown_state",
        "show_act",
        "party",
        "maker",
        "requested_at",
        "expires_at",
        "needed_count",
        "agreed",
        "checker",
        "decided_at",
        "reason",
        "payload",
        "digest",
        "came_of_it",
    )
    export_fields = (
        "id",
        "operation",
        "party_id",
        "state",
        "requested_at",
        "requested_by",
        "expires_at",
        "decided_at",
        "decided_by",
        "reason",
    )

    def scope(self, queryset: QuerySet[Approval], actor: Actor) -> QuerySet[Approval]:
        return queryset.filter(pk__in=queries.visible_to(actor).values("pk"))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Approval]:
        found: QuerySet[Approval] = super().get_queryset(request)
        return found.annotate(
            maker_name=parties.name_column("requested_by"),
            checker_name=parties.name_column("decided_by"),
        )

    @display(description=gettext_lazy("what will happen"))
    def what(self, obj: Approval) -> str:
        return str(obj)

    @display(description=gettext_lazy("what will happen"))
    def will_happen(self, obj: Approval) -> SafeString:
        return format_html_join("", "<p>{}</p>", ((one,) for one in queries.sentences(obj)))

    @display(description=gettext_lazy("state"), label=COLOURS, ordering="state")
    def shown_state(self, obj: Approval) -> tuple[str, str]:
        return obj.state, obj.get_state_display()

    @display(description=gettext_lazy("asked for by"))
    def maker(self, obj: Any) -> str:
        return str(obj.maker_name)

    @display(description=gettext_lazy("operation"))
    def show_act(self, obj: Approval) -> str:
        return queries.title_of(obj.operation)

    @display(description=gettext_lazy("result"))
    def came_of_it(self, obj: Approval) -> SafeString | str:
        """Which records came of it, to be copied; nothing before it is decided."""
        made = (obj.result or {}).items()
        return format_html_join("", '<p>{}: <code class="select-all">{}</code></p>', made) or "–"

    @display(description=gettext_lazy("have agreed so far"))
    def agreed(self, obj: Approval) -> str:
        return ", ".join(parties.name_of(one.given_by) for one in queries.consents_of(obj)) or "–"

    @display(description=gettext_lazy("decided by"))
    def checker(self, obj: Any) -> str:
        return str(obj.checker_name)

    @display(description=gettext_lazy("digest of the exact content"))
    def digest(self, obj: Approval) -> str:
        return bytes(obj.payload_digest).hex()


class SetThresholds(ConfirmedAction):
    name = "set"
    title = gettext_lazy("Set thresholds")
    operation = approvable.SET
    form_class = forms.SetThresholds
    icon = "rule"

    def may(self, actor: Actor) -> bool:
        """A carbon manager may ask for what only an approver lets happen."""
        return actor.has(Role.CARBON_MANAGER) or super().may(actor)

    def choices(self, request: HttpRequest, obj: Any) -> Mapping[str, Choices]:
        return {"act": queries.movable()}

    @staticmethod
    def payload(data: Mapping[str, Any], key: str) -> dict[str, Any]:
        return {
            "operation": data["act"],
            "tiers": data["tiers"],
            "valid_from": data["valid_from"].isoformat(),
            "reason": data["reason"],
            "key": key,
        }

    def describe(self, request: HttpRequest, obj: Any, data: Mapping[str, Any]) -> list[str]:
        payload = self.payload(data, "")
        at = request.at  # type: ignore[attr-defined]
        decides = queries.who_decides(self.operation, payload, by=actor_of(request), at=at)
        return [*approvable.describe(payload), decides]

    def perform(self, request: HttpRequest, obj: Any, data: Mapping[str, Any], key: str) -> str:
        by, payload = actor_of(request), self.payload(data, key)
        made = operations.propose(
            operation=self.operation,
            payload=payload,
            summary=approvable.describe(payload),
            party_id=by.own_party,
            by=by,
            at=request.at,  # type: ignore[attr-defined]
        )
        return queries.what_came_of(made.approval is None)


@admin.register(Threshold, site=site)
class ThresholdAdmin(ReadOnlyAdmin):
    list_display = ("act", "shown_tiers", "party", "valid_from", "reason", "set_at")
    list_filter = ("valid_from",)
    list_select_related = ("party",)
    ordering = ("-valid_from", "-set_at")
    fields = ("act", "shown_tiers", "party", "valid_from", "reason", "set_at", "set_by")
    list_actions = (SetThresholds,)

    def scope(self, queryset: QuerySet[Threshold], actor: Actor) -> QuerySet[Threshold]:
        return queryset.filter(party_id=actor.own_party)

    @display(description=gettext_lazy("act"), ordering="operation")
    def act(self, obj: Threshold) -> str:
        return queries.title_of(obj.operation) if obj.operation else _("all moving acts")

    @display(description=gettext_lazy("approvers from so many units"))
    def shown_tiers(self, obj: Threshold) -> str:
        return " · ".join(f"≥ {number_format(start)}: {count}" for start, count in obj.tiers)


# --- for the acts of other rooms: `site.propose` and `site.who_decides` (config/wiring.py)


def propose(
    request: HttpRequest, operation: str, payload: Mapping[str, Any], summary: list[str]
) -> str:
    """Ask the approvers of the actor's own party, or do it where nobody need be asked."""
    by = actor_of(request)
    made = operations.propose(
        operation=operation,
        payload=payload,
        summary=summary,
        party_id=by.own_party,
        by=by,
        at=timezone.now(),
    )
    return queries.what_came_of(made.approval is None)


def who_decides(request: HttpRequest, operation: str, payload: Mapping[str, Any]) -> str:
    return queries.who_decides(operation, payload, by=actor_of(request), at=timezone.now())
