"""Orders of courts: units frozen at once or in line, and orders renewed."""

from collections.abc import Mapping
from typing import Any, ClassVar

from rest_framework import serializers

from ledger.accounts import queries as accounts
from ledger.doors.idempotency import Answer
from ledger.doors.rest import LARGEST_WHOLE, Whole, WriteView
from ledger.holds import operations, queries
from ledger.holds.rest.holding import HoldRow, measure_of, told_of
from ledger.units import queries as units


class OrderOfCourt(serializers.Serializer[Any]):
    order_number = serializers.CharField(max_length=120)
    order_body = serializers.CharField(max_length=120, help_text="The authority.")
    begins_on = serializers.DateField()
    expires_on = serializers.DateField(help_text="First day without it.")
    evidence = serializers.CharField(required=False, default="", max_length=300)


def _order(asked: Mapping[str, Any]) -> operations.Order:
    return operations.Order(
        number=asked["order_number"],
        body=asked["order_body"],
        begins_on=asked["begins_on"],
        expires_on=asked["expires_on"],
        evidence=asked["evidence"],
    )


class FrozenByOrder(serializers.Serializer[Any]):
    holds = HoldRow(many=True, help_text="What is frozen now, and what waits in line.")


class Freezes(WriteView):
    """Record an order to freeze: free units at once, the rest in line behind earlier holds."""

    operation: ClassVar[str] = "holds.freeze_by_order"
    gives = FrozenByOrder
    gives_status = 201

    class OrderToFreeze(OrderOfCourt):
        account_id = serializers.UUIDField(help_text="Yours.")
        lot_id = serializers.UUIDField()
        unit_count = Whole(min_value=1, max_value=LARGEST_WHOLE)

    body = OrderToFreeze

    def act(self, asked: Mapping[str, Any], *, key: str, **path: Any) -> Answer:
        account = accounts.get_own_account(asked["account_id"], by=self.actor)
        lot = units.get_lot(asked["lot_id"])
        made = operations.freeze_by_order(
            account_id=account.pk,
            lot_id=lot.id,
            unit_count=asked["unit_count"],
            order=_order(asked),
            by=self.actor,
            at=self.at,
            idempotency_key=key,
        )
        told = FrozenByOrder({"holds": [told_of(one, measure_of(one)) for one in made]})
        return Answer(status=201, body=dict(told.data))


class Renewals(WriteView):
    """Record that a further order keeps a freeze in force; its rank and units stay."""

    operation: ClassVar[str] = "holds.renew_hold"
    gives = HoldRow
    gives_status = 201
    body = OrderOfCourt

    def act(self, asked: Mapping[str, Any], *, key: str, **path: Any) -> Answer:
        hold = queries.get_visible_hold(path["hold_id"], by=self.actor)
        made = operations.renew_hold(
            hold_id=hold.pk, order=_order(asked), by=self.actor, at=self.at, idempotency_key=key
        )
        return Answer(status=201, body=dict(HoldRow(told_of(made, measure_of(made))).data))
