"""Inventories for machines: as calculated, and as frozen."""

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers

from ledger.doors.rest import DetailView, Listing, ListView, among
from reporting.inventories import queries


def _tonnes() -> serializers.DecimalField:
    return serializers.DecimalField(max_digits=60, decimal_places=30, allow_null=True)


class InventoryRow(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    park_id = serializers.UUIDField()
    inner_park = serializers.CharField(
        allow_blank=True, help_text="The park within the park whose inventory it is; or empty."
    )
    period_start = serializers.DateField()
    period_end = serializers.DateField(help_text="First day after.")
    consolidation = serializers.CharField()
    gwp_set = serializers.CharField()
    state = serializers.CharField()
    calculation = serializers.IntegerField()
    scope_1_tco2e = _tonnes()
    scope_2_location_tco2e = _tonnes()
    scope_2_market_tco2e = _tonnes()


class Inventories(ListView):
    """Inventories that your party may read, newest first."""

    row = InventoryRow
    orders = {"-id": ("id",), "id": ("id",)}
    default_order = "-id"

    class InventoryFilters(Listing):
        park_id = serializers.UUIDField(required=False)
        state = serializers.CharField(required=False, max_length=12)

    filters = InventoryFilters

    def rows(self, asked: Mapping[str, Any]) -> QuerySet[Any]:
        return among(queries.seen_by(self.actor), asked, "park_id", "state")


class FrozenRow(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    inventory_id = serializers.UUIDField()
    content_hash = serializers.CharField()
    dataset_hash = serializers.CharField()
    data_state = serializers.CharField()
    frozen_at = serializers.DateTimeField()
    content = serializers.JSONField(help_text="Canonical; its SHA-256 is the content hash.")


class FrozenInventory(DetailView):
    """What was frozen of an inventory: every figure with its lines, activity and factors."""

    row = FrozenRow

    def find(self, **path: Any) -> Any:
        return queries.frozen_row(path["inventory_id"], self.actor)
