"""May this party do this today? Asked before the engine, which guards what must always hold."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from ledger.kernel.actors import Actor
from ledger.units.models import Entry
from ledger.units.queries import LotView
from ledger.units.rules import Leg


def check_decision(
    *, kind: str, lot: LotView, from_account_id: UUID, to_account_id: UUID, on: date, by: Actor
) -> int | None:
    """How often such units may be transferred; None: without limit.

    :raises NotFound: an account that is not there, or not the actor's
    :raises DomainError: accounts of these types know no such transaction, or the units are expired
    """
    return None


def check_reversal(*, entry: Entry, legs: Sequence[Leg], on: date, by: Actor) -> None:
    """:raises NotFound: not the actor's
    :raises ReversalWindowClosed: the scheme's days are over
    """
