"""Units handed in for a compliance year."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.db.models import QuerySet
from rest_framework import serializers

from ledger.accounts import queries as accounts
from ledger.approvals import operations as approvals
from ledger.compliance import approvable, operations, queries
from ledger.doors.idempotency import Answer
from ledger.doors.rest import (
    LARGEST_WHOLE,
    AskedFor,
    ListView,
    Whole,
    WriteView,
    answer_of,
)
from ledger.kernel.actors import Role

MOST_LINES = 100


class SurrenderRow(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    entry_id = serializers.UUIDField()
    account_id = serializers.UUIDField()
    lot_id = serializers.UUIDField()
    unit_count = Whole()
    is_offset = serializers.BooleanField()
    is_flagged = serializers.BooleanField(help_text="Of an unusual vintage.")
    surrendered_on = serializers.DateField()
    recorded_at = serializers.DateTimeField()


class SurrenderLine(serializers.Serializer[Any]):
    account_id = serializers.UUIDField(help_text="Yours.")
    lot_id = serializers.UUIDField()
    unit_count = Whole(min_value=1, max_value=LARGEST_WHOLE)


class Surrenders(ListView, WriteView):
    """Units handed in for a compliance year; or propose more, under its cap and vintages.

    An approver of your party decides, or two: never its maker alone.
    """

    row = SurrenderRow
    operation: ClassVar[str] = approvable.SURRENDER
    also = frozenset({Role.CARBON_MANAGER})
    gives = AskedFor

    class SurrenderOfYear(serializers.Serializer[Any]):
        lines = serializers.ListField(child=SurrenderLine(), min_length=1, max_length=MOST_LINES)
        happened_on = serializers.DateField()
        reason = serializers.CharField(max_length=300)

    body = SurrenderOfYear

    def rows(self, asked: Mapping[str, Any]) -> QuerySet[Any]:
        year = queries.get_obligation(self.kwargs["year_id"], by=self.actor)
        return year.surrenders.all()

    def act(self, asked: Mapping[str, Any], *, key: str, **path: Any) -> Answer:
        year = queries.get_obligation(path["year_id"], by=self.actor)
        payload = {
            "obligation_id": str(year.pk),
            "lines": [self._line(one) for one in asked["lines"]],
            "happened_on": asked["happened_on"].isoformat(),
            "reason": asked["reason"],
            "key": key,
        }
        lines, on = approvable.lines_of(payload), asked["happened_on"]
        operations.check_lines(year, lines, on=on, at=self.at)
        operations.check_not_blocked(lines, on=on, by=self.actor, at=self.at)
        made = approvals.propose(
            operation=self.operation,
            payload=payload,
            summary=approvable.describe(payload),
            party_id=self.actor.own_party,
            by=self.actor,
            at=self.at,
        )
        return answer_of(self.operation, made)

    def _line(self, one: Mapping[str, Any]) -> dict[str, Any]:
        account = accounts.get_own_account(one["account_id"], by=self.actor)
        return {
            "account_id": str(account.pk),
            "lot_id": str(one["lot_id"]),
            "unit_count": one["unit_count"],
        }
