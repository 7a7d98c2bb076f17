from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from ledger.kernel.transitions import Transitions


class ContractKind(models.TextChoices):
    FUTURE = "FUTURE", _("future")
    FORWARD = "FORWARD", _("forward")
    CALL = "CALL", _("call option")
    PUT = "PUT", _("put option")


class Side(models.TextChoices):
    LONG = "LONG", pgettext_lazy("of a contract", "bought")
    SHORT = "SHORT", pgettext_lazy("of a contract", "sold")


class Venue(models.TextChoices):
    """Whose account it stands in."""

    OWN = "OWN", _("own account at an exchange")
    CLEARED = "CLEARED", _("cleared by a broker")
    OTC = "OTC", _("over the counter")


class ContractState(models.TextChoices):
    OPEN = "OPEN", pgettext_lazy("of a contract", "Open")
    CLOSED = "CLOSED", pgettext_lazy("of a contract", "Closed out")
    EXPIRED = "EXPIRED", pgettext_lazy("of a contract", "Expired")
    EXERCISED = "EXERCISED", pgettext_lazy("of a contract", "Exercised")


TRANSITIONS: Transitions = {
    ContractState.OPEN: frozenset(
        {ContractState.CLOSED, ContractState.EXPIRED, ContractState.EXERCISED}
    ),
    ContractState.CLOSED: frozenset(),
    ContractState.EXPIRED: frozenset(),
    ContractState.EXERCISED: frozenset(),
}
OPTIONS = frozenset({ContractKind.CALL, ContractKind.PUT})


class MarginKind(models.TextChoices):
    DEPOSIT = "DEPOSIT", pgettext_lazy("of margin", "paid in")
    WITHDRAWAL = "WITHDRAWAL", _("taken out")
