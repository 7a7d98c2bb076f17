from enum import StrEnum

from django.db import models
from django.utils.translation import gettext_lazy as _

from ledger.kernel.transitions import Transitions


class UploadState(models.TextChoices):
    """A file of readings is read by a job, and taken in whole or not at all."""

    WAITING = "WAITING", _("being read")
    TAKEN = "TAKEN", _("taken in")
    REFUSED = "REFUSED", _("refused")


UPLOAD_TRANSITIONS: Transitions = {
    UploadState.WAITING: frozenset({UploadState.TAKEN, UploadState.REFUSED}),
    UploadState.TAKEN: frozenset(),
    UploadState.REFUSED: frozenset(),
}


class Stamp(models.TextChoices):
    """What the time of a reading says."""

    START = "START", _("when its interval begins")
    END = "END", _("when its interval ends")


class Mark(StrEnum):
    """How a reading came about, one letter each."""

    MEASURED = "m"
    SPREAD = "s"  # measured as a sum of many steps, and laid evenly over them
    ESTIMATED = "e"
    PROXY = "p"
