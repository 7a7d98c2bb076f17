"""Blocks that two persons lifted."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.db.models import QuerySet
from rest_framework import serializers

from ledger.accounts import queries as accounts
from ledger.approvals import queries as requests
from ledger.doors.idempotency import Answer
from ledger.doors.rest import (
    AskedFor,
    ListView,
    WriteView,
    waits_for_approval,
)
from ledger.reconciliation import approvable, operations, queries
from ledger.reconciliation.operations.overrides import payload_of as override_of


class OverrideRow(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    account_id = serializers.UUIDField()
    scheme = serializers.CharField()
    vintage_year = serializers.IntegerField()
    reason = serializers.CharField()
    break_ids = serializers.JSONField()
    valid_from = serializers.DateField()
    expires_on = serializers.DateField(help_text="First day on which it blocks again.")
    deadline_on = serializers.DateField(allow_null=True, help_text="What it was needed for.")
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
        expires_on = serializers.DateField(help_text="First day on which it blocks again.")
        deadline_on = serializers.DateField(help_text="The near deadline that it is needed for.")
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
