"""Calculated activity for machines."""

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers

from ledger.doors.rest import Listing, ListView, among
from reporting.entries import queries
from reporting.entries.states import Method, Part


class EntryRow(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    park_id = serializers.UUIDField()
    year = serializers.IntegerField()
    code = serializers.CharField()
    version = serializers.IntegerField()
    title = serializers.CharField()
    part = serializers.CharField()
    method = serializers.CharField()
    inputs = serializers.DictField(child=serializers.CharField())
    carrier = serializers.CharField()
    evidence = serializers.CharField()
    quality = serializers.CharField()
    is_withdrawn = serializers.BooleanField()
    recorded_at = serializers.DateTimeField()


class Entries(ListView):
    """Calculated activity that your party may read, newest year first; every version."""

    row = EntryRow
    orders = {"-id": ("id",), "id": ("id",)}
    default_order = "-id"

    class EntryFilters(Listing):
        park_id = serializers.UUIDField(required=False)
        year = serializers.IntegerField(required=False)
        part = serializers.ChoiceField(choices=[one.value for one in Part], required=False)
        method = serializers.ChoiceField(choices=[one.value for one in Method], required=False)

    filters = EntryFilters

    def rows(self, asked: Mapping[str, Any]) -> QuerySet[Any]:
        return among(queries.seen_by(self.actor), asked, "park_id", "year", "part", "method")
