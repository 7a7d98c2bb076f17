from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from ledger.accounts import queries as accounts
from ledger.approvals import operations as approvals
from ledger.approvals import queries as asked
from ledger.claims import approvable, forms, queries
from ledger.claims.models import Claim
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


def _ask(
    request: HttpRequest, operation: str, payload: Mapping[str, Any], summary: list[str]
) -> str:
    by = actor_of(request)
    made = approvals.propose(
        operation=operation,
        payload=payload,
        summary=summary,
        party_id=by.own_party,
        by=by,
        at=timezone.now(),
    )
    return asked.what_came_of(made.approval is None)


def _who_decides(request: HttpRequest, operation: str, payload: Mapping[str, Any]) -> str:
    by = actor_of(request)
    return asked.who_decides(operation, payload, by=by, at=timezone.now())


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
            "country": data["country"],
            "first_day": data["first_day"].isoformat(),
            "last_day": data["last_day"].isoformat(),
            "key": key,
        }

    def describe(self, request: HttpRequest, obj: Any, data: Mapping[str, Any]) -> list[str]:
        payload = self.payload(actor_of(request), data, "")
        said = approvable.describe(payload)
        return [*said, _who_decides(request, self.operation, payload)]

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
        payload = self.payload(obj, data, "")
        said = approvable.describe_reversal(payload)
        return [*said, _who_decides(request, self.operation, payload)]

    def perform(self, request: HttpRequest, obj: Claim, data: Mapping[str, Any], key: str) -> str:
        payload = self.payload(obj, data, key)
        return _ask(request, self.operation, payload, approvable.describe_reversal(payload))


def _statement(told: queries.Redemption) -> dict[str, Any]:
    period, made = told.period, told.generation
    rows = [
        (_("number"), told.number),
        (_("beneficiary"), told.beneficiary),
        (_("purpose"), told.purpose),
        (_("period"), f"{period.start:%Y-%m-%d} – {period.last_day:%Y-%m-%d}"),
        (_("country"), told.country),
        (_("energy, MWh"), f"{told.mwh:f}"),
        (_("plant"), f"{told.plant} · {told.technology}"),
        (_("generated"), f"{made.start:%Y-%m-%d} – {made.last_day:%Y-%m-%d}" if made else "–"),
        *((_("serial numbers"), f"{space} {a}–{b}") for space, a, b in told.serials),
        (_("redeemed on"), f"{told.redeemed_on:%Y-%m-%d}"),
        (_("retirement"), told.entry_id),
    ]
    return {"headings": ["", ""], "rows": [list(row) for row in rows]}


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
        if obj is None:
            return {}
        related = []
        actor = actor_of(request)
        sees = actor.party_id == obj.claimant_id or actor.has(Role.AUDITOR)
        if sees and obj.country and obj.state == ClaimState.STANDING:
            told = queries.redemption_statement(obj.pk, by=actor)
            related.append({"title": _("Redemption statement"), **_statement(told)})
        if obj.answers:
            rows = [(one, ANSWERS.get(said, said)) for one, said in sorted(obj.answers.items())]
            headings = [_("Criterion"), _("Met")]
            related.append({"title": _("quality criteria"), "headings": headings, "rows": rows})
        return {"related": related}

    def scope(self, queryset: QuerySet[Claim], actor: Actor) -> QuerySet[Claim]:
        return queryset.filter(pk__in=queries.claims_seen_by(actor.own_party).values("pk"))

    @display(
        description=gettext_lazy("state"),
        label={ClaimState.STANDING: "success", ClaimState.REVERSED: ""},
        ordering="state",
    )
    def show_state(self, obj: Claim) -> tuple[str, str]:
        return obj.state, obj.get_state_display()
