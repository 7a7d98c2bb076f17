"""Factors and warming potentials: chosen by rule R4.1, refused where there is none."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from uuid import UUID

from django.db.models import Q, QuerySet

from ledger.doors.wording import in_language
from ledger.kernel.errors import NotFound
from ledger.kernel.gases import GasAmount
from ledger.kernel.measures import Measure
from ledger.kernel.quantities import WIDE, Quantity
from reporting.factors import models, rules
from reporting.factors.queries.content import (
    blend_subject,
    check_rows_against_events,
    fact_of,
    gwp_subject,
)
from reporting.factors.rules import NoFactor, NoGwp, WrongPurpose, check_purpose, gas_name
from reporting.factors.states import BIOGENIC_CO2, NATION, FactorKind

__all__ = [
    "NATION", "NoFactor", "NoGwp", "WrongPurpose", "blend_subject", "check_purpose",
    "check_rows_against_events", "fact_of", "gwp_subject",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class FactorRow:
    """One factor as chosen. A calculation keeps `id` (and `ncv_id`) and prints the two flags."""

    id: UUID
    purpose: str
    kind: str
    carrier: str
    name_zh: str
    name_en: str
    region: str
    gas: str
    value: Decimal
    mass: Measure  # of the gas; for NCV and coal equivalents the energy
    per: Measure
    dataset: str
    factor_year: int | None
    valid_from: date
    valid_to: date | None
    published_on: date | None
    source: str
    legal_basis: str
    confidence: str
    note: str
    digest: str
    is_fallback: bool = False  # a wider region stands in for the one asked for
    asked_region: str = ""  # the one it stands in for
    year_differs: bool = False  # R4.1: an earlier year than the one asked for; print both
    ncv_id: UUID | None = None  # the calorific value that made it per mass or volume
    ncv_value: Decimal | None = None
    ncv_digest: str = ""

    @property
    def unit(self) -> str:
        """As people write it: kgCO2/kWh, GJ/t."""
        return unit_of(self.mass.value, self.gas, self.per.value)

    @property
    def is_unverified(self) -> bool:
        return self.confidence == "C"

    def emission(self, activity: Quantity) -> GasAmount:
        """What the activity emits of this gas.

        :raises MeasureMismatch: the activity is of another dimension than `per`
        """
        amount = WIDE.multiply(activity.to(self.per).amount, self.value)
        return GasAmount(self.gas, Quantity(amount, self.mass))

    def energy(self, activity: Quantity) -> Quantity:
        """For a calorific value or coal equivalent: the energy in the activity.

        :raises MeasureMismatch: the activity is of another dimension than `per`
        """
        return Quantity(WIDE.multiply(activity.to(self.per).amount, self.value), self.mass)


def unit_of(mass: str, gas: str, per: str) -> str:
    """kgCO2/kWh; GJ/t."""
    return f"{mass}{gas.removesuffix('_BIOGENIC')}/{per}"


_SAME = (
    "purpose", "kind", "carrier", "name_zh", "name_en", "region", "gas", "dataset", "factor_year",
    "valid_from", "valid_to", "published_on", "source", "legal_basis", "confidence", "note",
    "digest",
)  # fmt: skip


def _as_row(row: models.Factor) -> FactorRow:
    return FactorRow(
        id=row.pk,
        value=row.value.normalize(),
        mass=Measure(row.numerator),
        per=Measure(row.per),
        **{name: getattr(row, name) for name in _SAME},
    )


def _published(on: date) -> Q:
    known = Q(published_on=None) | Q(published_on__lte=on)
    return known & Q(valid_from__lte=on) & (Q(valid_to=None) | Q(valid_to__gt=on))


def _best(candidates: QuerySet[models.Factor], year: int) -> models.Factor | None:
    """R4.1: the first data set by rank; in it the latest year not after the reporting year.

    Before the first published year there is none such, and the nearest after it stands in (8.4:
    "no factor for 2020 - nearest published year used").
    """

    def place(row: models.Factor) -> tuple[int, bool, int]:
        distance = year - (year if row.factor_year is None else row.factor_year)
        return row.rank, distance < 0, abs(distance)

    return min(candidates, key=place, default=None)


def get_factor(
    *,
    purpose: str,
    carrier: str,
    gas: str = "CO2",
    region: str = NATION,
    year: int,
    on: date,
    kind: str = FactorKind.EMISSION,
    dataset: str = "",
    per: Measure | None = None,
) -> FactorRow:
    """The factor for a reporting year as known on the day of the report (R4.0, R4.1).

    `region` is a GB/T 2260 code, a grid region or CN; a wider one may stand in and is flagged.
    `dataset` picks a data set by name instead of the first choice. `per` asks for a factor per
    that measure: a factor per energy is then turned with the fuel's net calorific value.

    :raises NoFactor: none for this purpose; a factor of another purpose never stands in
    """
    asked = {"purpose": purpose, "kind": kind, "carrier": carrier, "gas": gas}
    rows = models.Factor.objects.filter(_published(on), **asked)
    rows = rows.filter(dataset=dataset) if dataset else rows
    wanted, *_ = places = rules.places_to_look(region)
    for place in places:
        if found := _best(rows.filter(region=place), year):
            chosen = _flagged(_as_row(found), wanted=wanted, year=year, all_rows=rows)
            return _per(chosen, per, year=year, on=on)
    raise NoFactor(**asked, region=region, year=year, on=on.isoformat())


def _flagged(
    row: FactorRow, *, wanted: str, year: int, all_rows: QuerySet[models.Factor]
) -> FactorRow:
    """What differs from what was asked; nation-wide data are no fallback for nation-wide things."""
    year_differs = row.factor_year is not None and row.factor_year != year
    if row.region == wanted or not all_rows.exclude(region=NATION).exists():
        return replace(row, year_differs=year_differs)
    return replace(
        row,
        year_differs=year_differs,
        is_fallback=True,
        asked_region=wanted,
    )


def _per(row: FactorRow, per: Measure | None, *, year: int, on: date) -> FactorRow:
    if per is None or per.dimension is row.per.dimension:
        return row
    ncv = get_energy_content(purpose=row.purpose, carrier=row.carrier, year=year, on=on)
    # What one `ncv.per` of fuel holds, in the measure that the factor is per.
    energy = ncv.energy(Quantity(Decimal(1), ncv.per)).to(row.per).amount
    return replace(
        row,
        value=WIDE.multiply(row.value, energy),
        per=ncv.per,
        ncv_id=ncv.id,
        ncv_value=ncv.value,
        ncv_digest=ncv.digest,
        confidence=max(row.confidence, ncv.confidence),
    )


def carrier_name(carrier: str) -> str:
    """What a carrier is called in the reader's language; its code if no factor names it."""
    row = models.Factor.objects.filter(carrier=carrier).order_by("pk").first()
    return in_language(row.name_zh, row.name_en) if row else carrier


