"""What registries said, held against the books."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.db.models import QuerySet
from rest_framework import serializers

from ledger.accounts import queries as accounts
from ledger.doors.idempotency import Answer
from ledger.doors.rest import (
    DetailView,
    Listing,
    ListView,
    Whole,
    WriteView,
    among,
)
from ledger.reconciliation import operations, queries


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
