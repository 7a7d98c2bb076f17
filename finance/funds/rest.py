"""Funds for machines: what your party may see, and acts that a person decides."""

from collections.abc import Mapping
from datetime import date
from typing import Any, ClassVar
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone
from rest_framework import serializers

from finance.funds import operations, queries
from finance.funds.models import CallLine, DistributionLine, Fund
from finance.funds.states import TOLD_BY_HAND, CallPurpose, DistributionKind, FundKind
from ledger.approvals.proposing import ProposedWrite
from ledger.doors.idempotency import Answer
from ledger.doors.rest import DetailView, Listing, ListView, WriteView
from ledger.kernel.actors import Role
from ledger.kernel.errors import NotFound

MAKERS = frozenset({Role.FUND_MANAGER})


def _money(**more: Any) -> serializers.DecimalField:
    return serializers.DecimalField(max_digits=20, decimal_places=2, **more)


def _shares(**more: Any) -> serializers.DecimalField:
    return serializers.DecimalField(max_digits=24, decimal_places=4, **more)


def _price(**more: Any) -> serializers.DecimalField:
    return serializers.DecimalField(max_digits=18, decimal_places=6, **more)


class FundRow(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    code = serializers.CharField()
    kind = serializers.CharField()
    legal_form = serializers.CharField()
    name_zh = serializers.CharField()
    name_en = serializers.CharField()
    manager_id = serializers.UUIDField()
    vehicle_id = serializers.UUIDField(allow_null=True)
    currency = serializers.CharField()
    starts_on = serializers.DateField()
    ends_on = serializers.DateField(allow_null=True)


class Funds(ListView):
    """Funds that your party manages or has committed capital to."""

    row = FundRow

    class FundFilters(Listing):
        kind = serializers.ChoiceField(choices=FundKind.values, required=False)

    filters = FundFilters

    def rows(self, asked: Mapping[str, Any]) -> QuerySet[Any]:
        seen = queries.visible_funds(self.actor)
        return seen.filter(kind=asked["kind"]) if "kind" in asked else seen


class OneFund(DetailView):
    """A fund of yours."""

    row = FundRow

    def find(self, **path: Any) -> Any:
        return queries.get_fund(path["fund_id"], by=self.actor)


class PositionRow(serializers.Serializer[Any]):
    fund_id = serializers.UUIDField()
    share_class_id = serializers.UUIDField()
    investor_id = serializers.UUIDField()
    committed = _money()
    called = _money()
    paid_in = _money()
    undrawn = _money()
    recallable = _money()
    distributed = _money()
    shares = _shares()
    value = _money(help_text="Of the shares, by the newest published net asset value.")


class Performed(serializers.Serializer[Any]):
    on = serializers.DateField()
    nav_id = serializers.UUIDField(allow_null=True)
    value = _money()
    dpi = serializers.CharField(allow_null=True, help_text="15 places, as text.")
    rvpi = serializers.CharField(allow_null=True)
    tvpi = serializers.CharField(allow_null=True)
    pic = serializers.CharField(allow_null=True)
    rate = serializers.CharField(allow_null=True, help_text="Internal rate of return, a share.")
    is_annual = serializers.BooleanField(help_text="False: the rate is of the whole period.")
    solutions = serializers.ListField(child=serializers.CharField())
    cautions = serializers.ListField(child=serializers.CharField())
    positions = PositionRow(many=True)


class Performance(DetailView):
    """How the fund has done: all of it for its manager, your own part for an investor."""

    row = Performed

    def find(self, **path: Any) -> Any:
        fund = queries.get_fund(path["fund_id"], by=self.actor)
        investor = None if queries.is_manager(fund, self.actor) else self.actor.party_id
        return _performed(fund, timezone.localdate(self.at), investor)


def _performed(fund: Fund, on: date, investor: UUID | None) -> dict[str, Any]:
    found = queries.performance(fund, on=on, investor_id=investor)
    many, made = found.multiples, found.internal
    ratios = {"dpi": many.dpi, "rvpi": many.rvpi, "tvpi": many.tvpi, "pic": many.pic}
    positions = queries.positions_of([fund.pk], on=on, investor_id=investor)
    return {
        "on": on,
        "nav_id": found.nav.pk if found.nav else None,
        "value": found.value,
        **{name: None if one is None else f"{one:f}" for name, one in ratios.items()},
        "rate": None if made.rate is None else f"{made.rate:f}",
        "is_annual": made.is_annual,
        "solutions": [f"{one:f}" for one in made.solutions],
        "cautions": [one.value for one in made.cautions],
        "positions": [_position(one, found.nav) for one in positions],
    }


def _position(one: queries.Position, nav: Any) -> dict[str, Any]:
    named = (
        "fund_id", "share_class_id", "investor_id", "committed", "called", "paid_in", "undrawn",
        "recallable", "distributed", "shares",
    )  # fmt: skip
    return {name: getattr(one, name) for name in named} | {"value": queries.value_of(one, nav)}


class OfAFund(Listing):
    fund_id = serializers.UUIDField(required=False)


class CallLineRow(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    fund_id = serializers.UUIDField()
    call_id = serializers.UUIDField()
    share_class_id = serializers.UUIDField()
    investor_id = serializers.UUIDField()
    amount = _money()
    called_on = serializers.DateField(source="call.called_on")
    due_on = serializers.DateField(source="call.due_on")


class CallLines(ListView):
    """What is called of you, or by you, newest first."""

    row = CallLineRow
    filters = OfAFund
    default_order = "-id"

    def rows(self, asked: Mapping[str, Any]) -> QuerySet[Any]:
        seen = queries.visible(self.actor, CallLine).select_related("call")
        return seen.filter(fund_id=asked["fund_id"]) if "fund_id" in asked else seen


class DistributionLineRow(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    fund_id = serializers.UUIDField()
    distribution_id = serializers.UUIDField()
    share_class_id = serializers.UUIDField()
    investor_id = serializers.UUIDField()
    kind = serializers.CharField(source="distribution.kind")
    paid_on = serializers.DateField(source="distribution.paid_on")
    amount = _money()
    shares = _shares(help_text="Redeemed.")


class DistributionLines(ListView):
    """What was paid to you, or by you, newest first."""

    row = DistributionLineRow
    filters = OfAFund
    default_order = "-id"

    def rows(self, asked: Mapping[str, Any]) -> QuerySet[Any]:
        seen = queries.visible(self.actor, DistributionLine).select_related("distribution")
        return seen.filter(fund_id=asked["fund_id"]) if "fund_id" in asked else seen


class NavRow(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    fund_id = serializers.UUIDField()
    valued_on = serializers.DateField()
    version = serializers.IntegerField()
    net_assets = _money()
    cash = _money()
    units_value = _money()
    stakes_value = _money()
    fee_owed = _money()
    carry_owed = _money()
    shares = _shares()
    per_share = _price(allow_null=True)
    parts = serializers.JSONField(help_text="What the value is made of.")
    content_hash = serializers.CharField()


class Navs(ListView):
    """Published net asset values of your funds, every version, newest first."""

    row = NavRow
    filters = OfAFund
    orders = {"-valued_on": ("valued_on", "id"), "-id": ("id",), "id": ("id",)}
    default_order = "-valued_on"

    def rows(self, asked: Mapping[str, Any]) -> QuerySet[Any]:
        rows = queries.navs_of(queries.visible_funds(self.actor))
        return rows.filter(fund_id=asked["fund_id"]) if "fund_id" in asked else rows


class _OnFund(ProposedWrite):
    also = MAKERS

    def values(self, asked: Mapping[str, Any], **path: UUID) -> Mapping[str, Any]:
        fund = queries.get_managed_fund(path["fund_id"], by=self.actor)
        return {"fund_id": fund.pk, **asked}


class ProposeCall(_OnFund):
    """Propose a capital call. An approver of your party decides."""

    operation: ClassVar[str] = "funds.make_call"

    class CapitalCall(serializers.Serializer[Any]):
        amount = _money()
        purpose = serializers.ChoiceField(choices=CallPurpose.values)
        called_on = serializers.DateField()
        due_on = serializers.DateField()
        share_price = _price(required=False, default="1.000000")
        share_class_id = serializers.UUIDField(required=False, allow_null=True, default=None)
        text = serializers.CharField(required=False, default="", allow_blank=True, max_length=300)

    body = CapitalCall


class ProposeDistribution(_OnFund):
    """Propose a distribution. An approver of your party decides."""

    operation: ClassVar[str] = "funds.make_distribution"

    class FundDistribution(serializers.Serializer[Any]):
        amount = _money()
        kind = serializers.ChoiceField(choices=DistributionKind.values)
        paid_on = serializers.DateField()
        share_price = _price(required=False, allow_null=True, default=None)
        share_class_id = serializers.UUIDField(required=False, allow_null=True, default=None)
        text = serializers.CharField(required=False, default="", allow_blank=True, max_length=300)

    body = FundDistribution


class ProposeCash(_OnFund):
    """Propose a line of the cash book. An approver of your party decides."""

    operation: ClassVar[str] = "funds.tell_cash"

    class CashLine(serializers.Serializer[Any]):
        kind = serializers.ChoiceField(choices=[one.value for one in TOLD_BY_HAND])
        amount = _money()
        happened_on = serializers.DateField()
        investment_id = serializers.UUIDField(required=False, allow_null=True, default=None)
        evidence = serializers.CharField(max_length=300)
        text = serializers.CharField(required=False, default="", allow_blank=True, max_length=300)

    body = CashLine


class ProposeNav(_OnFund):
    """Propose to publish a net asset value. An approver of your party decides."""

    operation: ClassVar[str] = "funds.publish_nav"

    class NavWanted(serializers.Serializer[Any]):
        valued_on = serializers.DateField()
        note = serializers.CharField(required=False, default="", allow_blank=True, max_length=300)

    body = NavWanted


class PaidIn(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    fund_id = serializers.UUIDField()
    number = serializers.IntegerField(help_text="Line of the cash book.")
    amount = _money()
    shares = _shares(help_text="Issued.")
    balance = _money(help_text="Of the cash book after it.")


class Payments(WriteView):
    """Record what an investor has paid in on a line of a call."""

    operation: ClassVar[str] = "funds.record_payment"
    gives = PaidIn
    gives_status = 201

    class Payment(serializers.Serializer[Any]):
        amount = _money()
        paid_on = serializers.DateField()
        evidence = serializers.CharField(max_length=300)

    body = Payment

    def act(self, asked: Mapping[str, Any], *, key: str, **path: Any) -> Answer:
        if not queries.visible(self.actor, CallLine).filter(pk=path["line_id"]).exists():
            raise NotFound
        row = operations.record_payment(
            line_id=path["line_id"], **asked, by=self.actor, at=self.at, idempotency_key=key
        )
        return Answer(status=201, body=dict(PaidIn(row).data))
