from django.db import models
from django.utils.translation import gettext_lazy as _


class ReportState(models.TextChoices):
    """What an issued report is worth today; computed, never stored."""

    DRAFT = "DRAFT", _("Draft")
    CURRENT = "CURRENT", _("Valid")
    STALE = "STALE", _("Stale: an input has changed since")
    SUPERSEDED = "SUPERSEDED", _("Superseded by a later report")
