from django.db import models
from django.utils.translation import gettext_lazy as _

from ledger.kernel.transitions import Transitions


class BreakState(models.TextChoices):
    """The life of a break. Everything but CLOSED blocks the vintage in its account."""

    OPEN = "OPEN", _("Open")
    ASSIGNED = "ASSIGNED", _("Assigned")
    EXPLAINED = "EXPLAINED", _("Explained")
    CORRECTING = "CORRECTING", _("In correction")
    CLOSED = "CLOSED", _("Closed")


TRANSITIONS: Transitions = {
    BreakState.OPEN: frozenset({BreakState.ASSIGNED, BreakState.CLOSED}),
    BreakState.ASSIGNED: frozenset(
        {BreakState.OPEN, BreakState.EXPLAINED, BreakState.CORRECTING, BreakState.CLOSED}
    ),
    BreakState.EXPLAINED: frozenset(
        {BreakState.ASSIGNED, BreakState.CORRECTING, BreakState.CLOSED}
    ),
    BreakState.CORRECTING: frozenset({BreakState.ASSIGNED, BreakState.CLOSED}),
    BreakState.CLOSED: frozenset({BreakState.OPEN}),  # the difference was seen again
}


class BreakKind(models.TextChoices):
    """How the books differ."""

    MISSING_HERE = "MISSING_HERE", _("Missing here")
    MISSING_THERE = "MISSING_THERE", _("Missing there")
    QUANTITY = "QUANTITY", _("Quantity differs")
    STATE = "STATE", _("State differs")
    RANGE = "RANGE", _("Other serial numbers, same total")
    ATTRIBUTE = "ATTRIBUTE", _("Attribute differs")
