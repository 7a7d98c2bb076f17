"""Movements proposed by machines. Nothing moves: each becomes a request that a person decides."""

from collections.abc import Mapping
from typing import Any, ClassVar
from uuid import UUID

from django.utils.translation import gettext as _
from rest_framework import serializers

from ledger.accounts import queries as accounts
from ledger.approvals import operations as approvals
from ledger.approvals import queries as requests
from ledger.doors.idempotency import Answer
from ledger.doors.rest import AskedFor, Whole, WriteView, carried_out, waits_for_approval
from ledger.kernel.actors import Role
from ledger.parties import queries as parties
from ledger.units import approvable, queries
from ledger.units.operations.decisions import check_reversal
from ledger.units.rules import LARGEST_COUNT, AlreadyReversed, NotEnoughUnits
from ledger.units.states import UnitState


class Run(serializers.Serializer[Any]):
    first = Whole(min_value=0, max_value=LARGEST_COUNT)
    last = Whole(min_value=0, max_value=LARGEST_COUNT)


class Move(serializers.Serializer[Any]):
    """Free units of a lot; without serial numbers named, the lowest go."""

    account_id = serializers.UUIDField(help_text="The account that gives; yours.")
    lot_id = serializers.UUIDField()
    unit_count = Whole(min_value=1, max_value=LARGEST_COUNT)
    serials = Run(many=True, required=False, default=list)
    happened_on = serializers.DateField()
    reason = serializers.CharField(max_length=500)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        named = sum(run["last"] - run["first"] + 1 for run in attrs["serials"])
        if attrs["serials"] and named != attrs["unit_count"]:
            fault = _("The serial numbers are %(count)s.") % {"count": named}
            raise serializers.ValidationError({"serials": fault}, code="other_count")
        return attrs


class _Move(WriteView):
    """What the four moves share: the same checks, sentences and approvals as on the pages."""

    gives = AskedFor
    body = Move

    def asked(self, given: Mapping[str, Any]) -> dict[str, str]:
        return {"account_id": str(given["account_id"])}

    def act(self, asked: Mapping[str, Any], *, key: str, **path: Any) -> Answer:
        account = accounts.get_own_account(asked["account_id"], by=self.actor)
        lot = queries.get_lot(asked["lot_id"])
        free = queries.quantity_of(account_id=account.pk, lot_id=lot.id, state=UnitState.FREE)
        if asked["unit_count"] > free:
            raise NotEnoughUnits(wanted=asked["unit_count"], free=free)
        payload = {
            "lot_id": str(lot.id),
            "unit_count": asked["unit_count"],
            "ranges": [[run["first"], run["last"]] for run in asked["serials"]],
            "happened_on": asked["happened_on"].isoformat(),
            "reason": asked["reason"],
            "key": key,
            **self.asked(asked),
        }
        return propose(self, payload, requests.describe(self.operation, payload))


def propose(view: WriteView, payload: Mapping[str, Any], summary: list[str]) -> Answer:
    """Ask the approvers of the caller's own party; where its thresholds ask for none, do it."""
    made = approvals.propose(
        operation=view.operation,
        payload=payload,
        summary=summary,
        party_id=view.actor.own_party,
        by=view.actor,
        at=view.at,
    )
    if made.approval is None:
        return carried_out(view.operation, made.result or {})
    return waits_for_approval(made.approval)


class Place(serializers.Serializer[Any]):
    registry = serializers.CharField(max_length=30)
    number = serializers.CharField(max_length=80)


class Transfers(_Move):
    """Propose that free units go to another account, named by its registry and number."""

    operation: ClassVar[str] = "units.transfer_units"

    class Transfer(Move):
        to = Place()

        def validate_to(self, value: dict[str, Any]) -> UUID:
            found = accounts.find_account(registry=value["registry"], number=value["number"])
            if found is None:
                raise serializers.ValidationError(
                    {"number": _("There is no account of this number.")}, code="unknown"
                )
            return found.pk

    body = Transfer

    def asked(self, given: Mapping[str, Any]) -> dict[str, str]:
        return {"from_account_id": str(given["account_id"]), "to_account_id": str(given["to"])}


class Retirements(_Move):
    """Propose that free units are used up, for one beneficiary and one purpose."""

    operation: ClassVar[str] = "units.retire_units"

    class Retirement(Move):
        beneficiary_id = serializers.UUIDField(help_text="A party that you may see.")
        purpose = serializers.CharField(max_length=500)

    body = Retirement

    def asked(self, given: Mapping[str, Any]) -> dict[str, str]:
        beneficiary = str(given["beneficiary_id"])
        if beneficiary not in dict(parties.party_choices(self.actor)):
            fault = serializers.ErrorDetail(_("There is no such party."), code="unknown")
            raise serializers.ValidationError({"beneficiary_id": [fault]})
        return {
            "account_id": str(given["account_id"]),
            "beneficiary_id": beneficiary,
            "purpose": given["purpose"],
        }


class Surrenders(_Move):
    """Propose that free units are handed in against an obligation."""

    operation: ClassVar[str] = "units.surrender_units"

    class Surrender(Move):
        obligation = serializers.CharField(max_length=120)

    body = Surrender

    def asked(self, given: Mapping[str, Any]) -> dict[str, str]:
        return {"account_id": str(given["account_id"]), "obligation": given["obligation"]}


class Cancellations(_Move):
    """Propose that free units are destroyed without a claim."""

    operation: ClassVar[str] = "units.cancel_units"


class Reversals(WriteView):
    """Propose that an entry is taken back by a new, linked one. Once, and within its window."""

    operation: ClassVar[str] = approvable.REVERSE
    also = frozenset({Role.CARBON_MANAGER})
    gives = AskedFor

    class Reversal(serializers.Serializer[Any]):
        happened_on = serializers.DateField()
        reason = serializers.CharField(max_length=500)

    body = Reversal

    def act(self, asked: Mapping[str, Any], *, key: str, **path: Any) -> Answer:
        entry = queries.get_entry(path["entry_id"])
        legs = queries.get_entry_legs(entry.pk)
        check_reversal(entry=entry, legs=legs, on=asked["happened_on"], by=self.actor)
        if queries.find_reversal(entry.pk):
            raise AlreadyReversed
        payload = {
            "entry_id": str(entry.pk),
            "happened_on": asked["happened_on"].isoformat(),
            "reason": asked["reason"],
            "key": key,
        }
        return propose(self, payload, requests.describe(self.operation, payload))
