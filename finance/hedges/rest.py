"""Hedges for machines: reading, proposing to open one, and telling a day's settlement price."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, ClassVar

from django.db.models import QuerySet
from rest_framework import serializers

from finance.hedges import approvable, operations, queries
from finance.hedges.models import Contract
from finance.hedges.states import ContractKind, ContractState, Side, Venue
from ledger.approvals.proposing import ProposedWrite
from ledger.doors.idempotency import Answer
from ledger.doors.rest import DetailView, Listing, ListView, Whole, WriteView
from ledger.kernel.actors import Role
from ledger.kernel.money import Money

PRICE: Mapping[str, Any] = {"max_digits": 18, "decimal_places": 6}
MAYBE: Mapping[str, Any] = {"required": False, "allow_null": True, "default": None}


class HedgeRow(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    number = serializers.CharField()
    kind = serializers.ChoiceField(choices=ContractKind.values)
    side = serializers.ChoiceField(choices=Side.values)
    venue = serializers.ChoiceField(choices=Venue.values)
    state = serializers.ChoiceField(choices=ContractState.values)
    scheme = serializers.CharField()
    vintage_year = serializers.IntegerField(allow_null=True)
    for_year = serializers.IntegerField(allow_null=True, help_text="Obligation year it hedges.")
    unit_count = Whole()
    price = serializers.CharField(help_text="Agreed price, or the strike.")
    currency = serializers.CharField()
    opened_on = serializers.DateField()
    last_day = serializers.DateField()


class OneHedgeRow(HedgeRow):
    variation = serializers.CharField(help_text="Of all settled days.")
    margin_required = serializers.CharField()
    margin_call = serializers.CharField(help_text="What has to be paid in now.")


class SettledDay(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    settled_on = serializers.DateField()
    version = serializers.IntegerField()
    price = serializers.CharField()
    variation = serializers.CharField()
    margin_required = serializers.CharField()
    unit_value = serializers.CharField(allow_null=True, help_text="Of an option, by Black 1976.")
    greeks = serializers.DictField(child=serializers.CharField())


class Hedges(ListView, ProposedWrite):
    """Your futures, forwards and options; or propose one. An approver of your party decides."""

    row = HedgeRow
    operation: ClassVar[str] = approvable.OPEN
    also = frozenset({Role.CARBON_MANAGER})
    orders = {"-id": ("id",), "id": ("id",)}
    default_order = "-id"

    class HedgeFilters(Listing):
        kind = serializers.ChoiceField(choices=ContractKind.values, required=False)
        state = serializers.ChoiceField(choices=ContractState.values, required=False)
        scheme = serializers.CharField(required=False, max_length=30)

    filters = HedgeFilters

    class OpenHedge(serializers.Serializer[Any]):
        number = serializers.CharField(max_length=80)
        kind = serializers.ChoiceField(choices=ContractKind.values)
        side = serializers.ChoiceField(choices=Side.values)
        venue = serializers.ChoiceField(choices=Venue.values)
        counterparty = serializers.CharField(max_length=120)
        scheme = serializers.CharField(max_length=30)
        vintage_year = serializers.IntegerField(**MAYBE)
        for_year = serializers.IntegerField(**MAYBE)
        lots = Whole(min_value=1, max_value=2**31 - 1)
        units_per_lot = Whole(min_value=1, max_value=2**31 - 1)
        price = serializers.DecimalField(**PRICE)
        premium = serializers.DecimalField(**PRICE, **MAYBE)
        currency = serializers.CharField(required=False, default="CNY", max_length=3)
        margin_rate = serializers.DecimalField(
            max_digits=7, decimal_places=6, required=False, default=Decimal(0)
        )
        volatility = serializers.DecimalField(max_digits=9, decimal_places=6, **MAYBE)
        interest_rate = serializers.DecimalField(max_digits=9, decimal_places=6, **MAYBE)
        opened_on = serializers.DateField()
        last_day = serializers.DateField()
        is_physical = serializers.BooleanField(required=False, default=True)
        evidence = serializers.CharField(required=False, default="", max_length=300)

    body = OpenHedge

    def rows(self, asked: Mapping[str, Any]) -> QuerySet[Any]:
        named = {name: asked[name] for name in ("kind", "state", "scheme") if name in asked}
        return queries.contracts_seen_by(self.actor).filter(**named)

    def values(self, asked: Mapping[str, Any], **path: Any) -> Mapping[str, Any]:
        # every refusal now, not when somebody has approved
        operations.check_terms(operations.Terms(**asked), party_id=self.actor.own_party)
        return asked


class OneHedge(DetailView):
    """One contract and how it stands."""

    row = OneHedgeRow

    def find(self, **path: Any) -> Any:
        found = queries.get_contract(path["contract_id"], by=self.actor)
        return told(found)


def told(row: Contract) -> dict[str, Any]:
    standing = queries.standing_of(row)
    named = {str(name): getattr(row, str(name)) for name in HedgeRow().fields}
    return named | {
        "variation": _amount(standing.gained),
        "margin_required": _amount(standing.required),
        "margin_call": _amount(standing.call),
    }


def _amount(money: Money) -> str:
    return f"{money.amount:f}"


class Settlements(WriteView):
    """Tell a day's settlement price; without one, the mark of that day is taken."""

    operation: ClassVar[str] = "hedges.settle_day"
    gives = SettledDay
    gives_status = 201

    class SettleDay(serializers.Serializer[Any]):
        settled_on = serializers.DateField()
        price = serializers.DecimalField(**PRICE, **MAYBE)
        reason = serializers.CharField(required=False, default="", max_length=300)

    body = SettleDay

    def act(self, asked: Mapping[str, Any], *, key: str, **path: Any) -> Answer:
        made = operations.settle_day(
            contract_id=path["contract_id"], **asked, by=self.actor, at=self.at,
            idempotency_key=key,
        )  # fmt: skip
        return Answer(status=201, body=dict(SettledDay(made).data))
