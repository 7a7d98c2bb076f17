"""The books for machines: cost lots, suggested entries, and batches that were handed over."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.db.models import QuerySet
from rest_framework import serializers

from finance.trades import operations
from finance.trades.queries import results, trades
from finance.trades.queries.entries import as_entry, suggested
from finance.trades.rest.dealing import MONEY, READERS
from finance.trades.rules.days import beijing_day
from ledger.doors.idempotency import Answer
from ledger.doors.paging import Page
from ledger.doors.rest import (
    DetailView,
    Listing,
    ListView,
    Quantity,
    Whole,
    WriteView,
    quantity,
)
from ledger.instruments import queries as instruments
from ledger.kernel.periods import Period


class CostLotRow(serializers.Serializer[Any]):
    scheme = serializers.CharField()
    vintage_year = serializers.IntegerField()
    is_free = serializers.BooleanField(help_text="Allocated free: it cost nothing.")
    is_untold = serializers.BooleanField(help_text="Nobody has told what these units cost.")
    acquired_on = serializers.DateField()
    units = Quantity()
    cost_cny = serializers.DecimalField(**MONEY)
    entry_id = serializers.UUIDField(allow_null=True, help_text="The entry that brought them.")


class CostLots(ListView):
    """What is left of every acquisition, and what it cost, at the end of a day. All on one page."""

    may = {"GET": READERS}
    row = CostLotRow

    class CostLotFilters(Listing):
        day = serializers.DateField(required=False, help_text="Absent: today.")
        scheme = serializers.CharField(required=False, max_length=30)

    filters = CostLotFilters

    def page(self, asked: Mapping[str, Any]) -> Page:
        if self.actor.party_id is None:
            return Page([], None)
        measures = instruments.measures()
        day = asked.get("day") or beijing_day(self.at)
        found = [
            {
                "scheme": one.pool[0],
                "vintage_year": one.pool[1],
                "is_free": layer.is_free,
                "is_untold": layer.is_untold,
                "acquired_on": layer.acquired_on,
                "units": quantity(layer.unit_count, measures.get(one.pool[0], "")),
                "cost_cny": layer.cost,
                "entry_id": layer.entry_id,
            }
            for one in results.held_on(self.actor.party_id, day)
            if asked.get("scheme") in {None, one.pool[0]}
            for layer in one.layers
        ]
        return Page(found, None)


class BookLine(serializers.Serializer[Any]):
    side = serializers.CharField(help_text="DEBIT or CREDIT.")
    account = serializers.CharField(help_text="Code of the account.")
    amount = serializers.CharField(help_text="CNY, exact; below zero in red.")


class BookEntry(serializers.Serializer[Any]):
    day = serializers.DateField()
    cause = serializers.CharField()
    scheme = serializers.CharField()
    vintage = serializers.IntegerField()
    units = Whole()
    entry_id = serializers.UUIDField(help_text="The entry of the ledger of units behind it.")
    trade_id = serializers.CharField(help_text="Empty: it came of no trade.")
    basis = serializers.CharField()
    confidence = serializers.CharField(help_text="A text read, B reported, C unverified.")
    is_red = serializers.BooleanField()
    lines = BookLine(many=True)


class SuggestedEntries(ListView):
    """Suggested entries of a period as they would be now (财会〔2019〕22号). All on one page."""

    may = {"GET": READERS}
    row = BookEntry

    class EntryPeriod(Listing):
        since = serializers.DateField(help_text="First day, included.")
        until = serializers.DateField(help_text="Last day, included.")

    filters = EntryPeriod

    def page(self, asked: Mapping[str, Any]) -> Page:
        if self.actor.party_id is None:
            return Page([], None)
        period = Period.through(asked["since"], asked["until"])
        found = suggested(self.actor.party_id, period)
        return Page([as_entry(one) for one in found if one.lines], None)


class BatchRow(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    number = serializers.IntegerField()
    since = serializers.DateField()
    until = serializers.DateField(help_text="Last day, included.")
    entry_count = serializers.IntegerField()
    debit_cny = serializers.DecimalField(**MONEY)
    content_hash = serializers.CharField(help_text="SHA-256 of the entries, canonical JSON.")
    made_at = serializers.DateTimeField()


class Batch(BatchRow):
    entries = BookEntry(many=True)


class Batches(ListView, WriteView):
    """Batches of entries that were handed over; or freeze what no batch has yet."""

    may = {"GET": READERS}
    row = BatchRow
    gives = BatchRow
    gives_status = 201
    operation: ClassVar[str] = "trades.make_batch"
    orders = {"-number": ("number", "id"), "number": ("number", "id")}
    default_order = "-number"

    class MakeBatch(serializers.Serializer[Any]):
        since = serializers.DateField(help_text="First day, included.")
        until = serializers.DateField(help_text="Last day, included.")

    body = MakeBatch

    def rows(self, asked: Mapping[str, Any]) -> QuerySet[Any]:
        return trades.batches_seen_by(self.actor)

    def act(self, asked: Mapping[str, Any], *, key: str, **path: Any) -> Answer:
        row = operations.make_batch(
            period=Period.through(asked["since"], asked["until"]),
            by=self.actor,
            at=self.at,
            idempotency_key=key,
        )
        address = f"/api/v1/entry-batches/{row.pk}/"
        return Answer(status=201, body=dict(BatchRow(row).data), location=address)


class OneBatch(DetailView):
    """A batch with its entries: always the same."""

    may = {"GET": READERS}
    row = Batch

    def find(self, **path: Any) -> Any:
        return trades.get_batch(path["batch_id"], by=self.actor)
