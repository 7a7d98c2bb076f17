"""Kinds of units, projects and plants, for machines. Open to every reader."""

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers

from ledger.doors.rest import Listing, ListView
from ledger.instruments import queries


class Schemes(ListView):
    """Every kind of unit, with its measure and where its rules come from."""

    class Scheme(serializers.Serializer[Any]):
        code = serializers.CharField()
        name_zh = serializers.CharField()
        name_en = serializers.CharField()
        family = serializers.CharField()
        measure = serializers.CharField(help_text="What one unit stands for.")
        registry = serializers.CharField(source="registry_id")
        has_serials = serializers.BooleanField()
        transferable = serializers.BooleanField()
        end_uses = serializers.ListField(child=serializers.CharField())
        source = serializers.CharField()  # type: ignore[assignment]
        confidence = serializers.CharField(help_text="A sure, B likely, C unverified.")

    row = Scheme
    orders = {"code": ("code",), "-code": ("code",)}
    default_order = "code"

    def rows(self, asked: Mapping[str, Any]) -> QuerySet[Any]:
        return queries.schemes()


class Projects(ListView):
    """Projects that credits come from."""

    class Project(serializers.Serializer[Any]):
        id = serializers.UUIDField()
        code = serializers.CharField()
        scheme = serializers.CharField(source="scheme_id")
        name_zh = serializers.CharField()
        name_en = serializers.CharField()
        methodology = serializers.CharField()
        region = serializers.CharField()
        crediting_from = serializers.DateField(allow_null=True)
        crediting_to = serializers.DateField(allow_null=True)
        plant_id = serializers.UUIDField(allow_null=True)

    class ProjectFilters(Listing):
        scheme = serializers.CharField(required=False, max_length=30)

    row = Project
    filters = ProjectFilters

    def rows(self, asked: Mapping[str, Any]) -> QuerySet[Any]:
        found = queries.projects()
        return found.filter(scheme_id=asked["scheme"]) if "scheme" in asked else found


class Plants(ListView):
    """Plants that energy certificates come from."""

    class Plant(serializers.Serializer[Any]):
        id = serializers.UUIDField()
        code = serializers.CharField()
        name_zh = serializers.CharField()
        name_en = serializers.CharField()
        technology = serializers.CharField()
        commissioned_on = serializers.DateField(allow_null=True)
        region = serializers.CharField()
        capacity_mw = serializers.DecimalField(max_digits=18, decimal_places=6, allow_null=True)

    row = Plant

    def rows(self, asked: Mapping[str, Any]) -> QuerySet[Any]:
        return queries.plants()
