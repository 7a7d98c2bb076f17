from django.db import models
from django.utils.translation import gettext_lazy as _

from ledger.kernel.transitions import Transitions


class AccountState(models.TextChoices):
    """A blocked account keeps what it has; nothing enters or leaves until it is opened again."""

    OPEN = "OPEN", _("Open")
    BLOCKED = "BLOCKED", _("Blocked")
    CLOSED = "CLOSED", _("Closed")


TRANSITIONS: Transitions = {
    AccountState.OPEN: frozenset({AccountState.BLOCKED, AccountState.CLOSED}),
    AccountState.BLOCKED: frozenset({AccountState.OPEN}),
    AccountState.CLOSED: frozenset(),
}
