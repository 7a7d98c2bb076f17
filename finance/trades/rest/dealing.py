"""Trades for machines: those of your party; asking to record, settle and take back; the books."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, ClassVar

from django.db.models import QuerySet
from rest_framework import serializers

from finance.trades import approvable, models, operations
from finance.trades.operations import Deal
from finance.trades.queries import trades
from finance.trades.states import Draw, Mode, Side, TradeState, VatKind
from ledger.accounts import queries as accounts
from ledger.approvals import operations as approvals
from ledger.approvals import queries as requests
from ledger.doors.idempotency import Answer
from ledger.doors.rest import (
    AskedFor,
    DetailView,
    Listing,
    ListView,
    Quantity,
    Whole,
    WriteView,
    carried_out,
    quantity,
    waits_for_approval,
)
from ledger.instruments import queries as instruments
from ledger.kernel.actors import GRANTABLE, Role

LARGEST = 2**63 - 1
READERS = trades.READERS & GRANTABLE - {Role.ADMINISTRATOR}
MONEY: dict[str, Any] = {"max_digits": 22, "decimal_places": 2}
PRICE: dict[str, Any] = {"max_digits": 18, "decimal_places": 4}
RATE: dict[str, Any] = {"max_digits": 18, "decimal_places": 8}


class SettlementRow(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    outcome = serializers.CharField()
    settled_on = serializers.DateField()
    units = Quantity()
    lot_id = serializers.UUIDField(allow_null=True)
    entry_id = serializers.UUIDField(allow_null=True, help_text="The entry that delivered.")
    reversed_by = serializers.UUIDField(allow_null=True, help_text="The entry that took it back.")
    cash_amount = serializers.DecimalField(**MONEY)
    booked_cny = serializers.DecimalField(**MONEY, help_text="Cost of a purchase, or income.")
    reason = serializers.CharField()


class TradeRow(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    side = serializers.CharField()
    mode = serializers.CharField()
    state = serializers.CharField()
    scheme = serializers.CharField()
    vintage_year = serializers.IntegerField()
    units = Quantity()
    settled = Quantity()
    account_id = serializers.UUIDField()
    lot_id = serializers.UUIDField(allow_null=True)
    traded_on = serializers.DateField()
    settles_on = serializers.DateField()
    counterparty = serializers.CharField()
    venue = serializers.CharField()
    reference = serializers.CharField()
    currency = serializers.CharField()
    unit_price = serializers.DecimalField(**PRICE)
    rate_cny = serializers.DecimalField(**RATE)
    gross_amount = serializers.DecimalField(**MONEY)
    vat_kind = serializers.CharField()
    vat_amount = serializers.DecimalField(**MONEY)
    fee_amount = serializers.DecimalField(**MONEY)
    tax_amount = serializers.DecimalField(**MONEY)
    cash_amount = serializers.DecimalField(**MONEY, help_text="Paid by a buyer, or received.")
    booked_cny = serializers.DecimalField(**MONEY, help_text="Cost of a purchase, or income.")
    band_verdict = serializers.CharField(help_text="The day's limits: held against them, or not.")
    recorded_at = serializers.DateTimeField()


class TradeAndSettlements(TradeRow):
    settlements = SettlementRow(many=True)


def _told(trade: models.Trade, measure: str) -> dict[str, Any]:
    named = [str(name) for name in TradeRow().fields if hasattr(trade, str(name))]
    return {name: getattr(trade, name) for name in named} | {
        "units": quantity(trade.unit_count, measure),
        "settled": quantity(trade.settled_count, measure),
    }


def _settlement(row: models.Settlement, measure: str) -> dict[str, Any]:
    same = (
        "id", "outcome", "settled_on", "lot_id", "entry_id", "cash_amount", "booked_cny", "reason",
    )  # fmt: skip
    return {name: getattr(row, name) for name in same} | {
        "units": quantity(row.unit_count, measure),
        "reversed_by": row.undoing.entry_id if hasattr(row, "undoing") else None,
    }


def _propose(view: WriteView, payload: Mapping[str, Any]) -> Answer:
    """Ask the approvers of the caller's party; where its thresholds ask for none, do it."""
    made = approvals.propose(
        operation=view.operation,
        payload=payload,
        summary=requests.describe(view.operation, payload),
        party_id=view.actor.own_party,
        by=view.actor,
        at=view.at,
    )
    if made.approval is None:
        return carried_out(view.operation, made.result or {})
    return waits_for_approval(made.approval)


