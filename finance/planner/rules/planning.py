"""The plan: the cheapest cover in lines, and what each obligation year comes to."""

from collections.abc import Iterable, Mapping, Sequence

from finance.planner.rules.lines import Act, Line, Plan, Why, YearOutcome
from finance.planner.rules.problem import Demand, Problem, Stock
from finance.planner.rules.solving import Built, Margins, by_due, margins_of, solve
from finance.planner.rules.sources import Origin
from finance.planner.rules.writing import write_lines

__all__ = ["Act", "Line", "Plan", "Why", "YearOutcome", "make_plan"]


def _outcome(problem: Problem, built: Built, demand: Demand, lines: Sequence[Line]) -> YearOutcome:
    used = [line for line in lines if line.act is Act.USE and line.year == demand.year]
    of = _sums((line.origin, line.quantity) for line in used)
    margins: Margins = margins_of(built, demand.year)
    return YearOutcome(
        year=demand.year,
        due_on=demand.due_on,
        open=demand.open,
        covered=sum(line.quantity for line in used),
        missing=built.missing(demand),
        own=of.get(Origin.OWN, 0),
        released=of.get(Origin.PLEDGED, 0),
        bought=of.get(Origin.BOUGHT, 0),
        offsets=sum(line.quantity for line in used if line.scheme in problem.offsets),
        offset_room=demand.offset_room,
        next_tonne_fen=margins.tonne_fen,
        cap_binds=margins.cap_fen > 0 or margins.cap_covers,
        cap_fen=margins.cap_fen,
        draft=any(c.is_draft and c.years[0] <= demand.year <= c.years[1] for c in problem.cells),
    )


def _sums(pairs: Iterable[tuple[str, int]]) -> Mapping[str, int]:
    sums: dict[str, int] = {}
    for name, count in pairs:
        sums[name] = sums.get(name, 0) + count
    return sums


def make_plan(problem: Problem) -> Plan:
    """The cheapest cover, line by line; what cannot be covered stands in lines of its own.

    :raises NothingToPlan, YearTwice, NegativeQuantity, ShareOutOfRange, TooManyFees: no problem
        that can be solved
    """
    built = solve(problem)
    lines = write_lines(problem, built)
    sums = _sums((line.act, line.amount_fen) for line in lines)
    paid = sums.get(Act.BUY, 0) + sums.get(Act.RELEASE, 0)
    given_up = sums.get(Act.USE, 0)
    gained = sum(line.full_fen * line.quantity for line in lines if line.act is Act.CARRY_OVER)
    gained -= sum(
        problem.value_fen(stock_of(problem, line)) * line.quantity
        for line in lines
        if line.act is Act.CARRY_OVER
    )
    return Plan(
        lines=tuple(lines),
        years=tuple(_outcome(problem, built, demand, lines) for demand in by_due(problem)),
        paid_fen=paid,
        given_up_fen=given_up,
        gained_fen=gained,
        total_fen=paid + given_up - gained,
        missing=sum(built.missing(demand) for demand in problem.demands),
    )


def stock_of(problem: Problem, line: Line) -> Stock:
    """The own units that a line speaks of."""
    return next(
        stock
        for stock in problem.stocks
        if (stock.account_id, stock.lot_id) == (line.account_id, line.lot_id)
        and (stock.pledge.hold_id if stock.pledge else "") == line.hold_id
    )
