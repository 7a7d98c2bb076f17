"""Where units can be, and which moves lead where. The state is part of a position's key."""

from enum import StrEnum

from ledger.kernel.transitions import Transitions


class UnitState(StrEnum):
    UNISSUED = "UNISSUED"  # the issuer's source side: minus what was issued
    FREE = "FREE"
    RESERVED = "RESERVED"
    PLEDGED = "PLEDGED"
    FROZEN = "FROZEN"
    LENT = "LENT"
    IN_TRANSIT = "IN_TRANSIT"
    RETIRED = "RETIRED"
    SURRENDERED = "SURRENDERED"
    CANCELLED = "CANCELLED"
    EXPIRED = "EXPIRED"
    CARRIED_OVER = "CARRIED_OVER"


HELD = frozenset({UnitState.RESERVED, UnitState.PLEDGED, UnitState.FROZEN, UnitState.LENT})
LIVE = frozenset({UnitState.FREE, UnitState.IN_TRANSIT}) | HELD
TERMINAL = frozenset(UnitState) - LIVE - {UnitState.UNISSUED}

# Forward moves only. A terminal state, and the way back to UNISSUED, is open to a reversal alone.
TRANSITIONS: Transitions = {
    UnitState.UNISSUED: LIVE,
    **dict.fromkeys(sorted(LIVE), LIVE | TERMINAL),
    **dict.fromkeys(sorted(TERMINAL), frozenset()),
}


class EntryKind(StrEnum):
    """The kinds of this room; other rooms name their own."""

    ISSUE = "ISSUE"
    TRANSFER = "TRANSFER"
    MOVE = "MOVE"  # a transfer between accounts of one party: no trade
    RETIRE = "RETIRE"
    SURRENDER = "SURRENDER"
    CANCEL = "CANCEL"
    EXPIRE = "EXPIRE"
    CARRY_OVER = "CARRY_OVER"
    REVERSE = "REVERSE"


VERBS: dict[str, str] = {
    EntryKind.ISSUE: "units.issued",
    EntryKind.TRANSFER: "units.transferred",
    EntryKind.MOVE: "units.moved",
    EntryKind.RETIRE: "units.retired",
    EntryKind.SURRENDER: "units.surrendered",
    EntryKind.CANCEL: "units.cancelled",
    EntryKind.EXPIRE: "units.expired",
    EntryKind.CARRY_OVER: "units.carried_over",
    EntryKind.REVERSE: "units.reversed",
}


def verb_of(kind: str) -> str:
    """The audit verb of an entry: every posting's verb begins with `units.`"""
    return VERBS.get(kind) or f"units.{kind.lower()}"
