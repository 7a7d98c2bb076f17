"""Carry-over: how much, applied for, granted, withdrawn (R2.28–R2.31)."""

from collections.abc import Mapping
from typing import Any, ClassVar
from uuid import UUID

from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from ledger.accounts import queries as accounts
from ledger.approvals import operations as approvals
from ledger.compliance import approvable, operations, queries
from ledger.compliance.models import CARRY_OVERS
from ledger.doors.idempotency import Answer
from ledger.doors.rest import (
    LARGEST_WHOLE,
    READERS,
    ApiView,
    AskedFor,
    DetailView,
    Listing,
    ListView,
    Whole,
    WriteView,
    among,
    answer_of,
    strict,
)
from ledger.holds import queries as holds
from ledger.kernel.actors import Role
from ledger.kernel.errors import NotFound

MOST_LOTS = 100


def _tonnes(**more: Any) -> Whole:
    return Whole(min_value=0, max_value=LARGEST_WHOLE, **more)


class Sums(serializers.Serializer[Any]):
    """Of the old vintages, within the window of sales."""

    sold = _tonnes(help_text="t")
    purchased = _tonnes(help_text="t")
    held = _tonnes(help_text="t, on the last day of the window")


class Limit(serializers.Serializer[Any]):
    net_sold_t = Whole()
    formula_t = Whole(help_text="Base and net sales times the ratio.")
    limit_t = Whole(help_text="The most that may be carried over.")
    lost_t = Whole(help_text="Of what is held; it loses its use.")
    extra_sales_t = Whole(help_text="So much more sold, and all that is left can be carried over.")
    numbers = serializers.JSONField(help_text="The rule numbers used.")


class CarryOverLimit(ApiView):
    """How much may be carried over, and what more sales would save. Nothing is recorded."""

    may = {"GET": READERS}
    responses = {"200": Limit}

    class LimitAsked(Sums):
        on = serializers.DateField(help_text="Day of the application.")

    filters = LimitAsked

    def get(self, request: Request) -> Response:
        asked = strict(self.filters, request.query_params.dict())
        made, numbers = queries.carry_over_of(**asked)
        told = {
            "net_sold_t": made.net_sold,
            "formula_t": made.formula,
            "limit_t": made.limit,
            "lost_t": made.lost,
            "extra_sales_t": made.extra_sales,
            "numbers": numbers,
        }
        return Response(Limit(told).data)


