"""Assessments for machines."""

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers

from ledger.doors.rest import DetailView, Listing, ListView, among
from reporting.indicators import queries


class AssessmentRow(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    park_id = serializers.UUIDField()
    inner_park = serializers.CharField(
        allow_null=True, help_text="The park within the park; null for the whole park."
    )
    year = serializers.IntegerField()
    status = serializers.CharField(help_text="MET, NOT_MET or NO_TIER, of the core indicator.")
    intensity = serializers.DecimalField(max_digits=30, decimal_places=12)
    emission_tco2 = serializers.DecimalField(max_digits=30, decimal_places=12)
    energy_tce = serializers.DecimalField(max_digits=30, decimal_places=12)
    content_hash = serializers.CharField()
    dataset_hash = serializers.CharField()
    recorded_at = serializers.DateTimeField()


class WholeAssessment(AssessmentRow):
    content = serializers.JSONField(help_text="Canonical; its SHA-256 is the content hash.")


class Assessments(ListView):
    """Assessments of your party's parks by the national method, newest first."""

    row = AssessmentRow
    orders = {"-id": ("id",), "id": ("id",)}
    default_order = "-id"

    class AssessmentFilters(Listing):
        park_id = serializers.UUIDField(required=False)
        year = serializers.IntegerField(required=False)

    filters = AssessmentFilters

    def rows(self, asked: Mapping[str, Any]) -> QuerySet[Any]:
        return among(queries.seen_by(self.actor), asked, "park_id", "year")


class OneAssessment(DetailView):
    """One assessment with all that it is made of."""

    row = WholeAssessment

    def find(self, **path: Any) -> Any:
        return queries.get_row(path["assessment_id"], self.actor)
