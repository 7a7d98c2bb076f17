"""What other public calculators say to the same inputs."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from ledger.kernel.actors import SYSTEM
from ledger.kernel.ids import new_id
from ledger.kernel.measures import Measure
from ledger.kernel.quantities import Quantity
from ledger.units import queries as units
from reporting.entries.rules import grids
from reporting.entries.rules.fuels import Fuel
from reporting.factors import operations as factors
from reporting.factors import queries
from reporting.factors.rules import FactorFact, gas_name
from reporting.inventories.engine.calculation import calculate, gwp_in_scope, weigh
from reporting.inventories.engine.values import (
    Activity,
    Claim,
    Factor,
    GwpSet,
    PowerMarket,
)
from reporting.inventories.states import Rung
from reporting.parks.states import SourceKind, Subcategory
from reporting.targets.rules.paths import coverage
from tests.factories.units import FREE, issued, leg, post
from tests.golden.running import Case, NotCovered, serves
from tests.golden.servers.calculations import kilograms, per, told_set

D = Decimal
NOON = datetime(2026, 2, 5, 4, tzinfo=UTC)


@serves("peer_calculator_outputs", absolute="0.00002")
def peers(case: Case) -> Mapping[str, object]:
    for part, serve in SERVED.items():
        if case.id.startswith(part):
            return serve(case.inputs)
    raise NotCovered  # the default values of a border levy


def electricity(told: Mapping[str, Any]) -> Mapping[str, object]:
    used = Quantity(D(told["kwh"]), Measure.KWH)
    each = [per(factor, "CO2", Measure.KG, Measure.KWH) for factor in told["factors"]]
    return {"kg": [kilograms(factor, used) for factor in each]}


def combustion(told: Mapping[str, Any]) -> Mapping[str, object]:
    energy = Fuel().energy(Quantity(D(told["value"]), Measure.parse(told["unit"])))
    given = told["factors"]
    kg = {
        "CO2": kilograms(per(given["co2_kg_per_mmbtu"], "CO2", Measure.KG, Measure.MMBTU), energy),
        "CH4": kilograms(per(given["ch4_g_per_mmbtu"], "CH4", Measure.G, Measure.MMBTU), energy),
        "N2O": kilograms(per(given["n2o_g_per_mmbtu"], "N2O", Measure.G, Measure.MMBTU), energy),
    }
    weighed = weigh(kg, told_set(told["gwp"]))
    return {
        "co2_kg": kg["CO2"],
        "ch4_kgco2e": weighed["CH4"],
        "n2o_kgco2e": weighed["N2O"],
        "total_kgco2e_as_published": sum(weighed.values(), D(0)),
    }


def vehicle(told: Mapping[str, Any]) -> Mapping[str, object]:
    driven = Quantity(D(told["value"]), Measure.parse(told["unit"]))
    parts = {
        f"{gas}_kgco2e": kilograms(per(value, gas.upper(), Measure.KG, Measure.KM), driven)
        for gas, value in told["factors_per_km"].items()
    }
    whole = per(told["factor_total_kgco2e_per_km"], "CO2e", Measure.KG, Measure.KM)
    return {**parts, "total_kgco2e": kilograms(whole, driven)}


def grid(told: Mapping[str, Any]) -> Mapping[str, object]:
    used = Quantity(D(told["value"]), Measure.MWH)
    kg = {
        "CO2": kilograms(per(told["co2_kg_per_mwh"], "CO2", Measure.KG, Measure.MWH), used),
        "CH4": kilograms(per(told["ch4_lb_per_mwh"], "CH4", Measure.LB, Measure.MWH), used),
        "N2O": kilograms(per(told["n2o_lb_per_mwh"], "N2O", Measure.LB, Measure.MWH), used),
    }
    weighed = weigh(kg, told_set(told["gwp"]))
    scope_2 = sum(weighed.values(), D(0))
    return {
        "co2_kg": kg["CO2"],
        "ch4_kgco2e": weighed["CH4"],
        "n2o_kgco2e": weighed["N2O"],
        "scope2_location_kgco2e": scope_2,
        "scope3_td_loss_kgco2e": grids.lost_on_the_way(scope_2, D(told["grid_gross_loss"])),
    }


def refrigerant(told: Mapping[str, Any]) -> Mapping[str, object]:
    parts = [(gas_name(gas), D(share)) for gas, share in told["composition"].items()]
    gwp = told_set({gas_name(gas): value for gas, value in told["gwp"].items()})
    return {"kgco2e": gwp_in_scope(parts, gwp) * D(told["value"])}


def spend(told: Mapping[str, Any]) -> Mapping[str, object]:
    """Money of another country is a count here: it is never mixed with yuan."""
    paid = Quantity(D(told["value"]), Measure.UNIT)

    def of(name: str, gas: str) -> Decimal:
        return kilograms(per(told[name], gas, Measure.KG, Measure.UNIT), paid)

    total, co2 = of("factor_total", "CO2e"), of("factor_co2", "CO2")
    ch4 = of("factor_ch4_co2e", "CH4")
    return {
        "total_kgco2e": total,
        "co2_kg": co2,
        "ch4_kgco2e": ch4,
        "parts_do_not_sum_to_total": co2 + ch4 != total,
    }


def dual(told: Mapping[str, Any]) -> Mapping[str, object]:
    each = Factor("grid", "CO2", D(told["grid_factor"]), Measure.KG, Measure.KWH, "told")
    mix = Factor("mix", "CO2", D(told["residual_mix"]), Measure.KG, Measure.KWH, "told")
    used = Quantity(D(told["consumption_kwh"]), Measure.KWH)
    bought = Activity(
        "a", "", "A", SourceKind.PURCHASED_POWER, "ELECTRICITY", 2,
        Subcategory.IMPORTED_ELECTRICITY, date(2025, 1, 1), used, [each],
    )  # fmt: skip
    claim = Claim("c", "GEC", D(told["certificates_kwh"]) / 1000)
    market = PowerMarket(claims=[claim], residual_mix=mix)
    found = calculate([bought], gwp_set=GwpSet("none", {}), market=market)
    covered = sum(one.mwh for one in found.market if one.rung is Rung.CERTIFICATE)
    return {
        "location_based_t": found.totals.scope_2_location,
        "market_based_t": found.totals.scope_2_market,
        "certificate_coverage": covered / used.to(Measure.MWH).amount,
    }


def factor_year(told: Mapping[str, Any]) -> Mapping[str, object]:
    """The latest published year that is not later than the activity (R4.1).

    For activity before the first published year the peer takes the latest, we the nearest, and
    say so: that case is not ours to answer.
    """
    years, asked = told["available_years"], int(told["activity_period"].split("-")[-1])
    if asked < min(years):
        raise NotCovered
    factors.load_factors(facts=[_fact(year) for year in years], by=SYSTEM, at=NOON)
    found = queries.get_factor(purpose="CORPORATE", carrier="PEER", year=asked, on=NOON.date())
    return {"factor_year_used": found.factor_year}


def _fact(year: int) -> FactorFact:
    return FactorFact(
        purpose="CORPORATE", kind="EMISSION", carrier="PEER", name_zh="同", name_en="peer",
        region="CN", gas="CO2", value=D("0.5"), numerator="kg", per="kWh", factor_year=year,
        dataset="PEER", rank=1, valid_from=date(year, 1, 1), valid_to=None, published_on=None,
        confidence="B", source="told", legal_basis="told", ncv_gj=None, carbon_tc_per_gj=None,
        oxidation=None, note="",
    )  # fmt: skip


def transferred(told: Mapping[str, Any]) -> Mapping[str, object]:
    """Certificates are split by the ledger itself."""
    giver, taker = new_id(), new_id()
    lot_id = issued(giver, told["quantity"])
    post(leg(lot_id, (giver, FREE), (taker, FREE), told["transfer"]))
    held = {one.account_id: one.unit_count for one in units.positions_in([giver, taker])}
    return {"transferred": held[taker], "remaining": held[giver]}


def covered(told: Mapping[str, Any]) -> Mapping[str, object]:
    invested = {
        name: [D(value) for value in (values if isinstance(values, list) else [values])]
        for name, values in told["investment_values"].items()
    }
    share = coverage(invested, covered="target approved")
    return {"coverage_pct": share * 100 if share is not None else None}


SERVED = {
    "calcmentor": electricity,
    "envizi-crude": combustion,
    "envizi-lignite": combustion,
    "envizi-desnz": vehicle,
    "envizi-electricity": grid,
    "envizi-r404a": refrigerant,
    "envizi-spend": spend,
    "gc-transfer": transferred,
    "gera": dual,
    "hl-factor-year": factor_year,
    "sbti-portfolio": covered,
}
