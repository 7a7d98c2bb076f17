"""One fire, two products: sharing the emissions of combined heat and power between them."""

from collections.abc import Mapping
from decimal import Decimal

from ledger.kernel.errors import N_, DomainError
from ledger.kernel.quantities import WIDE
from reporting.entries.rules import ZERO

HEAT, POWER = "HEAT", "POWER"


class NothingProduced(DomainError):
    code = "nothing_produced"
    message = N_("A plant that gave neither heat nor power has nothing to share emissions between.")


def by_efficiency(
    *, heat: Decimal, power: Decimal, heat_efficiency: Decimal, power_efficiency: Decimal
) -> dict[str, Decimal]:
    """Weights by the fuel that each product alone would have taken (GHG Protocol)."""
    return {
        HEAT: WIDE.divide(heat, heat_efficiency),
        POWER: WIDE.divide(power, power_efficiency),
    }


def by_ratio(*, heat: Decimal, power: Decimal, power_to_heat: Decimal) -> dict[str, Decimal]:
    """Weights by a fixed ratio: a kWh of power takes so many times a kWh of heat (UK: 2 to 1)."""
    return {HEAT: heat, POWER: WIDE.multiply(power, power_to_heat)}


def share_emission(total: Decimal, weights: Mapping[str, Decimal]) -> dict[str, Decimal]:
    """The total by weight. The last takes what is left, so that the parts are the whole, exactly.

    :raises NothingProduced: every weight is zero
    """
    whole = sum(weights.values(), ZERO)
    if not whole:
        raise NothingProduced
    *first, last = weights
    parts = {name: WIDE.divide(WIDE.multiply(total, weights[name]), whole) for name in first}
    return {**parts, last: WIDE.subtract(total, sum(parts.values(), ZERO))}


def per_unit(emission: Decimal, output: Decimal) -> Decimal | None:
    """The factor of a product; None where there is none of it."""
    return WIDE.divide(emission, output) if output else None
