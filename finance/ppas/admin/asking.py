"""Acts that a carbon manager asks for and an approver lets happen."""

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone

from ledger.approvals import operations as approvals
from ledger.approvals import queries as asked
from ledger.doors.admin import ConfirmedAction, actor_of
from ledger.kernel.actors import Actor, Role
from ledger.parties import queries as parties


class Proposed(ConfirmedAction):
    """The payload is what is approved; its description is what the page says."""

    def may(self, actor: Actor) -> bool:
        return actor.has(Role.CARBON_MANAGER) or super().may(actor)

    @abstractmethod
    def payload(
        self, request: HttpRequest, obj: Any, data: Mapping[str, Any], key: str
    ) -> dict[str, Any]:
        """The exact content, in plain values."""

    @staticmethod
    @abstractmethod
    def said(payload: Mapping[str, Any]) -> list[str]:
        """What will happen, in sentences."""

    def describe(self, request: HttpRequest, obj: Any, data: Mapping[str, Any]) -> list[str]:
        payload = self.payload(request, obj, data, "")
        who = asked.who_decides(self.operation, payload, by=actor_of(request), at=timezone.now())
        return [*self.said(payload), who]

    def perform(self, request: HttpRequest, obj: Any, data: Mapping[str, Any], key: str) -> str:
        by = actor_of(request)
        payload = self.payload(request, obj, data, key)
        made = approvals.propose(
            operation=self.operation,
            payload=payload,
            summary=self.said(payload),
            party_id=by.own_party,
            by=by,
            at=timezone.now(),
        )
        return asked.what_came_of(made.approval is None)


def keeps(request: HttpRequest, party_id: UUID) -> bool:
    """Whether the reader's party keeps the book."""
    return actor_of(request).party_id == party_id


def somebody(request: HttpRequest) -> list[tuple[str, str]]:
    return parties.party_choices(actor_of(request))
