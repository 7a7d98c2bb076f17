"""Reduction measures: what one costs over its life per tonne, and which to take for a budget."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from ledger.kernel.errors import N_, DomainError
from ledger.kernel.quantities import WIDE

ZERO = Decimal(0)
ONE = Decimal(1)
WAN = Decimal(10000)
MOST = 18  # measures; every choice among them is weighed


class TooManyMeasures(DomainError):
    code = "too_many_measures"
    message = N_("At most %(most)s measures are weighed against each other, not %(count)s.")


class NoLife(DomainError):
    code = "no_life"
    message = N_("The measure %(name)s needs a life of at least a year.")


@dataclass(frozen=True, slots=True)
class Measure:
    """Money in 10⁴ CNY, abatement in tCO2 a year; `net` is what it saves less what it costs."""

    name: str
    capex: Decimal
    net: Decimal
    life_years: int
    abatement: Decimal
    needs: Sequence[str] = ()

    def npv_cost(self, rate: Decimal) -> Decimal:
        """What it costs in today's money over its life; less than nothing if it pays.

        :raises NoLife: no year to earn in
        """
        if self.life_years < 1:
            raise NoLife(name=self.name)
        return WIDE.subtract(self.capex, WIDE.multiply(self.net, annuity(rate, self.life_years)))

    @property
    def lifetime_abatement(self) -> Decimal:
        return WIDE.multiply(self.abatement, Decimal(self.life_years))

    def cost_per_tonne(self, rate: Decimal) -> Decimal | None:
        """CNY per tCO2 over its life: its place on the abatement cost curve."""
        return _per_tonne(self.npv_cost(rate), self.lifetime_abatement)

    @property
    def payback_years(self) -> Decimal | None:
        """None where it never pays back."""
        return WIDE.divide(self.capex, self.net) if self.net > 0 else None


def annuity(rate: Decimal, years: int) -> Decimal:
    """Today's worth of one a year, paid at the end of each of the years."""
    if not rate:
        return Decimal(years)
    discounted = WIDE.power(WIDE.add(ONE, rate), -years)
    return WIDE.divide(WIDE.subtract(ONE, discounted), rate)


def _per_tonne(cost: Decimal, tonnes: Decimal) -> Decimal | None:
    return WIDE.divide(WIDE.multiply(cost, WAN), tonnes) if tonnes else None


@dataclass(frozen=True, slots=True)
class Portfolio:
    measures: Sequence[Measure]
    rate: Decimal
    meets_target: bool = False

    @property
    def names(self) -> list[str]:
        return [one.name for one in self.measures]

    @property
    def capex(self) -> Decimal:
        return sum((one.capex for one in self.measures), ZERO)

    @property
    def net(self) -> Decimal:
        return sum((one.net for one in self.measures), ZERO)

    @property
    def abatement(self) -> Decimal:
        return sum((one.abatement for one in self.measures), ZERO)

    @property
    def lifetime_abatement(self) -> Decimal:
        return sum((one.lifetime_abatement for one in self.measures), ZERO)

    @property
    def npv_cost(self) -> Decimal:
        return sum((one.npv_cost(self.rate) for one in self.measures), ZERO)

    @property
    def cost_per_tonne(self) -> Decimal | None:
        return _per_tonne(self.npv_cost, self.lifetime_abatement)


@dataclass(frozen=True, slots=True)
class Choice:
    """What is to be chosen among: the budget, the abatement wanted, and who excludes whom."""

    measures: Sequence[Measure]
    budget: Decimal
    target: Decimal
    rate: Decimal = ZERO
    never_both: Sequence[frozenset[str]] = field(default_factory=tuple)

    def allows(self, chosen: Sequence[Measure]) -> bool:
        names = {one.name for one in chosen}
        return (
            sum((one.capex for one in chosen), ZERO) <= self.budget
            and all(set(one.needs) <= names for one in chosen)
            and not any(pair <= names for pair in self.never_both)
        )


def best(choice: Choice) -> Portfolio:
    """The cheapest that meets the target within the budget; if none does, the one that cuts most.

    Every choice is weighed, so that the answer is the best and not merely a good one.

    :raises TooManyMeasures: more than can be weighed
    """
    if len(choice.measures) > MOST:
        raise TooManyMeasures(most=MOST, count=len(choice.measures))
    allowed = [
        Portfolio(chosen, choice.rate, _cut(chosen) >= choice.target)
        for chosen in _choices(choice.measures)
        if choice.allows(chosen)
    ]
    return min(allowed, key=_rank)


def _choices(measures: Sequence[Measure]) -> list[list[Measure]]:
    return [
        [one for place, one in enumerate(measures) if bits >> place & 1]
        for bits in range(2 ** len(measures))
    ]


def _cut(chosen: Sequence[Measure]) -> Decimal:
    return sum((one.abatement for one in chosen), ZERO)


def _rank(portfolio: Portfolio) -> tuple[bool, Decimal, Decimal, int]:
    cost, cut = portfolio.npv_cost, -portfolio.abatement
    first, second = (cost, cut) if portfolio.meets_target else (cut, cost)
    return not portfolio.meets_target, first, second, len(portfolio.measures)
