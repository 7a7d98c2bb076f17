"""What the acts of this room share: asking for an approval, and saying who decides."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from ledger.approvals import operations as approvals
from ledger.approvals import queries as asked
from ledger.doors.admin import ConfirmedAction, actor_of
from ledger.kernel.actors import Actor, Role


class ProposedAction(ConfirmedAction):
    """An act that a second person decides where the party's thresholds say so."""

    def payload(
        self, request: HttpRequest, obj: Any, data: Mapping[str, Any], key: str
    ) -> dict[str, Any]:
        """What exactly is asked for, in plain values."""
        raise NotImplementedError

    def describe(self, request: HttpRequest, obj: Any, data: Mapping[str, Any]) -> list[str]:
        payload = self.payload(request, obj, data, "")
        by = actor_of(request)
        who = asked.who_decides(self.operation, payload, by=by, at=timezone.now())
        return [*asked.describe(self.operation, payload), who]

    def perform(self, request: HttpRequest, obj: Any, data: Mapping[str, Any], key: str) -> str:
        by = actor_of(request)
        payload = self.payload(request, obj, data, key)
        made = approvals.propose(
            operation=self.operation,
            payload=payload,
            summary=asked.describe(self.operation, payload),
            party_id=by.own_party,
            by=by,
            at=timezone.now(),
        )
        return asked.what_came_of(made.approval is None)


class ForApprovers(ProposedAction):
    """A carbon manager may ask for what only an approver lets happen."""

    def may(self, actor: Actor) -> bool:
        return actor.has(Role.CARBON_MANAGER) or super().may(actor)
