"""What goes into the calculation and what comes out of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from ledger.kernel.errors import N_, DomainError
from ledger.kernel.measures import Measure
from ledger.kernel.periods import Period
from ledger.kernel.quantities import WIDE, Quantity, whole
from reporting.entries.states import Part as EntryPart
from reporting.entries.states import ValueChain
from reporting.inventories.states import Answer, Consolidation, GasGroup, HeldAs, Rung
from reporting.parks.states import SourceKind, Subcategory

Place = Subcategory | ValueChain | EntryPart  # where in its category an emission stands
ZERO = Decimal(0)
ONE = Decimal(1)
KYOTO = (
    GasGroup.CO2,
    GasGroup.CH4,
    GasGroup.N2O,
    GasGroup.HFCS,
    GasGroup.PFCS,
    GasGroup.SF6,
    GasGroup.NF3,
)
BIOGENIC_CO2 = "CO2_BIOGENIC"
CO2E = "CO2e"  # a factor that is told for all gases together
PFCS = frozenset({"CF4", "C2F6", "C3F8", "C4F10", "CC4F8", "C5F12", "C6F14"})
HYDROCARBONS = frozenset({"PROPANE", "BUTANE", "ISOBUTANE", "PENTANE", "ISOPENTANE", "PROPYLENE"})
# What counts inside the scopes: the seven, and what is told without saying which of them.
INSIDE = (*KYOTO, GasGroup.NOT_BY_GAS)


class MissingGwp(DomainError):
    code = "missing_gwp"
    message = N_("The GWP set %(gwp_set)s has no value for %(gas)s.")


class UnknownGas(DomainError):
    code = "unknown_gas"
    message = N_("%(gas)s is not a gas we know.")


class NoFactors(DomainError):
    code = "no_factors"
    message = N_("The source %(source)s has activity but no emission factor.")


class NegativeMass(DomainError):
    code = "negative_mass"
    message = N_("A mass of %(gas)s cannot be negative.")


_BY_NAME: Mapping[str, GasGroup] = {
    **{group.value: group for group in (GasGroup.CO2, GasGroup.CH4, GasGroup.N2O)},
    **{group.value: group for group in (GasGroup.SF6, GasGroup.NF3)},
    **dict.fromkeys(("CO2BIOGENIC", "BIOGENICCO2", "CO2BIO"), GasGroup.BIOGENIC_CO2),
    **dict.fromkeys(PFCS, GasGroup.PFCS),
    "SO2F2": GasGroup.NOT_KYOTO,
    CO2E.upper(): GasGroup.NOT_BY_GAS,
}
_BY_BEGINNING = (
    ("HFC", GasGroup.HFCS),
    ("PFC", GasGroup.PFCS),
    ("HCFC", GasGroup.NOT_KYOTO),
    ("CFC", GasGroup.NOT_KYOTO),
    ("HALON", GasGroup.NOT_KYOTO),
)


def gas_group(gas: str) -> GasGroup:
    """The family a gas is reported in (R5.13, R4.4).

    :raises UnknownGas: no family of that name
    """
    plain = gas.upper().replace("-", "").replace("_", "")
    if plain in _BY_NAME:
        return _BY_NAME[plain]
    for beginning, group in _BY_BEGINNING:
        if plain.startswith(beginning):
            return group
    if set(plain.split("/")) <= HYDROCARBONS:
        return GasGroup.NOT_KYOTO
    raise UnknownGas(gas=gas)


@dataclass(frozen=True, slots=True)
class Gwp:
    gas: str
    value: Decimal
    id: str = ""
    digest: str = ""
    confidence: str = ""


@dataclass(frozen=True, slots=True)
class GwpSet:
    """One edition of warming potentials; one per inventory (R4.3)."""

    name: str
    values: Mapping[str, Gwp]

    def of(self, gas: str) -> Decimal:
        """:raises MissingGwp: this edition has no value: never zero, never another edition's"""
        if gas in {"CO2", BIOGENIC_CO2, CO2E}:
            return ONE
        try:
            return self.values[gas].value
        except KeyError:
            raise MissingGwp(gwp_set=self.name, gas=gas) from None


