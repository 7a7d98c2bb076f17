"""Marks, rates and values for machines: reading, and proposing what an approver decides."""

from collections.abc import Mapping
from datetime import date
from typing import Any, ClassVar
from uuid import UUID

from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from finance.prices import approvable, operations, queries
from finance.prices.queries import ValuedLine
from finance.prices.rules.facts import Fact, MarkFact, RateFact, TooManyRows
from finance.prices.states import LimitCheck, Mode
from ledger.approvals import operations as approvals
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
    carried_out,
    strict,
    waits_for_approval,
)
from ledger.kernel.actors import Role
from ledger.kernel.errors import NotFound
from ledger.kernel.money import Money

MOST_AT_ONCE = 1_000


class MarkRow(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    scheme = serializers.CharField()
    vintage_year = serializers.IntegerField(allow_null=True, help_text="Null: any vintage.")
    source_code = serializers.CharField(source="source_id")
    mode = serializers.ChoiceField(choices=Mode.values)
    marked_on = serializers.DateField()
    version = serializers.IntegerField(help_text="The highest of a day counts.")
    price = serializers.CharField(help_text="Of one unit, as a decimal in text.")
    currency = serializers.CharField()
    volume = Whole(allow_null=True)
    limit_check = serializers.ChoiceField(choices=LimitCheck.values)
    is_withdrawn = serializers.BooleanField(help_text="Nothing is told of the day any more.")
    reason = serializers.CharField()
    told_at = serializers.DateTimeField(source="telling.told_at")


class RateRow(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    from_currency = serializers.CharField()
    to_currency = serializers.CharField()
    source_code = serializers.CharField(source="source_id")
    rated_on = serializers.DateField()
    version = serializers.IntegerField()
    rate = serializers.CharField()
    is_withdrawn = serializers.BooleanField(help_text="Nothing is told of the day any more.")
    reason = serializers.CharField()
    told_at = serializers.DateTimeField(source="telling.told_at")


class _Telling(ListView, WriteView):
    """What the two lists share: rows in a body, proposed as one act."""

    gives = AskedFor

    def facts(self, rows: Any) -> list[Fact]:
        raise NotImplementedError

    def act(self, asked: Mapping[str, Any], *, key: str, **path: Any) -> Answer:
        facts = self.facts(asked["rows"])
        if len(facts) > MOST_AT_ONCE:
            raise TooManyRows(limit=MOST_AT_ONCE)
        # every problem now, not when somebody has approved
        operations.preview(facts, reason=asked["reason"], by=self.actor, at=self.at)
        payload = approvable.payload_of(facts, reason=asked["reason"], key=key)
        _execute, describe, _fingerprint = approvable.OPERATIONS[self.operation]
        made = approvals.propose(
            operation=self.operation,
            payload=payload,
            summary=describe(payload),
            party_id=self.actor.own_party,
            by=self.actor,
            at=self.at,
        )
        if made.approval is None:
            return carried_out(self.operation, made.result or {})
        return waits_for_approval(made.approval)


class Marks(_Telling):
    """What sources said of days; or propose marks, which an approver of your party decides."""

    row = MarkRow
    operation: ClassVar[str] = approvable.MARKS
    orders = {"-marked_on": ("marked_on", "id"), "marked_on": ("marked_on", "id")}
    default_order = "-marked_on"

    class MarkFilters(Listing):
        scheme = serializers.CharField(required=False, max_length=30)
        vintage_year = serializers.IntegerField(required=False)
        source_code = serializers.CharField(required=False, max_length=30)
        since = serializers.DateField(required=False)
        until = serializers.DateField(required=False)

    filters = MarkFilters

    class TellMarks(serializers.Serializer[Any]):
        class OneMarkTold(serializers.Serializer[Any]):
            scheme = serializers.CharField(max_length=30)
            vintage_year = serializers.IntegerField(required=False, allow_null=True, default=None)
            source_code = serializers.CharField(max_length=30)
            marked_on = serializers.DateField()
            price = serializers.DecimalField(max_digits=18, decimal_places=6)
            currency = serializers.CharField(required=False, default="CNY", max_length=3)
            mode = serializers.ChoiceField(choices=Mode.values, required=False, default="LISTED")
            volume = Whole(required=False, allow_null=True, default=None, min_value=0)
            reason = serializers.CharField(required=False, default="", max_length=300)

        rows = OneMarkTold(many=True)
        reason = serializers.CharField(required=False, default="", max_length=300)

    body = TellMarks

    def facts(self, rows: Any) -> list[Fact]:
        return [MarkFact(**_with_source(row)) for row in rows]

    def rows(self, asked: Mapping[str, Any]) -> QuerySet[Any]:
        named = ("scheme", "vintage_year")
        found = queries.all_marks().filter(**{name: asked[name] for name in named if name in asked})
        if "source_code" in asked:
            found = found.filter(source=asked["source_code"])
        return _between(found, "marked_on", asked)


class Rates(_Telling):
    """What one currency was in another; or propose rates, which an approver decides."""

    row = RateRow
    operation: ClassVar[str] = approvable.RATES
    orders = {"-rated_on": ("rated_on", "id"), "rated_on": ("rated_on", "id")}
    default_order = "-rated_on"

    class RateFilters(Listing):
        from_currency = serializers.CharField(required=False, max_length=3)
        to_currency = serializers.CharField(required=False, max_length=3)
        since = serializers.DateField(required=False)
        until = serializers.DateField(required=False)

    filters = RateFilters

    class TellRates(serializers.Serializer[Any]):
        class OneRateTold(serializers.Serializer[Any]):
            from_currency = serializers.CharField(max_length=3)
            to_currency = serializers.CharField(required=False, default="CNY", max_length=3)
            source_code = serializers.CharField(max_length=30)
            rated_on = serializers.DateField()
            rate = serializers.DecimalField(max_digits=18, decimal_places=8)
            reason = serializers.CharField(required=False, default="", max_length=300)

        rows = OneRateTold(many=True)
        reason = serializers.CharField(required=False, default="", max_length=300)

    body = TellRates

    def facts(self, rows: Any) -> list[Fact]:
        return [RateFact(**_with_source(row)) for row in rows]

    def rows(self, asked: Mapping[str, Any]) -> QuerySet[Any]:
        named = ("from_currency", "to_currency")
        found = queries.all_rates().filter(**{name: asked[name] for name in named if name in asked})
        return _between(found, "rated_on", asked)


def _with_source(row: Mapping[str, Any]) -> dict[str, Any]:
    return {("source" if name == "source_code" else name): value for name, value in row.items()}


def _between(rows: QuerySet[Any], column: str, asked: Mapping[str, Any]) -> QuerySet[Any]:
    if "since" in asked:
        rows = rows.filter(**{f"{column}__gte": asked["since"]})
    if "until" in asked:
        rows = rows.filter(**{f"{column}__lte": asked["until"]})
    return rows


class OneMark(DetailView):
    """One version of a mark."""

    row = MarkRow

    def find(self, **path: Any) -> Any:
        return queries.get_mark(path["mark_id"])


class MoneyOut(serializers.Serializer[Any]):
    amount = serializers.CharField()
    currency = serializers.CharField()


class ValuedRow(serializers.Serializer[Any]):
    scheme = serializers.CharField()
    vintage_year = serializers.IntegerField()
    state = serializers.CharField()
    unit_count = Whole()
    use = serializers.CharField(help_text="What the units are still good for on the day.")
    mark_id = serializers.UUIDField(allow_null=True)
    price = MoneyOut(allow_null=True)
    marked_on = serializers.DateField(allow_null=True)
    is_stale = serializers.BooleanField()
    rate = serializers.CharField(allow_null=True)
    haircut = serializers.CharField(help_text="Share that is taken off.")
    use_share = serializers.CharField(help_text="Share of the mark that counts, by use.")
    market_value = MoneyOut(allow_null=True)
    value = MoneyOut(allow_null=True, help_text="Null: no mark or no rate is known.")


class Valued(serializers.Serializer[Any]):
    party_id = serializers.UUIDField()
    on = serializers.DateField()
    market_value = MoneyOut()
    value = MoneyOut()
    stale_count = serializers.IntegerField(help_text="Lines whose mark or rate is old.")
    unvalued_count = serializers.IntegerField(help_text="Lines without a value.")
    lines = ValuedRow(many=True)


def _money(money: Money | None) -> dict[str, str] | None:
    return None if money is None else {"amount": f"{money.amount:f}", "currency": money.currency}


def _line(line: ValuedLine) -> dict[str, Any]:
    mark, rate = line.mark, line.rate
    return {
        "scheme": line.scheme,
        "vintage_year": line.vintage_year,
        "state": line.state,
        "unit_count": line.unit_count,
        "use": line.use,
        "mark_id": mark.version_id if mark else None,
        "price": _money(mark.price if mark else None),
        "marked_on": mark.marked_on if mark else None,
        "is_stale": line.is_stale,
        "rate": f"{rate.rate:f}" if rate else None,
        "haircut": f"{line.haircut:f}",
        "use_share": f"{line.use_share:f}",
        "market_value": _money(line.market_value),
        "value": _money(line.value),
    }


class Valuation(ApiView):
    """What a party's holdings were worth at the end of a day, line by line."""

    may = {"GET": READERS}
    row = Valued

    class Asked(serializers.Serializer[Any]):
        party_id = serializers.UUIDField(required=False, help_text="Auditors name another party.")
        on = serializers.DateField()
        currency = serializers.CharField(required=False, default="CNY", max_length=3)

    filters = Asked

    def get(self, request: Request) -> Response:
        asked = strict(self.Asked, request.query_params.dict())
        party_id: UUID = asked.get("party_id") or self.actor.own_party
        if party_id != self.actor.party_id and not self.actor.has(Role.AUDITOR):
            raise NotFound
        currency, on = asked["currency"], asked["on"]
        lines = queries.value_holdings(party_id, on, currency=currency)
        return Response(Valued(_whole(party_id, on, lines, currency)).data)


def _whole(party_id: UUID, on: date, lines: list[ValuedLine], currency: str) -> dict[str, Any]:
    total = queries.total(lines, currency=currency)
    return {
        "party_id": party_id,
        "on": on,
        "market_value": _money(total.market_value),
        "value": _money(total.value),
        "stale_count": total.stale_count,
        "unvalued_count": total.unvalued_count,
        "lines": [_line(line) for line in lines],
    }
