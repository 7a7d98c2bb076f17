"""How a rule number is dated, and how far it may be trusted."""

from enum import StrEnum


class Axis(StrEnum):
    """Which day a look-up asks with."""

    DAY = "DAY"  # the day on which something happens
    ACCOUNTING_YEAR = "ACCOUNTING_YEAR"  # any day of the year that is accounted for
    OBLIGATION_YEAR = "OBLIGATION_YEAR"  # any day of the year whose emissions are owed for
    GENERATION_MONTH = "GENERATION_MONTH"  # any day of the month in which power was made


class Confidence(StrEnum):
    """Rule book §0: A the text itself was read, B somebody reports it, C unverified."""

    A = "A"
    B = "B"
    C = "C"


class Calendar(StrEnum):
    """Both follow the State Council's yearly notice of days off and exchanged working days."""

    CHINA = "CN"
