from enum import StrEnum

from django.db import models
from django.utils.translation import gettext_lazy as _


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


class EntryKind(models.TextChoices):
    """What a person tells of a data point."""

    FIGURE = "FIGURE", _("A figure")
    TEXT = "TEXT", _("Words")
    ABSENT = "ABSENT", _("Not available, with the reason")
