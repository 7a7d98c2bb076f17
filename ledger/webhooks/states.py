"""The life of a message on its way to one address."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from ledger.kernel.transitions import Transitions


class DeliveryState(models.TextChoices):
    WAITING = "WAITING", _("on its way")
    SENT = "SENT", _("taken")
    FAILED = "FAILED", _("given up")


S = DeliveryState
TRANSITIONS: Transitions = {
    S.WAITING: frozenset({S.SENT, S.FAILED}),
    S.SENT: frozenset({S.WAITING}),  # somebody has it sent again
    S.FAILED: frozenset({S.WAITING}),
}
