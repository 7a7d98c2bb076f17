"""Pledges for machines: what secures what, its value and series, what is asked of creditors."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from django.db.models import QuerySet
from rest_framework import serializers

from finance.pledges import operations, queries
from finance.pledges.models import Pledge, Valuation
from finance.pledges.operations import Wanted
from finance.pledges.operations.keeping import day_of
from finance.pledges.states import (
    Level,
    PledgeState,
    Reference,
    RequestState,
)
from ledger.doors.idempotency import Answer
from ledger.doors.rest import DetailView, Listing, ListView, Whole, WriteView, among
from ledger.kernel.actors import Actor

MOST = 2**62
MOST_DAYS = 365


def _money(**more: Any) -> serializers.DecimalField:
    return serializers.DecimalField(max_digits=20, decimal_places=2, **more)


def _share(**more: Any) -> serializers.DecimalField:
    return serializers.DecimalField(max_digits=12, decimal_places=6, **more)


def text(longest: int = 300, **more: Any) -> serializers.CharField:
    return serializers.CharField(
        required=False, default="", allow_blank=True, max_length=longest, **more
    )


class PledgePart(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    state = serializers.CharField()
    scheme = serializers.CharField()
    vintage_year = serializers.IntegerField()
    account_id = serializers.UUIDField()
    lot_id = serializers.UUIDField()
    unit_count = serializers.IntegerField()
    hold_id = serializers.UUIDField(allow_null=True)
    ranges = serializers.ListField(child=serializers.ListField(child=serializers.IntegerField()))


class PledgeRegistration(serializers.Serializer[Any]):
    register = serializers.CharField()
    number = serializers.CharField()
    registered_on = serializers.DateField()
    expires_on = serializers.DateField(allow_null=True)
    document = serializers.CharField()


class PledgeRow(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    number = serializers.CharField()
    facility_id = serializers.UUIDField()
    debtor_id = serializers.UUIDField()
    creditor_id = serializers.UUIDField()
    state = serializers.CharField()
    rank = serializers.IntegerField()
    loan_share = _share()
    reference = serializers.CharField()
    has_haircut = serializers.BooleanField()
    with_interest = serializers.BooleanField()
    target_ltv = _share()
    warning_ltv = _share()
    top_up_ltv = _share()
    close_out_ltv = _share()
    cure_days = serializers.IntegerField()
    ends_on = serializers.DateField(allow_null=True)
    ended_on = serializers.DateField(allow_null=True)


class PledgeWhole(PledgeRow):
    parts = PledgePart(many=True)
    registrations = PledgeRegistration(many=True)


class CollateralUnits(serializers.Serializer[Any]):
    """Free units of one lot; without ranges the lowest serials are chosen."""

    account_id = serializers.UUIDField()
    lot_id = serializers.UUIDField()
    unit_count = Whole(min_value=1, max_value=MOST)
    ranges = serializers.ListField(
        child=serializers.ListField(child=Whole(min_value=0), min_length=2, max_length=2),
        required=False,
        default=list,
        help_text="First and last serial of each run.",
    )


class Pledges(ListView, WriteView):
    """Pledges that your party gave or holds; or draw one up: its units are reserved at once."""

    operation: ClassVar[str] = "pledges.submit_pledge"
    gives = PledgeRow
    gives_status = 201

    class NewPledge(serializers.Serializer[Any]):
        facility_id = serializers.UUIDField()
        number = serializers.CharField(max_length=40)
        collateral = CollateralUnits(many=True)
        loan_share = _share()
        reference = serializers.ChoiceField(choices=Reference.values)
        target_ltv = _share()
        warning_ltv = _share()
        top_up_ltv = _share()
        close_out_ltv = _share()
        evidence = serializers.CharField(max_length=300)
        has_haircut = serializers.BooleanField(required=False, default=False)
        with_interest = serializers.BooleanField(required=False, default=False)
        cure_days = serializers.IntegerField(
            required=False, default=3, min_value=0, max_value=MOST_DAYS
        )
        ends_on = serializers.DateField(required=False, allow_null=True, default=None)
        behind_id = serializers.UUIDField(required=False, allow_null=True, default=None)
        consent_number = text(60)

    body = NewPledge
    row = PledgeRow

    class PledgeFilters(Listing):
        state = serializers.ChoiceField(choices=PledgeState.values, required=False)
        facility_id = serializers.UUIDField(required=False)

    filters = PledgeFilters

    def rows(self, asked: Mapping[str, Any]) -> QuerySet[Any]:
        return among(queries.pledges_seen_by(self.actor), asked, "state", "facility_id")

    def shown(self, rows: Any) -> Any:
        found = list(rows)
        operations.record_reads(found, what="api", by=self.actor, at=self.at)
        return found

    def act(self, asked: Mapping[str, Any], *, key: str, **path: Any) -> Answer:
        units = [
            Wanted(**{**one, "ranges": [(run[0], run[1]) for run in one["ranges"]]})
            for one in asked["collateral"]
        ]
        row = operations.submit_pledge(
            **{**asked, "collateral": units}, by=self.actor, at=self.at, idempotency_key=key
        )
        return Answer(201, dict(PledgeRow(row).data), f"/api/v1/pledges/{row.pk}/")


def _part(part: Any) -> dict[str, Any]:
    named = [name for name in map(str, PledgePart().fields) if name != "ranges"]
    ranges = [list(run) for run in queries.serials_of(part)]
    return {name: getattr(part, name) for name in named} | {"ranges": ranges}


class OnePledge(DetailView):
    """A pledge of yours, its units and registrations."""

    row = PledgeWhole

    def find(self, **path: Any) -> Any:
        found = queries.get_pledge_seen_by(path["pledge_id"], self.actor)
        operations.record_reads([found], what="api", by=self.actor, at=self.at)
        return whole_of(found)


def whole_of(found: Pledge) -> dict[str, Any]:
    """A pledge, its units and registrations."""
    told = {str(name): getattr(found, str(name)) for name in PledgeRow().fields}
    parts = [_part(one) for one in queries.parts_of(found)]
    return {**told, "parts": parts, "registrations": queries.seen_as(found).registrations}


class CoverRow(serializers.Serializer[Any]):
    on = serializers.DateField()
    debt = _money(help_text="Owed under the facility.")
    owed = _money(help_text="The share of the debt that this pledge answers for, by value.")
    market = _money()
    value = _money()
    ltv = _share(allow_null=True)
    level = serializers.CharField()
    is_stale = serializers.BooleanField()
    top_up = serializers.IntegerField()
    headroom = serializers.IntegerField()
    marks = serializers.JSONField(help_text="The prices it is valued by.")
    alerts = serializers.JSONField(help_text="Codes and facts.")


class CoverToday(DetailView):
    """Value and loan to value today, by the newest prices."""

    row = CoverRow

    def find(self, **path: Any) -> Any:
        found = queries.get_pledge_seen_by(path["pledge_id"], self.actor)
        operations.record_reads([found], what="api", by=self.actor, at=self.at)
        return cover_today(found, by=self.actor, at=self.at)


def cover_today(found: Pledge, *, by: Actor, at: datetime) -> dict[str, Any]:
    """Value and loan to value, with the alerts that this side may read."""
    on = day_of(at)
    cover = queries.cover_of(found, on)
    named = [name for name in map(str, CoverRow().fields) if name not in {"marks", "alerts"}]
    alerts = [one.plain() for one in queries.alerts_of(found, cover, on)]
    return {name: getattr(cover, name) for name in named} | {
        "marks": [one.plain() for one in cover.marks],
        "alerts": queries.shown_to(alerts, creditor=queries.is_creditors_view(found, by)),
    }


class ValuationRow(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    pledge_id = serializers.UUIDField()
    valued_on = serializers.DateField()
    owed_amount = _money()
    value_amount = _money()
    market_amount = _money()
    ltv = _share(allow_null=True)
    level = serializers.CharField()
    is_stale = serializers.BooleanField()
    top_up_count = serializers.IntegerField()
    headroom_count = serializers.IntegerField()
    marks = serializers.JSONField()
    alerts = serializers.JSONField()


class Valuations(ListView):
    """The series of loan to value, a row for each pledge and day."""

    row = ValuationRow

    class ValuationFilters(Listing):
        pledge_id = serializers.UUIDField(required=False)
        level = serializers.ChoiceField(choices=Level.values, required=False)

    filters = ValuationFilters
    orders = {"-valued_on": ("valued_on", "id"), "-id": ("id",), "id": ("id",)}
    default_order = "-valued_on"

    def rows(self, asked: Mapping[str, Any]) -> QuerySet[Any]:
        seen = queries.pledges_seen_by(self.actor).order_by()
        rows = Valuation.objects.filter(pledge__in=seen.values("pk"))
        return among(rows.select_related("pledge"), asked, "pledge_id", "level")

    def shown(self, rows: Any) -> Any:
        found = list(rows)
        pledges = [one.pledge for one in found]
        operations.record_reads(pledges, what="api/ltv", by=self.actor, at=self.at)
        for one in found:
            side = queries.is_creditors_view(one.pledge, self.actor)
            one.alerts = queries.shown_to(one.alerts, creditor=side)
        return found


class RequestRow(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    pledge_id = serializers.UUIDField()
    number = serializers.CharField()
    kind = serializers.CharField()
    state = serializers.CharField()
    part_id = serializers.UUIDField(allow_null=True)
    unit_count = serializers.IntegerField(allow_null=True)
    new_part_id = serializers.UUIDField(allow_null=True)
    reason = serializers.CharField()
    answer = serializers.CharField()
    decided_at = serializers.DateTimeField(allow_null=True)


class Requests(ListView):
    """What debtors asked of creditors."""

    row = RequestRow

    class RequestFilters(Listing):
        pledge_id = serializers.UUIDField(required=False)
        state = serializers.ChoiceField(choices=RequestState.values, required=False)

    filters = RequestFilters
    orders = {"-id": ("id",), "id": ("id",)}
    default_order = "-id"

    def rows(self, asked: Mapping[str, Any]) -> QuerySet[Any]:
        return among(queries.requests_seen_by(self.actor), asked, "pledge_id", "state")

    def shown(self, rows: Any) -> Any:
        found = list(rows)
        pledges = [one.pledge for one in found]
        operations.record_reads(pledges, what="api", by=self.actor, at=self.at)
        return found
