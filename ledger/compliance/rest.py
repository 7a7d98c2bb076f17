"""The compliance year for machines: what is owed, what covers it, and surrenders proposed."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from ledger.accounts import queries as accounts
from ledger.approvals import operations as approvals
from ledger.compliance import approvable, operations, queries
from ledger.compliance.models import SECTORS, STATUSES
from ledger.compliance.states import AllocationStep
from ledger.doors.idempotency import Answer
from ledger.doors.rest import (
    READERS,
    ApiView,
    AskedFor,
    DetailView,
    Listing,
    ListView,
    Whole,
    WriteView,
    among,
    strict,
    waits_for_approval,
)
from ledger.kernel.actors import Role

BEIJING = ZoneInfo("Asia/Shanghai")
MOST_LINES = 100


class EntityRow(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    party_id = serializers.UUIDField()
    regime = serializers.CharField(source="regime_id", help_text="The trading system.")
    code = serializers.CharField()
    name = serializers.CharField()
    sector = serializers.CharField()
    entered_at = serializers.DateTimeField()


class Entities(ListView):
    """Regulated entities of your party."""

    row = EntityRow

    class EntityFilters(Listing):
        regime = serializers.CharField(required=False, max_length=30)
        sector = serializers.ChoiceField(choices=[code for code, _ in SECTORS], required=False)

    filters = EntityFilters

    def rows(self, asked: Mapping[str, Any]) -> QuerySet[Any]:
        named = {"regime": "regime_id", "sector": "sector"}
        wanted = {named[name]: value for name, value in asked.items() if name in named}
        return queries.entities_seen_by(self.actor).filter(**wanted)


class OneEntity(DetailView):
    """A regulated entity of your party."""

    row = EntityRow

    def find(self, **path: Any) -> Any:
        return queries.get_entity(path["entity_id"], by=self.actor)


# --- years


class YearRow(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    entity_id = serializers.UUIDField()
    year = serializers.IntegerField()
    emissions_t = Whole(allow_null=True)
    owed_t = Whole(allow_null=True)
    allocated_t = Whole()
    allowances_t = Whole(help_text="Allowances surrendered.")
    offsets_t = Whole(help_text="Offsets surrendered.")
    open_t = Whole(help_text="Still owed.")
    offset_cap_t = Whole(allow_null=True)
    due_on = serializers.DateField(allow_null=True)
    status = serializers.CharField()
    entity_status = serializers.CharField()
    numbers = serializers.JSONField(help_text="The rule numbers that were used.")
    reckoned_at = serializers.DateTimeField()


class Held(serializers.Serializer[Any]):
    account_id = serializers.UUIDField()
    lot_id = serializers.UUIDField()
    scheme = serializers.CharField()
    vintage_year = serializers.IntegerField()
    state = serializers.CharField()
    unit_count = Whole()
    is_offset = serializers.BooleanField()
    verdict = serializers.CharField()
    is_draft = serializers.BooleanField(help_text="The rule that judged is a draft.")


class Cover(serializers.Serializer[Any]):
    open_t = Whole()
    free_allowances = Whole()
    free_offsets = Whole()
    usable_offsets = Whole(help_text="Within the cap.")
    bound = Whole(help_text="Eligible, but pledged, frozen or reserved.")
    refused = Whole(help_text="Held, but of no use for this year.")
    to_acquire = Whole()


class Years(ListView):
    """Compliance years of your party's entities, newest first."""

    row = YearRow
    orders = {"-year": ("year", "id"), "year": ("year", "id"), "-id": ("id",), "id": ("id",)}
    default_order = "-year"

    class YearFilters(Listing):
        entity_id = serializers.UUIDField(required=False)
        year = serializers.IntegerField(required=False)
        status = serializers.ChoiceField(choices=[code for code, _ in STATUSES], required=False)

    filters = YearFilters

    def rows(self, asked: Mapping[str, Any]) -> QuerySet[Any]:
        return among(queries.obligations_seen_by(self.actor), asked, "entity_id", "year", "status")


class OneYear(DetailView):
    """A compliance year with its cover and what is held for it today."""

    class YearWithCover(YearRow):
        cover = Cover()
        held = Held(many=True)

    row = YearWithCover

    def find(self, **path: Any) -> Any:
        row = queries.get_obligation(path["year_id"], by=self.actor)
        held = queries.holdings_for(row, _today(self.at))
        named = [str(name) for name in YearRow().fields]
        return {name: getattr(row, name) for name in named} | {
            "cover": queries.gap_of(row, held),
            "held": held,
        }


def _today(at: datetime) -> Any:
    return at.astimezone(BEIJING).date()


