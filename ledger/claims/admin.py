from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from ledger.accounts import queries as accounts
from ledger.approvals import operations as approvals
from ledger.approvals import queries as asked
from ledger.claims import approvable, forms, operations, queries
from ledger.claims.models import Claim, Generation
from ledger.claims.states import ClaimState
from ledger.doors.admin import Choices, ConfirmedAction, ReadOnlyAdmin, actor_of, named, site
from ledger.kernel.actors import Actor, Role
from ledger.units import queries as units

ANSWERS = {
    "YES": gettext_lazy("yes"),
    "NO": gettext_lazy("no"),
    "NOT_CHECKED": gettext_lazy("not checked"),
}


def _place(by: Actor, data: Mapping[str, Any]) -> tuple[UUID, UUID]:
    """The account and the lot: the form has offered the actor's own alone."""
    account_id, lot_id = map(UUID, data["place"].split(":"))
    return accounts.get_own_account(account_id, by=by).pk, lot_id


def _an_approver_decides() -> str:
    return _("Nothing moves yet: this asks for an approval, and another person decides.")


def _ask(
    request: HttpRequest, operation: str, payload: Mapping[str, Any], summary: list[str]
) -> str:
    by = actor_of(request)
    said = _("The request waits for an approver. Nothing has moved yet.")
    if asked.find_asked(operation=operation, key=payload["key"], by=by):
        return said
    approvals.request_approval(
        operation=operation,
        payload=payload,
        summary=summary,
        party_id=by.own_party,
        by=by,
        at=timezone.now(),
    )
    return said


class ClaimUnits(ConfirmedAction):
    name = "claim"
    title = gettext_lazy("Claim units")
    operation = "claims.claim_units"
    form_class = forms.ClaimUnits
    icon = "verified"
    dangerous = True

    def choices(self, request: HttpRequest, obj: Any) -> Mapping[str, Choices]:
        return {"place": units.place_choices(actor_of(request).own_party)}

    @staticmethod
    def payload(by: Actor, data: Mapping[str, Any], key: str) -> dict[str, Any]:
        account_id, lot_id = _place(by, data)
        return {
            "lot_id": str(lot_id),
            "account_id": str(account_id),
            "unit_count": data["unit_count"],
            "claimant_id": str(by.own_party),
            "use": data["use"],
            "purpose": data["purpose"],
            "first_day": data["first_day"].isoformat(),
            "last_day": data["last_day"].isoformat(),
            "key": key,
        }

    def describe(self, request: HttpRequest, obj: Any, data: Mapping[str, Any]) -> list[str]:
        said = approvable.describe(self.payload(actor_of(request), data, ""))
        return [*said, _an_approver_decides()]

    def perform(self, request: HttpRequest, obj: Any, data: Mapping[str, Any], key: str) -> str:
        payload = self.payload(actor_of(request), data, key)
        return _ask(request, self.operation, payload, approvable.describe(payload))


class ReverseClaim(ConfirmedAction):
    name = "reverse"
    title = gettext_lazy("Take the claim back")
    operation = "claims.reverse_claim"
    form_class = forms.ReverseClaim
    icon = "undo"
    dangerous = True

    def is_offered(self, request: HttpRequest, obj: Claim) -> bool:
        return obj.state == ClaimState.STANDING

    def may(self, actor: Actor) -> bool:
        """A carbon manager may ask for what only an approver lets happen."""
        return actor.has(Role.CARBON_MANAGER) or super().may(actor)

    @staticmethod
    def payload(obj: Claim, data: Mapping[str, Any], key: str) -> dict[str, Any]:
        return {"claim_id": str(obj.pk), "reason": data["reason"], "key": key}

    def describe(self, request: HttpRequest, obj: Claim, data: Mapping[str, Any]) -> list[str]:
        said = approvable.describe_reversal(self.payload(obj, data, ""))
        return [*said, _an_approver_decides()]

    def perform(self, request: HttpRequest, obj: Claim, data: Mapping[str, Any], key: str) -> str:
        payload = self.payload(obj, data, key)
        return _ask(request, self.operation, payload, approvable.describe_reversal(payload))


class RecordGeneration(ConfirmedAction):
    name = "record"
    title = gettext_lazy("Record generation")
    operation = "claims.record_generation"
    form_class = forms.RecordGeneration
    icon = "bolt"

    def describe(self, request: HttpRequest, obj: Any, data: Mapping[str, Any]) -> list[str]:
        return [
            _("%(metered_mwh)s MWh are recorded for %(month)s; this is final.")
            % {"metered_mwh": data["metered_mwh"], "month": f"{data['month']:%Y-%m}"}
        ]

    def perform(self, request: HttpRequest, obj: Any, data: Mapping[str, Any], key: str) -> str:
        operations.record_generation(
            plant_id=UUID(data["plant"]),
            month=data["month"],
            metered_mwh=data["metered_mwh"],
            evidence=data["evidence"],
            by=actor_of(request),
            at=timezone.now(),
        )
        return _("The generation is recorded.")


@admin.register(Claim, site=site)
class ClaimAdmin(ReadOnlyAdmin):
    list_display = (
        "instrument",
        named("claimant_id", gettext_lazy("claimant")),
        "unit_count",
        "mwh",
        "lot",
        "plant",
        "use",
        "period_from",
        "period_to",
        "show_state",
    )
    list_filter = ("instrument", "use", "state")
    list_select_related = ("lot", "plant")
    search_fields = ("lot__code", "purpose")
    exclude = ("answers", "idempotency_key", "request_digest")
    confirmed_actions = (ReverseClaim,)
    list_actions = (ClaimUnits,)

    def object_context(self, request: HttpRequest, obj: Claim | None) -> dict[str, Any]:
        if obj is None or not obj.answers:
            return {}
        rows = [(number, ANSWERS.get(told, told)) for number, told in sorted(obj.answers.items())]
        headings = [_("Criterion"), _("Met")]
        return {"related": [{"title": _("quality criteria"), "headings": headings, "rows": rows}]}

    def scope(self, queryset: QuerySet[Claim], actor: Actor) -> QuerySet[Claim]:
        return queryset.filter(pk__in=queries.claims_seen_by(actor.own_party).values("pk"))

    @display(
        description=gettext_lazy("state"),
        label={ClaimState.STANDING: "success", ClaimState.REVERSED: ""},
        ordering="state",
    )
    def show_state(self, obj: Claim) -> tuple[str, str]:
        return obj.state, obj.get_state_display()


@admin.register(Generation, site=site)
class GenerationAdmin(ReadOnlyAdmin):
    list_display = ("plant", "month", "metered_mwh", "remaining_mwh", "evidence")
    list_filter = ("plant",)
    list_select_related = ("plant",)
    date_hierarchy = "month"
    list_actions = (RecordGeneration,)

    def scope(self, queryset: QuerySet[Generation], actor: Actor) -> QuerySet[Generation]:
        mine = Q(plant__owner_id=actor.own_party) | Q(slices__claim__claimant_id=actor.own_party)
        return queryset.filter(pk__in=Generation.objects.filter(mine).values("pk"))
