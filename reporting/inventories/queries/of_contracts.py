"""What a green power contract does to emissions: location, market, and the park method (§8.4)."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from finance.ppas import queries as ppas
from ledger.kernel.actors import Actor
from ledger.kernel.measures import Measure
from ledger.kernel.periods import Period
from ledger.kernel.quantities import WIDE, Quantity, whole
from reporting.factors import queries as factors
from reporting.factors.queries import FactorRow
from reporting.inventories.engine.market import climb
from reporting.inventories.engine.values import Activity, Claim, PowerMarket
from reporting.inventories.queries import chosen_factors
from reporting.inventories.queries.chosen_factors import GRID_AVERAGE, RESIDUAL_MIX
from reporting.inventories.rules import PURPOSE
from reporting.parks.states import SourceKind, Subcategory

PARK, OTHER_POWER = "910", "POWER_OTHER"
NATION = "CN"
FIRST_YEAR = 2015  # no grid factor of the present series is older


@dataclass(frozen=True, slots=True)
class YearOfFactors:
    """The same energy under the factors published for one year."""

    year: int
    location: FactorRow
    location_tco2: Decimal
    residual: FactorRow | None
    market_tco2: Decimal
    market_before_tco2: Decimal  # without the contract
    is_own_year: bool


@dataclass(frozen=True, slots=True)
class Effect:
    """Emissions of the power that a contract's buyer used, if what is settled is claimed."""

    supply: ppas.Supply
    year: int
    uncovered_mwh: Decimal
    park: FactorRow
    park_tco2: Decimal
    park_before_tco2: Decimal
    years: tuple[YearOfFactors, ...]
    # the published year that stands in where the contract's own has no factor
    nearest_year: int | None

    @property
    def avoided_tco2(self) -> Decimal:
        return WIDE.subtract(self.park_before_tco2, self.park_tco2)


def effect_of_contract(contract_id: UUID, year: int, *, by: Actor, on: date) -> Effect:
    """The location- and market-based rows of a year of a contract, and those of the park method.

    The factors of every published year are shown: a reader who compares years sees what moved.

    :raises NotFound: no such contract, or not the actor's
    :raises NoFactor: nothing is published
    """
    supply = ppas.supply_of(contract_id, Period.year(year), by=by)
    park = factors.get_factor(purpose=PARK, carrier=OTHER_POWER, year=year, on=on)
    uncovered = WIDE.subtract(supply.consumed_mwh, min(supply.settled_mwh, supply.consumed_mwh))
    own = _grid(supply.region, year, on)
    years = tuple(
        _year(supply, published, on, is_own=published == own.factor_year)
        for published in _published(supply.region, on)
    )
    return Effect(
        supply=supply,
        year=year,
        uncovered_mwh=uncovered,
        park=park,
        park_tco2=_tonnes(park, uncovered),
        park_before_tco2=_tonnes(park, supply.consumed_mwh),
        years=years,
        nearest_year=own.factor_year if own.year_differs else None,
    )


def _grid(region: str, year: int, on: date) -> FactorRow:
    return factors.get_factor(
        purpose=PURPOSE, carrier=GRID_AVERAGE, region=region or NATION, year=year, on=on
    )


def _published(region: str, on: date) -> list[int]:
    """Every year for which a grid factor is published, earliest first."""
    found = {_grid(region, year, on).factor_year for year in range(FIRST_YEAR, on.year + 1)}
    return sorted(year for year in found if year is not None)


def _year(supply: ppas.Supply, year: int, on: date, *, is_own: bool) -> YearOfFactors:
    location = _grid(supply.region, year, on)
    market, before = (_market(supply, mwh, year, on) for mwh in (supply.settled_mwh, Decimal(0)))
    return YearOfFactors(
        year=year,
        location=location,
        location_tco2=_tonnes(location, supply.consumed_mwh),
        residual=_residual(year, on),
        market_tco2=market,
        market_before_tco2=before,
        is_own_year=is_own,
    )


def _residual(year: int, on: date) -> FactorRow | None:
    try:
        return factors.get_factor(purpose=PURPOSE, carrier=RESIDUAL_MIX, year=year, on=on)
    except factors.NoFactor:
        return None


def _market(supply: ppas.Supply, claimed_mwh: Decimal, year: int, on: date) -> Decimal:
    """By the very engine of inventories: claims first, then the residual mix."""
    used = Activity(
        id="contract",
        digest="",
        source_code="",
        kind=SourceKind.PURCHASED_POWER,  # what no claim covers is as from the grid
        carrier="ELECTRICITY",
        category=2,
        subcategory=Subcategory.IMPORTED_ELECTRICITY,
        month=date(year, 1, 1),
        quantity=Quantity(supply.consumed_mwh, Measure.MWH),
    )
    instrument = "GEC" if supply.is_bundled else "PPA"
    claims = [Claim("contract", instrument, claimed_mwh)] if claimed_mwh else []
    mix = chosen_factors.residual_mix(Period.year(year), on)
    market = PowerMarket(claims=claims, residual_mix=mix)
    average = _tonnes(_grid(supply.region, year, on), Decimal(1))
    climbed = climb([used], market, average)
    return whole(line.tco2e for line in climbed.lines)


def _tonnes(factor: FactorRow, mwh: Decimal) -> Decimal:
    return factor.emission(Quantity(mwh, Measure.MWH)).mass.to(Measure.T).amount


def links_of_settlement(settlement: Any, _by: Actor) -> list[tuple[str, str]]:
    """For the page of a statement: what the contract does to emissions in that year."""
    address = reverse("contract_emissions", args=[settlement.contract_id, settlement.month.year])
    return [(_("What it does to emissions"), address)]