@dataclass(frozen=True, slots=True)
class Factor:
    """So much mass of one gas per measure of activity."""

    id: str
    gas: str
    value: Decimal
    mass: Measure
    per: Measure
    source: str
    year: int | None = None
    digest: str = ""
    name_zh: str = ""
    name_en: str = ""
    confidence: str = ""  # A primary text read, B secondary source, C unverified
    region: str = ""
    asked_year: int | None = None  # where it stands in for another year or region (R4.1)
    asked_region: str = ""
    is_in_co2e: bool = False  # the mass is CO2e of that gas already: no GWP is applied again

    @property
    def is_fallback(self) -> bool:
        return bool(self.note)

    @property
    def is_unverified(self) -> bool:
        return self.confidence == "C"

    @property
    def note(self) -> str:
        """What stands in for what was asked, both sides named."""
        region = f"{self.asked_region} → {self.region}" if self.asked_region else ""
        year = f"{self.asked_year} → {self.year}" if self.asked_year else ""
        return "; ".join(part for part in (region, year) if part)

    def emission(self, activity: Quantity) -> Decimal:
        """Tonnes of the gas that the activity emits.

        :raises MeasureMismatch: the activity is not in a measure of the factor's dimension
        """
        per = activity.to(self.per).amount
        return Quantity(WIDE.multiply(per, self.value), self.mass).to(Measure.T).amount


@dataclass(frozen=True, slots=True)
class Activity:
    """One row of verified park data, with where it stands in the inventory."""

    id: str
    digest: str
    source_code: str
    kind: SourceKind | None  # None: nothing that stands in the park
    carrier: str
    category: int
    subcategory: Place
    month: date
    quantity: Quantity
    factors: Sequence[Factor] = ()
    tenant_code: str = ""
    share: Decimal = ONE
    energy: Quantity | None = None  # its heat value in GJ, for the energy table
    uncertainty: Decimal | None = None
    is_removal: bool = False
    method: str = ""  # of an entry: how its quantity was worked out
    formula: str = ""


@dataclass(frozen=True, slots=True)
class Claim:
    """One claim in the ledger on generated energy, with its eight answers (R5.8).

    The operator's covers whatever power is in the boundary; a tenant's covers the power of the
    tenant's own sources alone, and counts by the tenant's share as that power does.
    """

    id: str
    instrument: str
    mwh: Decimal
    entry_id: str = ""
    plant: str = ""
    plant_en: str = ""
    generation: Period | None = None
    answers: Mapping[int, Answer] = field(default_factory=dict)
    tenants: Sequence[str] = ()  # codes; none: the operator's own claim

    @property
    def failed(self) -> list[int]:
        return sorted(number for number, said in self.answers.items() if said is Answer.NO)

    @property
    def unchecked(self) -> list[int]:
        found = (self.answers.get(number, Answer.NOT_CHECKED) for number in range(1, 9))
        return [number for number, said in enumerate(found, 1) if said is Answer.NOT_CHECKED]


@dataclass(frozen=True, slots=True)
class Supplier:
    """A supplier's or utility's own factor for so many MWh: the rung below contracts (R5.6).

    Of the eight criteria the sixth is about it: computed from delivered power, with the
    certificates that the supplier bought and retired for it.
    """

    name: str
    mwh: Decimal
    factor: Factor
    answers: Mapping[int, Answer] = field(default_factory=dict)

    @property
    def failed(self) -> list[int]:
        return sorted(number for number, said in self.answers.items() if said is Answer.NO)


@dataclass(frozen=True, slots=True)
class PowerMarket:
    """What the market-based side needs beyond the activity (R5.6, R5.7, R5.10)."""

    claims: Sequence[Claim] = ()
    suppliers: Sequence[Supplier] = ()
    residual_mix: Factor | None = None
    sold_certificates_mwh: Decimal = ZERO
    claimed_elsewhere: Sequence[str] = ()  # ids of claims that another park's inventory has used


