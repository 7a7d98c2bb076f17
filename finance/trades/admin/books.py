"""Policies, costs told, and batches of entries that were handed over."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from finance.trades import approvable, forms, operations
from finance.trades.models import CostPolicy, EntryBatch, ToldCost
from finance.trades.queries import trades
from finance.trades.queries.entries import entries_to_hand_over
from finance.trades.queries.flows import flows_of
from finance.trades.rules.book import Cause
from finance.trades.rules.refusals import NothingToSuggest
from finance.trades.showing import entries as shown
from finance.trades.showing import words
from ledger.approvals.proposing import ProposedAction
from ledger.doors.admin import Choices, ConfirmedAction, ReadOnlyAdmin, actor_of, site
from ledger.doors.figures import count
from ledger.kernel.actors import Actor, Role
from ledger.kernel.periods import Period
from ledger.units import queries as units


class SetPolicy(ProposedAction):
    makers = frozenset({Role.CARBON_MANAGER})
    name = "set"
    title = gettext_lazy("Set the policy of a year")
    operation = approvable.POLICY
    form_class = forms.PolicyForm
    icon = "rule_settings"

    def initial(self, request: HttpRequest, obj: Any) -> Mapping[str, Any]:
        return {"year": timezone.localdate().year + 1}

    def payload(
        self, request: HttpRequest, obj: Any, data: Mapping[str, Any], key: str
    ) -> dict[str, Any]:
        operations.check_policy(
            party_id=actor_of(request).own_party, year=data["year"], today=timezone.localdate()
        )
        return {**{name: data[name] for name in ("year", "method", "order", "reason")}, "key": key}


@admin.register(CostPolicy, site=site)
class CostPolicyAdmin(ReadOnlyAdmin):
    list_display = ("year", "method", "order", "reason", "set_at")
    list_filter = ("method", "order")
    search_fields = ("reason",)
    readers = trades.READERS
    list_actions = (SetPolicy,)

    def scope(self, queryset: QuerySet[CostPolicy], actor: Actor) -> QuerySet[CostPolicy]:
        return queryset.filter(party_id=actor.own_party)


class TellCost(ConfirmedAction):
    name = "tell"
    title = gettext_lazy("Tell a cost")
    operation = "trades.tell_cost"
    form_class = forms.ToldCostForm
    icon = "payments"

    def choices(self, request: HttpRequest, obj: Any) -> Mapping[str, Choices]:
        untold = {Cause.RECEIVED, Cause.ALLOCATED, Cause.ISSUED}
        named = words.names()
        found = [flow for flow in flows_of(actor_of(request).own_party) if flow.cause in untold]
        return {
            "spot": [
                (
                    f"{flow.entry_id}:{flow.lot_id}",
                    f"{flow.day} · {words.pool(flow.pool, named)} · {count(flow.unit_count)}"
                    f" · {words.CAUSES[flow.cause]}",
                )
                for flow in reversed(found)
            ]
        }

    @staticmethod
    def _cost(data: Mapping[str, Any]) -> Decimal:
        return data["cost_cny"] or Decimal(0)

    def describe(self, request: HttpRequest, obj: Any, data: Mapping[str, Any]) -> list[str]:
        _entry, lot_id = map(UUID, data["spot"].split(":"))
        about = {
            "lot": units.get_lot(lot_id).code,
            "cost": words.money(self._cost(data), "CNY"),
            "evidence": data["evidence"],
        }
        said = (
            _("The units of lot %(lot)s were allocated free and cost nothing.")
            if data["is_free"]
            else _("The units of lot %(lot)s cost %(cost)s in all.")
        )
        return [
            said % about,
            _("Evidence: %(evidence)s.") % about,
            _("Results that these units have been part of are found anew."),
        ]

    def perform(self, request: HttpRequest, obj: Any, data: Mapping[str, Any], key: str) -> str:
        entry_id, lot_id = map(UUID, data["spot"].split(":"))
        operations.tell_cost(
            entry_id=entry_id,
            lot_id=lot_id,
            is_free=data["is_free"],
            cost_cny=self._cost(data),
            evidence=data["evidence"],
            by=actor_of(request),
            at=timezone.now(),
            idempotency_key=key,
        )
        return _("The cost is kept.")


@admin.register(ToldCost, site=site)
class ToldCostAdmin(ReadOnlyAdmin):
    list_display = ("lot", "is_free", "show_cost", "evidence", "told_at")
    list_filter = ("is_free", "lot__scheme")
    list_select_related = ("lot",)
    search_fields = ("evidence", "lot__code")
    readers = trades.READERS
    exclude = ("idempotency_key",)
    list_actions = (TellCost,)

    def scope(self, queryset: QuerySet[ToldCost], actor: Actor) -> QuerySet[ToldCost]:
        return queryset.filter(party_id=actor.own_party)

    @display(description=gettext_lazy("cost, CNY"), ordering="cost_cny")
    def show_cost(self, row: ToldCost) -> str:
        return words.money(row.cost_cny)

    def object_context(self, request: HttpRequest, obj: ToldCost | None) -> dict[str, Any]:
        if obj is None:
            return {}
        entry = reverse("admin:ledger_units_entry_change", args=[obj.entry_id])
        return {"links": [(_("Entry in the ledger of units"), entry)]}


class MakeBatch(ConfirmedAction):
    name = "make"
    title = gettext_lazy("Hand over entries")
    operation = "trades.make_batch"
    form_class = forms.BatchForm
    icon = "receipt_long"

    def initial(self, request: HttpRequest, obj: Any) -> Mapping[str, Any]:
        today = timezone.localdate()
        first = today.replace(day=1)
        since = request.GET.get("since") or first.isoformat()
        return {"since": since, "until": request.GET.get("until") or today.isoformat()}

    def describe(self, request: HttpRequest, obj: Any, data: Mapping[str, Any]) -> list[str]:
        period = Period.through(data["since"], data["until"])
        found = entries_to_hand_over(actor_of(request).own_party, period)
        if not found:
            raise NothingToSuggest
        red = sum(1 for entry in found if entry["is_red"])
        about = {"count": count(len(found)), "red": count(red)}
        return [
            _("%(count)s suggested entries are frozen as a batch, %(red)s of them in red.") % about,
            _("The files of a batch are always the same; what is in it is not handed over again."),
            _("They are suggestions for the books of account: the accountant decides."),
        ]

    def perform(self, request: HttpRequest, obj: Any, data: Mapping[str, Any], key: str) -> str:
        row = operations.make_batch(
            period=Period.through(data["since"], data["until"]),
            by=actor_of(request),
            at=timezone.now(),
            idempotency_key=key,
        )
        return _("Batch %(number)s is made.") % {"number": row.number}


@admin.register(EntryBatch, site=site)
class EntryBatchAdmin(ReadOnlyAdmin):
    list_display = ("number", "since", "until", "entry_count", "show_debit", "made_at")
    list_filter = ("since",)
    search_fields = ("content_hash",)
    readers = trades.READERS
    exclude = ("entries", "debit_cny", "idempotency_key")
    readonly_fields = ("show_debit",)
    list_actions = (MakeBatch,)
    export_fields = (
        "number", "since", "until", "entry_count", "debit_cny", "content_hash", "made_at",
    )  # fmt: skip

    def scope(self, queryset: QuerySet[EntryBatch], actor: Actor) -> QuerySet[EntryBatch]:
        return queryset.filter(party_id=actor.own_party)

    @display(description=gettext_lazy("debits, CNY"), ordering="debit_cny")
    def show_debit(self, row: EntryBatch) -> str:
        return words.money(row.debit_cny)

    def object_context(self, request: HttpRequest, obj: EntryBatch | None) -> dict[str, Any]:
        if obj is None:
            return {}
        files = [
            (form.upper(), reverse("trades_batch", args=[obj.pk, form])) for form in ("csv", "xlsx")
        ]
        table = {
            "title": _("Entries"),
            "headings": shown.page_headings(),
            "rows": shown.page_rows(obj),
        }
        return {"links": files, "related": [table]}
