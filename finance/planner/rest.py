"""The planner for machines: typed prices, and the cheapest cover, worked out and kept."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from rest_framework import serializers

from finance.planner import operations, queries
from finance.planner.queries import Terms
from finance.planner.rules.problem import Demand, Problem, fen
from ledger.doors.idempotency import Answer
from ledger.doors.rest import DetailView, Listing, ListView, Whole, WriteView, among
from ledger.instruments import queries as instruments

MOST_UNITS = 2**53 - 1
MOST_YEARS, MOST_HOLDS, MOST_STEPS = 6, 200, 12


def _money(help_text: str = "", *, required: bool = False) -> serializers.DecimalField:
    return serializers.DecimalField(
        max_digits=14,
        decimal_places=2,
        min_value=Decimal(0),
        required=required,
        allow_null=not required,
        default=serializers.empty if required else None,
        help_text=help_text or "CNY; text, exact.",
    )


class PriceRow(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    scheme = serializers.CharField()
    vintage_year = serializers.IntegerField(allow_null=True)
    buy_cny = serializers.SerializerMethodField()
    sell_cny = serializers.SerializerMethodField()
    available = Whole(allow_null=True, help_text="null: as many as needed.")
    quoted_on = serializers.DateField()
    source = serializers.CharField()  # type: ignore[assignment]
    recorded_at = serializers.DateTimeField()

    def get_buy_cny(self, row: Any) -> str | None:
        return _cny(row.buy_fen)

    def get_sell_cny(self, row: Any) -> str | None:
        return _cny(row.sell_fen)


def _cny(amount_fen: int | None) -> str | None:
    return None if amount_fen is None else f"{Decimal(amount_fen).scaleb(-2):.2f}"


class Prices(ListView, WriteView):
    """Prices that your party typed, newest first; or tell one."""

    row = PriceRow
    gives = PriceRow
    gives_status = 201
    operation: ClassVar[str] = "planner.record_price"
    orders = {"-id": ("id",), "id": ("id",)}
    default_order = "-id"

    class PriceFilters(Listing):
        scheme = serializers.CharField(required=False, max_length=30)
        vintage_year = serializers.IntegerField(required=False)

    class PriceToTell(serializers.Serializer[Any]):
        scheme = serializers.CharField(max_length=30)
        vintage_year = serializers.IntegerField(
            required=False, allow_null=True, default=None, min_value=2000, max_value=2100
        )
        buy_cny = _money()
        sell_cny = _money()
        available = Whole(
            required=False, allow_null=True, default=None, min_value=0, max_value=MOST_UNITS
        )
        quoted_on = serializers.DateField()
        source = serializers.CharField(max_length=200)  # type: ignore[assignment]

        def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
            if attrs["buy_cny"] is None and attrs["sell_cny"] is None:
                fault = _("Enter a buy price, a sell price, or both.")
                raise serializers.ValidationError({"buy_cny": fault}, code="required")
            return attrs

    filters = PriceFilters
    body = PriceToTell

    def rows(self, asked: Mapping[str, Any]) -> QuerySet[Any]:
        return among(queries.prices_seen_by(self.actor), asked, "scheme", "vintage_year")

    def act(self, asked: Mapping[str, Any], *, key: str, **path: Any) -> Answer:
        instruments.get_scheme(asked["scheme"])
        plain = ("scheme", "vintage_year", "available", "quoted_on", "source")
        made = operations.record_price(
            **{name: asked[name] for name in plain},
            buy=asked["buy_cny"],
            sell=asked["sell_cny"],
            by=self.actor,
            at=self.at,
            idempotency_key=f"api:{self.actor.user_id}:{key}",
        )
        return Answer(status=201, body=dict(PriceRow(made).data))


# --- plans


class YearToCover(serializers.Serializer[Any]):
    year = serializers.IntegerField(min_value=2019, max_value=2100)
    obligation_t = Whole(min_value=0, max_value=MOST_UNITS)
    surrendered_t = Whole(required=False, default=0, min_value=0, max_value=MOST_UNITS)
    offsets_surrendered_t = Whole(required=False, default=0, min_value=0, max_value=MOST_UNITS)
    offset_share = serializers.DecimalField(
        max_digits=7,
        decimal_places=6,
        min_value=Decimal(0),
        max_value=Decimal(1),
        help_text="Offsets at most: 0.05 is five per cent.",
    )
    due_on = serializers.DateField()


class TermsOfHold(serializers.Serializer[Any]):
    hold_id = serializers.UUIDField()
    cost_cny = _money("Per unit.")
    fee_cny = _money("Once.")
    days = serializers.IntegerField(required=False, default=0, min_value=0, max_value=3650)
    ask_until = serializers.DateField(required=False, allow_null=True, default=None)


def _steps(help_text: str) -> serializers.ListField:
    step = serializers.IntegerField(min_value=-10_000, max_value=100_000)
    return serializers.ListField(
        child=step, required=False, default=list, max_length=MOST_STEPS, help_text=help_text
    )


class PlanToMake(serializers.Serializer[Any]):
    title = serializers.CharField(max_length=120)
    planned_on = serializers.DateField(help_text="Prices and deadlines count from this day.")
    years = serializers.ListField(
        child=YearToCover(),
        required=False,
        max_length=MOST_YEARS,
        default=list,
        help_text="Absent: what your party's entity still owes.",
    )
    entity_id = serializers.UUIDField(required=False, allow_null=True, default=None)
    holds = serializers.ListField(
        child=TermsOfHold(), required=False, max_length=MOST_HOLDS, default=list
    )
    carry_limit = Whole(required=False, default=0, min_value=0, max_value=MOST_UNITS)
    carry_by = serializers.DateField(required=False, allow_null=True, default=None)
    sells_ageing = serializers.BooleanField(required=False, default=False)
    price_steps_bps = _steps("What if prices change, in basis points.")
    emission_steps_bps = _steps("What if emissions change, in basis points.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["carry_limit"] and attrs["carry_by"] is None:
            fault = _("Carry-over needs the last day to apply.")
            raise serializers.ValidationError({"carry_by": fault}, code="required")
        return attrs


class PlanRow(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    title = serializers.CharField()
    planned_on = serializers.DateField()
    years = serializers.CharField()
    open_t = Whole(help_text="To cover.")
    missing_t = Whole(help_text="What nothing covers.")
    paid_cny = serializers.SerializerMethodField()
    total_cny = serializers.SerializerMethodField(help_text="With what use gives up.")
    content_hash = serializers.CharField()
    made_at = serializers.DateTimeField()

    def get_paid_cny(self, row: Any) -> str | None:
        return _cny(row.paid_fen)

    def get_total_cny(self, row: Any) -> str | None:
        return _cny(row.total_fen)


class WholePlan(PlanRow):
    inputs = serializers.JSONField()
    steps = serializers.JSONField()
    result = serializers.JSONField(
        help_text="Lines, years and scenarios; amounts in fen, the hundredth of a yuan."
    )


class Plans(ListView, WriteView):
    """Cover plans of your party, newest first; or have one worked out and kept.

    A plan moves nothing: its lines name what could be proposed.
    """

    row = PlanRow
    gives = WholePlan
    gives_status = 201
    operation: ClassVar[str] = "planner.save_plan"
    body = PlanToMake
    orders = {"-id": ("id",), "id": ("id",)}
    default_order = "-id"

    def rows(self, asked: Mapping[str, Any]) -> QuerySet[Any]:
        return queries.plans_seen_by(self.actor)

    def act(self, asked: Mapping[str, Any], *, key: str, **path: Any) -> Answer:
        made = operations.save_plan(
            problem=self._problem(asked),
            title=asked["title"],
            price_steps=sorted({0, *asked["price_steps_bps"]}),
            emission_steps=sorted({0, *asked["emission_steps_bps"]}),
            by=self.actor,
            at=self.at,
            idempotency_key=f"api:{self.actor.user_id}:{key}",
        )
        location = f"/api/v1/planner/plans/{made.pk}/"
        return Answer(status=201, body=dict(WholePlan(made).data), location=location)

    def _problem(self, asked: Mapping[str, Any]) -> Problem:
        party_id = self.actor.own_party
        owed = queries.default_demands(party_id, entity_id=asked["entity_id"])
        return queries.gather(
            party_id=party_id,
            on=asked["planned_on"],
            demands=[_demand(one) for one in asked["years"]] or owed,
            terms={str(one["hold_id"]): _terms(one) for one in asked["holds"]},
            carry_limit=asked["carry_limit"],
            carry_by=asked["carry_by"],
            sells_ageing=asked["sells_ageing"],
        )


def _demand(one: Mapping[str, Any]) -> Demand:
    return Demand(
        year=one["year"],
        obligation=one["obligation_t"],
        due_on=one["due_on"],
        offset_share=one["offset_share"],
        surrendered=one["surrendered_t"],
        offsets_surrendered=one["offsets_surrendered_t"],
    )


def _terms(one: Mapping[str, Any]) -> Terms:
    return Terms(
        cost_fen=fen(one["cost_cny"] or Decimal(0)),
        fee_fen=fen(one["fee_cny"] or Decimal(0)),
        days=one["days"],
        ask_until=one["ask_until"],
    )


class OnePlan(DetailView):
    """A plan with everything it was made from, as it was kept."""

    row = WholePlan

    def find(self, **path: Any) -> Any:
        return queries.get_plan(path["plan_id"], by=self.actor)