class Trades(ListView, WriteView):
    """Trades of your party; or ask that one is recorded. An approver of your party decides."""

    may = {"GET": READERS}
    row = TradeRow
    gives = AskedFor
    operation: ClassVar[str] = approvable.RECORD
    orders = {"-traded_on": ("traded_on", "id"), "traded_on": ("traded_on", "id")}
    default_order = "-traded_on"

    class TradeFilters(Listing):
        side = serializers.ChoiceField(choices=Side.values, required=False)
        mode = serializers.ChoiceField(choices=Mode.values, required=False)
        state = serializers.ChoiceField(choices=TradeState.values, required=False)
        scheme = serializers.CharField(required=False, max_length=30)
        vintage_year = serializers.IntegerField(required=False)
        reference = serializers.CharField(required=False, max_length=80)
        since = serializers.DateField(required=False, help_text="First day, included.")
        until = serializers.DateField(required=False, help_text="Last day, included.")

    filters = TradeFilters

    class RecordTrade(serializers.Serializer[Any]):
        """What was agreed. A sale names the lot of its units; they are set aside until settled."""

        side = serializers.ChoiceField(choices=Side.values)
        mode = serializers.ChoiceField(choices=Mode.values)
        scheme = serializers.CharField(max_length=30)
        vintage_year = serializers.IntegerField(min_value=1990, max_value=2200)
        unit_count = Whole(min_value=1, max_value=LARGEST)
        unit_price = serializers.DecimalField(**PRICE)
        traded_on = serializers.DateField()
        settles_on = serializers.DateField()
        account_id = serializers.UUIDField(help_text="The account into or out of which; yours.")
        lot_id = serializers.UUIDField(required=False, allow_null=True, default=None)
        counterparty = serializers.CharField(required=False, default="", max_length=120)
        counter_account_number = serializers.CharField(required=False, default="", max_length=60)
        venue = serializers.CharField(required=False, default="", max_length=120)
        reference = serializers.CharField(required=False, default="", max_length=80)
        currency = serializers.CharField(required=False, default="CNY", max_length=3)
        rate_cny = serializers.DecimalField(**RATE, required=False, allow_null=True, default=None)
        fee = serializers.DecimalField(**MONEY, required=False, default=Decimal(0))
        tax = serializers.DecimalField(**MONEY, required=False, default=Decimal(0))
        vat_kind = serializers.ChoiceField(
            choices=VatKind.values, required=False, default=VatKind.NONE.value
        )
        vat_rate = serializers.DecimalField(
            max_digits=6, decimal_places=4, required=False, allow_null=True, default=None
        )
        is_vat_deductible = serializers.BooleanField(required=False, default=False)
        draw = serializers.ChoiceField(
            choices=Draw.values, required=False, default=Draw.POLICY.value
        )
        previous_close = serializers.DecimalField(
            **PRICE, required=False, allow_null=True, default=None
        )
        note = serializers.CharField(required=False, default="", max_length=300)

    body = RecordTrade

    def rows(self, asked: Mapping[str, Any]) -> QuerySet[Any]:
        named = {
            **{name: name for name in
               ("side", "mode", "state", "scheme", "vintage_year", "reference")},
            "since": "traded_on__gte",
            "until": "traded_on__lte",
        }  # fmt: skip
        wanted = {column: asked[name] for name, column in named.items() if name in asked}
        return trades.trades_seen_by(self.actor).filter(**wanted)

    def shown(self, rows: Any) -> Any:
        measures = instruments.measures()
        return [_told(row, measures.get(row.scheme, "")) for row in rows]

    def act(self, asked: Mapping[str, Any], *, key: str, **path: Any) -> Answer:
        accounts.get_own_account(asked["account_id"], by=self.actor)
        told = {
            **asked,
            "side": Side(asked["side"]),
            "mode": Mode(asked["mode"]),
            "vat_kind": VatKind(asked["vat_kind"]),
            "draw": Draw(asked["draw"]),
        }
        deal = Deal(**told)
        approvable.check_free(deal)
        return _propose(self, approvable.payload_of(deal, key))


