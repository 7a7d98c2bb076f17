"""What an assessment is made from: the year's data, facts, factors of purpose 910, parameters."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from uuid import UUID

from ledger.kernel.canonical import digest
from ledger.kernel.measures import Measure
from ledger.kernel.periods import Period
from ledger.kernel.quantities import WIDE, Quantity
from ledger.parameters import queries as parameters
from reporting.activity import queries as activity
from reporting.entries import queries as entries
from reporting.factors import queries as factors
from reporting.indicators import models
from reporting.indicators.engine.assessing import (
    POWER_CERTIFIED,
    POWER_DIRECT,
    POWER_SELF,
    POWER_SENT_GREEN,
    text,
)
from reporting.indicators.engine.values import Flow, Inputs, Method, Rule
from reporting.indicators.rules.energy import ZERO, Power, check_equivalent
from reporting.indicators.rules.verdicts import RawCoalMustBeSplit, Tier, Used
from reporting.indicators.states import EmissionPart, FactKind, Indicator
from reporting.inventories import queries as inventories
from reporting.parks import queries as parks
from reporting.parks.states import SourceKind

PURPOSE = "910"
RAW_COAL = "RAW_COAL"
HEAT_FOSSIL, HEAT_NON_FOSSIL = "HEAT_FOSSIL", "HEAT_NON_FOSSIL"
OTHER_POWER = "POWER_OTHER"
GAS = "CO2"
FUELS = frozenset({SourceKind.STATIONARY_FUEL, SourceKind.MOBILE_FUEL})
USED_BY = {
    FactKind.PRODUCT_ENERGY: Indicator.PRODUCT_ENERGY,
    FactKind.SOLID_WASTE: Indicator.SOLID_WASTE,
    FactKind.WASTE_HEAT: Indicator.WASTE_HEAT,
    FactKind.WASTE_COLD: Indicator.WASTE_HEAT,
    FactKind.WASTE_PRESSURE: Indicator.WASTE_HEAT,
    FactKind.WATER: Indicator.WATER_REUSE,
}
LEAST = {
    Indicator.CLEAN_ENERGY: "park.guiding.clean",
    Indicator.SOLID_WASTE: "park.guiding.waste",
    Indicator.WASTE_HEAT: "park.guiding.heat",
    Indicator.WATER_REUSE: "park.guiding.water",
    Indicator.DIRECT_SHARE: "park.direct_share.min",
}
Flags = list[tuple[str, str]]


def gather(park_id: UUID, year: int, on: date, inner_park: str = "") -> Inputs:
    """The whole park, whoever works in it, or what stood in a park within it on the first day of
    each month; factors as published by a day.

    :raises NoParameter, NoFactor: a number of the method is not there
    :raises RawCoalMustBeSplit: R1.23
    """
    period = Period.year(year)
    facts = latest_facts(park_id, year, inner_park)
    flags: Flags = []
    within = _Within(park_id, inner_park)
    sources = {source.id: source for source in parks.sources_of(park_id)}
    told = [
        (sources[row.source_id], row.quantity)
        for row in activity.rows_for(park_id, period)
        if within.holds(sources[row.source_id], row.month)
    ]
    method = method_of(year, on, flags)
    flows = [
        *_of_sources(_summed(told), facts, year=year, on=on, flags=flags),
        *_of_entries(park_id, year, flags, within),
        *_of_facts(facts, year=year, on=on, flags=flags),
    ]
    state = activity.state_of(park_id, period)
    return Inputs(
        flows=flows,
        power=_power(told, facts, certificates=certified_mwh(park_id, period, inner_park)),
        method=method,
        used=_used(facts),
        excluded={Indicator(x.name): x.reason for x in facts if x.kind == FactKind.EXCLUSION},
        bunkers_tco2=_sum(_fuel(x, year, on).tco2 for x in _kind(facts, FactKind.BUNKERS)),
        flags=flags,
        dataset_hash=dataset_hash(park_id, year, facts),
        data_state=str(state.value) if state else "",
        inner_park=inner_park,
    )


def dataset_hash(park_id: UUID, year: int, facts: Sequence[models.ParkFact] | None = None) -> str:
    """One hash over the year's rows, entries and facts: a correction of any changes it."""
    found = latest_facts(park_id, year) if facts is None else facts
    told = [parks.row_facts(fact) for fact in found]
    whole = [activity.dataset_hash(park_id, Period.year(year)), told]
    more = entries.entries_hash(park_id, year)
    return digest([*whole, more] if more else whole).hex()


