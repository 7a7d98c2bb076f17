from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class AttestationState(models.TextChoices):
    """What an attestation is worth today; computed, never stored."""

    CURRENT = "CURRENT", pgettext_lazy("attestation", "Current")
    SUPERSEDED = "SUPERSEDED", _("Superseded: a later one exists, or the pledge has changed since")
    REVOKED = "REVOKED", pgettext_lazy("attestation", "Revoked")