def carrier_names() -> dict[str, str]:
    """Of every carrier that a factor names."""
    rows = models.Factor.objects.order_by("carrier", "pk").distinct("carrier")
    told = rows.values_list("carrier", "name_zh", "name_en")
    return {carrier: in_language(zh, en) for carrier, zh, en in told}


def places_of_carriers(purpose: str) -> dict[str, list[str]]:
    """For each carrier with an emission factor of this purpose, the regions it is told for."""
    rows = models.Factor.objects.filter(purpose=purpose, kind=FactorKind.EMISSION)
    found: dict[str, list[str]] = {}
    for carrier, region in rows.order_by("carrier", "region").values_list("carrier", "region"):
        if region not in (places := found.setdefault(carrier, [])):
            places.append(region)
    return found


def get_energy_content(*, purpose: str, carrier: str, year: int, on: date) -> FactorRow:
    """The net calorific value of a fuel (GJ per t or per 10⁴ Nm³).

    :raises NoFactor: none for this purpose
    """
    return get_factor(
        purpose=purpose, carrier=carrier, gas="", year=year, on=on, kind=FactorKind.NCV
    )


def factors_for(
    *, purpose: str, carrier: str, year: int, on: date, region: str = NATION,
    per: Measure | None = None,
) -> list[FactorRow]:  # fmt: skip
    """One factor per gas that the carrier emits: CO2 first, then by name.

    :raises NoFactor: the carrier has no factor at all for this purpose
    """
    known = models.Factor.objects.filter(
        _published(on), purpose=purpose, carrier=carrier, kind=FactorKind.EMISSION
    )
    gases = sorted(set(known.values_list("gas", flat=True)), key=lambda gas: (gas != "CO2", gas))
    if not gases:
        raise NoFactor(
            purpose=purpose, carrier=carrier, gas="–", region=region, year=year, on=on.isoformat()
        )
    return [
        get_factor(
            purpose=purpose, carrier=carrier, gas=gas, region=region, year=year, on=on, per=per
        )
        for gas in gases
    ]


