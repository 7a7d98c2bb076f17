"""Readings for machines: bring them, see what became of them, read the roll-ups, prove a day."""

import csv
import io
from collections.abc import Mapping
from datetime import date
from typing import Any, ClassVar

from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from ledger.doors.idempotency import Answer
from ledger.doors.rest import ApiView, DetailView, Listing, ListView, Whole, WriteView, among
from ledger.kernel.errors import NotFound
from ledger.kernel.periods import Period
from reporting.readings import operations, queries
from reporting.readings.states import Stamp

MOST_ROWS = 10_000


class Amount(serializers.DecimalField):
    """What a meter read, in its own unit, as exact text."""

    def __init__(self, **given: Any) -> None:
        super().__init__(max_digits=24, decimal_places=6, **given)


class ReadingsUpload(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    park_id = serializers.UUIDField()
    state = serializers.CharField(help_text="WAITING, TAKEN or REFUSED: all or nothing.")
    row_count = Whole()
    new_count = Whole()
    corrected_count = Whole()
    same_count = Whole()
    problem_count = serializers.IntegerField()
    problems = serializers.JSONField(help_text="[row, column, reason, as written]")
    sha256 = serializers.CharField()


class Readings(WriteView):
    """Bring readings of quarters of an hour or hours; a job takes them in, whole or not at all."""

    operation: ClassVar[str] = "readings.upload_readings"
    gives = ReadingsUpload

    class ManyReadings(serializers.Serializer[Any]):
        class OneReading(serializers.Serializer[Any]):
            meter = serializers.CharField(max_length=60, help_text="Number of the meter.")
            time = serializers.CharField(
                max_length=40, help_text="2025-01-31 23:45, Beijing time, or with its offset."
            )
            value = Amount()
            unit = serializers.CharField(required=False, default="", allow_blank=True)
            quality = serializers.ChoiceField(
                choices=["measured", "estimated", "proxy"], required=False, default="measured"
            )

        park_id = serializers.UUIDField()
        rows = OneReading(many=True)
        stamp = serializers.ChoiceField(
            choices=Stamp.values, required=False, default=Stamp.START,
            help_text="Whether a time is where the interval begins or where it ends.",
        )  # fmt: skip
        reason = serializers.CharField(required=False, default="", max_length=200, allow_blank=True)

        def validate_rows(self, rows: list[Any]) -> list[Any]:
            if not 0 < len(rows) <= MOST_ROWS:
                raise serializers.ValidationError(f"1 to {MOST_ROWS}")
            return rows

    body = ManyReadings

    def act(self, asked: Mapping[str, Any], *, key: str, **path: Any) -> Answer:
        out = io.StringIO()
        writer = csv.writer(out)
        writer.writerow(["meter", "time", "value", "unit", "quality"])
        writer.writerows(
            [row["meter"], row["time"], f"{row['value']:f}", row["unit"], row["quality"]]
            for row in asked["rows"]
        )
        upload = operations.upload_readings(
            park_id=asked["park_id"],
            content=io.BytesIO(out.getvalue().encode()),
            name=f"{key}.csv",
            stamp=Stamp(asked["stamp"]),
            reason=asked["reason"],
            by=self.actor,
            at=self.at,
        )
        address = f"/api/v1/park-readings/{upload.pk}/"
        return Answer(status=202, body=dict(ReadingsUpload(upload).data), location=address)


class OneUpload(DetailView):
    """What became of readings that were brought."""

    row = ReadingsUpload

    def find(self, **path: Any) -> Any:
        return queries.get_upload(path["upload_id"], by=self.actor)


class MeterMonth(serializers.Serializer[Any]):
    meter_id = serializers.UUIDField()
    number = serializers.CharField()
    month = serializers.DateField()
    amount = Amount()
    unit = serializers.CharField()
    told_count = serializers.IntegerField()
    estimated_count = serializers.IntegerField()
    expected_count = serializers.IntegerField()
    merkle_root = serializers.CharField(help_text="Over the days of the month, RFC 9162.")


class Months(ListView):
    """Meters' months as they stand."""

    row = MeterMonth
    orders = {"-month": ("month", "id"), "month": ("month", "id")}
    default_order = "-month"

    class MonthFilters(Listing):
        park_id = serializers.UUIDField(required=False)
        meter_id = serializers.UUIDField(required=False)
        month = serializers.DateField(required=False)

    filters = MonthFilters

    def rows(self, asked: Mapping[str, Any]) -> QuerySet[Any]:
        return among(queries.months_of(self.actor), asked, "park_id", "meter_id", "month")

    def shown(self, rows: Any) -> Any:
        return [
            {
                "meter_id": row.meter_id,
                "number": row.meter.number,
                "month": row.month,
                "amount": queries.millionths_as(row.total_millionths),
                "unit": row.meter.unit or row.meter.source.unit,
                "told_count": row.told_count,
                "estimated_count": row.estimated_count,
                "expected_count": row.expected_count,
                "merkle_root": row.root,
            }
            for row in rows
        ]


class MeterDay(serializers.Serializer[Any]):
    day = serializers.DateField()
    version = serializers.IntegerField()
    amount = Amount()
    hours = serializers.ListField(child=Amount(allow_null=True), help_text="24 sums.")
    readings = serializers.ListField(child=Amount(allow_null=True), help_text="Each step.")
    step_minutes = serializers.IntegerField()
    marks = serializers.CharField(help_text="One letter a step (m, s, e, p); empty: all measured.")


class MeterDays(serializers.Serializer[Any]):
    items = MeterDay(many=True)


class Days(ApiView):
    """A meter's month day by day: readings, hours and sums as they stand."""

    may = ListView.may
    gives = MeterDays

    class DayFilters(serializers.Serializer[Any]):
        meter_id = serializers.UUIDField()
        month = serializers.DateField(help_text="Any day of it.")

    filters = DayFilters

    def get(self, request: Request, **path: Any) -> Response:
        from ledger.doors.rest import strict

        asked = strict(self.DayFilters, request.query_params.dict())
        first: date = asked["month"].replace(day=1)
        queries.get_month(meter_id=asked["meter_id"], month=first, by=self.actor)
        days = queries.days_of(asked["meter_id"], Period.month(first.year, first.month))
        return Response({"items": MeterDay([_told(row) for row in days], many=True).data})


def _told(row: Any) -> dict[str, Any]:
    return {
        "day": row.day,
        "version": row.version,
        "amount": queries.millionths_as(row.total_millionths),
        "hours": [_amount(one) for one in row.hours_millionths],
        "readings": [_amount(one) for one in row.values_millionths],
        "step_minutes": row.step_minutes,
        "marks": row.marks,
    }


def _amount(millionths: int | None) -> Any:
    return None if millionths is None else queries.millionths_as(millionths)


class DayProof(serializers.Serializer[Any]):
    schema = serializers.CharField()
    meter = serializers.CharField()
    month = serializers.CharField()
    day = serializers.CharField()
    leaf = serializers.CharField(help_text="The canonical text; its RFC 9162 leaf hash is proved.")
    index = serializers.IntegerField()
    size = serializers.IntegerField()
    path = serializers.ListField(child=serializers.CharField())
    merkle_root = serializers.CharField(source="root")


class Proof(DetailView):
    """A meter's day with its path to the root of the month; `?root=` as of an earlier root."""

    row = DayProof

    def find(self, **path: Any) -> Any:
        try:
            day = date.fromisoformat(path["day"])
        except ValueError:
            raise NotFound from None
        root = self.request.query_params.get("root", "")
        return queries.prove_day(meter_id=path["meter_id"], day=day, by=self.actor, root=root)