class DueDay(serializers.Serializer[Any]):
    entity_id = serializers.UUIDField()
    year = serializers.IntegerField()
    event = serializers.CharField()
    name = serializers.CharField(help_text="In the language asked for.")
    due_on = serializers.DateField()
    days_left = serializers.IntegerField()
    is_done = serializers.BooleanField()
    open_t = Whole(allow_null=True)
    is_unverified = serializers.BooleanField()


class DueDays(serializers.Serializer[Any]):
    items = DueDay(many=True)


class DueDates(ApiView):
    """What is due when for your party's entities, by day; with `past`, also what has passed."""

    may = {"GET": READERS}
    responses = {"200": DueDays}

    class DueFilters(serializers.Serializer[Any]):
        past = serializers.BooleanField(required=False, default=False)

    filters = DueFilters

    def get(self, request: Request) -> Response:
        asked = strict(self.filters, request.query_params.dict())
        found = queries.due_dates(self.actor.own_party, _today(self.at), past=asked["past"])
        return Response(DueDays({"items": found}).data)


# --- allocation


class AllocationRow(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    entity_id = serializers.UUIDField()
    year = serializers.IntegerField()
    step = serializers.CharField()
    table = serializers.CharField()
    unit_count = Whole()
    calculation = serializers.JSONField()
    is_draft = serializers.BooleanField()
    evidence = serializers.CharField()
    recorded_at = serializers.DateTimeField()


class Allocations(ListView, WriteView):
    """Allocation of a compliance year; or record what the regulator did.

    The units themselves come with the registry's statement.
    """

    row = AllocationRow
    gives = AllocationRow
    gives_status = 201
    operation: ClassVar[str] = "compliance.record_allocation"

    class AllocationToRecord(serializers.Serializer[Any]):
        step = serializers.ChoiceField(
            choices=[one.value for one in AllocationStep if one is not AllocationStep.ENTITLED]
        )
        table = serializers.ChoiceField(choices=["FINAL", "PRE"])
        unit_count = Whole(min_value=1, max_value=2**63 - 1)
        evidence = serializers.CharField(max_length=300)

    body = AllocationToRecord

    def rows(self, asked: Mapping[str, Any]) -> QuerySet[Any]:
        year = queries.get_obligation(self.kwargs["year_id"], by=self.actor)
        return queries.allocations_of(year.entity_id).filter(year=year.year).order_by()

    def act(self, asked: Mapping[str, Any], *, key: str, **path: Any) -> Answer:
        year = queries.get_obligation(path["year_id"], by=self.actor)
        made = operations.record_allocation(
            entity_id=year.entity_id, year=year.year, **asked, by=self.actor, at=self.at
        )
        return Answer(status=201, body=dict(AllocationRow(made).data))


# --- surrender


class SurrenderLine(serializers.Serializer[Any]):
    account_id = serializers.UUIDField(help_text="Yours.")
    lot_id = serializers.UUIDField()
    unit_count = Whole(min_value=1, max_value=2**63 - 1)


class Surrenders(WriteView):
    """Propose that units are handed in for a compliance year, under its cap and vintages.

    An approver of your party decides.
    """

    operation: ClassVar[str] = approvable.SURRENDER
    also = frozenset({Role.CARBON_MANAGER})
    gives = AskedFor

    class SurrenderOfYear(serializers.Serializer[Any]):
        lines = serializers.ListField(child=SurrenderLine(), min_length=1, max_length=MOST_LINES)
        happened_on = serializers.DateField()
        reason = serializers.CharField(max_length=300)

    body = SurrenderOfYear

    def act(self, asked: Mapping[str, Any], *, key: str, **path: Any) -> Answer:
        year = queries.get_obligation(path["year_id"], by=self.actor)
        payload = {
            "obligation_id": str(year.pk),
            "lines": [self._line(one) for one in asked["lines"]],
            "happened_on": asked["happened_on"].isoformat(),
            "reason": asked["reason"],
            "key": key,
        }
        lines = approvable.lines_of(payload)
        operations.check_lines(year, lines, on=asked["happened_on"], at=self.at)
        made = approvals.request_approval(
            operation=self.operation,
            payload=payload,
            summary=approvable.describe(payload),
            party_id=self.actor.own_party,
            by=self.actor,
            at=self.at,
        )
        return waits_for_approval(made)

    def _line(self, one: Mapping[str, Any]) -> dict[str, Any]:
        account = accounts.get_own_account(one["account_id"], by=self.actor)
        return {
            "account_id": str(account.pk),
            "lot_id": str(one["lot_id"]),
            "unit_count": one["unit_count"],
        }
