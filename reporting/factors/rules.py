"""Factors as values: what they say, which one is chosen (R4.0, R4.1), names of gases."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation
from typing import Any

from ledger.kernel.canonical import digest
from ledger.kernel.errors import N_, DomainError
from ledger.kernel.measures import Dimension, Measure
from ledger.kernel.quantities import WIDE
from reporting.factors.states import NATION, FactorKind, GwpSet, Purpose


class NoFactor(DomainError):
    code = "no_factor"
    message = N_(
        "There is no factor of %(carrier)s (%(gas)s) for %(purpose)s, %(region)s, %(year)s, "
        "published by %(on)s."
    )


class WrongPurpose(DomainError):
    """R4.0: one row, one purpose."""

    code = "wrong_purpose"
    message = N_("This factor is for %(actual)s and must not be used for %(wanted)s.")


class NoGwp(DomainError):
    """A missing value is never zero and never another edition's."""

    code = "no_gwp"
    message = N_("%(gwp_set)s has no global warming potential of %(gas)s.")


class OddFactor(DomainError):
    code = "odd_factor"
    message = N_("The factor row %(place)s cannot be read: %(why)s.")


class FactorChanged(DomainError):
    code = "factor_changed"
    message = N_(
        "%(place)s is already loaded with other content. "
        "A change is a new row with a later start, and the old row gets an end."
    )


# --- a row as it is sealed

CARBON_TO_CO2 = (Decimal(44), Decimal(12))  # ratio of the molar masses, as every guide writes it
PLACES = Decimal("1e-12")  # a calculated factor is rounded here, once, at load
DIVIDING = Context(prec=60, rounding=ROUND_HALF_UP)


def plain(number: Decimal | None) -> str | None:
    """One spelling per number: 0.10 and 0.1 are sealed alike."""
    return None if number is None else format(number.normalize(), "f")


def carbon_factor(ncv_gj: Decimal, carbon: Decimal, oxidation: Decimal) -> Decimal:
    """tCO2 per unit of fuel: NCV x carbon content x oxidation x 44/12 (rule book 4.3)."""
    carbon_mass = WIDE.multiply(WIDE.multiply(ncv_gj, carbon), oxidation)
    co2 = DIVIDING.divide(WIDE.multiply(carbon_mass, CARBON_TO_CO2[0]), CARBON_TO_CO2[1])
    return co2.quantize(PLACES, rounding=ROUND_HALF_UP, context=DIVIDING)


@dataclass(frozen=True, slots=True)
class FactorFact:
    """One factor as a seed file says it."""

    purpose: str
    kind: str
    carrier: str
    name_zh: str
    name_en: str
    region: str
    gas: str
    value: Decimal
    numerator: str
    per: str
    factor_year: int | None
    dataset: str
    rank: int
    valid_from: date
    valid_to: date | None
    published_on: date | None
    confidence: str
    source: str
    legal_basis: str
    ncv_gj: Decimal | None
    carbon_tc_per_gj: Decimal | None
    oxidation: Decimal | None
    note: str

    def content(self) -> dict[str, Any]:
        pairs = ((one.name, getattr(self, one.name)) for one in fields(self))
        return {n: plain(value) if isinstance(value, Decimal) else value for n, value in pairs}

    def lasting(self) -> dict[str, Any]:
        """Its content without the end, the one thing that may be added later."""
        return {name: value for name, value in self.content().items() if name != "valid_to"}

    @property
    def digest(self) -> str:
        return digest(self.content()).hex()

    @property
    def place(self) -> tuple[Any, ...]:
        named = (self.purpose, self.kind, self.carrier, self.region, self.gas, self.dataset)
        return (*named, self.factor_year or 0, self.valid_from)


def _decimal(text: str) -> Decimal | None:
    return Decimal(text) if text else None


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _value(row: Mapping[str, str]) -> Decimal:
    if row["value"]:
        return Decimal(row["value"])
    return carbon_factor(
        Decimal(row["ncv_gj"]), Decimal(row["carbon_tc_per_gj"]), Decimal(row["oxidation"])
    )


def _check_measures(row: Mapping[str, str]) -> None:
    kind, numerator = FactorKind(row["kind"]), Measure(row["numerator"])
    Measure(row["per"])
    wanted = Dimension.MASS if kind is FactorKind.EMISSION else Dimension.ENERGY
    if numerator.dimension is not wanted or bool(row["gas"]) is not (kind is FactorKind.EMISSION):
        raise ValueError(f"{row['numerator']} of {row['gas'] or 'no gas'} is no {kind}")


