"""What may be told of an entity, and how an application for carry-over moves."""

from enum import StrEnum

from ledger.kernel.transitions import Transitions


class FactKind(StrEnum):
    """Dated facts, from which an entity's standing follows and nothing else (I27)."""

    ENTERED = "ENTERED"  # into the regime, with its first year
    FIRST_YEAR = "FIRST_YEAR"  # the first year is another one
    LAST_YEAR = "LAST_YEAR"  # the last year; without one: it goes on
    EXCLUDED = "EXCLUDED"  # a year for which nothing is owed
    INCLUDED = "INCLUDED"  # that exclusion taken back
    EMISSIONS = "EMISSIONS"  # verified emissions of a year; without a number: taken back
    SURRENDERED = "SURRENDERED"
    SURRENDER_REVERSED = "SURRENDER_REVERSED"
    NEW_YEAR = "NEW_YEAR"  # the calendar's


class AllocationStep(StrEnum):
    """What happened to a free allocation."""

    ENTITLED = "ENTITLED"
    ALLOCATED = "ALLOCATED"
    RETURNED = "RETURNED"
    REVERSED = "REVERSED"


class CarryOverState(StrEnum):
    APPLIED = "APPLIED"
    DONE = "DONE"
    WITHDRAWN = "WITHDRAWN"


TRANSITIONS: Transitions = {
    CarryOverState.APPLIED: frozenset({CarryOverState.DONE, CarryOverState.WITHDRAWN}),
    CarryOverState.DONE: frozenset(),
    CarryOverState.WITHDRAWN: frozenset(),
}
