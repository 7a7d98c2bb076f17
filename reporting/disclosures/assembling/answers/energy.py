"""Energy used, and how much of the power is green, supplied directly or claimed by paper."""

from collections.abc import Iterable
from decimal import Decimal

from ledger.kernel.quantities import WIDE
from reporting.disclosures.assembling.answers.answer import Answer, Content, percent, row
from reporting.disclosures.assembling.wording import grouped, plain, total

GJ_PER_MWH = Decimal("3.6")  # exactly
DIRECT = frozenset({"DIRECT_SUPPLY", "SELF_GENERATED"})
GREEN = DIRECT | {"CERTIFICATE"}


def energy_total(content: Content) -> Answer | None:
    """In three measures: joules, megawatt-hours, tonnes of coal equivalent (calorific)."""
    used = content["energy_use"]
    if not used:
        return None
    heat = total(used, "gj")
    mwh = WIDE.divide(heat, GJ_PER_MWH).quantize(Decimal("0.000001"))
    name = ("能源消费总量", "Energy used")
    return Answer(
        rows=[
            row(name, plain(heat), "GJ"),
            row(name, plain(mwh), "MWh"),
            row(("折标准煤（当量值）", "As coal equivalent"), plain(total(used, "tce")), "tce"),
        ]
    )


def energy_by_carrier(content: Content) -> Answer | None:
    rows = [row(one["name"], one["gj"], "GJ") for one in content["energy_use"]]
    return Answer(rows=rows, unit="GJ") if rows else None


def _share(content: Content, rungs: Iterable[str]) -> Answer | None:
    market, wanted = content["power_market"], frozenset(rungs)
    whole = total(market, "mwh")
    if not whole:
        return None
    part = total((one for one in market if one["rung"] in wanted), "mwh")
    return Answer(value=percent(part, whole), unit="%", figure="2 MB")


def renewable_share(content: Content) -> Answer | None:
    """Own generation, direct supply and claimed certificates, each MWh counted once."""
    return _share(content, GREEN)


def direct_supply_share(content: Content) -> Answer | None:
    """Without certificates: what flowed here, not what was bought on paper (R1.27)."""
    return _share(content, DIRECT)


def contractual_instruments(content: Content) -> Answer | None:
    whole = total(content["power_market"], "mwh")
    by_kind = grouped(content["instruments"], lambda one: one["name"]["en"])
    rows = []
    for told in by_kind.values():
        used = total(told, "used_mwh")
        rows.append(row(told[0]["name"], plain(used), "MWh"))
        if whole:
            name = {
                "zh": f"{told[0]['name']['zh']}占用电量的份额",
                "en": f"{told[0]['name']['en']}, share of the power used",
            }
            rows.append(row(name, percent(used, whole), "%"))
    return Answer(rows=rows, figure="2 MB") if rows else None


def imported_heat(content: Content) -> Answer | None:
    heat = content["heat"]
    if heat is None:
        return None
    rows = [
        row(("外购热力", "Heat bought"), heat["gj"], "GJ"),
        row(("由此产生的排放", "Emissions of it"), heat["tco2e"], "tCO2e"),
    ]
    for one in heat["factors"]:
        name = ("所用因子", "Factor used")
        rows.append(row(name, one["value"], one["unit"], text=one["source"]))
    return Answer(rows=rows, figure="2")