def read_fact(row: Mapping[str, str]) -> FactorFact:
    """One line of a factor file.

    :raises OddFactor: a field is missing or of no form we know
    """
    try:
        _check_measures(row)
        start = date.fromisoformat(row["valid_from"])
        return FactorFact(
            **{  # type: ignore[arg-type]
                **row,
                "purpose": Purpose(row["purpose"]).value,
                "value": _value(row),
                "factor_year": int(row["factor_year"]) if row["factor_year"] else None,
                "rank": int(row["rank"]),
                "valid_from": start,
                "valid_to": _day(row["valid_to"]),
                "published_on": _day(row["published_on"]),
                "ncv_gj": _decimal(row["ncv_gj"]),
                "carbon_tc_per_gj": _decimal(row["carbon_tc_per_gj"]),
                "oxidation": _decimal(row["oxidation"]),
            }
        )
    except (KeyError, TypeError, ValueError, InvalidOperation) as error:
        place = f"{row.get('purpose')} {row.get('carrier')} {row.get('region')}"
        raise OddFactor(place=place, why=str(error)) from error


# --- where a factor is looked for

# The grid regions of the published factors, by GB/T 2260 province code (rule book 4.1).
_REGION_PROVINCES: Mapping[str, str] = {
    "NORTH": "110000 120000 130000 140000 150000 370000",
    "NORTHEAST": "210000 220000 230000",
    "EAST": "310000 320000 330000 340000 350000",
    "CENTRAL": "360000 410000 420000 430000",
    "NORTHWEST": "610000 620000 630000 640000 650000",
    "SOUTH": "440000 450000 460000 520000 530000",
    "SOUTHWEST": "500000 510000 540000",
}
GRID_REGION: Mapping[str, str] = {
    code: region for region, codes in _REGION_PROVINCES.items() for code in codes.split()
}


def places_to_look(region: str) -> list[str]:
    """The province (of any place in it), its grid region, the nation."""
    if region == NATION or not region:
        return [NATION]
    province = f"{region[:2]}0000" if region.isdigit() and len(region) == 6 else region
    return [name for name in (province, GRID_REGION.get(province), NATION) if name]


def check_purpose(actual: str, wanted: str) -> None:
    """:raises WrongPurpose: R4.0"""
    if actual != wanted:
        raise WrongPurpose(actual=actual, wanted=wanted)


# --- gases


def gas_name(text: str) -> str:
    """One name per gas, as the IPCC table writes it: "HFC-134a" is HFC134a, "PFC-14" is CF4."""
    plain_name = text.strip().replace(" ", "")
    folded = plain_name.replace("-", "").upper()
    return _GAS_NAMES.get(folded, plain_name)


# PFC numbers of ISO 817 beside the formulas that the table uses.
_GAS_NAMES: dict[str, str] = {
    "PFC14": "CF4",
    "PFC116": "C2F6",
    "PFC218": "C3F8",
    "PFC318": "cC4F8",
    "PFC3110": "C4F10",
}


def learn_gas_names(gases: Sequence[str]) -> Mapping[str, str]:
    """Every gas under its folded spelling (no hyphens, no case)."""
    return {gas.replace("-", "").upper(): gas for gas in gases}


def check_gwp_set(name: str) -> GwpSet:
    """:raises NoGwp: no such edition"""
    try:
        return GwpSet(name)
    except ValueError:
        raise NoGwp(gwp_set=name, gas="–") from None


@dataclass(frozen=True, slots=True)
class GwpFact:
    gwp_set: str
    gas: str
    value: Decimal
    confidence: str
    source: str

    def content(self) -> dict[str, Any]:
        return {**{one.name: getattr(self, one.name) for one in fields(self)},
                "value": plain(self.value)}  # fmt: skip

    @property
    def digest(self) -> str:
        return digest(self.content()).hex()


@dataclass(frozen=True, slots=True)
class BlendFact:
    """One component of a refrigerant: `mass_percent` of its mass is `gas`."""

    blend: str
    gas: str
    mass_percent: Decimal
    confidence: str
    source: str

    def content(self) -> dict[str, Any]:
        return {**{one.name: getattr(self, one.name) for one in fields(self)},
                "mass_percent": plain(self.mass_percent)}  # fmt: skip

    @property
    def digest(self) -> str:
        return digest(self.content()).hex()


def check_blends_whole(parts: Sequence[BlendFact]) -> None:
    """:raises OddFactor: the components of a blend are not 100 percent"""
    for name in {part.blend for part in parts}:
        whole = sum(part.mass_percent for part in parts if part.blend == name)
        if whole != 100:
            raise OddFactor(place=name, why=f"its components are {whole} percent")
