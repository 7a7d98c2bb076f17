"""Statements for machines: read, adjusted, claimed."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.db.models import QuerySet
from rest_framework import serializers

from finance.ppas import approvable, models, queries
from finance.ppas.rest.values import Cny, Mwh, Proposing
from finance.ppas.rules.quantities import mwh
from finance.ppas.states import (
    StatementKind,
)
from ledger.doors.idempotency import Answer
from ledger.doors.rest import (
    DetailView,
    Listing,
    ListView,
    Whole,
)


class SettlementRow(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    contract_id = serializers.UUIDField()
    month = serializers.DateField()
    version = serializers.IntegerField()
    kind = serializers.CharField(help_text="PRELIMINARY, FINAL or ADJUSTED.")
    supersedes_id = serializers.UUIDField(allow_null=True)
    contracted_mwh = Mwh()
    generated_mwh = Mwh()
    consumed_mwh = Mwh()
    delivered_mwh = Mwh()
    settled_mwh = Mwh()
    seller_short_mwh = Mwh()
    buyer_short_mwh = Mwh()
    surplus_mwh = Mwh()
    make_good_mwh = Mwh()
    carried_in_mwh = Mwh()
    certificate_count = Whole()
    carried_out_mwh = Mwh()
    missing_count = serializers.IntegerField()
    buyer_pays_cny = Cny()
    seller_gets_cny = Cny()
    grid_gets_cny = Cny()
    treasury_gets_cny = Cny()
    content_hash = serializers.CharField()
    reason = serializers.CharField()
    settled_at = serializers.DateTimeField()


class LineRow(serializers.Serializer[Any]):
    position = serializers.IntegerField()
    kind = serializers.CharField()
    tariff = serializers.CharField()
    mwh = Mwh()
    cny_per_kwh = serializers.DecimalField(max_digits=18, decimal_places=12)
    amount_cny = Cny()
    payer = serializers.CharField()
    payee = serializers.CharField()
    price_id = serializers.UUIDField(allow_null=True)
    rule_id = serializers.UUIDField(allow_null=True)


class MeterOfStatement(serializers.Serializer[Any]):
    point_id = serializers.UUIDField()
    meter_month_id = serializers.UUIDField(allow_null=True)
    metered_mwh = Mwh()
    share_bps = serializers.IntegerField()
    settled_mwh = Mwh()


class SettlementWithLines(SettlementRow):
    lines = LineRow(many=True)
    meters = MeterOfStatement(many=True)


def _settled(row: models.Settlement) -> dict[str, Any]:
    names = [str(name) for name in SettlementRow().fields]
    return {
        name: mwh(getattr(row, f"{name[:-4]}_wh")) if name.endswith("_mwh") else getattr(row, name)
        for name in names
    }


def _with_lines(row: models.Settlement) -> dict[str, Any]:
    lines = row.lines.order_by("position")
    return {
        **_settled(row),
        "lines": [
            {
                **{
                    name: getattr(line, name)
                    for name in ("position", "kind", "tariff", "cny_per_kwh", "amount_cny",
                                 "payer", "payee", "price_id", "rule_id")
                },
                "mwh": mwh(line.energy_wh),
            }
            for line in lines
        ],
        "meters": [
            {
                "point_id": one.point_id,
                "meter_month_id": one.meter_month_id,
                "metered_mwh": mwh(one.metered_wh),
                "share_bps": one.share_bps,
                "settled_mwh": mwh(one.settled_wh),
            }
            for one in row.points.order_by("point_id")
        ],
    }  # fmt: skip


class Settlements(ListView):
    """Statements of your contracts, every version; `standing` leaves the last of each month."""

    row = SettlementRow
    orders = {"-id": ("id",), "id": ("id",)}
    default_order = "-id"

    class SettlementFilters(Listing):
        contract_id = serializers.UUIDField(required=False)
        month = serializers.DateField(required=False)
        kind = serializers.ChoiceField(choices=StatementKind.values, required=False)
        standing = serializers.BooleanField(required=False)

    filters = SettlementFilters

    def rows(self, asked: Mapping[str, Any]) -> QuerySet[Any]:
        named = ("contract_id", "month", "kind")
        seen = queries.settlements_visible_to(self.actor)
        if asked.get("standing"):
            seen = seen.filter(superseded_by=None)
        return seen.filter(**{name: asked[name] for name in named if name in asked})

    def shown(self, rows: Any) -> Any:
        return [_settled(row) for row in rows]


class OneSettlement(DetailView):
    """A statement with its lines and meters."""

    row = SettlementWithLines

    def find(self, **path: Any) -> Any:
        return _with_lines(queries.get_settlement(path["settlement_id"], by=self.actor))


class Adjustments(Proposing):
    """Propose that a final month is settled again, by what is known now."""

    operation: ClassVar[str] = approvable.ADJUST

    class Why(serializers.Serializer[Any]):
        reason = serializers.CharField(max_length=300)

    body = Why

    def act(self, asked: Mapping[str, Any], *, key: str, **path: Any) -> Answer:
        row = queries.get_settlement(path["settlement_id"], by=self.actor)
        payload = {
            "contract_id": str(row.contract_id),
            "month": row.month.isoformat(),
            "reason": asked["reason"],
            "key": key,
        }
        return self.ask(payload, approvable.describe_adjust(payload))


class Claims(Proposing):
    """Propose that what a final month brought is claimed for the buyer, once."""

    operation: ClassVar[str] = approvable.CLAIM

    class What(serializers.Serializer[Any]):
        purpose = serializers.CharField(max_length=200)

    body = What

    def act(self, asked: Mapping[str, Any], *, key: str, **path: Any) -> Answer:
        row = queries.get_settlement(path["settlement_id"], by=self.actor)
        payload = {
            "contract_id": str(row.contract_id),
            "month": row.month.isoformat(),
            "purpose": asked["purpose"],
            "key": key,
        }
        return self.ask(payload, approvable.describe_claim(payload))
