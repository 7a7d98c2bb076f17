"""The numbers of the method in words: a reader knows what they say, not their keys."""

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

RULES = {
    "energy.electricity.calorific": _("Electricity, calorific value in tce"),
    "energy.electricity.equivalent": _("Electricity, equivalent value in tce"),
    "energy.heat": _("Heat in tce"),
    "park.certificates_are_clean": _("Whether certified power counts as clean energy"),
    "park.clean_carriers": _("Carriers that count as clean energy"),
    "park.direct_connection.consumption.min": _("Direct connection: least share of consumption"),
    "park.direct_connection.export.max": _("Direct connection: largest share fed into the grid"),
    "park.direct_connection.self_use.min": _("Direct connection: least share of own use"),
    "park.direct_share.min": _("Least share of directly supplied green power"),
    "park.ef.heat.default": _("Default factor of heat"),
    "park.ef.other_power": _("Factor of other power"),
    "park.guiding.clean": _("Guiding indicator: clean energy share"),
    "park.guiding.heat": _("Guiding indicator: waste heat, cold and pressure used"),
    "park.guiding.quota": _("Guiding indicator: energy use of products against quota"),
    "park.guiding.waste": _("Guiding indicator: industrial solid waste used"),
    "park.guiding.water": _("Guiding indicator: industrial water reused"),
    "park.self_generation_counts_in_direct_share": _(
        "Whether power made in the park counts as directly supplied"
    ),
    "park.tier": _("Threshold of the core indicator"),
    "park.tier.upper_inclusive": _("Whether a tier's upper end belongs to it"),
}


def rule(key: str) -> str:
    """What a number of the method is called; one without a name keeps its key."""
    return str(RULES.get(key, key))


def unit(code: str) -> str:
    """A unit as it is written; ten thousands are the kernel's "1e4"."""
    return code.replace("1e4 ", gettext("×10⁴ "))
