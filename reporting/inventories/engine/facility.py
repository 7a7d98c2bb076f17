"""A facility that reports masses of gases instead of activity: each mass is its own activity."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from ledger.kernel.measures import Measure
from ledger.kernel.quantities import Quantity
from reporting.inventories.engine.values import ONE, Activity, Factor, NegativeMass
from reporting.parks.states import SourceKind, Subcategory

MEASURED = "measured"


def measured_gases(
    tonnes: Mapping[str, Decimal],
    *,
    on: date,
    source_code: str = "FACILITY",
    source: str = MEASURED,
) -> list[Activity]:
    """One direct activity per gas: so many tonnes of it, measured, so its factor is one.

    :raises NegativeMass: less than nothing
    """
    for gas, mass in tonnes.items():
        if mass < 0:
            raise NegativeMass(gas=gas)
    return [
        Activity(
            id=f"{source_code}:{gas}",
            digest="",
            source_code=source_code,
            kind=SourceKind.PROCESS,
            carrier=gas,
            category=1,
            subcategory=Subcategory.PROCESS,
            month=on,
            quantity=Quantity(mass, Measure.T),
            factors=[Factor(f"{MEASURED}:{gas}", gas, ONE, Measure.T, Measure.T, source)],
        )
        for gas, mass in tonnes.items()
    ]