class OneTrade(DetailView):
    """A trade of your party, with every attempt to settle it."""

    may = {"GET": READERS}
    row = TradeAndSettlements

    def find(self, **path: Any) -> Any:
        trade = trades.get_trade(path["trade_id"], by=self.actor)
        measure = instruments.measures().get(trade.scheme, "")
        rows = trades.settlements_of(trade)
        return _told(trade, measure) | {"settlements": [_settlement(row, measure) for row in rows]}


class Run(serializers.Serializer[Any]):
    first = Whole(min_value=0, max_value=LARGEST)
    last = Whole(min_value=0, max_value=LARGEST)


class Settlements(WriteView):
    """Ask that a trade is settled, in full or in part: units against money."""

    operation: ClassVar[str] = approvable.SETTLE
    gives = AskedFor

    class Settle(serializers.Serializer[Any]):
        settled_on = serializers.DateField()
        unit_count = Whole(
            required=False, allow_null=True, default=None, min_value=1, max_value=LARGEST,
            help_text="Absent: all that are open.",
        )  # fmt: skip
        lot_id = serializers.UUIDField(required=False, allow_null=True, default=None)
        serials = Run(many=True, required=False, default=list)
        prefix = serializers.CharField(required=False, default="", max_length=120)
        entry_id = serializers.UUIDField(
            required=False, allow_null=True, default=None,
            help_text="The entry by which bought units have come already.",
        )  # fmt: skip
        reason = serializers.CharField(required=False, default="", max_length=300)

    body = Settle

    def act(self, asked: Mapping[str, Any], *, key: str, **path: Any) -> Answer:
        trade = trades.get_trade(path["trade_id"], by=self.actor)
        payload = {
            "trade_id": str(trade.pk),
            "settled_on": asked["settled_on"].isoformat(),
            "unit_count": asked["unit_count"],
            "lot_id": str(asked["lot_id"] or ""),
            "ranges": [[run["first"], run["last"]] for run in asked["serials"]],
            "prefix": asked["prefix"],
            "entry_id": str(asked["entry_id"] or ""),
            "reason": asked["reason"],
            "key": key,
        }
        return _propose(self, payload)


class Failures(WriteView):
    """Note that a settlement failed. What was sold stays set aside; it can be tried again."""

    operation: ClassVar[str] = "trades.fail_settlement"
    gives = SettlementRow
    gives_status = 201

    class Failure(serializers.Serializer[Any]):
        failed_on = serializers.DateField()
        settles_on = serializers.DateField(required=False, allow_null=True, default=None)
        reason = serializers.CharField(max_length=300)

    body = Failure

    def act(self, asked: Mapping[str, Any], *, key: str, **path: Any) -> Answer:
        trade = trades.get_trade(path["trade_id"], by=self.actor)
        row = operations.fail_settlement(
            trade_id=trade.pk, **asked, by=self.actor, at=self.at, idempotency_key=key
        )
        told = SettlementRow(_settlement(row, instruments.measures().get(trade.scheme, ""))).data
        return Answer(status=201, body=dict(told), location=f"/api/v1/trades/{trade.pk}/")


class Reversals(WriteView):
    """Ask that a trade is taken back: its deliveries are reversed, the rest is given up."""

    operation: ClassVar[str] = approvable.REVERSE
    also = frozenset({Role.CARBON_MANAGER})
    gives = AskedFor

    class Reversal(serializers.Serializer[Any]):
        undone_on = serializers.DateField()
        reason = serializers.CharField(max_length=300)

    body = Reversal

    def act(self, asked: Mapping[str, Any], *, key: str, **path: Any) -> Answer:
        trade = trades.get_trade(path["trade_id"], by=self.actor)
        payload = {
            "trade_id": str(trade.pk),
            "undone_on": asked["undone_on"].isoformat(),
            "reason": asked["reason"],
            "key": key,
        }
        return _propose(self, payload)
