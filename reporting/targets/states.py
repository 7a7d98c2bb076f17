"""What a target promises, and how its promise stands."""

from enum import StrEnum

from ledger.kernel.transitions import Transitions


class TargetKind(StrEnum):
    ABSOLUTE = "ABSOLUTE"  # tCO2e, linear contraction (R9.1, R9.2)
    INTENSITY = "INTENSITY"  # tCO2e per something, at a year
    PEAK = "PEAK"  # no year after the peak year is above it (TV-9.3)


class TargetState(StrEnum):
    ACTIVE = "ACTIVE"
    WITHDRAWN = "WITHDRAWN"


TRANSITIONS: Transitions = {
    TargetState.ACTIVE: frozenset({TargetState.WITHDRAWN}),
    TargetState.WITHDRAWN: frozenset(),
}


class Coverage(StrEnum):
    """Which total the target is about. Credits never count towards any of them (R9.5)."""

    SCOPE_1 = "SCOPE_1"
    SCOPES_1_2_LOCATION = "SCOPES_1_2_LOCATION"
    SCOPES_1_2_MARKET = "SCOPES_1_2_MARKET"
    ALL_MARKET = "ALL_MARKET"  # Scopes 1, 2 (market-based) and 3
    PARK_910 = "PARK_910"  # tCO2 of the national park method


class Standing(StrEnum):
    ON_TRACK = "ON_TRACK"
    OFF_TRACK = "OFF_TRACK"
    BROKEN = "BROKEN"  # a peak claim that a later year contradicts
    NO_DATA = "NO_DATA"


class Reason(StrEnum):
    """Why a total moved."""

    ACTIVITY = "ACTIVITY"
    FACTOR = "FACTOR"
    INSTRUMENT = "INSTRUMENT"
    STRUCTURE = "STRUCTURE"  # sources that came or went
