"""From a grid's statistics to its factors: as generated, as consumed, lost on the way, upstream."""

from collections.abc import Callable, Mapping
from decimal import Decimal

from ledger.kernel.measures import Measure
from ledger.kernel.quantities import WIDE, Quantity
from reporting.entries.rules import ONE, check_share


def as_generated(
    emitted: Mapping[str, Quantity], generated: Quantity, gwp_of: Callable[[str], Decimal]
) -> dict[str, Decimal]:
    """kgCO2e per kWh by gas, of what the plants emitted for what they generated."""
    kwh = generated.to(Measure.KWH).amount
    return {
        gas: WIDE.divide(WIDE.multiply(mass.to(Measure.KG).amount, gwp_of(gas)), kwh)
        for gas, mass in emitted.items()
    }


def as_consumed(generated: Decimal, loss: Decimal) -> Decimal:
    """The factor of a kWh that arrives, when the share `loss` of what is generated does not.

    :raises ShareBeyondOne: the loss is no share
    """
    check_share(loss)
    return WIDE.divide(generated, WIDE.subtract(ONE, loss))


def lost_on_the_way(generated: Decimal, loss: Decimal) -> Decimal:
    """Transmission and distribution losses per kWh that arrives: category 3 of Scope 3."""
    return WIDE.subtract(as_consumed(generated, loss), generated)
