"""The life of an engagement and of a finding; the kinds of opinion."""

from enum import StrEnum

from ledger.kernel.transitions import Transitions


class EngagementState(StrEnum):
    PLANNED = "PLANNED"
    ACTIVE = "ACTIVE"  # independence is declared
    CONCLUDED = "CONCLUDED"  # an opinion was given
    WITHDRAWN = "WITHDRAWN"


ENGAGEMENT_MOVES: Transitions = {
    EngagementState.PLANNED: frozenset({EngagementState.ACTIVE, EngagementState.WITHDRAWN}),
    EngagementState.ACTIVE: frozenset({EngagementState.CONCLUDED, EngagementState.WITHDRAWN}),
    EngagementState.CONCLUDED: frozenset(),
    EngagementState.WITHDRAWN: frozenset(),
}


class FindingState(StrEnum):
    OPEN = "OPEN"
    ANSWERED = "ANSWERED"
    CLOSED = "CLOSED"


FINDING_MOVES: Transitions = {
    FindingState.OPEN: frozenset({FindingState.ANSWERED}),
    FindingState.ANSWERED: frozenset({FindingState.CLOSED, FindingState.ANSWERED}),
    FindingState.CLOSED: frozenset(),
}


class FindingKind(StrEnum):
    MISSTATEMENT = "MISSTATEMENT"
    NONCONFORMITY = "NONCONFORMITY"


class AssuranceLevel(StrEnum):
    LIMITED = "LIMITED"
    REASONABLE = "REASONABLE"


class OpinionKind(StrEnum):
    UNMODIFIED = "UNMODIFIED"
    MODIFIED = "MODIFIED"
    ADVERSE = "ADVERSE"
    DISCLAIMED = "DISCLAIMED"


class OpinionStatus(StrEnum):
    """What an opinion is worth today (R5.20)."""

    VERIFIED = "VERIFIED"
    SUPERSEDED = "SUPERSEDED"  # something the inventory was made of changed afterwards
    NOT_VERIFIED = "NOT_VERIFIED"  # adverse or disclaimed
