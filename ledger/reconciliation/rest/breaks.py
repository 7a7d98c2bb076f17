"""Breaks moved along by machines as on the pages."""

from collections.abc import Mapping
from typing import Any, ClassVar
from uuid import UUID

from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.parsers import JSONParser, MultiPartParser
from rest_framework.request import Request

from ledger.approvals import queries as requests
from ledger.doors.idempotency import Answer
from ledger.doors.rest import (
    AskedFor,
    DetailView,
    Listing,
    ListView,
    Whole,
    WriteView,
    among,
    told_with_files,
    waits_for_approval,
)
from ledger.files import operations as files
from ledger.reconciliation import approvable, operations, queries
from ledger.reconciliation.operations.corrections import payload_of as correction_of
from ledger.reconciliation.states import BreakKind, BreakState


class BreakRow(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    account_id = serializers.UUIDField()
    kind = serializers.CharField()
    state = serializers.CharField()
    scheme = serializers.CharField()
    vintage_year = serializers.IntegerField()
    project_code = serializers.CharField()
    our_state = serializers.CharField()
    their_state = serializers.CharField()
    their_scheme = serializers.CharField()
    their_vintage_year = serializers.IntegerField(allow_null=True)
    their_project_code = serializers.CharField()
    series = serializers.JSONField(source="space", allow_null=True)
    first_serial = Whole(allow_null=True)
    last_serial = Whole(allow_null=True)
    our_count = Whole()
    their_count = Whole()
    unit_count = Whole(help_text="Units in question.")
    statement_id = serializers.UUIDField()
    opened_at = serializers.DateTimeField()
    owner_id = serializers.UUIDField(allow_null=True)
    vanished_at = serializers.DateTimeField(
        allow_null=True, help_text="The newest comparison saw it no more: it may be closed."
    )
    entry_id = serializers.UUIDField(allow_null=True)
    closed_at = serializers.DateTimeField(allow_null=True)
    reopened_count = serializers.IntegerField()


class NoteRow(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    text = serializers.CharField()
    file_id = serializers.UUIDField(allow_null=True)
    written_at = serializers.DateTimeField()
    written_by = serializers.UUIDField()


class Breaks(ListView):
    """Differences between registries' statements and your books, newest first."""

    row = BreakRow
    orders = {"-id": ("id",), "id": ("id",)}
    default_order = "-id"

    class BreakFilters(Listing):
        state = serializers.ChoiceField(choices=BreakState.values, required=False)
        kind = serializers.ChoiceField(choices=BreakKind.values, required=False)
        account_id = serializers.UUIDField(required=False)
        scheme = serializers.CharField(required=False, max_length=30)
        vintage_year = serializers.IntegerField(required=False)
        owner_id = serializers.UUIDField(required=False)

    filters = BreakFilters

    def rows(self, asked: Mapping[str, Any]) -> QuerySet[Any]:
        return among(
            queries.breaks_seen_by(self.actor),
            asked,
            "state",
            "kind",
            "account_id",
            "scheme",
            "vintage_year",
            "owner_id",
        )


class OneBreak(DetailView):
    """A break with what was written about it."""

    class BreakWithNotes(BreakRow):
        notes = NoteRow(many=True)

    row = BreakWithNotes

    def find(self, **path: Any) -> Any:
        row = queries.get_break(path["break_id"], by=self.actor)
        told = BreakRow(row).data
        return {**told, "space": row.space, "notes": list(row.notes.order_by("written_at", "id"))}


class _BreakMove(WriteView):
    """A move of a break; answers the break as it is then."""

    gives = BreakRow
    gives_status = 201

    def move(self, asked: Mapping[str, Any], **path: Any) -> None:
        """:raises DomainError: refused"""
        raise NotImplementedError

    def act(self, asked: Mapping[str, Any], *, key: str, **path: Any) -> Answer:
        self.move(asked, **path)
        told = BreakRow(queries.get_break(path["break_id"], by=self.actor)).data
        return Answer(status=201, body=dict(told), location=f"/api/v1/breaks/{path['break_id']}/")


class _WithEvidence(_BreakMove):
    """Words as JSON; or as multipart/form-data, with a file that proves them."""

    parser_classes = [JSONParser, MultiPartParser]

    def told(self, request: Request) -> Any:
        return told_with_files(request)

    def kept(self, file: Any) -> UUID | None:
        """The file in the store of evidence, if there is one."""
        if file is None:
            return None
        stored = files.store_file(
            content=file,
            name=file.name,
            purpose="break",
            party_id=self.actor.own_party,
            by=self.actor,
            at=self.at,
        )
        return stored.pk


class Notes(_WithEvidence):
    """Write a comment on a break, or attach a file of evidence (multipart/form-data)."""

    operation: ClassVar[str] = "reconciliation.add_note"

    class NoteToWrite(serializers.Serializer[Any]):
        text = serializers.CharField(
            max_length=4000, required=False, default="", allow_blank=True, help_text="Or a file."
        )
        file = serializers.FileField(
            required=False, default=None, help_text="PDF, PNG, JPEG, XLSX, JSON or text."
        )

    body = NoteToWrite

    def move(self, asked: Mapping[str, Any], **path: Any) -> None:
        row = queries.get_break(path["break_id"], by=self.actor)
        operations.add_note(
            break_id=row.pk,
            text=asked["text"],
            file_id=self.kept(asked["file"]),
            by=self.actor,
            at=self.at,
        )


class Explanations(_WithEvidence):
    """Say why the books differ, maybe with a file. It blocks until the difference is gone."""

    operation: ClassVar[str] = "reconciliation.explain_break"

    class Explanation(serializers.Serializer[Any]):
        text = serializers.CharField(max_length=4000)
        file = serializers.FileField(required=False, default=None)

    body = Explanation

    def move(self, asked: Mapping[str, Any], **path: Any) -> None:
        row = queries.get_break(path["break_id"], by=self.actor)
        operations.explain_break(
            break_id=row.pk,
            text=asked["text"],
            file_id=self.kept(asked["file"]),
            by=self.actor,
            at=self.at,
        )


class Assignments(_BreakMove):
    """Give a break to somebody of your party."""

    operation: ClassVar[str] = "reconciliation.assign_breaks"

    class Assignment(serializers.Serializer[Any]):
        owner_id = serializers.UUIDField(help_text="A user of your party with a role for it.")

    body = Assignment

    def move(self, asked: Mapping[str, Any], **path: Any) -> None:
        queries.check_owner(asked["owner_id"], party_id=self.actor.own_party, at=self.at)
        operations.assign_breaks(
            break_ids=[path["break_id"]], owner_id=asked["owner_id"], by=self.actor, at=self.at
        )


class Closings(_BreakMove):
    """Agree that a break is over: the newest comparison sees the difference no more."""

    operation: ClassVar[str] = "reconciliation.close_break"

    class Closing(serializers.Serializer[Any]):
        reason = serializers.CharField(max_length=300)

    body = Closing

    def move(self, asked: Mapping[str, Any], **path: Any) -> None:
        operations.close_break(
            break_id=path["break_id"], reason=asked["reason"], by=self.actor, at=self.at
        )


class Corrections(WriteView):
    """Propose the entry that corrects a break. An approver of your party decides."""

    operation: ClassVar[str] = "reconciliation.propose_correction"
    gives = AskedFor

    class Correction(serializers.Serializer[Any]):
        counter_account_id = serializers.UUIDField(
            required=False,
            allow_null=True,
            default=None,
            help_text="Where units come from or go to; not needed where a state differs.",
        )
        lot_id = serializers.UUIDField(required=False, allow_null=True, default=None)
        reason = serializers.CharField(max_length=300)

    body = Correction

    def act(self, asked: Mapping[str, Any], *, key: str, **path: Any) -> Answer:
        row = queries.get_break(path["break_id"], by=self.actor)
        counter, lot = asked["counter_account_id"], asked["lot_id"]
        operations.check_correction(
            break_id=row.pk, by=self.actor, counter_account_id=counter, lot_id=lot
        )
        payload = correction_of(row.pk, asked["reason"], key, counter, lot)
        made = operations.propose_correction(
            break_id=row.pk,
            reason=asked["reason"],
            summary=approvable.describe_correction(payload),
            counter_account_id=counter,
            lot_id=lot,
            by=self.actor,
            at=self.at,
            idempotency_key=key,
        )
        return waits_for_approval(requests.get_approval(made, self.actor))
