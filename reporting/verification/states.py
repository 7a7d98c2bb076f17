"""The lives of an engagement and of what is asked, drawn and found in it; the kinds of opinion."""

from enum import StrEnum

from ledger.kernel.transitions import Transitions


class EngagementState(StrEnum):
    PLANNED = "PLANNED"
    ACTIVE = "ACTIVE"  # independence is declared
    CONCLUDED = "CONCLUDED"  # an opinion was given, or the procedures are done
    WITHDRAWN = "WITHDRAWN"


ENGAGEMENT_MOVES: Transitions = {
    EngagementState.PLANNED: frozenset({EngagementState.ACTIVE, EngagementState.WITHDRAWN}),
    EngagementState.ACTIVE: frozenset({EngagementState.CONCLUDED, EngagementState.WITHDRAWN}),
    # facts discovered after the opinion re-open it (R5.18)
    EngagementState.CONCLUDED: frozenset({EngagementState.ACTIVE}),
    EngagementState.WITHDRAWN: frozenset(),
}


class RequestState(StrEnum):
    OPEN = "OPEN"
    ANSWERED = "ANSWERED"
    CLOSED = "CLOSED"
    WITHDRAWN = "WITHDRAWN"


REQUEST_MOVES: Transitions = {
    RequestState.OPEN: frozenset({RequestState.ANSWERED, RequestState.WITHDRAWN}),
    RequestState.ANSWERED: frozenset(
        {RequestState.ANSWERED, RequestState.OPEN, RequestState.CLOSED}
    ),
    RequestState.CLOSED: frozenset(),
    RequestState.WITHDRAWN: frozenset(),
}


class FindingState(StrEnum):
    OPEN = "OPEN"
    ANSWERED = "ANSWERED"
    CLOSED = "CLOSED"
    WITHDRAWN = "WITHDRAWN"  # it was none


FINDING_MOVES: Transitions = {
    FindingState.OPEN: frozenset({FindingState.ANSWERED, FindingState.WITHDRAWN}),
    FindingState.ANSWERED: frozenset(
        {
            FindingState.CLOSED,
            FindingState.ANSWERED,
            FindingState.OPEN,  # the answer does not do
            FindingState.WITHDRAWN,
        }
    ),
    FindingState.CLOSED: frozenset(),
    FindingState.WITHDRAWN: frozenset(),
}


class FindingKind(StrEnum):
    MISSTATEMENT = "MISSTATEMENT"
    NONCONFORMITY = "NONCONFORMITY"


class SamplingMethod(StrEnum):
    RANDOM = "RANDOM"  # every row of activity with the same chance
    WEIGHTED = "WEIGHTED"  # every tonne with the same chance


class Outcome(StrEnum):
    """What looking at a row of the sample showed."""

    WAITING = "WAITING"
    AGREES = "AGREES"
    DIFFERS = "DIFFERS"
    NO_EVIDENCE = "NO_EVIDENCE"


_LOOKED_AT = frozenset({Outcome.AGREES, Outcome.DIFFERS, Outcome.NO_EVIDENCE})
OUTCOME_MOVES: Transitions = {
    Outcome.WAITING: _LOOKED_AT,
    # evidence came later, or was looked at again
    Outcome.AGREES: _LOOKED_AT,
    Outcome.DIFFERS: _LOOKED_AT,
    Outcome.NO_EVIDENCE: _LOOKED_AT,
}


class AssuranceLevel(StrEnum):
    LIMITED = "LIMITED"
    REASONABLE = "REASONABLE"
    PROCEDURES = "PROCEDURES"  # agreed-upon procedures: findings, and no opinion (R5.17)


class OpinionKind(StrEnum):
    UNMODIFIED = "UNMODIFIED"
    MODIFIED = "MODIFIED"
    ADVERSE = "ADVERSE"
    DISCLAIMED = "DISCLAIMED"


class DraftState(StrEnum):
    """Of a statement that was prepared for the verifier's signature."""

    WAITING = "WAITING"
    SIGNED = "SIGNED"
    REPLACED = "REPLACED"  # by a later one


DRAFT_MOVES: Transitions = {
    DraftState.WAITING: frozenset({DraftState.SIGNED, DraftState.REPLACED}),
    DraftState.SIGNED: frozenset(),
    DraftState.REPLACED: frozenset(),
}


class FactState(StrEnum):
    """Of a fact that came to light after the opinion."""

    TOLD = "TOLD"
    REOPENED = "REOPENED"  # the opinion no longer stands
    DISMISSED = "DISMISSED"  # it changes nothing, and the verifier said why


FACT_MOVES: Transitions = {
    FactState.TOLD: frozenset({FactState.REOPENED, FactState.DISMISSED}),
    FactState.REOPENED: frozenset(),
    FactState.DISMISSED: frozenset(),
}


class OpinionStatus(StrEnum):
    """What an opinion is worth today (R5.20)."""

    VERIFIED = "VERIFIED"
    SUPERSEDED = "SUPERSEDED"  # something the inventory was made of changed afterwards
    WITHDRAWN = "WITHDRAWN"  # facts discovered later re-opened the engagement
    NOT_VERIFIED = "NOT_VERIFIED"  # adverse or disclaimed
