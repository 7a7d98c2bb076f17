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


class Quality(models.TextChoices):
    """How an amount came about (grades A, B and C of rule book 1.8; D is a row that is missing)."""

    MEASURED = "MEASURED", _("measured or billed")
    ESTIMATED = "ESTIMATED", _("estimated")
    PROXY = "PROXY", _("by a proxy")


GRADES = {Quality.MEASURED: "A", Quality.ESTIMATED: "B", Quality.PROXY: "C"}


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


class FindingState(models.TextChoices):
    """What a check found waits for an answer; what is not so any more is cleared."""

    OPEN = "OPEN", _("waits for an answer")
    ANSWERED = "ANSWERED", _("answered")
    CLEARED = "CLEARED", _("no longer so")


FINDING_TRANSITIONS: Transitions = {
    # another oddness of the same kind puts the question anew
    FindingState.OPEN: frozenset({FindingState.ANSWERED, FindingState.CLEARED}),
    FindingState.ANSWERED: frozenset({FindingState.OPEN, FindingState.CLEARED}),
    FindingState.CLEARED: frozenset({FindingState.OPEN}),
}


class Severity(models.TextChoices):
    HIGH = "HIGH", _("high")
    LOW = "LOW", _("low")


class AnswerKind(models.TextChoices):
    """How a finding is answered. A correction needs no answer: it clears the finding."""

    EXPLAINED = "EXPLAINED", _("It is so, and this is why")
    ESTIMATED = "ESTIMATED", _("An estimate is accepted")
