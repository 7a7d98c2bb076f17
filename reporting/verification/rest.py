"""Verification for an operator's machines: what is asked and found, answers, and opinions.

A verifier has no machine: she comes by herself, to `/verifier/`.
"""

from collections.abc import Mapping
from typing import Any, ClassVar
from uuid import UUID

from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.parsers import JSONParser, MultiPartParser
from rest_framework.request import Request

from ledger.doors.idempotency import Answer
from ledger.doors.rest import DetailView, Listing, ListView, WriteView, among, told_with_files
from ledger.kernel.errors import NotFound
from reporting.verification import forms, models, operations, queries
from reporting.verification.states import (
    EngagementState,
    FindingKind,
    FindingState,
    OpinionKind,
    OpinionStatus,
    RequestState,
)

LONGEST = 10_000


def _tonnes(**more: Any) -> serializers.DecimalField:
    return serializers.DecimalField(max_digits=40, decimal_places=15, **more)


class VerificationEngagementRow(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    park_id = serializers.UUIDField()
    party_id = serializers.UUIDField(help_text="The operator.")
    verifier_id = serializers.UUIDField()
    period_start = serializers.DateField()
    period_end = serializers.DateField(help_text="Exclusive.")
    criteria = serializers.CharField()
    level = serializers.CharField()
    scope = serializers.CharField()
    materiality = serializers.DecimalField(max_digits=7, decimal_places=6)
    state = serializers.ChoiceField(choices=[one.value for one in EngagementState])
    opened_at = serializers.DateTimeField()


class VerificationEngagements(ListView):
    """Engagements of verification bodies for your parks."""

    row = VerificationEngagementRow
    orders = {"-id": ("id",), "id": ("id",)}
    default_order = "-id"

    class VerificationEngagementFilters(Listing):
        state = serializers.ChoiceField(
            choices=[one.value for one in EngagementState], required=False
        )
        park_id = serializers.UUIDField(required=False)

    filters = VerificationEngagementFilters

    def rows(self, asked: Mapping[str, Any]) -> QuerySet[Any]:
        return among(queries.engagements_for(self.actor).order_by(), asked, "state", "park_id")


class OneVerificationEngagement(DetailView):
    """One engagement."""

    row = VerificationEngagementRow

    def find(self, **path: Any) -> Any:
        return queries.get_engagement(path["engagement_id"], self.actor)


class VerificationFindingRow(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    engagement_id = serializers.UUIDField()
    number = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=[one.value for one in FindingKind])
    text = serializers.CharField()
    effect_tco2e = serializers.DecimalField(
        max_digits=30,
        decimal_places=10,
        allow_null=True,
        help_text="What is stated less what is right.",
    )
    state = serializers.ChoiceField(choices=[one.value for one in FindingState])
    answer = serializers.CharField()
    is_corrected = serializers.BooleanField()
    conclusion = serializers.CharField()
    raised_at = serializers.DateTimeField()


class VerificationFindings(ListView):
    """What verifiers found."""

    row = VerificationFindingRow
    orders = {"-id": ("id",), "id": ("id",)}
    default_order = "-id"

    class VerificationFindingFilters(Listing):
        engagement_id = serializers.UUIDField(required=False)
        state = serializers.ChoiceField(choices=[one.value for one in FindingState], required=False)

    filters = VerificationFindingFilters

    def rows(self, asked: Mapping[str, Any]) -> QuerySet[Any]:
        rows = queries.findings_for(self.actor).order_by()
        return among(rows, asked, "engagement_id", "state")


class FindingAnswers(WriteView):
    """Answer a finding."""

    operation: ClassVar[str] = "verification.answer_finding"
    gives = VerificationFindingRow
    gives_status = 201

    class FindingAnswer(serializers.Serializer[Any]):
        answer = serializers.CharField(max_length=LONGEST)

    body = FindingAnswer

    def act(self, asked: Mapping[str, Any], *, key: str, **path: Any) -> Answer:
        operations.answer_finding(
            finding_id=path["finding_id"], answer=asked["answer"], by=self.actor, at=self.at
        )
        row = queries.get_finding(path["finding_id"], self.actor)
        return Answer(201, dict(VerificationFindingRow(row).data))


class RequestReplyRow(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    party_id = serializers.UUIDField()
    text = serializers.CharField()
    file_ids = serializers.ListField(child=serializers.UUIDField())
    said_at = serializers.DateTimeField()


class VerificationRequestRow(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    engagement_id = serializers.UUIDField()
    number = serializers.IntegerField()
    text = serializers.CharField()
    due_on = serializers.DateField(allow_null=True)
    state = serializers.ChoiceField(choices=[one.value for one in RequestState])
    asked_at = serializers.DateTimeField()
    replies = RequestReplyRow(many=True)


def _request(row: models.Request) -> dict[str, Any]:
    plain = ("id", "engagement_id", "number", "text", "due_on", "state", "asked_at")
    replies = [
        {
            "id": one.pk,
            "party_id": one.party_id,
            "text": one.text,
            "file_ids": [UUID(key) for key, _sha256 in one.files],
            "said_at": one.said_at,
        }
        for one in row.replies.all()
    ]
    return {name: getattr(row, name) for name in plain} | {"replies": replies}


class VerificationRequests(ListView):
    """What verifiers asked for, with the answers."""

    row = VerificationRequestRow
    orders = {"-id": ("id",), "id": ("id",)}
    default_order = "-id"

    class VerificationRequestFilters(Listing):
        engagement_id = serializers.UUIDField(required=False)
        state = serializers.ChoiceField(choices=[one.value for one in RequestState], required=False)

    filters = VerificationRequestFilters

    def rows(self, asked: Mapping[str, Any]) -> QuerySet[Any]:
        rows = queries.requests_for(self.actor).order_by().prefetch_related("replies")
        return among(rows, asked, "engagement_id", "state")

    def shown(self, rows: Any) -> Any:
        return [_request(one) for one in rows]


class RequestAnswers(WriteView):
    """Answer a request, with up to three files (multipart/form-data)."""

    operation: ClassVar[str] = "verification.answer_request"
    gives = VerificationRequestRow
    gives_status = 201
    parser_classes = [MultiPartParser, JSONParser]

    class RequestAnswer(serializers.Serializer[Any]):
        text = serializers.CharField(max_length=LONGEST)
        file = serializers.FileField(required=False)
        file_2 = serializers.FileField(required=False)
        file_3 = serializers.FileField(required=False)

    body = RequestAnswer

    def told(self, request: Request) -> Any:
        return told_with_files(request)

    def act(self, asked: Mapping[str, Any], *, key: str, **path: Any) -> Answer:
        operations.answer_request(
            request_id=path["request_id"],
            text=asked["text"],
            attachments=forms.attachments_in(asked),
            by=self.actor,
            at=self.at,
        )
        row = queries.get_request(path["request_id"], self.actor)
        return Answer(201, dict(VerificationRequestRow(_request(row)).data))


class OpinionSignatureFacts(serializers.Serializer[Any]):
    statement = serializers.CharField(help_text="The signed bytes, as text.")
    statement_sha256 = serializers.CharField()
    cms_base64 = serializers.CharField(help_text="The detached signature (DER or PEM).")
    certificate_pem = serializers.CharField()
    certificate_sha256 = serializers.CharField()
    subject = serializers.CharField()
    issuer = serializers.CharField()
    algorithm = serializers.CharField()
    signed_at = serializers.DateTimeField()


class VerificationOpinionRow(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    engagement_id = serializers.UUIDField()
    frozen_id = serializers.UUIDField(help_text="The frozen inventory.")
    kind = serializers.ChoiceField(choices=[one.value for one in OpinionKind])
    status = serializers.ChoiceField(
        choices=[one.value for one in OpinionStatus], help_text="What it is worth today."
    )
    bound_hash = serializers.CharField(help_text="Over the frozen inventory and its dataset.")
    content_hash = serializers.CharField()
    dataset_hash = serializers.CharField()
    threshold_tco2e = _tonnes()
    misstatement_tco2e = _tonnes()
    text = serializers.CharField()
    given_at = serializers.DateTimeField()
    signature = OpinionSignatureFacts(allow_null=True, help_text="Null: signed on paper.")


class VerificationOpinions(ListView):
    """Opinions on your inventories, and what each is worth today."""

    row = VerificationOpinionRow
    orders = {"-id": ("id",), "id": ("id",)}
    default_order = "-id"

    class VerificationOpinionFilters(Listing):
        engagement_id = serializers.UUIDField(required=False)

    filters = VerificationOpinionFilters

    def rows(self, asked: Mapping[str, Any]) -> QuerySet[Any]:
        return among(queries.opinions_for(self.actor).order_by(), asked, "engagement_id")

    def shown(self, rows: Any) -> Any:
        return [queries.opinion_view(one.pk) for one in rows]


class OneVerificationOpinion(DetailView):
    """One opinion, with the verifier's signature."""

    row = VerificationOpinionRow

    def find(self, **path: Any) -> Any:
        found = queries.opinions_for(self.actor).filter(pk=path["opinion_id"]).first()
        if found is None:
            raise NotFound
        return queries.opinion_view(found.pk)
