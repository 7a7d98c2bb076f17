"""R7.18 to R7.20: what a pledge carries, its loan to value, what must be added, what may go."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal
from uuid import UUID

from finance.pledges.rules.refusals import OddLines, ProceedsOdd
from ledger.kernel.quantities import WIDE
from ledger.kernel.shares import share_out

NOUGHT, CENT = Decimal(0), Decimal("0.01")
PLACES = Decimal("0.000001")  # of a ratio


@dataclass(frozen=True, slots=True)
class Lines:
    """The contract's loan-to-value lines, as shares: 0.6, 0.7, 0.8, 0.9."""

    target: Decimal
    warning: Decimal
    top_up: Decimal
    close_out: Decimal

    def check(self) -> None:
        """:raises OddLines: they do not rise"""
        if not 0 < self.target < self.warning < self.top_up < self.close_out:
            raise OddLines

    def level(self, ltv: Decimal | None) -> str:
        if ltv is None:
            return "UNKNOWN"
        reached = [
            name
            for name, line in (
                ("WARNING", self.warning), ("TOP_UP", self.top_up), ("CLOSE_OUT", self.close_out)
            )
            if ltv >= line
        ]  # fmt: skip
        return reached[-1] if reached else "FINE"


def max_loan(value: Decimal, share: Decimal) -> Decimal:
    """R7.18, to the cent, rounded down: a bank lends no more."""
    return WIDE.multiply(value, share).quantize(CENT, rounding=ROUND_FLOOR)


def shares(debt: Decimal, values: Mapping[UUID, Decimal]) -> dict[UUID, Decimal]:
    """The debt of a facility shared out over its pledges by their values, to the cent.

    Where nothing has a value each answers for the whole.
    """
    order = sorted(values)
    weights = [int(WIDE.divide(values[key], CENT)) for key in order]
    if debt <= 0 or not any(weights):
        return dict.fromkeys(order, debt)
    cents = share_out(int(WIDE.divide(debt, CENT)), weights)
    return {key: count * CENT for key, count in zip(order, cents, strict=True)}


def ltv(owed: Decimal, value: Decimal) -> Decimal | None:
    """R7.19, to six places; None: something is owed and nothing of value secures it."""
    if value <= 0:
        return NOUGHT if owed <= 0 else None
    return WIDE.divide(owed, value).quantize(PLACES, rounding=ROUND_HALF_UP)


def top_up(owed: Decimal, value: Decimal, *, target: Decimal, price: Decimal) -> int:
    """R7.20: whole units to be added so that the loan to value is the target or below."""
    missing = WIDE.divide(owed, target) - value
    if missing <= 0 or price <= 0:
        return 0
    return int(WIDE.divide(missing, price).to_integral_value(rounding=ROUND_CEILING))


def headroom(owed: Decimal, value: Decimal, *, target: Decimal, price: Decimal) -> int:
    """Whole units that could be released and leave the loan to value at the target or below."""
    spare = value - WIDE.divide(owed, target)
    if spare <= 0 or price <= 0:
        return 0
    return int(WIDE.divide(spare, price).to_integral_value(rounding=ROUND_FLOOR))


@dataclass(frozen=True, slots=True)
class Claim:
    """Somebody's right to be paid from the proceeds, in its place."""

    name: str
    amount: Decimal


def waterfall(proceeds: Decimal, *, costs: Decimal, claims: Sequence[Claim]) -> list[Claim]:
    """Costs first, then the claims in order; what is left is the debtor's ("SURPLUS").

    :raises ProceedsOdd: costs are negative, or more than the proceeds
    """
    if costs < 0 or costs > proceeds:
        raise ProceedsOdd
    left, paid = proceeds - costs, [Claim("COSTS", costs)]
    for one in claims:
        share = min(left, max(one.amount, NOUGHT))
        paid.append(Claim(one.name, share))
        left -= share
    return [*paid, Claim("SURPLUS", left)]
