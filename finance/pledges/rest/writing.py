"""Acts on pledges for machines: registers, requests, decisions, what a second person decides."""

from collections.abc import Mapping
from typing import Any, ClassVar
from uuid import UUID

from rest_framework import serializers

from finance.pledges import operations, queries
from finance.pledges.models import Pledge
from finance.pledges.operations import Wanted
from finance.pledges.rest.reading import MOST, PledgeRegistration, RequestRow, text
from finance.pledges.states import Register, RequestKind
from ledger.approvals.proposing import ProposedWrite
from ledger.doors.idempotency import Answer
from ledger.doors.rest import Whole, WriteView
from ledger.kernel.actors import Role


class RegisterEntry(WriteView):
    """Record an entry of a register, or its renewal."""

    operation: ClassVar[str] = "pledges.register"
    gives = PledgeRegistration
    gives_status = 201

    class NewRegistration(serializers.Serializer[Any]):
        register = serializers.ChoiceField(choices=Register.values)
        number = serializers.CharField(max_length=80)
        registered_on = serializers.DateField()
        expires_on = serializers.DateField(required=False, allow_null=True, default=None)
        document = serializers.CharField(max_length=300)

    body = NewRegistration

    def act(self, asked: Mapping[str, Any], *, key: str, **path: Any) -> Answer:
        row = operations.register(
            pledge_id=path["pledge_id"], **asked, by=self.actor, at=self.at, idempotency_key=key
        )
        return Answer(status=201, body=dict(PledgeRegistration(row).data))


class _Units(serializers.Serializer[Any]):
    account_id = serializers.UUIDField()
    lot_id = serializers.UUIDField()
    unit_count = Whole(min_value=1, max_value=MOST)


class NewUnits(_Units):
    """Units that are to come in by a substitution."""


class AskCreditor(WriteView):
    """Ask the creditor for a release, a substitution, or her consent to a second pledge."""

    operation: ClassVar[str] = "pledges.ask"
    gives = RequestRow
    gives_status = 201

    class NewRequest(serializers.Serializer[Any]):
        kind = serializers.ChoiceField(choices=RequestKind.values)
        reason = serializers.CharField(max_length=300)
        part_id = serializers.UUIDField(required=False, allow_null=True, default=None)
        unit_count = Whole(
            required=False, allow_null=True, default=None, min_value=1, max_value=MOST
        )
        new = NewUnits(required=False, allow_null=True, default=None)

    body = NewRequest

    def act(self, asked: Mapping[str, Any], *, key: str, **path: Any) -> Answer:
        new = Wanted(**asked["new"]) if asked["new"] else None
        row = operations.ask(
            **{**asked, "new": new}, pledge_id=path["pledge_id"], by=self.actor, at=self.at,
            idempotency_key=key,
        )  # fmt: skip
        return Answer(status=201, body=dict(RequestRow(row).data))


class Decide(WriteView):
    """The creditor consents or refuses; what she consents to happens at once."""

    operation: ClassVar[str] = "pledges.decide"
    gives = RequestRow
    gives_status = 200

    class Decision(serializers.Serializer[Any]):
        consents = serializers.BooleanField()
        answer = text()
        repayment = text(help_text="Of a release of everything: what proves the repayment.")
        cancellation = text(help_text="Of a release: the cancelled registration.")
        unfreezing = text(help_text="Of a release: the registry's letter.")

    body = Decision

    def act(self, asked: Mapping[str, Any], *, key: str, **path: Any) -> Answer:
        row = operations.decide(
            request_id=path["request_id"], **asked, by=self.actor, at=self.at, idempotency_key=key
        )
        return Answer(status=200, body=dict(RequestRow(row).data))


class ProposePledge(ProposedWrite):
    """Propose to pledge the reserved units. An approver of your party decides."""

    operation: ClassVar[str] = "pledges.approve_pledge"
    also = frozenset({Role.CARBON_MANAGER})

    class NoMore(serializers.Serializer[Any]):
        """No content: `{}`."""

    body = NoMore

    def values(self, asked: Mapping[str, Any], **path: UUID) -> Mapping[str, Any]:
        found: Pledge = queries.get_pledge_seen_by(path["pledge_id"], self.actor)
        return {"pledge_id": found.pk}


class ProposeTopUp(ProposedWrite):
    """Propose to add free units to a pledge. An approver of your party decides."""

    operation: ClassVar[str] = "pledges.add_collateral"
    also = frozenset({Role.CARBON_MANAGER})

    class MoreUnits(_Units):
        pass

    body = MoreUnits

    def values(self, asked: Mapping[str, Any], **path: UUID) -> Mapping[str, Any]:
        found: Pledge = queries.get_pledge_seen_by(path["pledge_id"], self.actor)
        return {"pledge_id": found.pk, **asked}
