"""What waits for an approval, for machines. They ask; people decide, on the pages."""

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers

from ledger.approvals import queries
from ledger.approvals.states import ApprovalState
from ledger.doors.rest import DetailView, Listing, ListView


class Approval(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    operation = serializers.CharField()
    state = serializers.CharField()
    will_happen = serializers.ListField(child=serializers.CharField(), source="summary")
    content = serializers.JSONField(source="payload")
    party_id = serializers.UUIDField(help_text="Whose approvers decide.")
    requested_at = serializers.DateTimeField()
    requested_by = serializers.UUIDField()
    expires_at = serializers.DateTimeField()
    decided_at = serializers.DateTimeField(allow_null=True)
    decided_by = serializers.UUIDField(allow_null=True)
    reason = serializers.CharField()
    result = serializers.JSONField(allow_null=True, help_text="What came of it: ids.")


class Approvals(ListView):
    """Requests that your party decides or has made, newest first."""

    row = Approval
    orders = {"-id": ("id",), "id": ("id",)}
    default_order = "-id"

    class ApprovalFilters(Listing):
        state = serializers.ChoiceField(
            choices=[state.value for state in ApprovalState], required=False
        )
        operation = serializers.CharField(required=False, max_length=80)

    filters = ApprovalFilters

    def rows(self, asked: Mapping[str, Any]) -> QuerySet[Any]:
        named = ("state", "operation")
        seen = queries.seen_by(self.actor)
        return seen.filter(**{name: asked[name] for name in named if name in asked})


class OneApproval(DetailView):
    """A request, and what became of it."""

    row = Approval

    def find(self, **path: Any) -> Any:
        return queries.get_approval(path["approval_id"], self.actor)
