"""What the assessment reads."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from ledger.kernel.measures import Measure
from ledger.kernel.quantities import WIDE, Quantity
from reporting.indicators.rules.energy import ZERO, Power
from reporting.indicators.rules.verdicts import Tier, Used
from reporting.indicators.states import EmissionPart, Indicator


@dataclass(frozen=True, slots=True)
class Flow:
    """So much of something at so many tCO2 each; `sign` is -1 for what leaves the park.

    `tce` is its energy; None for what is no energy, or is counted elsewhere.
    """

    part: EmissionPart
    source: str
    carrier: str
    quantity: Quantity
    factor: Decimal  # tCO2 per measure of the quantity
    factor_id: str = ""
    factor_note: str = ""
    is_unverified: bool = False
    sign: int = 1
    tce: Decimal | None = None

    @property
    def tco2(self) -> Decimal:
        return WIDE.multiply(self.quantity.amount, self.factor) * self.sign


@dataclass(frozen=True, slots=True)
class Rule:
    """A parameter that the result stands on."""

    key: str
    value: str
    id: str = ""
    confidence: str = ""

    @property
    def is_unverified(self) -> bool:
        return self.confidence == "C"


@dataclass(frozen=True, slots=True)
class Method:
    """The numbers of the method as they hold for a year."""

    tiers: Sequence[Tier]
    other_power: Decimal  # tCO2/MWh
    other_power_id: str
    kwh_kgce: Decimal  # the equivalent value
    least: Mapping[Indicator, Decimal]  # thresholds as parts of one
    clean: frozenset[str]
    own_counts_as_direct: bool
    rules: Sequence[Rule] = ()


@dataclass(frozen=True, slots=True)
class Inputs:
    flows: Sequence[Flow]
    power: Power
    method: Method
    used: Mapping[Indicator, Sequence[Used]] = field(default_factory=dict)
    excluded: Mapping[Indicator, str] = field(default_factory=dict)
    bunkers_tco2: Decimal = ZERO
    flags: Sequence[tuple[str, str]] = ()
    dataset_hash: str = ""
    data_state: str = ""
    inner_park: str = ""  # nothing: the whole park


def mwh(amount: Decimal) -> Quantity:
    return Quantity(amount, Measure.MWH)