class _Within:
    """What counts in a park within the park; everything, where none is named."""

    def __init__(self, park_id: UUID, inner_park: str) -> None:
        self.inner_park = inner_park
        self.places = parks.places_of(park_id)
        self.codes = {tenant.id: tenant.code for tenant in parks.tenants_of(park_id)}

    def holds(self, source: parks.SourceView, month: date) -> bool:
        code = self.codes.get(source.tenant_id, "") if source.tenant_id else ""
        return self.places.holds(self.inner_park, source.code, code, month)

    def holds_entry(self, entry: entries.ProcessCo2, year: int) -> bool:
        day = date(year, 1, 1)
        return self.places.holds(self.inner_park, entry.code, entry.tenant_code, day)


def latest_facts(park_id: UUID, year: int, inner_park: str = "") -> list[models.ParkFact]:
    """The newest version of each, of the whole park or of a park within it."""
    rows = models.ParkFact.objects.filter(park_id=park_id, year=year, inner_park=inner_park or None)
    return list(rows.order_by("kind", "name", "-version").distinct("kind", "name"))


def _kind(facts: Iterable[models.ParkFact], *kinds: FactKind) -> list[models.ParkFact]:
    return [fact for fact in facts if fact.kind in kinds and fact.part]


def _sum(amounts: Iterable[Decimal]) -> Decimal:
    return sum(amounts, ZERO)


# --- the numbers of the method


def method_of(year: int, on: date, flags: Flags) -> Method:
    """The parameters that hold for the year.

    :raises NoParameter: the rule book has none
    :raises CalorificElectricity: R1.11
    """
    day = date(year, 12, 31)
    rules: list[Rule] = []

    def take(key: str) -> parameters.ParameterValue:
        found = _nearest(key, day, flags)
        rules.append(Rule(key, _shown(found), str(found.id), found.confidence))
        return found

    tiers = [Tier(x.value, x.at_least, x.below) for x in take("park.tier").tiers.rows]
    calorific = take("energy.electricity.calorific").number
    each = check_equivalent(take("energy.electricity.equivalent").number, calorific)
    power = factors.get_factor(purpose=PURPOSE, carrier=OTHER_POWER, year=year, on=on)
    certified_is_clean = take("park.certificates_are_clean").value is True
    carriers = set(str(take("park.clean_carriers").value).split(","))
    carriers |= {POWER_DIRECT, POWER_SELF, POWER_SENT_GREEN}
    return Method(
        tiers=tiers,
        other_power=power.emission(Quantity(Decimal(1), Measure.MWH)).mass.to(Measure.T).amount,
        other_power_id=str(power.id),
        kwh_kgce=each,
        least={indicator: take(key).number for indicator, key in LEAST.items()},
        clean=frozenset(carriers | ({POWER_CERTIFIED} if certified_is_clean else set())),
        own_counts_as_direct=take("park.self_generation_counts_in_direct_share").value is True,
        rules=rules,
    )


def _nearest(key: str, day: date, flags: Flags) -> parameters.ParameterValue:
    """The row of the day; where a dated series has not come so far, its last one, flagged.

    A year before the method itself is read by the method's first rows, flagged too.
    """
    try:
        return parameters.get_parameter(key, day)
    except parameters.NoParameter:
        rows = parameters.parameters_of(key)
        if not rows:
            raise
        before = [row for row in rows if row.valid_from <= day]
        flags.append(("parameter_of_another_year", key))
        return max(before, key=lambda row: row.valid_from) if before else rows[0]


def _shown(found: parameters.ParameterValue) -> str:
    value = found.value
    if isinstance(value, parameters.Tiers):
        return "; ".join(f"{text(x.at_least)}: {text(x.value)}" for x in value.rows)
    return text(value) if isinstance(value, Decimal) else str(value)


# --- from the year's data


def _summed(
    told: Iterable[tuple[parks.SourceView, Quantity]],
) -> list[tuple[parks.SourceView, Quantity]]:
    """One line a source: the method is of years."""
    sums: dict[UUID, tuple[parks.SourceView, Quantity]] = {}
    for source, quantity in told:
        before = sums.get(source.id)
        sums[source.id] = (source, quantity if before is None else before[1] + quantity)
    return list(sums.values())


