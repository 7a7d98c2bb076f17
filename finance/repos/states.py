from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from ledger.kernel.transitions import Transitions


class AgreementKind(models.TextChoices):
    REPO = "REPO", _("repo")
    LENDING = "LENDING", _("lending of units")
    CUSTODY = "CUSTODY", _("custody")


class AgreementState(models.TextChoices):
    """AGREED: nothing moved yet. OPEN: units are with the taker, to be returned."""

    AGREED = "AGREED", pgettext_lazy("of an agreement", "Agreed")
    OPEN = "OPEN", pgettext_lazy("of an agreement", "Running")
    CLOSED = "CLOSED", pgettext_lazy("of an agreement", "Settled")
    DEFAULTED = "DEFAULTED", pgettext_lazy("of an agreement", "In default")
    WITHDRAWN = "WITHDRAWN", pgettext_lazy("of an agreement", "Withdrawn")


TRANSITIONS: Transitions = {
    AgreementState.AGREED: frozenset({AgreementState.OPEN, AgreementState.WITHDRAWN}),
    AgreementState.OPEN: frozenset({AgreementState.CLOSED, AgreementState.DEFAULTED}),
    AgreementState.DEFAULTED: frozenset({AgreementState.CLOSED}),
    AgreementState.CLOSED: frozenset(),
    AgreementState.WITHDRAWN: frozenset(),
}
OWING = frozenset({AgreementState.OPEN, AgreementState.DEFAULTED})


class HandoverKind(models.TextChoices):
    START = "START", _("handed over")
    RETURN = "RETURN", pgettext_lazy("of units lent", "returned")
