"""What leaks out of cooling equipment: by screening, by balance of mass, by refill (R4.5)."""

from dataclasses import dataclass
from decimal import Decimal

from ledger.kernel.quantities import WIDE
from reporting.entries.rules import ONE, ZERO, check_not_negative, check_share

LOST = "refrigerant"


@dataclass(frozen=True, slots=True)
class Equipment:
    """A kind of equipment: what one unit holds, and how much of it is lost at each stage.

    `recovered` is the part that is caught at disposal: what is lost is the rest of what remains.
    """

    charge_kg: Decimal
    at_installation: Decimal
    a_year: Decimal
    left_at_disposal: Decimal
    recovered: Decimal

    def lost_kg(
        self, *, new_units: Decimal, units: Decimal, years: Decimal, disposed_units: Decimal
    ) -> dict[str, Decimal]:
        """Kilograms by stage.

        :raises ShareBeyondOne: a rate is no share
        """
        for share in (self.at_installation, self.a_year, self.left_at_disposal, self.recovered):
            check_share(share)
        escaped = WIDE.multiply(self.left_at_disposal, WIDE.subtract(ONE, self.recovered))
        return {
            "INSTALLATION": self._kg(new_units, self.at_installation),
            "OPERATION": self._kg(WIDE.multiply(units, years), self.a_year),
            "DISPOSAL": self._kg(disposed_units, escaped),
        }

    def _kg(self, units: Decimal, share: Decimal) -> Decimal:
        return WIDE.multiply(WIDE.multiply(units, self.charge_kg), share)


@dataclass(frozen=True, slots=True)
class Balance:
    """Kilograms of one refrigerant in a year, from the invoices and the logs of the servicing.

    Lost: what new equipment took less than was bought for it, all that servicing put back, and
    what was in retired equipment and was not recovered.
    """

    bought_for_new: Decimal = ZERO
    capacity_new: Decimal = ZERO
    serviced: Decimal = ZERO
    capacity_retired: Decimal = ZERO
    recovered: Decimal = ZERO

    @property
    def lost_kg(self) -> Decimal:
        """:raises LessThanNothing: more is accounted for than was there"""
        installing = WIDE.subtract(self.bought_for_new, self.capacity_new)
        retiring = WIDE.subtract(self.capacity_retired, self.recovered)
        return check_not_negative(installing + self.serviced + retiring, LOST)


def lost_from_stock(
    *, opening: Decimal, bought: Decimal, recovered: Decimal, closing: Decimal
) -> Decimal:
    """R4.5: opening stock + bought − recovered − closing stock, in kilograms.

    :raises LessThanNothing: more is in stock than ever came
    """
    return check_not_negative(opening + bought - recovered - closing, LOST)
