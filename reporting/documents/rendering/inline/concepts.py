"""The concepts: every figure of the data points, the totals, the gases, the energy; and words."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from reporting.disclosures.queries import data_points

Words = Mapping[str, str]
# unit of the statement → (item type, id of the unit in the report, its measures)
MEASURES = {
    "tCO2e": ("dtr:ghgEmissionsItemType", "tCO2e", "utr:tCO2e"),
    "tCO2": ("dtr:massItemType", "t", "utr:t"),
    "GJ": ("dtr:energyItemType", "GJ", "utr:GJ"),
    "MWh": ("dtr:energyItemType", "MWh", "utr:MWh"),
    "%": ("dtr:percentItemType", "pure", "xbrli:pure"),
}
GASES = ("CO2", "CH4", "N2O", "HFCs", "PFCs", "SF6", "NF3")
SCOPE_1, LOCATION, MARKET = "Scope1", "Scope2Location", "Scope2Market"


@dataclass(frozen=True, slots=True)
class Concept:
    """One element of the taxonomy; `unit` is empty for words."""

    name: str
    label: Words
    unit: str

    @property
    def item_type(self) -> str:
        return MEASURES[self.unit][0] if self.unit else "xbrli:stringItemType"


# A total and its parts: what a validator adds up.
SUMS: Mapping[str, tuple[str, ...]] = {
    "TotalLocation": (SCOPE_1, LOCATION),
    "TotalMarket": (SCOPE_1, MARKET),
    SCOPE_1: tuple(f"Scope1{gas}" for gas in GASES),
}
_MORE = (
    ("TotalLocation", "tCO2e", "范围一与范围二合计，基于位置", "Scopes 1 and 2, location-based"),
    ("TotalMarket", "tCO2e", "范围一与范围二合计，基于市场", "Scopes 1 and 2, market-based"),
    ("EnergyGJ", "GJ", "能源消费总量（GJ）", "Energy used, GJ"),
    ("EnergyMWh", "MWh", "能源消费总量（MWh）", "Energy used, MWh"),
)


def concept_name(key: str) -> str:
    """`scope_2_location` is Scope2Location."""
    return "".join(part[:1].upper() + part[1:] for part in key.split("_"))


@cache
def concepts() -> Mapping[str, Concept]:
    return {one.name: one for one in _concepts()}


def _concepts() -> Iterator[Concept]:
    for point in data_points().values():
        unit = point.unit if point.is_figure and point.unit in MEASURES else ""
        yield Concept(concept_name(point.key), point.heading, unit)
    for name, unit, zh, en in _MORE:
        yield Concept(name, {"zh": zh, "en": en}, unit)
    for gas in GASES:
        label = {"zh": f"范围一：{gas}", "en": f"Scope 1: {gas}"}
        yield Concept(f"Scope1{gas}", label, "tCO2e")
