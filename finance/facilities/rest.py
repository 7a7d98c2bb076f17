"""Facilities for machines: what is owed and falls due; drawing is proposed, payments are told."""

from collections.abc import Mapping
from typing import Any, ClassVar
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone
from rest_framework import serializers

from finance.facilities import operations, queries
from finance.facilities.models import Facility, Line
from finance.facilities.states import FacilityState, LineKind
from ledger.approvals.proposing import ProposedWrite
from ledger.doors.idempotency import Answer
from ledger.doors.rest import DetailView, Listing, ListView, WriteView, among
from ledger.kernel.actors import Role

BY_HAND = [one.value for one in LineKind if one is not LineKind.DRAWN]


def _money(**more: Any) -> serializers.DecimalField:
    return serializers.DecimalField(max_digits=20, decimal_places=2, **more)


class FacilityRow(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    code = serializers.CharField()
    state = serializers.CharField()
    borrower_id = serializers.UUIDField()
    lender_id = serializers.UUIDField()
    currency = serializers.CharField()
    limit_amount = _money()
    rate_kind = serializers.CharField()
    rate_bps = serializers.IntegerField(help_text="The rate, or the margin over LPR.")
    reset_months = serializers.IntegerField()
    day_count = serializers.CharField()
    plan = serializers.CharField()
    period_months = serializers.IntegerField()
    grace_months = serializers.IntegerField()
    starts_on = serializers.DateField()
    matures_on = serializers.DateField()
    is_secured = serializers.BooleanField()
    purpose = serializers.CharField()


class Facilities(ListView):
    """Facilities under which your party borrows, or which it grants."""

    row = FacilityRow

    class FacilityFilters(Listing):
        state = serializers.ChoiceField(choices=FacilityState.values, required=False)
        lender_id = serializers.UUIDField(required=False)
        borrower_id = serializers.UUIDField(required=False)

    filters = FacilityFilters

    def rows(self, asked: Mapping[str, Any]) -> QuerySet[Any]:
        seen = queries.facilities_seen_by(self.actor)
        return among(seen, asked, "state", "lender_id", "borrower_id")

    def shown(self, rows: Any) -> Any:
        found = list(rows)
        operations.record_reads(found, what="api", by=self.actor, at=self.at)
        return found


class OneFacility(DetailView):
    """A facility of yours."""

    row = FacilityRow

    def find(self, **path: Any) -> Any:
        found = queries.get_facility(path["facility_id"], by=self.actor)
        operations.record_reads([found], what="api", by=self.actor, at=self.at)
        return found


class InstalmentRow(serializers.Serializer[Any]):
    due_on = serializers.DateField()
    principal = _money()
    interest = _money()
    payment = _money()
    owed = _money(help_text="After it.")


class StandingRow(serializers.Serializer[Any]):
    on = serializers.DateField()
    drawn = _money()
    principal = _money()
    interest_owed = _money()
    fees_owed = _money()
    undrawn = _money()
    unused = _money(help_text="Drawn, its use not yet shown.")
    rate = serializers.DecimalField(max_digits=9, decimal_places=6, help_text="A year's, a share.")
    is_unverified = serializers.BooleanField(help_text="An LPR in it is not verified.")
    schedule = InstalmentRow(many=True)


class Stands(DetailView):
    """What is owed today, and what falls due by the rate of today."""

    row = StandingRow

    def find(self, **path: Any) -> Any:
        found = queries.get_facility(path["facility_id"], by=self.actor)
        operations.record_reads([found], what="api", by=self.actor, at=self.at)
        on = timezone.localdate(self.at)
        now = queries.standing_on(found, on)
        named = [name for name in map(str, StandingRow().fields) if name != "schedule"]
        told = {name: getattr(now, name) for name in named}
        return {**told, "schedule": queries.schedule_of(found, on)}


class LineRow(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    facility_id = serializers.UUIDField()
    kind = serializers.CharField()
    amount = _money()
    happened_on = serializers.DateField()
    payee = serializers.CharField()
    evidence = serializers.CharField()
    text = serializers.CharField()


class Lines(ListView):
    """The books of your facilities."""

    row = LineRow

    class LineFilters(Listing):
        facility_id = serializers.UUIDField(required=False)
        kind = serializers.ChoiceField(choices=LineKind.values, required=False)

    filters = LineFilters
    orders = {"-id": ("id",), "id": ("id",)}
    default_order = "-id"

    def rows(self, asked: Mapping[str, Any]) -> QuerySet[Any]:
        seen = queries.facilities_seen_by(self.actor).order_by()
        rows = Line.objects.filter(facility__in=seen.values("pk"))
        return among(rows.select_related("facility"), asked, "facility_id", "kind")

    def shown(self, rows: Any) -> Any:
        found = list(rows)
        lent = [one.facility for one in found]
        operations.record_reads(lent, what="api", by=self.actor, at=self.at)
        return found


def _of(facility_id: UUID, view: Any) -> Facility:
    return queries.get_facility(facility_id, by=view.actor)


class ProposeDrawdown(ProposedWrite):
    """Propose to draw money. An approver of your party decides."""

    operation: ClassVar[str] = "facilities.draw"
    also = frozenset({Role.CARBON_MANAGER})

    class Drawdown(serializers.Serializer[Any]):
        amount = _money()
        drawn_on = serializers.DateField()
        evidence = serializers.CharField(max_length=300)
        text = serializers.CharField(required=False, default="", allow_blank=True, max_length=300)

    body = Drawdown

    def values(self, asked: Mapping[str, Any], **path: UUID) -> Mapping[str, Any]:
        return {"facility_id": _of(path["facility_id"], self).pk, **asked}


class RecordLine(WriteView):
    """Record a payment, a fee, a subsidy received or a use of proceeds."""

    operation: ClassVar[str] = "facilities.record_line"
    gives = LineRow
    gives_status = 201

    class FacilityLine(serializers.Serializer[Any]):
        kind = serializers.ChoiceField(choices=BY_HAND)
        amount = _money()
        happened_on = serializers.DateField()
        payee = serializers.CharField(required=False, default="", allow_blank=True, max_length=200)
        evidence = serializers.CharField(max_length=300)
        text = serializers.CharField(required=False, default="", allow_blank=True, max_length=300)

    body = FacilityLine

    def act(self, asked: Mapping[str, Any], *, key: str, **path: Any) -> Answer:
        row = operations.record_line(
            facility_id=path["facility_id"], **asked, by=self.actor, at=self.at,
            idempotency_key=key,
        )  # fmt: skip
        return Answer(status=201, body=dict(LineRow(row).data))
