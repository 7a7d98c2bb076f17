from django.db import models
from django.utils.translation import gettext_lazy as _

from ledger.kernel.transitions import Transitions


class HoldState(models.TextChoices):
    """The life of a hold. WAITING: others stand before it, and it moves nothing yet."""

    WAITING = "WAITING", _("Waiting")
    ACTIVE = "ACTIVE", _("Active")
    RELEASED = "RELEASED", _("Released")
    CAPTURED = "CAPTURED", _("Captured")
    EXPIRED = "EXPIRED", _("Expired")
    LAPSED = "LAPSED", _("Lapsed")  # an earlier hold took the units


TRANSITIONS: Transitions = {
    HoldState.WAITING: frozenset(
        {HoldState.ACTIVE, HoldState.RELEASED, HoldState.EXPIRED, HoldState.LAPSED}
    ),
    HoldState.ACTIVE: frozenset(
        {HoldState.RELEASED, HoldState.CAPTURED, HoldState.EXPIRED, HoldState.LAPSED}
    ),
    HoldState.RELEASED: frozenset(),
    HoldState.CAPTURED: frozenset(),
    HoldState.EXPIRED: frozenset(),
    HoldState.LAPSED: frozenset(),
}
LIVE = frozenset({HoldState.WAITING, HoldState.ACTIVE})


class HoldKind(models.TextChoices):
    """Why units are set aside. Lending comes later, with its own contract."""

    RESERVE = "RESERVE", _("reservation")
    PLEDGE = "PLEDGE", _("pledge")
    FREEZE = "FREEZE", _("freeze")


class TransferState(models.TextChoices):
    """A transfer that waits before it goes out to a new counterparty."""

    WAITING = "WAITING", _("Waiting")
    DONE = "DONE", _("Done")
    CANCELLED = "CANCELLED", _("Cancelled")


TRANSFERS: Transitions = {
    TransferState.WAITING: frozenset({TransferState.DONE, TransferState.CANCELLED}),
    TransferState.DONE: frozenset(),
    TransferState.CANCELLED: frozenset(),
}