def get_factor_row(factor_id: UUID, *, purpose: str) -> FactorRow:
    """A row by its id, for a calculation of one purpose.

    :raises NotFound: no such row
    :raises WrongPurpose: the row is for another purpose (R4.0)
    """
    row = models.Factor.objects.filter(pk=factor_id).first()
    if row is None:
        raise NotFound
    check_purpose(row.purpose, purpose)
    return _as_row(row)


def newer_factors(*, row: FactorRow, year: int, on: date) -> FactorRow | None:
    """R4.2: a factor nearer to the reporting year that was published since; None if none."""
    latest = get_factor(
        purpose=row.purpose, carrier=row.carrier, gas=row.gas, region=row.region, year=year,
        on=on, kind=row.kind, dataset=row.dataset,
    )  # fmt: skip
    return latest if latest.id != row.id else None


# --- warming potentials


@dataclass(frozen=True, slots=True)
class GwpRow:
    id: str
    gwp_set: str
    gas: str
    value: Decimal
    confidence: str
    source: str
    digest: str


def _canonical_gas(gas: str) -> str:
    """:raises NoGwp: never; an unknown gas keeps its name"""
    known = models.Gwp.objects.values_list("gas", flat=True).distinct()
    folded = gas_name(gas)
    return rules.learn_gas_names(list(known)).get(folded.replace("-", "").upper(), folded)


def components(gas: str) -> tuple[tuple[str, Decimal], ...]:
    """What a refrigerant is made of, as (gas, share of mass); a pure gas is itself, 1."""
    folded = gas.strip().replace("-", "").replace(" ", "").upper()
    parts = [
        (row.gas, row.mass_percent.normalize().scaleb(-2))
        for row in models.Blend.objects.all()
        if row.blend.replace("-", "").upper() == folded
    ]
    return tuple(parts) or ((_canonical_gas(gas), Decimal(1)),)


def is_gas(name: str) -> bool:
    """Whether a carrier is a greenhouse gas itself, whose mass is told."""
    known = models.Gwp.objects.filter(gas=_canonical_gas(name))
    return name in {"CO2", BIOGENIC_CO2} or known.exists()


def is_biogenic(carrier: str) -> bool:
    """Whether the CO2 of a carrier is biogenic, and none of it fossil."""
    rows = models.Factor.objects.filter(carrier=carrier, kind=FactorKind.EMISSION)
    gases = set(rows.values_list("gas", flat=True))
    return BIOGENIC_CO2 in gases and "CO2" not in gases


def get_gwp(gwp_set: str, gas: str) -> GwpRow:
    """The row of one pure gas in one edition.

    :raises NoGwp: this edition has no value
    """
    edition = rules.check_gwp_set(gwp_set)
    name = _canonical_gas(gas)
    row = models.Gwp.objects.filter(gwp_set=edition, gas=name).first()
    if row is None:
        raise NoGwp(gwp_set=gwp_set, gas=gas)
    return GwpRow(
        id=f"{row.gwp_set}:{row.gas}",
        gwp_set=row.gwp_set,
        gas=row.gas,
        value=row.value.normalize(),
        confidence=row.confidence,
        source=row.source,
        digest=row.digest,
    )


def gwp(gwp_set: str, gas: str) -> Decimal:
    """Warming potential over 100 years: CO2 is 1, a blend the mean of its parts by mass.

    :raises NoGwp: this edition has no value of the gas or of a component
    """
    edition = rules.check_gwp_set(gwp_set)
    if gas in {"CO2", BIOGENIC_CO2}:
        return Decimal(1)
    parts = components(gas)
    weighed = (WIDE.multiply(get_gwp(edition, part).value, share) for part, share in parts)
    return sum(weighed, Decimal(0)).normalize()


def gwp_values(gwp_set: str) -> Mapping[str, GwpRow]:
    """All gases of one edition at once, by the table's own names.

    :raises NoGwp: no such edition
    """
    edition = rules.check_gwp_set(gwp_set)
    return {row.gas: row for row in map(_gwp_row, models.Gwp.objects.filter(gwp_set=edition))}


def _gwp_row(row: models.Gwp) -> GwpRow:
    same = {name: getattr(row, name) for name in ("gwp_set", "gas", "confidence", "source")}
    identity = f"{row.gwp_set}:{row.gas}"
    return GwpRow(id=identity, value=row.value.normalize(), digest=row.digest, **same)
