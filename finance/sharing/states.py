"""The words of agreements: what is shared, and in what part somebody stands in one."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class AgreementKind(models.TextChoices):
    LAND = "LAND", _("share for land")
    STORAGE = "STORAGE", _("storage revenue")
    REDUCTION = "REDUCTION", _("reduction revenue")
    PERFORMANCE = "PERFORMANCE", _("energy performance contract")


class ParticipantRole(models.TextChoices):
    OWNER = "OWNER", _("owner of land or roof")
    INVESTOR = "INVESTOR", _("investor")
    OPERATOR = "OPERATOR", _("operator")
    USER = "USER", _("energy user")
    SERVICE = "SERVICE", _("energy service company")
    PROJECT = "PROJECT", _("owner of the reduction project")
