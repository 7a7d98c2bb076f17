"""Mass of one greenhouse gas. Gases add up only as CO2e, and only through a named GWP."""

from dataclasses import dataclass
from decimal import Decimal

from ledger.kernel.errors import N_, DomainError
from ledger.kernel.measures import Dimension, Measure, MeasureMismatch
from ledger.kernel.quantities import Quantity


class GasMismatch(DomainError):
    code = "gas_mismatch"
    message = N_("%(left)s and %(right)s are different gases: weigh them with a GWP first.")


@dataclass(frozen=True, slots=True)
class GasAmount:
    """So much of one gas, by its own mass (t or kg of CH4, not of CO2e)."""

    gas: str
    mass: Quantity

    def __post_init__(self) -> None:
        if self.mass.measure.dimension is not Dimension.MASS:
            raise MeasureMismatch(left=self.mass.measure.value, right=Measure.T.value)

    def __add__(self, other: "GasAmount") -> "GasAmount":
        if self.gas != other.gas:
            raise GasMismatch(left=self.gas, right=other.gas)
        return GasAmount(self.gas, self.mass + other.mass)

    def co2e(self, gwp: Decimal) -> Quantity:
        """Its weight in tCO2e under the GWP handed in."""
        return Quantity((self.mass.to(Measure.T) * gwp).amount, Measure.TCO2E)