class CarryOverRow(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    entity_id = serializers.UUIDField()
    to_year = serializers.IntegerField()
    sold_t = Whole()
    purchased_t = Whole()
    held_t = Whole()
    limit_t = Whole()
    unit_count = Whole()
    numbers = serializers.JSONField(help_text="The rule numbers used.")
    evidence = serializers.CharField()
    state = serializers.CharField()
    entry_id = serializers.UUIDField(allow_null=True)
    applied_on = serializers.DateField()
    applied_at = serializers.DateTimeField()
    resolved_at = serializers.DateTimeField(allow_null=True)


class PartOfLot(serializers.Serializer[Any]):
    lot_id = serializers.UUIDField()
    unit_count = Whole(min_value=1, max_value=LARGEST_WHOLE)


def _pairs(parts: Any) -> list[tuple[UUID, int]]:
    return [(one["lot_id"], one["unit_count"]) for one in parts]


def _parts(**more: Any) -> serializers.ListField:
    return serializers.ListField(child=PartOfLot(), max_length=MOST_LOTS, **more)


class CarryOvers(ListView, WriteView):
    """Applications for carry-over, newest first; or apply, once for an entity.

    The units named are frozen until it is granted or withdrawn.
    """

    row = CarryOverRow
    gives = CarryOverRow
    gives_status = 201
    operation: ClassVar[str] = "compliance.apply_for_carry_over"
    orders = {"-id": ("id",), "id": ("id",)}
    default_order = "-id"

    class CarryOverFilters(Listing):
        entity_id = serializers.UUIDField(required=False)
        state = serializers.ChoiceField(choices=[code for code, _ in CARRY_OVERS], required=False)

    class Application(Sums):
        entity_id = serializers.UUIDField()
        to_year = serializers.IntegerField(min_value=2000, max_value=2100)
        unit_count = Whole(min_value=1, max_value=LARGEST_WHOLE)
        applied_on = serializers.DateField()
        evidence = serializers.CharField(max_length=300)
        account_id = serializers.UUIDField(
            required=False, allow_null=True, default=None, help_text="Where units are frozen."
        )
        parts = _parts(required=False, default=list, help_text="What is frozen from now.")

        def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
            if attrs["parts"] and attrs["account_id"] is None:
                fault = serializers.ErrorDetail("", code="required")
                raise serializers.ValidationError({"account_id": [fault]})
            return attrs

    filters = CarryOverFilters
    body = Application

    def rows(self, asked: Mapping[str, Any]) -> QuerySet[Any]:
        return among(queries.carry_overs_seen_by(self.actor), asked, "entity_id", "state")

    def act(self, asked: Mapping[str, Any], *, key: str, **path: Any) -> Answer:
        given = {**asked, "parts": _pairs(asked["parts"])}
        if given["account_id"] is not None:
            accounts.get_own_account(given["account_id"], by=self.actor)
        made = operations.apply_for_carry_over(**given, by=self.actor, at=self.at)
        place = f"/api/v1/compliance/carry-overs/{made.pk}/"
        return Answer(status=201, body=dict(CarryOverRow(made).data), location=place)


class OneCarryOver(DetailView):
    """An application for carry-over of one of your entities."""

    row = CarryOverRow

    def find(self, **path: Any) -> Any:
        return queries.get_carry_over(path["carry_over_id"], by=self.actor)


class Withdrawals(WriteView):
    """Withdraw an application; what it froze is free again."""

    operation: ClassVar[str] = "compliance.withdraw_carry_over"
    gives = CarryOverRow
    gives_status = 201

    class CarryOverWithdrawal(serializers.Serializer[Any]):
        reason = serializers.CharField(max_length=300)

    body = CarryOverWithdrawal

    def act(self, asked: Mapping[str, Any], *, key: str, **path: Any) -> Answer:
        made = operations.withdraw_carry_over(
            carry_over_id=path["carry_over_id"], **asked, by=self.actor, at=self.at
        )
        return Answer(status=201, body=dict(CarryOverRow(made).data))


class Completions(WriteView):
    """Propose what was granted: old vintages end, as many units of the new one begin.

    Your party's thresholds say who decides.
    """

    operation: ClassVar[str] = approvable.CARRY_OVER
    also = frozenset({Role.CARBON_MANAGER})
    gives = AskedFor

    class Granted(serializers.Serializer[Any]):
        account_id = serializers.UUIDField(help_text="Yours.")
        issuer_account_id = serializers.UUIDField(help_text="The registry's account that issues.")
        into_lot_id = serializers.UUIDField(help_text="The lot of the new vintage.")
        parts = _parts(required=False, default=list, help_text="What is carried over.")
        destroyed = _parts(required=False, default=list, help_text="What is given up with it.")
        frozen = serializers.ListField(
            child=serializers.UUIDField(),
            required=False,
            default=list,
            max_length=MOST_LOTS,
            help_text="Holds of courts whose units go over whole.",
        )
        happened_on = serializers.DateField()

    body = Granted

    def act(self, asked: Mapping[str, Any], *, key: str, **path: Any) -> Answer:
        row = queries.get_carry_over(path["carry_over_id"], by=self.actor)
        account = accounts.get_own_account(asked["account_id"], by=self.actor)
        orders = {one.pk for one in holds.orders_on([account.pk])}
        if not orders.issuperset(asked["frozen"]):
            raise NotFound  # another's holds tell nothing
        payload = {
            "carry_over_id": str(row.pk),
            "account_id": str(account.pk),
            "issuer_account_id": str(asked["issuer_account_id"]),
            "into_lot_id": str(asked["into_lot_id"]),
            "parts": [[str(lot), count] for lot, count in _pairs(asked["parts"])],
            "destroyed": [[str(lot), count] for lot, count in _pairs(asked["destroyed"])],
            "frozen": [str(one) for one in asked["frozen"]],
            "happened_on": asked["happened_on"].isoformat(),
            "key": key,
        }
        operations.check_completion(row, parts=_pairs(asked["parts"]), frozen=asked["frozen"])
        made = approvals.propose(
            operation=self.operation,
            payload=payload,
            summary=approvable.describe_carry_over(payload),
            party_id=self.actor.own_party,
            by=self.actor,
            at=self.at,
        )
        return answer_of(self.operation, made)