def _of_sources(
    told: Iterable[tuple[parks.SourceView, Quantity]],
    facts: Sequence[models.ParkFact],
    *,
    year: int,
    on: date,
    flags: Flags,
) -> list[Flow]:
    measured = {x.name: x.part for x in facts if x.kind == FactKind.HEAT_FACTOR}
    found = []
    for source, quantity in told:
        if source.carrier == RAW_COAL:
            raise RawCoalMustBeSplit(source=source.code)
        if source.kind in FUELS and factors.is_biogenic(source.carrier):
            flags.append(("biogenic_at_nought", source.code))
        elif source.kind in FUELS:
            flow = fuel_flow(source.carrier, quantity, year=year, on=on)
            found.append(replace(flow, source=source.code))
        elif source.kind is SourceKind.PURCHASED_HEAT:
            flow = _heat(source, quantity, measured.get(source.code), year=year, on=on)
            found.append(flow)
        elif source.kind is SourceKind.PROCESS:
            found += _process(source.code, source.carrier, quantity, year=year, on=on, flags=flags)
    return found


def fuel_flow(carrier: str, quantity: Quantity, *, year: int, on: date) -> Flow:
    """A fuel burnt: its CO2 by the national database, its energy by its calorific value.

    :raises NoFactor: the method has none of this fuel
    """
    row = factors.get_factor(
        purpose=PURPOSE, carrier=carrier, year=year, on=on, per=quantity.measure
    )
    heat = factors.get_energy_content(purpose=PURPOSE, carrier=carrier, year=year, on=on)
    return Flow(
        EmissionPart.FUEL,
        "",
        carrier,
        quantity,
        _each(row, quantity.measure),
        factor_id=_ids(row),
        factor_note=row.note,
        is_unverified=row.is_unverified or heat.is_unverified,
        tce=heat.energy(quantity).to(Measure.TCE).amount,
    )


def _each(row: factors.FactorRow, measure: Measure) -> Decimal:
    """tCO2 per one of a measure."""
    return row.emission(Quantity(Decimal(1), measure)).mass.to(Measure.T).amount


def _ids(row: factors.FactorRow) -> str:
    return f"{row.id}+{row.ncv_id}" if row.ncv_id else str(row.id)


def _heat(
    source: parks.SourceView, quantity: Quantity, measured: Decimal | None, *, year: int, on: date
) -> Flow:
    """R1.29: non-fossil heat is at nought; fossil heat as measured, else at the default."""
    is_fossil = source.carrier != HEAT_NON_FOSSIL
    gj = quantity.to(Measure.GJ)
    carrier = HEAT_FOSSIL if is_fossil else HEAT_NON_FOSSIL
    row = factors.get_factor(purpose=PURPOSE, carrier=carrier, year=year, on=on)
    is_measured = measured is not None and is_fossil
    each = measured if is_measured and measured is not None else _each(row, Measure.GJ)
    return Flow(
        EmissionPart.HEAT,
        source.code,
        carrier,
        gj,
        each,
        factor_id="" if is_measured else str(row.id),
        factor_note="measured" if is_measured else row.note,
        is_unverified=not is_measured and row.is_unverified,
        tce=WIDE.multiply(gj.amount, _tce_a_gj(year)),
    )


def _tce_a_gj(year: int) -> Decimal:
    return parameters.get_parameter("energy.heat", date(year, 12, 31)).number


def _process(
    code: str, carrier: str, quantity: Quantity, *, year: int, on: date, flags: Flags
) -> list[Flow]:
    """CO2 as measured, a product by its factor; other gases do not count (R1.10)."""
    if carrier == GAS:
        return [Flow(EmissionPart.PROCESS, code, carrier, quantity.to(Measure.T), Decimal(1))]
    if factors.is_gas(carrier):
        return []
    try:
        row = factors.get_factor(purpose=PURPOSE, carrier=carrier, year=year, on=on)
    except factors.NoFactor:
        flags.append(("no_910_factor", f"{code} {carrier}".strip()))
        return []
    return [
        Flow(
            EmissionPart.PROCESS, code, carrier, quantity, _each(row, quantity.measure),
            factor_id=str(row.id), factor_note=row.note, is_unverified=row.is_unverified,
        )
    ]  # fmt: skip


def _of_entries(park_id: UUID, year: int, flags: Flags, within: _Within) -> list[Flow]:
    """CO2 of processes that a method of the entries gives as a mass (R1.22, mass balance)."""
    found = []
    for one in entries.process_co2(park_id, year):
        if not within.holds_entry(one, year):
            continue
        if one.mass is None:
            flags.append(("no_910_factor", one.code))
        else:
            mass = one.mass.to(Measure.T)
            found.append(Flow(EmissionPart.PROCESS, one.code, GAS, mass, Decimal(1)))
    return found


# --- from facts


