"""The life of an import: from the file as it came to what the books have of it."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from ledger.kernel.transitions import Transitions


class ImportState(models.TextChoices):
    """Only a committed import is in the books; a working one is moved on by its job."""

    UPLOADED = "UPLOADED", _("Uploaded")
    STAGING = "STAGING", _("Being read")
    READY = "READY", _("Ready")
    FAULTY = "FAULTY", _("Has problems")
    COMMITTING = "COMMITTING", _("Being taken in")
    COMMITTED = "COMMITTED", _("Taken in")
    UNDOING = "UNDOING", _("Being undone")
    UNDONE = "UNDONE", _("Undone")
    DISCARDED = "DISCARDED", _("Discarded")


TRANSITIONS: Transitions = {
    ImportState.UPLOADED: frozenset({ImportState.STAGING, ImportState.DISCARDED}),
    ImportState.STAGING: frozenset({ImportState.READY, ImportState.FAULTY, ImportState.DISCARDED}),
    ImportState.READY: frozenset(
        {ImportState.STAGING, ImportState.COMMITTING, ImportState.DISCARDED}
    ),
    ImportState.FAULTY: frozenset({ImportState.STAGING, ImportState.DISCARDED}),
    ImportState.COMMITTING: frozenset({ImportState.COMMITTED, ImportState.FAULTY}),
    ImportState.COMMITTED: frozenset({ImportState.UNDOING}),
    ImportState.UNDOING: frozenset({ImportState.UNDONE, ImportState.COMMITTED}),
    ImportState.UNDONE: frozenset(),
    ImportState.DISCARDED: frozenset(),
}
