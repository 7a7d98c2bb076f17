"""The same fuel by mass, volume or energy: every path leads through its heat content.

A calorific value is net (lower) or gross (higher), and so is a factor per energy. The two are
never mixed: a quantity on one basis is turned to the other by the fuel's own ratio, or refused.
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from ledger.kernel.errors import N_, DomainError
from ledger.kernel.measures import Dimension, Measure
from ledger.kernel.quantities import WIDE, Quantity
from reporting.entries.rules import ONE


class NoUnitPath(DomainError):
    code = "no_unit_path"
    message = N_("%(given)s cannot be turned into heat: %(missing)s is not known for this fuel.")


class Basis(StrEnum):
    NET = "NET"
    GROSS = "GROSS"


@dataclass(frozen=True, slots=True)
class Fuel:
    """What a fuel holds: `heat` in one `per` of it, and how its other measures are reached.

    `gross_to_net` is gross over net (1.05, 1.11); `density` is kg in a litre (m3/1000).
    `oxidation` is the part of the carbon that burns; 1 where the factor has it already.
    """

    heat: Quantity | None = None
    per: Measure = Measure.T
    basis: Basis = Basis.NET
    gross_to_net: Decimal | None = None
    density_kg_per_l: Decimal | None = None
    oxidation: Decimal = ONE

    def energy(
        self, given: Quantity, *, wanted: Basis = Basis.NET, basis: Basis = Basis.NET
    ) -> Quantity:
        """The heat in `given` on the basis wanted; `basis` says how an energy was told.

        :raises NoUnitPath: a calorific value, a density or a ratio is missing
        """
        if given.measure.dimension is Dimension.ENERGY:
            return self._on(given, told=basis, wanted=wanted)
        if self.heat is None:
            raise NoUnitPath(given=given, missing="a calorific value")
        amount = self.measured_in(given, self.per).amount
        held = Quantity(WIDE.multiply(amount, self.heat.amount), self.heat.measure)
        return self._on(held, told=self.basis, wanted=wanted)

    def _on(self, heat: Quantity, *, told: Basis, wanted: Basis) -> Quantity:
        if told is wanted:
            return heat
        if self.gross_to_net is None:
            raise NoUnitPath(given=heat, missing="the ratio of gross to net")
        if wanted is Basis.GROSS:
            return heat * self.gross_to_net
        return Quantity(WIDE.divide(heat.amount, self.gross_to_net), heat.measure)

    def measured_in(self, given: Quantity, per: Measure) -> Quantity:
        """The same fuel by mass or by volume.

        :raises NoUnitPath: the density is not known
        """
        if given.measure.dimension is per.dimension:
            return given.to(per)
        if self.density_kg_per_l is None:
            raise NoUnitPath(given=given, missing="the density")
        if given.measure.dimension is Dimension.VOLUME:
            litres = given.to(Measure.L).amount
            return Quantity(WIDE.multiply(litres, self.density_kg_per_l), Measure.KG).to(per)
        kilograms = given.to(Measure.KG).amount
        return Quantity(WIDE.divide(kilograms, self.density_kg_per_l), Measure.L).to(per)
