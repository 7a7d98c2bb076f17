"""Amounts as exact text, and acts that an approver lets happen."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from rest_framework import serializers

from ledger.approvals import operations as approvals
from ledger.doors.idempotency import Answer
from ledger.doors.rest import (
    AskedFor,
    WriteView,
    carried_out,
    waits_for_approval,
)
from ledger.kernel.actors import Role

MANAGERS = frozenset({Role.CARBON_MANAGER})
MOST_ROWS = 10_000


class Mwh(serializers.DecimalField):
    """Energy as exact text."""

    def __init__(self, **given: Any) -> None:
        super().__init__(max_digits=20, decimal_places=6, **given)


class Cny(serializers.DecimalField):
    def __init__(self, **given: Any) -> None:
        super().__init__(max_digits=20, decimal_places=2, **given)


class PerKwh(serializers.DecimalField):
    def __init__(self, **given: Any) -> None:
        given.setdefault("min_value", Decimal(0))
        super().__init__(max_digits=14, decimal_places=8, **given)


class Proposing(WriteView):
    """An act that an approver of the party lets happen."""

    also = MANAGERS
    gives = AskedFor

    def ask(self, payload: Mapping[str, Any], said: list[str]) -> Answer:
        made = approvals.propose(
            operation=self.operation,
            payload=payload,
            summary=said,
            party_id=self.actor.own_party,
            by=self.actor,
            at=self.at,
        )
        if made.approval is None:
            return carried_out(self.operation, made.result or {})
        return waits_for_approval(made.approval)
