"""What the frozen years of a park say side by side: of the park, and of each enterprise in it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from uuid import UUID

from ledger.kernel.actors import Actor
from ledger.kernel.measures import Measure
from ledger.kernel.quantities import WIDE, Quantity
from reporting.disclosures.assembling import assemble
from reporting.disclosures.assembling.facts import gather_facts
from reporting.disclosures.assembling.wording import total
from reporting.disclosures.frameworks import data_points
from reporting.disclosures.queries.composing import period_of
from reporting.disclosures.queries.entries import told_entries
from reporting.inventories import queries as inventories

NOUGHT, HUNDRED = Decimal(0), Decimal(100)
CENT = Decimal("0.01")
# What an appraisal looks at, in this order; rows of a data point count each for themselves.
APPRAISED = (
    "scope_1", "scope_2_location", "scope_2_market", "scope_3", "intensity", "energy_total",
    "renewable_share", "direct_supply_share",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Year:
    """The newest frozen inventory of a park and a period, and what it says."""

    frozen: Any
    content: Mapping[str, Any]

    @property
    def number(self) -> int:
        return int(self.frozen.content["period"]["start"][:4])


def years_of(park_id: UUID, by: Actor) -> list[Year]:
    """Oldest first; of each period the inventory that was frozen last."""
    known = [one for one in inventories.inventories_of(by.own_party) if one.park_id == park_id]
    starts = sorted({one.period_start for one in known})
    newest = (inventories.frozen_of(park_id, start)[:1] for start in starts)
    return [Year(one, assemble(one.content)) for found in newest for one in found]


# --- the appraisal


def appraise(years: Sequence[Year]) -> list[dict[str, Any]]:
    """Each figure through the years, its change over the last one and over all of them.

    One review of every year and one of several years are the same figures (rule book §10, 10).
    """
    told = [dict(_figures(year)) for year in years]
    keys = list(dict.fromkeys(key for one in told for key in one))
    rows = []
    for key in keys:
        amounts = [one[key]["value"] if key in one else None for one in told]
        known = next(one[key] for one in told if key in one)
        rows.append(
            {
                **known,
                "amounts": amounts,
                "change": _change(amounts[-2:]),
                "overall": _change([amounts[0], amounts[-1]]) if len(amounts) > 1 else None,
            }
        )
    return rows


def _figures(year: Year) -> Iterable[tuple[tuple[str, str, str], dict[str, Any]]]:
    facts = gather_facts(_with_entries(year), [data_points()[key] for key in APPRAISED])
    for key, fact in facts.items():
        if fact["value"] is not None:
            yield (key, "", fact["unit"]), _row(fact, fact["heading"], fact["value"], fact["unit"])
        for one in fact["rows"]:
            if one["unit"] and one["value"]:
                name = one["name"]
                yield (key, name["en"], one["unit"]), _row(fact, name, one["value"], one["unit"])


def _row(fact: Mapping[str, Any], name: Mapping[str, str], value: str, unit: str) -> dict[str, Any]:
    return {"point": fact["key"], "name": dict(name), "value": Decimal(value), "unit": unit}


def _with_entries(year: Year) -> dict[str, Any]:
    entries = told_entries(year.frozen.park_id, period_of(year.frozen))
    return {**year.content, "entries": entries, "ledger": {}, "verification": None}


def _change(pair: Sequence[Decimal | None]) -> Decimal | None:
    """In per cent of the first; None where there is nothing to compare with."""
    if len(pair) < 2 or pair[0] is None or pair[1] is None or not pair[0]:
        return None
    change = WIDE.multiply(WIDE.subtract(pair[1], pair[0]), HUNDRED)
    return WIDE.divide(change, pair[0]).quantize(CENT, ROUND_HALF_UP)


def average_factors(year: Year) -> tuple[Decimal, Decimal]:
    """tCO2e per MWh of grid power and per GJ of heat, as the year's inventory counted them."""
    result, heat = year.frozen.content["result"], year.content["heat"]
    bought = [one for one in result["activities"] if one["kind"] == "PURCHASED_POWER"]
    mwh = sum((_mwh(one) for one in bought), NOUGHT)
    power = Decimal(result["totals"]["power_location_tco2e"])
    per_gj = WIDE.divide(Decimal(heat["tco2e"]), Decimal(heat["gj"])) if heat else NOUGHT
    return (WIDE.divide(power, mwh) if mwh else NOUGHT), per_gj


def _mwh(row: Mapping[str, Any]) -> Decimal:
    used = Quantity(Decimal(row["amount"]), Measure(row["unit"])).to(Measure.MWH).amount
    return WIDE.multiply(used, Decimal(row["share"]))


def revenue_intensity(year: Year) -> Decimal | None:
    """tCO2e per 10^4 CNY, where somebody told the park's revenue."""
    told = (one for key, one in _figures(year) if key[0] == "intensity" and "CNY" in key[2])
    return next((one["value"] for one in told), None)


# --- the enterprises


@dataclass(frozen=True, slots=True)
class Account:
    """One enterprise of a park in a year; what it claimed stands beside, netted with nothing."""

    code: str
    name: Mapping[str, str]
    direct_tco2e: Decimal
    energy_tco2e: Decimal
    before_tco2e: Decimal | None
    green_mwh: Decimal
    credits_tco2e: Decimal

    @property
    def total_tco2e(self) -> Decimal:
        return WIDE.add(self.direct_tco2e, self.energy_tco2e)

    @property
    def change(self) -> Decimal | None:
        return _change([self.before_tco2e, self.total_tco2e])


def accounts_of_year(year: Year, before: Year | None) -> list[Account]:
    """The carbon account of each enterprise; the operator's own share is under no code."""
    then = {one["code"]: _sum(one) for one in before.content["tenants"]} if before else {}
    claims, used = year.frozen.content["result"]["claims"], year.frozen.content["credits"]
    return [
        Account(
            code=one["code"],
            name=one["name"],
            direct_tco2e=Decimal(one["direct_tco2e"]),
            energy_tco2e=Decimal(one["location_tco2e"]),
            before_tco2e=then.get(one["code"]),
            green_mwh=total(_of(claims, one["code"]), "used_mwh"),
            credits_tco2e=total(_of(used, one["code"])),
        )
        for one in year.content["tenants"]
    ]


def _sum(tenant: Mapping[str, Any]) -> Decimal:
    return WIDE.add(Decimal(tenant["direct_tco2e"]), Decimal(tenant["location_tco2e"]))


def _of(rows: Iterable[Mapping[str, Any]], code: str) -> list[Mapping[str, Any]]:
    """Those of one enterprise; without a code those of nobody else."""
    return [one for one in rows if (code in one["tenants"] if code else not one["tenants"])]
