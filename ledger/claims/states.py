from django.db import models
from django.utils.translation import gettext_lazy as _

from ledger.kernel.transitions import Transitions


class ClaimState(models.TextChoices):
    """A claim stands, or was taken back together with its retirement."""

    STANDING = "STANDING", _("Standing")
    REVERSED = "REVERSED", _("Reversed")


TRANSITIONS: Transitions = {
    ClaimState.STANDING: frozenset({ClaimState.REVERSED}),
    ClaimState.REVERSED: frozenset(),
}


class IssuanceState(models.TextChoices):
    """Certificates stand as issued, or their issue was taken back while all of them were there."""

    STANDING = "STANDING", _("Standing")
    REVERSED = "REVERSED", _("Reversed")


ISSUANCES: Transitions = {
    IssuanceState.STANDING: frozenset({IssuanceState.REVERSED}),
    IssuanceState.REVERSED: frozenset(),
}


class ClaimUse(models.TextChoices):
    """What the claim is made for."""

    SCOPE_2 = "SCOPE_2", _("market-based Scope 2")
    OFFSET = "OFFSET", _("offsetting of residual emissions")
    CONTRIBUTION = "CONTRIBUTION", _("voluntary contribution")
