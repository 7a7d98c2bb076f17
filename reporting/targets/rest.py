"""Targets for machines, with how each year stands."""

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers

from ledger.doors.rest import DetailView, Listing, ListView, among
from reporting.targets import queries
from reporting.targets.states import TargetKind, TargetState


def _decimal() -> serializers.DecimalField:
    return serializers.DecimalField(max_digits=40, decimal_places=12, allow_null=True)


class TargetRow(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    park_id = serializers.UUIDField()
    name_zh = serializers.CharField()
    name_en = serializers.CharField()
    kind = serializers.CharField()
    coverage = serializers.CharField()
    base_year = serializers.IntegerField(help_text="For PEAK the year after which none is higher.")
    base = _decimal()
    per = serializers.CharField()
    stages = serializers.JSONField(help_text="Year and the part of the base that is gone by then.")
    standard = serializers.CharField()
    validation_id = serializers.CharField(help_text="Empty: not validated.")
    state = serializers.CharField()


class YearRow(serializers.Serializer[Any]):
    year = serializers.IntegerField()
    actual = serializers.CharField(allow_null=True)
    allowed = serializers.CharField(allow_null=True)
    over = serializers.CharField(allow_null=True, help_text="Above the path; below it, negative.")
    standing = serializers.CharField()


class TargetWithYears(TargetRow):
    years = YearRow(many=True)


class Targets(ListView):
    """Reduction targets of your party's parks."""

    row = TargetRow

    class TargetFilters(Listing):
        park_id = serializers.UUIDField(required=False)
        kind = serializers.ChoiceField(choices=[one.value for one in TargetKind], required=False)
        state = serializers.ChoiceField(choices=[one.value for one in TargetState], required=False)

    filters = TargetFilters

    def rows(self, asked: Mapping[str, Any]) -> QuerySet[Any]:
        return among(queries.seen_by(self.actor), asked, "park_id", "kind", "state")


class OneTarget(DetailView):
    """A target and each of its years."""

    row = TargetWithYears

    def find(self, **path: Any) -> Any:
        row = queries.get_row(path["target_id"], self.actor)
        told = TargetRow(row).data
        years = [
            {
                "year": one.year,
                "actual": _text(one.actual),
                "allowed": _text(one.allowed),
                "over": _text(one.over),
                "standing": one.standing,
            }
            for one in queries.progress_of(row.pk)
        ]
        return {**told, "years": years}


def _text(number: Any) -> str | None:
    return None if number is None else f"{number:f}"
