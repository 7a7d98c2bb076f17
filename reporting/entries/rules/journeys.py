"""Moving people and goods: distance, load, and the extra warming of flying."""

from decimal import Decimal

from ledger.kernel.measures import Measure
from ledger.kernel.quantities import WIDE, Quantity
from reporting.entries.rules import ONE

HALF = Decimal("0.5")


def freight(mass: Quantity, distance: Quantity) -> Quantity:
    """Tonne-kilometres.

    :raises MeasureMismatch: no mass or no distance
    """
    tonnes, km = mass.to(Measure.T).amount, distance.to(Measure.KM).amount
    return Quantity(WIDE.multiply(tonnes, km), Measure.TKM)


def passage(people: Decimal, distance: Quantity, *, uplift: Decimal = ONE) -> Quantity:
    """Passenger-kilometres; `uplift` makes the great circle a flown route (1.08)."""
    km = WIDE.multiply(distance.to(Measure.KM).amount, uplift)
    return Quantity(WIDE.multiply(people, km), Measure.PKM)


def with_radiative_forcing(co2: Decimal, multiplier: Decimal) -> Decimal:
    """The multiplier is for CO2 alone: CH4 and N2O of a flight are as they are."""
    return WIDE.multiply(co2, multiplier)


def extra_warming(co2: Decimal, multiplier: Decimal) -> Decimal:
    """What radiative forcing adds to a CO2e total."""
    return WIDE.multiply(co2, WIDE.subtract(multiplier, ONE))


def at_load(at_half: Decimal, *, load: Decimal, effect: Decimal) -> Decimal:
    """A lorry's factor per km: linear around half load; empty it is `effect` less, full more."""
    away = WIDE.divide(WIDE.subtract(load, HALF), HALF)
    return WIDE.multiply(at_half, WIDE.add(ONE, WIDE.multiply(effect, away)))
