"""Statements, comparisons and breaks for machines; what a person must decide is only asked for."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.db.models import QuerySet
from rest_framework import serializers

from ledger.accounts import queries as accounts
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
    waits_for_approval,
)
from ledger.reconciliation import approvable, operations, queries
from ledger.reconciliation.operations.corrections import payload_of as correction_of
from ledger.reconciliation.operations.overrides import payload_of as override_of
from ledger.reconciliation.states import BreakKind, BreakState


class Statement(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    account_id = serializers.UUIDField()
    registry = serializers.CharField()
    as_of_at = serializers.DateTimeField()
    import_id = serializers.UUIDField(allow_null=True)
    coverage = serializers.JSONField(help_text="Schemes, vintages and states it speaks of.")
    line_count = Whole()
    unit_count = Whole()
    lines_digest = serializers.CharField()
    recorded_at = serializers.DateTimeField()
    is_withdrawn = serializers.SerializerMethodField()

    def get_is_withdrawn(self, row: Any) -> bool:
        return hasattr(row, "withdrawal")


class Statements(ListView):
    """What registries said that your accounts hold, newest first. They come in as imports."""

    row = Statement

    class StatementFilters(Listing):
        account_id = serializers.UUIDField(required=False)
        registry = serializers.CharField(required=False, max_length=30)

    filters = StatementFilters
    orders = {"-id": ("id",), "id": ("id",)}
    default_order = "-id"

    def rows(self, asked: Mapping[str, Any]) -> QuerySet[Any]:
        return among(
            queries.statements_seen_by(self.actor).select_related("withdrawal"),
            asked,
            "account_id",
            "registry",
        )


class OneStatement(DetailView):
    """A statement of one of your accounts."""

    row = Statement

    def find(self, **path: Any) -> Any:
        return queries.get_statement(path["statement_id"], by=self.actor)


class Withdrawals(WriteView):
    """Withdraw a statement that was the wrong file: it is held against the books no longer."""

    operation: ClassVar[str] = "reconciliation.withdraw_statement"
    gives = Statement
    gives_status = 201

    class StatementWithdrawal(serializers.Serializer[Any]):
        reason = serializers.CharField(max_length=300)

    body = StatementWithdrawal

    def act(self, asked: Mapping[str, Any], *, key: str, **path: Any) -> Answer:
        operations.withdraw_statement(
            statement_id=path["statement_id"], reason=asked["reason"], by=self.actor, at=self.at
        )
        told = Statement(queries.get_statement(path["statement_id"], by=self.actor)).data
        return Answer(status=201, body=dict(told))


class ComparisonTotal(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    statement_id = serializers.UUIDField()
    line_count = Whole()
    our_count = Whole()
    their_count = Whole()
    totals = serializers.JSONField(help_text="Scheme, vintage, state, units here, units there.")
    difference_count = serializers.IntegerField()
    new_count = serializers.IntegerField()
    reopened_count = serializers.IntegerField()
    vanished_count = serializers.IntegerField()
    compared_at = serializers.DateTimeField()


class ComparisonJob(serializers.Serializer[Any]):
    job_id = serializers.UUIDField(help_text="A worker compares; its outcome is listed here.")
    account_id = serializers.UUIDField()


class Comparisons(ListView, WriteView):
    """Statements held against the books, newest first; or have an account compared now."""

    row = ComparisonTotal
    gives = ComparisonJob
    operation: ClassVar[str] = "reconciliation.request_comparison"
    orders = {"-id": ("id",), "id": ("id",)}
    default_order = "-id"

    class ComparisonFilters(Listing):
        statement_id = serializers.UUIDField(required=False)

    class AccountToCompare(serializers.Serializer[Any]):
        account_id = serializers.UUIDField()

    filters = ComparisonFilters
    body = AccountToCompare

    def rows(self, asked: Mapping[str, Any]) -> QuerySet[Any]:
        return among(queries.comparisons_seen_by(self.actor), asked, "statement_id")

    def act(self, asked: Mapping[str, Any], *, key: str, **path: Any) -> Answer:
        account = accounts.get_own_account(asked["account_id"], by=self.actor)
        job = operations.request_comparison(
            account_id=account.pk, by=self.actor, at=self.at, key=f"api:{self.actor.user_id}:{key}"
        )
        told = ComparisonJob({"job_id": job, "account_id": account.pk}).data
        return Answer(status=202, body=dict(told))


# --- breaks


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


class Words(serializers.Serializer[Any]):
    text = serializers.CharField(max_length=4000)


class Notes(_BreakMove):
    """Write a comment on a break."""

    operation: ClassVar[str] = "reconciliation.add_note"
    body = Words

    def move(self, asked: Mapping[str, Any], **path: Any) -> None:
        operations.add_note(
            break_id=path["break_id"], text=asked["text"], by=self.actor, at=self.at
        )


class Explanations(_BreakMove):
    """Say why the books differ. It blocks until the difference is gone."""

    operation: ClassVar[str] = "reconciliation.explain_break"
    body = Words

    def move(self, asked: Mapping[str, Any], **path: Any) -> None:
        operations.explain_break(
            break_id=path["break_id"], text=asked["text"], by=self.actor, at=self.at
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


# --- overrides


class OverrideRow(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    account_id = serializers.UUIDField()
    scheme = serializers.CharField()
    vintage_year = serializers.IntegerField()
    reason = serializers.CharField()
    break_ids = serializers.JSONField()
    valid_from = serializers.DateField()
    expires_on = serializers.DateField(help_text="First day on which it blocks again.")
    approval_id = serializers.UUIDField()
    granted_at = serializers.DateTimeField()


class Overrides(ListView, WriteView):
    """Blocks that two persons lifted for some days, newest first; or ask for one."""

    row = OverrideRow
    gives = AskedFor
    operation: ClassVar[str] = "reconciliation.request_override"
    orders = {"-id": ("id",), "id": ("id",)}
    default_order = "-id"

    class BlockToLift(serializers.Serializer[Any]):
        account_id = serializers.UUIDField()
        scheme = serializers.CharField(max_length=30)
        vintage_year = serializers.IntegerField(min_value=1990, max_value=2200)
        expires_on = serializers.DateField()
        reason = serializers.CharField(max_length=300)

    body = BlockToLift

    def rows(self, asked: Mapping[str, Any]) -> QuerySet[Any]:
        return queries.overrides_seen_by(self.actor)

    def act(self, asked: Mapping[str, Any], *, key: str, **path: Any) -> Answer:
        account = accounts.get_own_account(asked["account_id"], by=self.actor)
        given = {**asked, "account_id": account.pk}
        made = operations.request_override(
            **given,
            summary=approvable.describe_override(override_of(**given, key=key)),
            by=self.actor,
            at=self.at,
            idempotency_key=key,
        )
        return waits_for_approval(requests.get_approval(made, self.actor))
