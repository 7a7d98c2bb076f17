"""A park's data for machines: its rows, what the checks found, answers, and rows from readings."""

from collections.abc import Mapping
from typing import Any, ClassVar
from uuid import UUID

from django.db.models import QuerySet
from rest_framework import serializers

from ledger.doors.idempotency import Answer
from ledger.doors.rest import Listing, ListView, WriteView, among
from reporting.activity import operations, queries
from reporting.activity.states import AnswerKind, FindingState, Quality, Severity


class ActivityDatum(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    source_code = serializers.CharField()
    month = serializers.DateField()
    version = serializers.IntegerField()
    amount = serializers.DecimalField(max_digits=30, decimal_places=12)
    measure = serializers.CharField()
    quality = serializers.ChoiceField(choices=Quality.values, allow_null=True)
    evidence = serializers.CharField()
    digest = serializers.CharField()


class ActivityRows(ListView):
    """The newest row of each source and month; older versions stay on the pages."""

    row = ActivityDatum

    class RowFilters(Listing):
        park_id = serializers.UUIDField(required=False)
        year = serializers.IntegerField(required=False)
        source_code = serializers.CharField(required=False, max_length=60)

    filters = RowFilters

    def rows(self, asked: Mapping[str, Any]) -> QuerySet[Any]:
        mine = queries.readable_datasets(self.actor)
        mine = among(mine, asked, "park_id", "year")
        return among(queries.current_rows().filter(dataset__in=mine), asked, "source_code")


class DataFinding(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    check = serializers.CharField(source="check_code")
    severity = serializers.ChoiceField(choices=Severity.values)
    subject = serializers.CharField(help_text="Number of the meter, or code of the source.")
    month = serializers.DateField()
    particulars = serializers.JSONField(source="params")
    state = serializers.ChoiceField(choices=FindingState.values)
    answer_kind = serializers.CharField(allow_blank=True)
    answer = serializers.CharField(allow_blank=True)


class DataFindings(ListView):
    """What the checks found, and how it was answered."""

    row = DataFinding

    class FindingFilters(Listing):
        state = serializers.ChoiceField(choices=FindingState.values, required=False)
        month = serializers.DateField(required=False)

    filters = FindingFilters

    def rows(self, asked: Mapping[str, Any]) -> QuerySet[Any]:
        return among(queries.findings_of(self.actor), asked, "state", "month")


class Answers(WriteView):
    """Answer a finding: why it is so, or that an estimate stands in."""

    operation: ClassVar[str] = "activity.answer_finding"
    gives = DataFinding
    gives_status = 200

    class AnswerToFinding(serializers.Serializer[Any]):
        kind = serializers.ChoiceField(choices=AnswerKind.values)
        answer = serializers.CharField(max_length=400)
        evidence_file_id = serializers.UUIDField(required=False, allow_null=True, default=None)

    body = AnswerToFinding

    def act(self, asked: Mapping[str, Any], *, key: str, **path: Any) -> Answer:
        row = operations.answer_finding(
            finding_id=UUID(str(path["finding_id"])),
            kind=AnswerKind(asked["kind"]),
            answer=asked["answer"],
            evidence_file_id=asked["evidence_file_id"],
            by=self.actor,
            at=self.at,
        )
        return Answer(status=200, body=dict(DataFinding(row).data))


class DataChecked(serializers.Serializer[Any]):
    findings = DataFinding(many=True)


class Checks(WriteView):
    """Run the checks over a year; the findings as they stand now."""

    operation: ClassVar[str] = "activity.run_checks"
    gives = DataChecked
    gives_status = 200

    class YearOfPark(serializers.Serializer[Any]):
        park_id = serializers.UUIDField()
        year = serializers.IntegerField(min_value=1990, max_value=2100)

    body = YearOfPark

    def act(self, asked: Mapping[str, Any], *, key: str, **path: Any) -> Answer:
        found = operations.run_checks(**asked, by=self.actor, at=self.at)
        return Answer(status=200, body={"findings": DataFinding(found, many=True).data})


class RowsTaken(serializers.Serializer[Any]):
    rows = ActivityDatum(many=True)


class FromReadings(WriteView):
    """Make a month's rows out of its readings, when its findings are answered."""

    operation: ClassVar[str] = "activity.take_from_readings"
    gives = RowsTaken
    gives_status = 201

    class MonthOfPark(serializers.Serializer[Any]):
        park_id = serializers.UUIDField()
        month = serializers.DateField(help_text="Its first day.")
        reason = serializers.CharField(required=False, default="", max_length=200, allow_blank=True)

        def validate_month(self, month: Any) -> Any:
            return month.replace(day=1)

    body = MonthOfPark

    def act(self, asked: Mapping[str, Any], *, key: str, **path: Any) -> Answer:
        rows = operations.take_from_readings(**asked, by=self.actor, at=self.at)
        return Answer(status=201, body={"rows": ActivityDatum(rows, many=True).data})
