"""Published example reports: scopes, gross and net, places, intensity, shares held."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from ledger.kernel.measures import Measure
from ledger.kernel.quantities import Quantity
from reporting.entries.rules import cogeneration
from reporting.entries.states import ValueChain
from reporting.inventories.engine.calculation import calculate
from reporting.inventories.engine.statement import Footing
from reporting.inventories.engine.values import (
    ONE,
    Activity,
    Factor,
    GwpSet,
    Place,
    Totals,
    share_of,
)
from reporting.inventories.states import Consolidation, HeldAs
from reporting.parks.states import SourceKind, Subcategory
from reporting.targets.rules.paths import Path, Stage
from tests.golden.running import Case, NotCovered, serves

D = Decimal
NOT_COMPUTED = ["note", "implied_output_tonnes_2013_14"]


@serves("ghg_disclosure_secr", absolute="0.000001", prose=NOT_COMPUTED)
def disclosed(case: Case) -> Mapping[str, object]:
    for part, serve in SERVED.items():
        if part in case.id:
            return serve(case.inputs)
    raise NotCovered


def two_to_one(told: Mapping[str, Any]) -> Mapping[str, object]:
    heat, power = D(told["heat_kwh"]), D(told["electricity_kwh"])
    weights = cogeneration.by_ratio(heat=heat, power=power, power_to_heat=D(2))
    parts = cogeneration.share_emission(D(told["total_kgco2e"]), weights)
    assert sum(parts.values()) == D(told["total_kgco2e"])
    of_heat, of_power = parts[cogeneration.HEAT], parts[cogeneration.POWER]
    return {
        "per_kwh_electricity": cogeneration.per_unit(of_power, power),
        "per_kwh_heat": cogeneration.per_unit(of_heat, heat),
        "allocated_electricity_kg": of_power,
        "allocated_heat_kg": of_heat,
    }


HELD = {
    "franchise without equity interest": HeldAs.FRANCHISE,
    "joint operation": HeldAs.JOINT,
    "joint venture": HeldAs.JOINT,
    "other equity investment": HeldAs.INVESTMENT,
}
WAYS = {
    "equity": (Consolidation.EQUITY_SHARE, False),
    "financial": (Consolidation.FINANCIAL_CONTROL, False),
    "operational_with_control": (Consolidation.OPERATIONAL_CONTROL, True),
    "operational_without_control": (Consolidation.OPERATIONAL_CONTROL, False),
}


def consolidated(told: Mapping[str, Any]) -> Mapping[str, object]:
    def counted(way: Consolidation, *, operated: bool) -> Decimal:
        part = share_of(
            way,
            equity_share=D(told["equity_share"]),
            has_operational_control=operated,
            has_financial_control=False,
            held_as=HELD[told["accounting_class"]],
        )
        return part * D(told["impact_t"])

    return {name: counted(way, operated=operated) for name, (way, operated) in WAYS.items()}


TELLING = {
    "pg": ValueChain.PURCHASED_GOODS,
    "waste": ValueChain.WASTE,
    "travel": ValueChain.BUSINESS_TRAVEL,
    "commuting": ValueChain.COMMUTING,
    "leased": ValueChain.UPSTREAM_LEASED,
    "franchises": ValueChain.FRANCHISES,
}


def _told(name: str, tonnes: Any, category: int, place: Place) -> Activity:
    """So many tonnes of CO2e, as somebody else reports them."""
    factor = Factor("told", "CO2e", ONE, Measure.T, Measure.T, "told")
    return Activity(
        name, "", name, SourceKind.PROCESS, "", category, place, date(2014, 3, 1),
        Quantity(D(tonnes), Measure.T), [factor],
    )  # fmt: skip


def _reported(country: str, told: Mapping[str, Any]) -> list[Activity]:
    chain = [
        _told(f"{country}:{name}", told["scope3"][name], 4, place)
        for name, place in TELLING.items()
        if told["scope3"][name] is not None
    ]
    bought = _told(f"{country}:2", told["scope2"], 2, Subcategory.IMPORTED_HEAT)
    return [_told(f"{country}:1", told["scope1"], 1, Subcategory.PROCESS), bought, *chain]


def _totals(activities: list[Activity]) -> Totals:
    return calculate(activities, gwp_set=GwpSet("none", {})).totals


def by_place(told: Mapping[str, Any]) -> Mapping[str, object]:
    reported = {country: _reported(country, one) for country, one in told["by_country"].items()}
    whole = _totals([one for each in reported.values() for one in each])
    names = {place: name for name, place in TELLING.items()}
    rows = {
        name: None if value is None else D(value)
        for one in told["by_country"].values()
        for name, value in one["scope3"].items()
    }
    assert Footing({"x": None}).not_quantified == ["x"], rows
    return {
        "scope1": whole.scope_1,
        "scope2": whole.scope_2_location,
        "scope3": whole.scope_3,
        "scope3_by_country": {one: _totals(each).scope_3 for one, each in reported.items()},
        "scope3_by_category": {names[p]: x for p, x in whole.by_value_chain.items()},  # type: ignore[index]
        "null_is_not_zero": any(value is None for one in told["by_country"].values()
                                for value in one["scope3"].values()),
    }  # fmt: skip


BELOW = ("exported_renewable_reduction", "offsets_retired", "woodland_carbon_units")


def gross_and_net(told: Mapping[str, Any]) -> Mapping[str, object]:
    chain = {name: D(value) for name, value in told["scope3"].items()}
    gaps = dict.fromkeys(told.get("not_quantified", ()))
    below = {name: D(told[name]) for name in BELOW if name in told}
    own = {"1": D(told["scope1"]), "2": D(told["scope2"])}
    found = Footing({**own, **chain, **gaps}, below)
    answer: dict[str, object] = {
        "total_scope3": Footing(chain).gross,
        "gross": found.gross,
        "net": found.net,
        "gross_from_rows": found.gross,
    }
    if "published_gross" in told:
        published = D(told["published_gross"])
        difference = found.differs_from(published)
        answer |= {
            "published_gross_foots": difference == 0,
            "difference": difference,
            "net_from_published_gross": found.net_of(published),
        }
    return answer


def intensity(told: Mapping[str, Any]) -> Mapping[str, object]:
    base, now = D(told["base_2006_07"]), D(told["y2013_14"])
    target = Path(2006, base, [Stage(2013, D(told["target_reduction"]))]).at(2013)
    assert target is not None
    return {
        "target_value": target,
        "reduction_to_date_pct": round((base - now) / base * 100, 2),
        "target_met": now <= target,
    }


SERVED = {
    "chp-2to1": two_to_one,
    "consolidation": consolidated,
    "geography": by_place,
    "gross-net": gross_and_net,
    "intensity-target": intensity,
}
