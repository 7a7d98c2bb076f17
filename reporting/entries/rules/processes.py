"""Emissions of making things: by product, by clinker, by anode effects, by carbon balance."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from ledger.kernel.measures import Measure
from ledger.kernel.quantities import WIDE, Quantity
from reporting.entries.rules import ONE, ZERO, check_not_negative, check_share

CARBON_TO_CO2 = (Decimal(44), Decimal(12))


def of_new_material(output: Quantity, *, reused: Decimal = ZERO) -> Quantity:
    """The part of an output that is made of new material: cullet and scrap emitted before.

    :raises ShareBeyondOne: the reused part is no share
    """
    check_share(reused)
    return output * WIDE.subtract(ONE, reused)


def clinker_made(
    cement: Quantity,
    *,
    clinker_share: Decimal,
    imported: Quantity,
    exported: Quantity,
    kiln_dust: Decimal = ONE,
) -> Quantity:
    """Clinker burnt here (IPCC 2006, volume 3, tier 1): what the cement holds, less what was
    bought, with what was sold. `kiln_dust` is 1.02 where dust is lost and nothing better is known.

    :raises ShareBeyondOne: the clinker is no share of the cement
    :raises LessThanNothing: more was bought than is in the cement
    """
    check_share(clinker_share)
    made = (cement * clinker_share - imported + exported) * kiln_dust
    check_not_negative(made.amount, "clinker")
    return made


@dataclass(frozen=True, slots=True)
class AnodeEffects:
    """Perfluorocarbons of aluminium by the slope method (kg CF4 per t Al and minute per day)."""

    slope: Decimal
    c2f6_per_cf4: Decimal
    minutes_per_cell_day: Decimal

    def gases(self, aluminium: Quantity) -> dict[str, Quantity]:
        tonnes = aluminium.to(Measure.T).amount
        each = WIDE.multiply(self.slope, self.minutes_per_cell_day)
        cf4 = WIDE.multiply(tonnes, each)
        c2f6 = WIDE.multiply(cf4, self.c2f6_per_cf4)
        return {"CF4": Quantity(cf4, Measure.KG), "C2F6": Quantity(c2f6, Measure.KG)}


def carbon_balance(
    put_in: Iterable[tuple[Quantity, Decimal]], taken_out: Iterable[tuple[Quantity, Decimal]]
) -> Quantity:
    """CO2 of a process: the carbon that went in and did not come out, × 44/12. In tonnes.

    :raises ShareBeyondOne: a carbon content is no share
    :raises LessThanNothing: more carbon came out than went in
    """
    kept = check_not_negative(WIDE.subtract(_carbon(put_in), _carbon(taken_out)), "CO2")
    molar, carbon = CARBON_TO_CO2
    return Quantity(WIDE.divide(WIDE.multiply(kept, molar), carbon), Measure.T)


def _carbon(flows: Iterable[tuple[Quantity, Decimal]]) -> Decimal:
    whole = ZERO
    for quantity, content in flows:
        check_share(content)
        whole = WIDE.add(whole, WIDE.multiply(quantity.to(Measure.T).amount, content))
    return whole
