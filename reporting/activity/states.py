from django.db import models
from django.utils.translation import gettext_lazy as _

from ledger.kernel.transitions import Transitions


class DatasetState(models.TextChoices):
    """The life of a park's year of data (rule R5.21)."""

    DRAFT = "DRAFT", _("Draft")
    SUBMITTED = "SUBMITTED", _("Submitted")
    CHECKED = "CHECKED", _("Checked")
    VERIFIED = "VERIFIED", _("Verified")
    LOCKED = "LOCKED", _("Locked")


TRANSITIONS: Transitions = {
    DatasetState.DRAFT: frozenset({DatasetState.SUBMITTED}),
    DatasetState.SUBMITTED: frozenset({DatasetState.CHECKED, DatasetState.DRAFT}),
    DatasetState.CHECKED: frozenset({DatasetState.VERIFIED, DatasetState.DRAFT}),
    DatasetState.VERIFIED: frozenset({DatasetState.LOCKED, DatasetState.DRAFT}),
    # facts discovered later re-open even a locked year
    DatasetState.LOCKED: frozenset({DatasetState.DRAFT}),
}

# Ordered by trust: an inventory for a final report asks for VERIFIED or better.
TRUST = (
    DatasetState.DRAFT,
    DatasetState.SUBMITTED,
    DatasetState.CHECKED,
    DatasetState.VERIFIED,
    DatasetState.LOCKED,
)
