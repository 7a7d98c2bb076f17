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


class ProjectKind(models.TextChoices):
    """What takes carbon out of the air, or keeps it from getting there."""

    FOREST = "FOREST", _("Forest sink")
    GREEN_SPACE = "GREEN_SPACE", _("Green-space sink")
    CCUS = "CCUS", _("Carbon capture, use and storage")
    OTHER = "OTHER", _("Other removal")


class ProjectStage(models.TextChoices):
    """How far a project has come, as its operator says."""

    PLANNED = "PLANNED", _("In planning")
    BUILDING = "BUILDING", _("Being built or planted")
    RUNNING = "RUNNING", _("Running")
    ENDED = "ENDED", _("Ended")