def _fuel(fact: models.ParkFact, year: int, on: date) -> Flow:
    assert fact.part is not None  # noqa: S101  asked for by `_kind`
    return fuel_flow(fact.name, Quantity(fact.part, Measure.parse(fact.unit)), year=year, on=on)


def _of_facts(facts: Sequence[models.ParkFact], *, year: int, on: date, flags: Flags) -> list[Flow]:
    transformed = [
        replace(_fuel(fact, year, on), part=EmissionPart.TRANSFORMATION, sign=sign)
        for kind, sign in ((FactKind.TRANSFORMED_IN, 1), (FactKind.TRANSFORMED_OUT, -1))
        for fact in _kind(facts, kind)
    ]
    row = factors.get_factor(purpose=PURPOSE, carrier=HEAT_FOSSIL, year=year, on=on)
    sent = [
        Flow(
            EmissionPart.HEAT, "", HEAT_FOSSIL, gj, _each(row, Measure.GJ),
            factor_id=str(row.id), sign=-1, tce=WIDE.multiply(gj.amount, _tce_a_gj(year)),
        )
        for gj in (_quantity(x).to(Measure.GJ) for x in _kind(facts, FactKind.SENT_HEAT_FOSSIL))
    ]  # fmt: skip
    made = [
        flow
        for fact in _kind(facts, FactKind.PRODUCT_OUTPUT)
        for flow in _process("", fact.name, _quantity(fact), year=year, on=on, flags=flags)
    ]
    return [*transformed, *sent, *made]


def _quantity(fact: models.ParkFact) -> Quantity:
    assert fact.part is not None  # noqa: S101  asked for by `_kind`
    return Quantity(fact.part.normalize() + 0, Measure.parse(fact.unit))


def _used(facts: Sequence[models.ParkFact]) -> Mapping[Indicator, Sequence[Used]]:
    """By indicator; energies in GJ, so that heat, cold and pressure are of one weight."""
    found: dict[Indicator, list[Used]] = {}
    for fact in facts:
        kind = FactKind(fact.kind)
        if kind not in USED_BY or fact.part is None or fact.whole is None:
            continue
        found.setdefault(USED_BY[kind], []).append(_pair(kind, fact))
    return found


def _pair(kind: FactKind, fact: models.ParkFact) -> Used:
    assert fact.part is not None and fact.whole is not None  # noqa: S101  by `_used`
    if kind is FactKind.PRODUCT_ENERGY:
        return Used(fact.part, fact.whole)
    measure = Measure.parse(fact.unit)
    base = {"energy": Measure.GJ, "mass": Measure.T, "volume": Measure.M3}[measure.dimension.value]
    part, whole = (Quantity(x, measure).to(base).amount for x in (fact.part, fact.whole))
    return Used(part, whole)


# --- power


def _power(
    told: Sequence[tuple[parks.SourceView, Quantity]],
    facts: Sequence[models.ParkFact],
    *,
    certificates: Decimal,
) -> Power:
    by_kind: dict[SourceKind, Decimal] = {}
    for source, quantity in told:
        if source.kind in POWER:
            before = by_kind.get(source.kind, ZERO)
            by_kind[source.kind] = WIDE.add(before, quantity.to(Measure.MWH).amount)
    return Power(
        bought=by_kind.get(SourceKind.PURCHASED_POWER, ZERO),
        direct=by_kind.get(SourceKind.DIRECT_GREEN_POWER, ZERO),
        own=by_kind.get(SourceKind.SELF_GENERATED_POWER, ZERO),
        certificates=certificates,
        sent_green=_mwh(facts, FactKind.SENT_POWER_GREEN),
        sent_fossil=_mwh(facts, FactKind.SENT_POWER_FOSSIL),
    )


POWER = frozenset(
    {SourceKind.PURCHASED_POWER, SourceKind.DIRECT_GREEN_POWER, SourceKind.SELF_GENERATED_POWER}
)


def _mwh(facts: Sequence[models.ParkFact], kind: FactKind) -> Decimal:
    return _sum(_quantity(fact).to(Measure.MWH).amount for fact in _kind(facts, kind))


def certified_mwh(park_id: UUID, period: Period, inner_park: str = "") -> Decimal:
    """Green certificates declared as consumed by the park and its companies (R1.31); in a park
    within the park, by the companies in it.

    One "no" among the answers about a claim, and it does not count here either.
    """
    claims = inventories.certificates_of_park(park_id, period, inner_park)
    return _sum(claim.mwh for claim in claims if not claim.failed)
