"""What if prices or emissions come out differently: the same problem, changed, solved again."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from finance.planner.rules.planning import make_plan
from finance.planner.rules.problem import Demand, Price, Problem

WHOLE = 10_000  # changes are in basis points


@dataclass(frozen=True, slots=True)
class Scenario:
    """Prices and emissions changed by so many basis points, and what the cheapest cover becomes."""

    price_bps: int
    emission_bps: int
    open: int
    bought: int
    released: int
    missing: int
    paid_fen: int
    total_fen: int


def _scaled(fen: int | None, bps: int) -> int | None:
    """Half a fen goes up."""
    return None if fen is None else max(0, (fen * (WHOLE + bps) * 2 + WHOLE) // (2 * WHOLE))


def _priced(price: Price, bps: int) -> Price:
    return replace(
        price, buy_fen=_scaled(price.buy_fen, bps), sell_fen=_scaled(price.sell_fen, bps)
    )


def _emitted(demand: Demand, bps: int) -> Demand:
    """Part of a tonne is owed whole; the cap follows the obligation (R2.24)."""
    obligation = max(0, -(-demand.obligation * (WHOLE + bps) // WHOLE))
    return replace(demand, obligation=obligation)


def changed(problem: Problem, *, price_bps: int, emission_bps: int) -> Problem:
    return replace(
        problem,
        prices=tuple(_priced(price, price_bps) for price in problem.prices),
        demands=tuple(_emitted(demand, emission_bps) for demand in problem.demands),
    )


def scenarios(
    problem: Problem, *, price_steps: Sequence[int], emission_steps: Sequence[int]
) -> list[Scenario]:
    """Every pair of steps (basis points), emissions outside, prices inside."""
    return [_scenario(problem, price, more) for more in emission_steps for price in price_steps]


def _scenario(problem: Problem, price_bps: int, emission_bps: int) -> Scenario:
    plan = make_plan(changed(problem, price_bps=price_bps, emission_bps=emission_bps))
    return Scenario(
        price_bps=price_bps,
        emission_bps=emission_bps,
        open=_total(year.open for year in plan.years),
        bought=_total(year.bought for year in plan.years),
        released=_total(year.released for year in plan.years),
        missing=plan.missing,
        paid_fen=plan.paid_fen,
        total_fen=plan.total_fen,
    )


def _total(counts: Iterable[int]) -> int:
    return sum(counts)
