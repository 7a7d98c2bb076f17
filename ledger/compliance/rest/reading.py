"""Compliance years: what is owed, what covers it, what is due when, and what missing costs."""

from collections.abc import Mapping
from datetime import datetime
from decimal import ROUND_HALF_UP
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from ledger.compliance import queries
from ledger.compliance.models import STATUSES
from ledger.doors.rest import (
    READERS,
    ApiView,
    DetailView,
    Listing,
    ListView,
    Whole,
    among,
    strict,
)
from ledger.kernel.errors import NotFound

BEIJING = ZoneInfo("Asia/Shanghai")


class EntityRow(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    party_id = serializers.UUIDField()
    regime = serializers.CharField(source="regime_id", help_text="The trading system.")
    code = serializers.CharField()
    name = serializers.CharField()
    sector = serializers.CharField()
    entered_at = serializers.DateTimeField()


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


class LiftedBlock(serializers.Serializer[Any]):
    """Surrenders went through although books and registry differed."""

    account_id = serializers.UUIDField()
    scheme = serializers.CharField()
    vintage_year = serializers.IntegerField()
    valid_from = serializers.DateField()
    expires_on = serializers.DateField(help_text="First day on which it blocked again.")
    reason = serializers.CharField()
    entry_ids = serializers.ListField(child=serializers.UUIDField())


class OneYear(DetailView):
    """A compliance year with its cover, what is held for it today, and blocks lifted for it."""

    class YearWithCover(YearRow):
        cover = Cover()
        held = Held(many=True)
        blocks_lifted = LiftedBlock(many=True)

    row = YearWithCover

    def find(self, **path: Any) -> Any:
        row = queries.get_obligation(path["year_id"], by=self.actor)
        held = queries.holdings_for(row, _today(self.at))
        named = [str(name) for name in YearRow().fields]
        return {name: getattr(row, name) for name in named} | {
            "cover": queries.gap_of(row, held),
            "held": held,
            "blocks_lifted": queries.blocks_lifted(row),
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


# --- what stays open


class PenaltyRow(serializers.Serializer[Any]):
    """What the law says a shortfall costs; amounts only where a price was given."""

    open_t = Whole()
    low_times = serializers.DecimalField(9, 2, help_text="Of the average price.")
    high_times = serializers.DecimalField(9, 2)
    legal_basis = serializers.CharField()
    last_day = serializers.DateField(allow_null=True, help_text="Last day of this law.")
    law_changed = serializers.BooleanField(help_text="It has ended: verify what holds now.")
    low_amount = serializers.DecimalField(26, 2, allow_null=True, rounding=ROUND_HALF_UP)
    high_amount = serializers.DecimalField(26, 2, allow_null=True, rounding=ROUND_HALF_UP)


class PenaltyOfYear(DetailView):
    """What the open quantity of a year would cost; 404 where its rules name no penalty."""

    row = PenaltyRow

    class PriceOfMonth(serializers.Serializer[Any]):
        average_price = serializers.DecimalField(
            18, 4, required=False, min_value=0, help_text="Of the month before the deadline, per t."
        )

    filters = PriceOfMonth

    def find(self, **path: Any) -> Any:
        asked = strict(self.filters, self.request.query_params.dict())
        year = queries.get_obligation(path["year_id"], by=self.actor)
        told = queries.penalty_of(
            year, on=_today(self.at), average_price=asked.get("average_price")
        )
        if told is None:
            raise NotFound
        return {
            "open_t": year.open_t,
            "low_times": told.low_times,
            "high_times": told.high_times,
            "legal_basis": told.legal_basis,
            "last_day": told.valid_to,
            "law_changed": told.law_changed,
            "low_amount": told.amounts and told.amounts.low,
            "high_amount": told.amounts and told.amounts.high,
        }
