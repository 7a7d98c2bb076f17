"""What a mapping may name: fields of a line, acts, states, and what quantities are told in."""

from collections.abc import Mapping
from fractions import Fraction

from ledger.imports.records import Act
from ledger.kernel.errors import N_

# field → what it is called on the page
FIELDS: Mapping[str, str] = {
    "quantity": N_("Units"),
    "told_in": N_("What the quantity is told in (t, kg, MWh, kWh …)"),
    "scheme": N_("Scheme"),
    "vintage_year": N_("Vintage year"),
    "period": N_("Month or year of generation or reduction"),
    "period_from": N_("Period from"),
    "period_to": N_("Period to (last day)"),
    "serial": N_("Serial number or range"),
    "prefix": N_("Serial prefix"),
    "first": N_("First serial"),
    "last": N_("Last serial"),
    "project_code": N_("Project or plant code"),
    "project_name": N_("Project or plant name"),
    "happened_on": N_("Day"),
    "account": N_("Account number"),
    "counter_account": N_("Other account"),
    "state": N_("State of the units"),
    "beneficiary": N_("Beneficiary"),
    "reason": N_("Reason or purpose"),
}
# what may be the same for every line of a file
CONSTANTS = (
    "quantity", "vintage_year", "period", "period_from", "period_to", "prefix", "project_code",
    "project_name", "happened_on", "account", "counter_account", "state", "beneficiary", "reason",
)  # fmt: skip
# what a check may name beside these
OTHER_FIELDS: Mapping[str, str] = {
    "act": N_("What a line says"),
    "measure": N_("Measure"),
    "year": N_("Year"),
}
ACTS: Mapping[Act, str] = {
    Act.HELD: N_("Units held (opening position or statement)"),
    Act.ISSUED: N_("Units issued"),
    Act.RETIRED: N_("Units retired"),
    Act.CANCELLED: N_("Units cancelled"),
    Act.SURRENDERED: N_("Units surrendered"),
    Act.TRANSFERRED: N_("Units transferred"),
}
ALL_ACTS: Mapping[Act, str] = {
    **ACTS,
    Act.CONVERTED: N_("Units converted"),
    Act.BUFFERED: N_("Units put into a buffer"),
    Act.ALLOCATED: N_("Units allocated free"),
    Act.VERIFIED: N_("Verified emissions"),
    Act.TRADED: N_("A deal"),
}
# (what the file tells, what the scheme counts) → units of one
TOLD_IN: Mapping[tuple[str, str], Fraction] = {
    ("kg", "t"): Fraction(1, 1000),
    ("t", "kg"): Fraction(1000),
    ("万t", "t"): Fraction(10_000),
    ("kWh", "MWh"): Fraction(1, 1000),
    ("Wh", "MWh"): Fraction(1, 1_000_000),
    ("万kWh", "MWh"): Fraction(10),
    ("GWh", "MWh"): Fraction(1000),
}
# what a file calls them, in small letters; "" is units, whatever one of them is
MEASURES: Mapping[str, tuple[str, ...]] = {
    "": ("units", "unit", "个", "张", "份", "单位", "本"),
    "t": ("t", "tonne", "tonnes", "ton", "tons", "tco2", "tco2e", "吨", "吨二氧化碳当量"),
    "kg": ("kg", "kgco2e", "kilogram", "kilograms", "千克", "公斤"),
    "万t": ("万t", "万吨", "万吨二氧化碳当量"),
    "MWh": ("mwh", "megawatt-hours", "兆瓦时", "千度"),
    "kWh": ("kwh", "kilowatt-hours", "千瓦时", "度"),
    "Wh": ("wh", "watt-hours", "瓦时"),
    "万kWh": ("万kwh", "万千瓦时", "万度"),
    "GWh": ("gwh", "gigawatt-hours", "吉瓦时"),
}
STATES = {
    "FREE": ("free", "available", "可用", "可交易", "正常", "持有"),
    "PLEDGED": ("pledged", "质押", "质押中"),
    "FROZEN": ("frozen", "blocked", "冻结", "冻结中", "司法冻结"),
    "RETIRED": ("retired", "核销", "注销使用"),
    "CANCELLED": ("cancelled", "canceled", "注销", "自愿注销"),
    "SURRENDERED": ("surrendered", "清缴", "履约", "履约清缴"),
}
STATE_NAMES: Mapping[str, str] = {
    "FREE": N_("free"),
    "PLEDGED": N_("pledged"),
    "FROZEN": N_("frozen"),
    "RETIRED": N_("retired"),
    "CANCELLED": N_("cancelled"),
    "SURRENDERED": N_("surrendered"),
}
