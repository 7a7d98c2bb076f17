"""Holds for machines: those on your units and in your favour; placing, and asking for release."""

from collections.abc import Mapping
from typing import Any, ClassVar
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from rest_framework import serializers

from ledger.accounts import queries as accounts
from ledger.approvals import operations as approvals
from ledger.doors.idempotency import Answer
from ledger.doors.rest import (
    AskedFor,
    DetailView,
    Listing,
    ListView,
    Quantity,
    Whole,
    WriteView,
    among,
    answer_of,
    quantity,
)
from ledger.holds import approvable, operations, queries
from ledger.holds.models import Hold
from ledger.holds.states import TRANSITIONS, HoldKind, HoldState
from ledger.instruments import queries as instruments
from ledger.kernel.actors import Role
from ledger.kernel.transitions import check_transition
from ledger.units import queries as units


class Target(serializers.Serializer[Any]):
    registry = serializers.CharField(max_length=30)
    number = serializers.CharField(max_length=80)


class HoldRow(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    kind = serializers.CharField()
    state = serializers.CharField()
    account_id = serializers.UUIDField()
    lot_id = serializers.UUIDField()
    rank = serializers.IntegerField(help_text="1 controls the units first.")
    placed = Quantity()
    remaining = Quantity(help_text="Still secured.")
    controlled = Quantity(help_text="In the hold's own state now; the rest waits.")
    in_favour_of = serializers.UUIDField(allow_null=True)
    purpose = serializers.CharField()
    order_number = serializers.CharField()
    order_body = serializers.CharField(help_text="The authority that ordered it.")
    expires_on = serializers.DateField(allow_null=True, help_text="First day without the hold.")
    placed_at = serializers.DateTimeField()
    resolved_at = serializers.DateTimeField(allow_null=True)


def told_of(hold: Hold, measure: str) -> dict[str, Any]:
    named = [str(name) for name in HoldRow().fields if hasattr(hold, str(name))]
    return {name: getattr(hold, name) for name in named} | {
        "placed": quantity(hold.unit_count, measure),
        "remaining": quantity(hold.remaining_count, measure),
        "controlled": quantity(hold.controlled_count, measure),
    }


def measure_of(hold: Hold) -> str:
    return instruments.measures()[units.get_lot(hold.lot_id).scheme]


class Holds(ListView, WriteView):
    """Holds on your units and in your favour; or place one.

    As on the pages a hold needs no second person: it only sets aside. Its release does.
    """

    row = HoldRow
    gives = HoldRow
    gives_status = 201
    operation: ClassVar[str] = "holds.place_hold"
    orders = {"-id": ("id",), "id": ("id",)}
    default_order = "-id"

    class HoldFilters(Listing):
        kind = serializers.ChoiceField(choices=HoldKind.values, required=False)
        state = serializers.ChoiceField(choices=HoldState.values, required=False)
        account_id = serializers.UUIDField(required=False)
        lot_id = serializers.UUIDField(required=False)

    filters = HoldFilters

    class PlaceHold(serializers.Serializer[Any]):
        kind = serializers.ChoiceField(
            choices=[one for one in HoldKind.values if one != HoldKind.LEND]
        )
        account_id = serializers.UUIDField()
        lot_id = serializers.UUIDField()
        unit_count = Whole(min_value=1, max_value=2**63 - 1)
        in_favour_of = serializers.UUIDField(required=False, allow_null=True, default=None)
        order_number = serializers.CharField(required=False, default="", max_length=120)
        purpose = serializers.CharField(required=False, default="", max_length=200)
        expires_on = serializers.DateField(required=False, allow_null=True, default=None)

    body = PlaceHold

    def rows(self, asked: Mapping[str, Any]) -> QuerySet[Any]:
        return among(
            queries.holds_visible_to(self.actor), asked, "kind", "state", "account_id", "lot_id"
        )

    def shown(self, rows: Any) -> Any:
        operations.record_reads(rows, what="api", by=self.actor, at=self.at)
        lots = units.get_lots(hold.lot_id for hold in rows)
        measures = instruments.measures()
        return [told_of(hold, measures[lots[hold.lot_id].scheme]) for hold in rows]

    def act(self, asked: Mapping[str, Any], *, key: str, **path: Any) -> Answer:
        accounts.get_own_account(asked["account_id"], by=self.actor)
        units.get_lot(asked["lot_id"])
        hold = operations.place_hold(**asked, by=self.actor, at=self.at, idempotency_key=key)
        told = HoldRow(told_of(hold, measure_of(hold))).data
        return Answer(status=201, body=dict(told), location=f"/api/v1/holds/{hold.pk}/")


class OneHold(DetailView):
    """A hold on your units or in your favour."""

    row = HoldRow

    def find(self, **path: Any) -> Any:
        hold = queries.get_visible_hold(path["hold_id"], by=self.actor)
        operations.record_reads([hold], what="api", by=self.actor, at=self.at)
        return told_of(hold, measure_of(hold))


class Releases(WriteView):
    """Propose that held units are given back. An approver of your party decides."""

    operation: ClassVar[str] = approvable.RELEASE
    gives = AskedFor

    class Release(serializers.Serializer[Any]):
        unit_count = Whole(
            required=False, allow_null=True, default=None, min_value=1, max_value=2**63 - 1,
            help_text="Absent: all of them.",
        )  # fmt: skip
        order_number = serializers.CharField(required=False, default="", max_length=120)
        reason = serializers.CharField(max_length=200)

    body = Release

    def act(self, asked: Mapping[str, Any], *, key: str, **path: Any) -> Answer:
        hold = queries.get_visible_hold(path["hold_id"], by=self.actor)
        payload = {"hold_id": str(hold.pk), **asked, "key": key}
        made = approvals.propose(
            operation=self.operation,
            payload=payload,
            summary=approvable.describe_release(payload),
            party_id=self.actor.own_party,
            by=self.actor,
            at=self.at,
        )
        return answer_of(self.operation, made)


class Captures(WriteView):
    """Propose that held units are taken: enforced by the creditor, deducted by an order."""

    operation: ClassVar[str] = approvable.CAPTURE
    also = frozenset({Role.CARBON_MANAGER})
    gives = AskedFor

    class Capture(Releases.Release):
        to = Target(help_text="The account that they go into.")

        def validate_to(self, value: dict[str, Any]) -> UUID:
            found = accounts.find_account(registry=value["registry"], number=value["number"])
            if found is None:
                raise serializers.ValidationError(
                    {"number": _("There is no account of this number.")}, code="unknown"
                )
            return found.pk

    body = Capture

    def act(self, asked: Mapping[str, Any], *, key: str, **path: Any) -> Answer:
        hold = queries.get_visible_hold(path["hold_id"], by=self.actor)
        check_transition(TRANSITIONS, hold.state, HoldState.CAPTURED)
        given = {name: value for name, value in asked.items() if name != "to"}
        target = {"to_account_id": str(asked["to"])}
        payload = {"hold_id": str(hold.pk), **given, **target, "key": key}
        made = approvals.propose(
            operation=self.operation,
            payload=payload,
            summary=approvable.describe_capture(payload),
            party_id=self.actor.own_party,
            by=self.actor,
            at=self.at,
        )
        return answer_of(self.operation, made)
