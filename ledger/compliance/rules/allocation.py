"""Free allocation: power (R2.13–R2.16), steel, cement and aluminium (R2.17–R2.20), and how much of
an entitlement was given. Numbers come in from the parameters; whole units, rounded down.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Context, Decimal
from enum import StrEnum

from ledger.kernel.errors import N_, DomainError

WIDE = Context(prec=50)
SIX = Decimal("0.000001")


class OddLoadRule(DomainError):
    code = "odd_load_rule"
    message = N_("A load correction of kind %(key)s is not known.")


class NoBalanceValue(DomainError):
    code = "no_balance_value"
    message = N_("The sector's balance value and the output must be above zero.")


class MoreThanAllocated(DomainError):
    """I26."""

    code = "more_than_allocated"
    message = N_("%(count)s units were allocated; %(wanted)s cannot go back.")


class LoadForm(StrEnum):
    """How the load correction is written (R2.13)."""

    POWER = "POWER"  # A^(B − C·F/100)
    EXPONENTIAL = "EXPONENTIAL"  # A − B·(1 − e^(−F/C)) − D·(1 − e^(−F/E))


@dataclass(frozen=True, slots=True)
class LoadRule:
    """Below `threshold` percent of load the benchmark is raised; both forms jump down there."""

    form: LoadForm
    threshold: Decimal
    numbers: Mapping[str, Decimal]


def _power(rule: LoadRule, load: Decimal) -> Decimal:
    n = rule.numbers
    exponent = n["B"] - n["C"] * load / 100
    return WIDE.power(n["A"], exponent)


def _exponential(rule: LoadRule, load: Decimal) -> Decimal:
    n = rule.numbers
    first = n["B"] * (1 - WIDE.exp(WIDE.divide(-load, n["C"])))
    second = n["D"] * (1 - WIDE.exp(WIDE.divide(-load, n["E"])))
    return n["A"] - first - second


def load_correction(load: Decimal, rule: LoadRule) -> Decimal:
    """F_f for a load in percent, six decimals (R2.13, TV-2.2)."""
    if load >= rule.threshold:
        return Decimal(1)
    factor = _power(rule, load) if rule.form is LoadForm.POWER else _exponential(rule, load)
    return factor.quantize(SIX, rounding=ROUND_HALF_UP)


def _floor(amount: Decimal) -> int:
    return int(amount.to_integral_value(rounding=ROUND_FLOOR))


@dataclass(frozen=True, slots=True)
class PowerUnit:
    """A generating unit's year."""

    power_mwh: Decimal
    heat_gj: Decimal
    load_percent: Decimal
    verified: int
    is_gas: bool = False


@dataclass(frozen=True, slots=True)
class PowerNumbers:
    """The year's numbers for a unit's class."""

    power_benchmark: Decimal  # tCO2/MWh
    heat_benchmark: Decimal  # tCO2/GJ
    load_rule: LoadRule
    gap_cap: Decimal  # share of verified emissions


@dataclass(frozen=True, slots=True)
class PowerAllocation:
    """How a unit's allowances came about, step by step."""

    load_factor: Decimal
    for_power: Decimal
    for_heat: Decimal
    initial: int
    raised_to_cap: bool  # R2.15
    topped_up: bool  # R2.14
    allowances: int
    gap: int  # verified − allowances


def power_allocation(unit: PowerUnit, numbers: PowerNumbers) -> PowerAllocation:
    """`A = Q_e × B_e × F_f + Q_h × B_h`, rounded down; then the gap cap, and gas topped up.

    TV-2.1, TV-2.3.
    """
    factor = load_correction(unit.load_percent, numbers.load_rule)
    for_power = unit.power_mwh * numbers.power_benchmark * factor
    for_heat = unit.heat_gj * numbers.heat_benchmark
    initial = _floor(for_power + for_heat)
    least = gap_capped(initial, verified=unit.verified, gap_cap=numbers.gap_cap)
    topped = unit.is_gas and unit.verified > initial
    given = unit.verified if topped else least
    return PowerAllocation(
        load_factor=factor,
        for_power=for_power,
        for_heat=for_heat,
        initial=initial,
        raised_to_cap=least > initial and not topped,
        topped_up=topped,
        allowances=given,
        gap=unit.verified - given,
    )


