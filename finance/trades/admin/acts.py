"""The acts on one trade, and the recording of a new one."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from finance.trades import approvable, forms, operations
from finance.trades.models import Trade
from finance.trades.operations import Deal
from finance.trades.queries.flows import book_of, flows_of
from finance.trades.rules.book import Cause
from finance.trades.showing import words
from finance.trades.states import OPEN, Draw, Mode, Side, TradeState, VatKind
from ledger.accounts import queries as accounts
from ledger.accounts.states import AccountState
from ledger.approvals.proposing import ProposedAction
from ledger.doors.admin import Choices, ConfirmedAction, actor_of
from ledger.doors.figures import count
from ledger.kernel.actors import Actor, Role
from ledger.units import queries as units


def _common(data: Mapping[str, Any]) -> dict[str, Any]:
    same = (
        "unit_count", "unit_price", "currency", "rate_cny", "traded_on", "settles_on",
        "counterparty", "counter_account_number", "venue", "reference", "previous_close", "note",
    )  # fmt: skip
    return {
        **{name: data[name] for name in same},
        "mode": Mode(data["mode"]),
        "vat_kind": VatKind(data["vat_kind"]),
        "fee": data["fee"] or Decimal(0),
        "tax": data["tax"] or Decimal(0),
    }


class _Recording(ProposedAction):
    operation = approvable.RECORD

    def initial(self, request: HttpRequest, obj: Any) -> Mapping[str, Any]:
        today = timezone.localdate()
        return {"traded_on": today, "settles_on": today}

    def deal(self, by: Actor, data: Mapping[str, Any]) -> Deal:
        raise NotImplementedError

    def payload(
        self, request: HttpRequest, obj: Any, data: Mapping[str, Any], key: str
    ) -> dict[str, Any]:
        deal = self.deal(actor_of(request), data)
        approvable.check_free(deal)
        return approvable.payload_of(deal, key)


class RecordPurchase(_Recording):
    name = "buy"
    title = gettext_lazy("Record a purchase")
    form_class = forms.PurchaseForm
    icon = "add_shopping_cart"

    def choices(self, request: HttpRequest, obj: Any) -> Mapping[str, Choices]:
        own = accounts.accounts_of(actor_of(request).own_party).filter(
            state=AccountState.OPEN, type__in=("HOLDING", "TRADING")
        )
        return {"account": [(str(one.pk), f"{one.registry_id} {one}") for one in own]}

    def deal(self, by: Actor, data: Mapping[str, Any]) -> Deal:
        return Deal(
            **_common(data),
            side=Side.BUY,
            scheme=data["scheme"],
            vintage_year=data["vintage_year"],
            account_id=UUID(data["account"]),
            is_vat_deductible=data["is_vat_deductible"],
        )


class RecordSale(_Recording):
    name = "sell"
    title = gettext_lazy("Record a sale")
    form_class = forms.SaleForm
    icon = "sell"

    def choices(self, request: HttpRequest, obj: Any) -> Mapping[str, Choices]:
        by = actor_of(request)
        return {"place": units.place_choices(by.own_party), "picks": _lots(by.own_party)}

    def deal(self, by: Actor, data: Mapping[str, Any]) -> Deal:
        account_id, lot_id = map(UUID, data["place"].split(":"))
        lot = units.get_lot(lot_id)
        return Deal(
            **_common(data),
            side=Side.SELL,
            scheme=lot.scheme,
            vintage_year=lot.vintage_year,
            account_id=accounts.get_own_account(account_id, by=by).pk,
            lot_id=lot_id,
            draw=Draw(data["draw"]),
            picks=_picks(by.own_party, data["picks"], data["unit_count"]),
        )


def _lots(party_id: UUID) -> list[tuple[str, str]]:
    book, named = book_of(party_id), words.names()
    return [
        (
            one.key,
            f"{words.pool(pool, named)} · {one.acquired_on} · {count(one.unit_count)} × "
            f"{words.price(one.unit_cost)}",
        )
        for pool in book.pools
        for one in book.layers(pool)
    ]


def _picks(party_id: UUID, keys: list[str], wanted: int) -> tuple[tuple[str, int], ...]:
    """From the cost lots that were named, in their order, until it is enough."""
    book = book_of(party_id)
    held = {one.key: one.unit_count for pool in book.pools for one in book.layers(pool)}
    picks = []
    for key in filter(None, keys):
        some = min(wanted, held.get(key, 0))
        if some:
            picks.append((key, some))
            wanted -= some
    return tuple(picks)


class _Settling(ProposedAction):
    operation = approvable.SETTLE
    title = gettext_lazy("Settle")
    icon = "handshake"
    side: Side

    def is_offered(self, request: HttpRequest, obj: Trade) -> bool:
        return obj.state in OPEN and obj.side == self.side

    def initial(self, request: HttpRequest, obj: Trade) -> Mapping[str, Any]:
        return {"settled_on": min(obj.settles_on, timezone.localdate())}

    def payload(
        self, request: HttpRequest, obj: Trade, data: Mapping[str, Any], key: str
    ) -> dict[str, Any]:
        return {
            "trade_id": str(obj.pk),
            "settled_on": data["settled_on"].isoformat(),
            "unit_count": data["unit_count"],
            "lot_id": data.get("lot") or "",
            "ranges": [list(run) for run in data["ranges"]],
            "prefix": data.get("series") or "",
            "entry_id": data.get("entry") or "",
            "reason": data["reason"],
            "key": key,
        }


class SettleSale(_Settling):
    name = "settle-sale"
    form_class = forms.SettleForm
    side = Side.SELL


class SettlePurchase(_Settling):
    name = "settle-purchase"
    form_class = forms.SettlePurchaseForm
    side = Side.BUY

    def choices(self, request: HttpRequest, obj: Trade) -> Mapping[str, Choices]:
        known = units.lots().filter(scheme=obj.scheme, vintage_year=obj.vintage_year)
        return {
            "lot": [(str(one.pk), one.code) for one in known.order_by("code")[:200]],
            "entry": _brought(obj),
        }


def _brought(trade: Trade) -> list[tuple[str, str]]:
    """Entries that brought units of this kind and no trade has told of, the newest first."""
    found = [
        flow
        for flow in flows_of(trade.party_id)
        if flow.cause is Cause.RECEIVED and flow.pool == (trade.scheme, trade.vintage_year)
    ]
    return [
        (str(flow.entry_id), f"{flow.day} · {count(flow.unit_count)}") for flow in reversed(found)
    ]


class FailSettlement(ConfirmedAction):
    name = "fail"
    title = gettext_lazy("Settlement failed")
    operation = "trades.fail_settlement"
    form_class = forms.FailForm
    icon = "error"
    dangerous = True

    def is_offered(self, request: HttpRequest, obj: Trade) -> bool:
        return obj.state in OPEN

    def initial(self, request: HttpRequest, obj: Trade) -> Mapping[str, Any]:
        return {"failed_on": timezone.localdate()}

    def describe(self, request: HttpRequest, obj: Trade, data: Mapping[str, Any]) -> list[str]:
        left = count(obj.unit_count - obj.settled_count)
        said = [
            _("%(units)s units were not settled on %(day)s.")
            % {"units": left, "day": date_format(data["failed_on"])},
            _("They stay set aside; the trade can be settled later or be given up."),
        ]
        if data["settles_on"]:
            next_on = {"day": date_format(data["settles_on"])}
            said.append(_("The next attempt is on %(day)s.") % next_on)
        return said

    def perform(self, request: HttpRequest, obj: Trade, data: Mapping[str, Any], key: str) -> str:
        operations.fail_settlement(
            trade_id=obj.pk, **data, by=actor_of(request), at=timezone.now(), idempotency_key=key
        )
        return _("The failure is noted.")


class GiveUp(ConfirmedAction):
    name = "give-up"
    title = gettext_lazy("Give up the rest")
    operation = "trades.give_up_trade"
    form_class = forms.ReasonForm
    icon = "block"
    dangerous = True

    def is_offered(self, request: HttpRequest, obj: Trade) -> bool:
        return obj.state in OPEN

    def describe(self, request: HttpRequest, obj: Trade, data: Mapping[str, Any]) -> list[str]:
        left = count(obj.unit_count - obj.settled_count)
        return [
            _("%(units)s units of this trade will not be settled any more.") % {"units": left},
            _("What is set aside for them is free again; what was settled stands."),
        ]

    def perform(self, request: HttpRequest, obj: Trade, data: Mapping[str, Any], key: str) -> str:
        operations.give_up_trade(
            trade_id=obj.pk, reason=data["reason"], by=actor_of(request), at=timezone.now()
        )
        return _("The rest of the trade is given up.")


class ReverseTrade(ProposedAction):
    makers = frozenset({Role.CARBON_MANAGER})
    name = "reverse"
    title = gettext_lazy("Take the trade back")
    operation = approvable.REVERSE
    form_class = forms.ReverseForm
    icon = "undo"
    dangerous = True

    def is_offered(self, request: HttpRequest, obj: Trade) -> bool:
        return obj.settled_count > 0 and obj.state != TradeState.CANCELLED

    def initial(self, request: HttpRequest, obj: Trade) -> Mapping[str, Any]:
        return {"undone_on": timezone.localdate()}

    def payload(
        self, request: HttpRequest, obj: Trade, data: Mapping[str, Any], key: str
    ) -> dict[str, Any]:
        undone_on: date = data["undone_on"]
        return {
            "trade_id": str(obj.pk),
            "undone_on": undone_on.isoformat(),
            "reason": data["reason"],
            "key": key,
        }
