from enum import StrEnum


class ContentState(StrEnum):
    """Whether a content of a framework is in the statement."""

    PRESENT = "PRESENT"
    ABSENT = "ABSENT"  # with an explanation
    MISSING = "MISSING"  # required, and nobody explains it
    NOT_GIVEN = "NOT_GIVEN"  # recommended or optional


class DraftReason(StrEnum):
    """Why a statement is no more than a draft."""

    NOT_VERIFIED = "NOT_VERIFIED"
    DATA_NOT_VERIFIED = "DATA_NOT_VERIFIED"
    CONTENT_MISSING = "CONTENT_MISSING"