@dataclass(frozen=True, slots=True)
class Line:
    """One gas of one activity: the formula with its numbers in place."""

    activity: Activity
    factor: Factor
    group: GasGroup
    mass_t: Decimal
    gwp: Decimal
    tco2e: Decimal

    @property
    def formula(self) -> str:
        """As an auditor would write it down."""
        given = self.activity.quantity.to(self.factor.per)
        parts = [
            str(given),
            f"{self.factor.value:f} {self.factor.mass.value}/{self.factor.per.value}",
        ]
        if self.group is not GasGroup.CO2:
            parts.append(f"GWP {self.gwp:f}")
        if self.activity.share != ONE:
            parts.append(f"{self.activity.share:f}")
        return " × ".join(parts)


@dataclass(frozen=True, slots=True)
class MarketLine:
    """One rung of the market-based ladder: so many MWh at such a factor."""

    rung: Rung
    mwh: Decimal
    factor: Decimal  # tCO2 per MWh
    tco2e: Decimal
    mix: Factor | None = None  # where a published factor stands behind it
    claim_ids: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class ClaimUse:
    """How much of a claim the market-based side used, and why not more.

    `spent_mwh` is of the claim itself; `used_mwh` is what of it counts, after the tenant's share.
    """

    claim: Claim
    used_mwh: Decimal
    spent_mwh: Decimal
    failed: Sequence[int]


@dataclass(frozen=True, slots=True)
class Totals:
    scope_1: Decimal
    scope_2_location: Decimal
    scope_2_market: Decimal
    scope_2_heat: Decimal
    scope_2_power_location: Decimal
    scope_2_power_market: Decimal
    direct_by_group: Mapping[GasGroup, Decimal]  # tCO2e
    direct_mass_by_gas: Mapping[str, Decimal]  # t of the gas
    by_subcategory: Mapping[Place, Decimal]  # tCO2e, location-based
    by_tenant: Mapping[str, Decimal]  # tCO2e, location-based
    by_month: Mapping[date, Decimal]  # tCO2e, location-based
    biogenic_co2_t: Decimal
    not_kyoto_tco2e: Decimal
    # Scope 3, by category of the GHG Protocol; the other figures above are Scopes 1 and 2
    by_value_chain: Mapping[Place, Decimal] = field(default_factory=dict)
    by_category: Mapping[int, Decimal] = field(default_factory=dict)  # ISO, location-based
    removals_tco2e: Decimal = ZERO  # apart: nothing is ever netted

    @property
    def scope_3(self) -> Decimal:
        return whole(self.by_value_chain.values())

    @property
    def total_location(self) -> Decimal:
        return WIDE.add(self.scope_1, self.scope_2_location)

    @property
    def total_market(self) -> Decimal:
        return WIDE.add(self.scope_1, self.scope_2_market)


@dataclass(frozen=True, slots=True)
class Energy:
    """Use of one carrier: as measured, in GJ and in tce (calorific)."""

    carrier: str
    quantity: Quantity
    gj: Decimal
    tce: Decimal


@dataclass(frozen=True, slots=True)
class Result:
    lines: Sequence[Line]
    market: Sequence[MarketLine]
    claims: Sequence[ClaimUse]
    totals: Totals
    energy: Sequence[Energy]
    flags: Sequence[tuple[str, str]]  # (code, the id of the factor or claim it is about)

    def factors(self) -> list[Factor]:
        """Every factor that a figure stands on, in the order of first use."""
        used = [line.factor for line in self.lines]
        used += [line.mix for line in self.market if line.mix is not None]
        return list({factor.id: factor for factor in used}.values())


def share_of(
    consolidation: Consolidation,
    *,
    equity_share: Decimal,
    has_operational_control: bool,
    has_financial_control: bool,
    held_as: HeldAs = HeldAs.GROUP,
) -> Decimal:
    """How much of somebody counts (R5.2): control takes all or nothing, equity its share.

    What is controlled jointly counts by equity under financial control, too; a mere investment
    never counts, and a franchise without equity only where it is operated.
    """
    if held_as is HeldAs.INVESTMENT:
        return ZERO
    if consolidation is Consolidation.OPERATIONAL_CONTROL:
        return ONE if has_operational_control else ZERO
    if held_as is HeldAs.FRANCHISE:
        return ZERO
    if consolidation is Consolidation.EQUITY_SHARE or held_as is HeldAs.JOINT:
        return equity_share
    return ONE if has_financial_control else ZERO
