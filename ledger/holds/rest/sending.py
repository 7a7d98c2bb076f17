"""Transfers to new counterparties that wait before they go out."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.db.models import QuerySet
from rest_framework import serializers

from ledger.doors.idempotency import Answer
from ledger.doors.rest import DetailView, Listing, ListView, Whole, WriteView, among
from ledger.holds import operations, queries
from ledger.holds.states import TransferState


class TransferRow(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    state = serializers.CharField()
    hold_id = serializers.UUIDField(help_text="The reservation of its units.")
    from_account_id = serializers.UUIDField(source="hold.account_id")
    to_account_id = serializers.UUIDField()
    lot_id = serializers.UUIDField(source="hold.lot_id")
    unit_count = Whole(source="hold.unit_count")
    executes_on = serializers.DateField(help_text="It goes out on this day by itself.")
    held_back_by = serializers.CharField(
        source="refusal", help_text="Code of what refused it on its day; empty: nothing."
    )
    reason = serializers.CharField()
    approval_id = serializers.UUIDField(allow_null=True)
    asked_at = serializers.DateTimeField()
    settled_at = serializers.DateTimeField(allow_null=True)


class PendingTransfers(ListView):
    """Transfers out of your accounts that wait, or waited, newest first."""

    row = TransferRow
    orders = {"-id": ("id",), "id": ("id",)}
    default_order = "-id"

    class TransferFilters(Listing):
        state = serializers.ChoiceField(choices=TransferState.values, required=False)

    filters = TransferFilters

    def rows(self, asked: Mapping[str, Any]) -> QuerySet[Any]:
        return among(queries.transfers_visible_to(self.actor), asked, "state")


class OnePendingTransfer(DetailView):
    """A transfer out of one of your accounts that waits, or waited."""

    row = TransferRow

    def find(self, **path: Any) -> Any:
        return queries.get_visible_transfer(path["transfer_id"], by=self.actor)


class Cancellations(WriteView):
    """Cancel a transfer before it goes out; its units are free again."""

    operation: ClassVar[str] = "holds.cancel_transfer"
    gives = TransferRow
    gives_status = 201

    class TransferToCancel(serializers.Serializer[Any]):
        reason = serializers.CharField(max_length=200)

    body = TransferToCancel

    def act(self, asked: Mapping[str, Any], *, key: str, **path: Any) -> Answer:
        row = queries.get_visible_transfer(path["transfer_id"], by=self.actor)
        operations.cancel_transfer(
            transfer_id=row.pk, reason=asked["reason"], by=self.actor, at=self.at
        )
        told = queries.get_visible_transfer(row.pk, by=self.actor)
        return Answer(status=201, body=dict(TransferRow(told).data))
