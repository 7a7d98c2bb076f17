"""The words of raised money: instruments, whose they are, what they are for."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class RaisingKind(models.TextChoices):
    GREEN_BOND = "GREEN_BOND", _("green bond")
    CARBON_NEUTRAL_BOND = "CARBON_NEUTRAL_BOND", _("carbon-neutral bond")
    TRANSITION_BOND = "TRANSITION_BOND", _("transition bond")
    SPECIAL_BOND = "SPECIAL_BOND", _("local government special bond")
    CARBON_BOND = "CARBON_BOND", _("carbon bond")
    REIT = "REIT", _("REIT")
    TRUST = "TRUST", _("green trust")
    PPP = "PPP", _("green PPP")
    CREDIT = "CREDIT", _("green credit")
    BUDGET = "BUDGET", _("public spending line")
    PLATFORM = "PLATFORM", _("money raised by a public service platform")


class Stance(models.TextChoices):
    """Whose it is. What is only held is a position: nothing is allocated of it."""

    RAISED = "RAISED", _("raised or received by us")
    HELD = "HELD", _("held by us")


class Tag(models.TextChoices):
    """Green finance or transition finance; a project may pass from one to the other (R56)."""

    GREEN = "GREEN", _("green")
    TRANSITION = "TRANSITION", _("transition")


class Category(models.TextChoices):
    """What the money does, in the words of the green catalogues."""

    CLEAN_ENERGY = "CLEAN_ENERGY", _("clean energy")
    EFFICIENCY = "EFFICIENCY", _("energy efficiency")
    STORAGE = "STORAGE", _("storage and smart grid")
    TRANSPORT = "TRANSPORT", _("clean transport")
    BUILDINGS = "BUILDINGS", _("green buildings")
    CIRCULAR = "CIRCULAR", _("circular economy")
    CCUS = "CCUS", _("carbon capture, use and storage")
    SINKS = "SINKS", _("ecological carbon sinks")
    SERVICES = "SERVICES", _("carbon services and platforms")
