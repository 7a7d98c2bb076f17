from django.db import models
from django.utils.translation import gettext_lazy as _

from ledger.kernel.transitions import Transitions


class ProjectState(models.TextChoices):
    """A registered project keeps the certificates of its plant out of trade until withdrawn."""

    REGISTERED = "REGISTERED", _("Registered")
    WITHDRAWN = "WITHDRAWN", _("Withdrawn")


TRANSITIONS: Transitions = {
    ProjectState.REGISTERED: frozenset({ProjectState.WITHDRAWN}),
    ProjectState.WITHDRAWN: frozenset(),
}