def gap_capped(initial: int, *, verified: int, gap_cap: Decimal) -> int:
    """R2.15, TV-2.3: never below (1 − cap) of the unit's verified emissions."""
    return max(initial, _floor(Decimal(verified) * (1 - gap_cap)))


def pre_allocation(basis: int, share: Decimal) -> int:
    """R2.16: a share of the basis that the year's plan names, rounded down."""
    return _floor(Decimal(basis) * share)


def true_up(*, final: int, pre_allocated: int) -> int:
    """R2.16: what is still to be given; negative: to be taken back."""
    return final - pre_allocated


@dataclass(frozen=True, slots=True)
class IndustryNumbers:
    """The year's numbers of the α curve."""

    slope: Decimal
    knee: Decimal  # share of the balance value
    most: Decimal


@dataclass(frozen=True, slots=True)
class IndustryAllocation:
    deviation: Decimal | None  # X; None: allowances equal verified emissions by rule
    alpha: Decimal
    allowances: int


def alpha_of(deviation: Decimal, numbers: IndustryNumbers) -> Decimal:
    """R2.18: α of X = (BP − I)/BP."""
    if deviation >= numbers.knee:
        return numbers.most
    if deviation <= -numbers.knee:
        return -numbers.most
    return numbers.slope * deviation


def industry_allocation(
    verified: int, *, deviation: Decimal, numbers: IndustryNumbers
) -> IndustryAllocation:
    """`A = E × (1 + α)`, rounded down (R2.18, TV-2.4)."""
    alpha = alpha_of(deviation, numbers)
    return IndustryAllocation(deviation, alpha, _floor(Decimal(verified) * (1 + alpha)))


def as_verified(verified: int) -> IndustryAllocation:
    """R2.17 (the year 2024) and R2.20 (special cases): no surplus, no gap."""
    return IndustryAllocation(None, Decimal(0), verified)


def deviation_of(
    *, emissions: Decimal, output: Decimal, balance: Decimal, places: int = 4
) -> Decimal:
    """X from emissions and output (R2.18, R2.19): the intensity has four decimals.

    :raises NoBalanceValue: no balance value or no output
    """
    if balance <= 0 or output <= 0:
        raise NoBalanceValue
    step = Decimal(1).scaleb(-places)
    intensity = WIDE.divide(emissions, output).quantize(step, rounding=ROUND_HALF_UP)
    return WIDE.divide(balance - intensity, balance)


# --- how much of an entitlement was given


class Classification(StrEnum):
    NOT_YET_ALLOCATED = "NOT_YET_ALLOCATED"
    UNDER_ALLOCATED = "UNDER_ALLOCATED"
    FULLY_ALLOCATED = "FULLY_ALLOCATED"
    OVER_ALLOCATED = "OVER_ALLOCATED"


@dataclass(frozen=True, slots=True)
class Entitlement:
    """What a year's table grants, and what was given, returned and reversed of it."""

    year: int
    entitlement: int
    allocated: int | None = None
    returned: int | None = None
    reversed: int | None = None
    table: str = ""

    @property
    def net(self) -> int:
        return (self.allocated or 0) - (self.returned or 0) - (self.reversed or 0)


@dataclass(frozen=True, slots=True)
class Allocated:
    entitlement: int
    allocated_net: int
    classification: Classification | None

    @property
    def remaining(self) -> int:
        return self.entitlement - self.allocated_net


def classify(entries: Iterable[Entitlement], *, current_year: int) -> Allocated:
    """Entitlements up to the current year against what was given, over all tables."""
    told = [entry for entry in entries if entry.year <= current_year]
    granted, net = sum(e.entitlement for e in told), sum(e.net for e in told)
    return Allocated(granted, net, _class_of(granted, net) if told else None)


def _class_of(granted: int, net: int) -> Classification:
    if net == 0:
        return Classification.NOT_YET_ALLOCATED
    if net < granted:
        return Classification.UNDER_ALLOCATED
    return Classification.FULLY_ALLOCATED if net == granted else Classification.OVER_ALLOCATED
