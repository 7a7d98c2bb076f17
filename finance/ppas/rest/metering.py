"""Metering points and their rows for machines."""

import csv
import io
from collections.abc import Mapping
from typing import Any, ClassVar

from django.db.models import QuerySet
from rest_framework import serializers

from finance.ppas import models, operations, queries
from finance.ppas.rest.values import MOST_ROWS, Mwh
from finance.ppas.rules.quantities import mwh
from finance.ppas.states import (
    Grain,
    Side,
)
from ledger.doors.idempotency import Answer
from ledger.doors.rest import (
    DetailView,
    Listing,
    ListView,
    Whole,
    WriteView,
)


class PointRow(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    code = serializers.CharField()
    name = serializers.CharField()
    side = serializers.CharField()
    grain = serializers.CharField(help_text="HOUR or MONTH: what its rows stand for.")
    plant_id = serializers.UUIDField(allow_null=True)
    user_id = serializers.UUIDField(allow_null=True)


class Points(ListView, WriteView):
    """Metering points that your party may see; or register one."""

    row = PointRow
    gives = PointRow
    gives_status = 201
    operation: ClassVar[str] = "ppas.register_point"

    class PointFilters(Listing):
        side = serializers.ChoiceField(choices=Side.values, required=False)
        code = serializers.CharField(required=False, max_length=60)

    filters = PointFilters

    class Register(serializers.Serializer[Any]):
        code = serializers.CharField(max_length=60)
        name = serializers.CharField(max_length=160)
        side = serializers.ChoiceField(choices=Side.values)
        grain = serializers.ChoiceField(choices=Grain.values)
        plant_id = serializers.UUIDField(required=False, allow_null=True, default=None)
        user_id = serializers.UUIDField(required=False, allow_null=True, default=None)

    body = Register

    def rows(self, asked: Mapping[str, Any]) -> QuerySet[Any]:
        named = ("side", "code")
        seen = queries.points_visible_to(self.actor)
        return seen.filter(**{name: asked[name] for name in named if name in asked})

    def act(self, asked: Mapping[str, Any], *, key: str, **path: Any) -> Answer:
        made = operations.register_point(**asked, by=self.actor, at=self.at)
        return Answer(status=201, body=dict(PointRow(made).data))


class MonthRow(serializers.Serializer[Any]):
    month = serializers.DateField()
    mwh = Mwh()
    row_count = serializers.IntegerField()
    missing_count = serializers.IntegerField()
    corrected_count = serializers.IntegerField()
    version = serializers.IntegerField()


class Months(ListView):
    """A point's months as they stand."""

    row = MonthRow
    orders = {"-month": ("month", "id"), "month": ("month", "id")}
    default_order = "month"

    def rows(self, asked: Mapping[str, Any]) -> QuerySet[Any]:
        point = queries.get_point(self.kwargs["point_id"], by=self.actor)
        return queries.newest_months(models.Point.objects.filter(pk=point.pk))

    def shown(self, rows: Any) -> Any:
        return [
            {
                "month": row.month,
                "mwh": mwh(row.energy_wh),
                "row_count": row.row_count,
                "missing_count": row.missing_count,
                "corrected_count": row.corrected_count,
                "version": row.version,
            }
            for row in rows
        ]


class UploadRow(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    state = serializers.CharField(help_text="WAITING, TAKEN or REFUSED: all or nothing.")
    row_count = Whole()
    new_count = Whole()
    corrected_count = Whole()
    same_count = Whole()
    problem_count = serializers.IntegerField()
    problems = serializers.JSONField(help_text="[row, column, reason, as written]")
    sha256 = serializers.CharField()


class Readings(WriteView):
    """Bring meter rows; a job takes them in, whole or not at all."""

    operation: ClassVar[str] = "ppas.upload_readings"
    gives = UploadRow

    class Rows(serializers.Serializer[Any]):
        class Row(serializers.Serializer[Any]):
            point = serializers.CharField(max_length=60, help_text="Code of the point.")
            time = serializers.CharField(
                max_length=20, help_text="2025-01-31 23:00, Beijing time; or the month 2025-01."
            )
            energy = serializers.DecimalField(max_digits=20, decimal_places=6)
            unit = serializers.ChoiceField(choices=["kWh", "MWh"])

        rows = Row(many=True)
        reason = serializers.CharField(required=False, default="", max_length=200, allow_blank=True)

        def validate_rows(self, rows: list[Any]) -> list[Any]:
            if not 0 < len(rows) <= MOST_ROWS:
                raise serializers.ValidationError(f"1 to {MOST_ROWS}")
            return rows

    body = Rows

    def act(self, asked: Mapping[str, Any], *, key: str, **path: Any) -> Answer:
        out = io.StringIO()
        writer = csv.writer(out)
        writer.writerow(["point", "time", "energy", "unit"])
        writer.writerows(
            [row["point"], row["time"], f"{row['energy']:f}", row["unit"]] for row in asked["rows"]
        )
        upload = operations.upload_readings(
            content=io.BytesIO(out.getvalue().encode()),
            name=f"{key}.csv",
            reason=asked["reason"],
            by=self.actor,
            at=self.at,
        )
        address = f"/api/v1/meter-readings/{upload.pk}/"
        return Answer(status=202, body=dict(UploadRow(upload).data), location=address)


class OneUpload(DetailView):
    """What became of rows that were brought."""

    row = UploadRow

    def find(self, **path: Any) -> Any:
        return queries.get_upload(path["upload_id"], by=self.actor)
