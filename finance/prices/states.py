"""The enumerations of this room; nothing here has a life, so there is no table of moves."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class SourceKind(models.TextChoices):
    """Who says what something costs."""

    EXCHANGE = "EXCHANGE", _("exchange")
    PLATFORM = "PLATFORM", _("trading platform")
    BROKER = "BROKER", _("broker")
    ESTIMATE = "ESTIMATE", _("own estimate")
    CENTRAL_BANK = "CENTRAL_BANK", _("central bank")


class Mode(models.TextChoices):
    """How the trades behind a mark were made (R2.33). A block trade marks nothing (R2.34)."""

    LISTED = "LISTED", _("listed agreement")
    BLOCK = "BLOCK", _("block agreement")
    AUCTION = "AUCTION", _("auction")
    OTC = "OTC", _("over the counter")


class LimitCheck(models.TextChoices):
    """How a mark stands to the limits of its day."""

    NONE = "NONE", _("no limits")
    WITHIN = "WITHIN", _("within the limits")
    OUTSIDE = "OUTSIDE", _("outside the limits, with a reason")
    UNKNOWN = "UNKNOWN", _("previous close unknown")


class TellingKind(models.TextChoices):
    MARKS = "MARKS", _("marks")
    RATES = "RATES", _("exchange rates")


class Use(models.TextChoices):
    """What units are still good for on a day (R2.25, R2.31)."""

    USABLE = "USABLE", _("usable")
    ARREARS = "ARREARS", _("for arrears of earlier years only")
    VOLUNTARY = "VOLUNTARY", _("voluntary use only")
    NO_USE = "NO_USE", _("of no use any more")
    EXPIRED = "EXPIRED", pgettext_lazy("of units", "expired")
