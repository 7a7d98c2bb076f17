from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class ReportState(models.TextChoices):
    """What an issued report is worth today; computed, never stored."""

    DRAFT = "DRAFT", _("Draft")
    CURRENT = "CURRENT", pgettext_lazy("report", "Valid")
    STALE = "STALE", _("Stale: an input has changed since")
    WITHDRAWN = "WITHDRAWN", _("Withdrawn by its issuer")
    SUPERSEDED = "SUPERSEDED", _("Superseded by a later report")
