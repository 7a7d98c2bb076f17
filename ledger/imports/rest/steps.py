"""What may be done with a file that was read, short of the books."""

from collections.abc import Mapping
from typing import Any, ClassVar

from rest_framework import serializers

from ledger.doors.idempotency import Answer
from ledger.doors.rest import (
    WriteView,
)
from ledger.imports import operations, queries
from ledger.imports.rest.files import ImportRow, told_of

MOST_LINES = 10_000


class Step(WriteView):
    """A step in an import's life; answers the import as it is then."""

    gives = ImportRow
    gives_status = 201

    def step(self, asked: Mapping[str, Any], **path: Any) -> None:
        """:raises DomainError: refused"""
        raise NotImplementedError

    def act(self, asked: Mapping[str, Any], *, key: str, **path: Any) -> Answer:
        self.step(asked, **path)
        return told_of(queries.get_own_import(path["import_id"], by=self.actor))


class NothingMore(serializers.Serializer[Any]):
    """The address says it all."""


class Checks(Step):
    """Compare the lines with the books as they are now; the file is not read again."""

    operation: ClassVar[str] = "imports.check_again"

    body = NothingMore

    def step(self, asked: Mapping[str, Any], **path: Any) -> None:
        operations.check_again(import_id=path["import_id"], by=self.actor, at=self.at)


class PartOfLine(serializers.Serializer[Any]):
    row_number = serializers.IntegerField(min_value=1)
    part = serializers.IntegerField(required=False, default=1, min_value=0)


class SetAsides(Step):
    """Leave lines out, with the reason; without `lines`, all that have problems."""

    operation: ClassVar[str] = "imports.set_aside_lines"

    class LinesToLeave(serializers.Serializer[Any]):
        lines = serializers.ListField(
            child=PartOfLine(), required=False, default=list, max_length=MOST_LINES
        )
        reason = serializers.CharField(max_length=200)

    body = LinesToLeave

    def step(self, asked: Mapping[str, Any], **path: Any) -> None:
        operations.set_aside_lines(
            import_id=path["import_id"],
            lines=[(one["row_number"], one["part"]) for one in asked["lines"]],
            reason=asked["reason"],
            by=self.actor,
            at=self.at,
        )


class Reason(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=200)


class Tellings(Step):
    """Say what the file leaves open: who unknown givers are, and of which vintage lines are."""

    operation: ClassVar[str] = "imports.tell_of_lines"

    class LeftOpen(serializers.Serializer[Any]):
        givers = serializers.DictField(
            child=serializers.CharField(max_length=40),
            required=False,
            default=dict,
            help_text=(
                "Registry and number as the problem tells them → OPEN (an account outside your "
                "books), or the id of such an account."
            ),
        )
        vintage_year = serializers.IntegerField(
            required=False, allow_null=True, default=None, min_value=1990, max_value=2200
        )

    body = LeftOpen

    def step(self, asked: Mapping[str, Any], **path: Any) -> None:
        operations.tell_of_lines(import_id=path["import_id"], **asked, by=self.actor, at=self.at)


class Discards(Step):
    """Put a file aside that is in no books."""

    operation: ClassVar[str] = "imports.discard_import"
    body = Reason

    def step(self, asked: Mapping[str, Any], **path: Any) -> None:
        operations.discard_import(
            import_id=path["import_id"], reason=asked["reason"], by=self.actor, at=self.at
        )
