"""What flows in a settled network, written as lines that people can follow."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date

from finance.planner.rules.lines import Act, Line, Why
from finance.planner.rules.problem import Demand, Problem, Stock
from finance.planner.rules.solving import Built, Next, by_due, fees_of, next_best, reward_of
from finance.planner.rules.sources import Origin, Source, Way, is_free, is_releasable


@dataclass(frozen=True, slots=True)
class Part:
    """So many units of one stock, for one year, one carry-over, or nothing (None)."""

    stock: Stock
    goal: int | str | None
    quantity: int


def _parts(built: Built, number: int, problem: Problem) -> Iterator[Part]:
    """A source's units shared out over its stocks: earliest deadline first, in label order."""
    source = built.sources[number]
    left = [(stock, stock.quantity) for stock in source.stocks]
    wanted: list[tuple[int | str | None, int]] = [
        (demand.year, built.sent(number, demand.year)) for demand in by_due(problem)
    ]
    if number in built.carried:
        wanted.append(("CARRY", built.network.sent(built.carried[number])))
    wanted.append((None, source.quantity))
    for goal, units in wanted:
        open_units = units
        while open_units and left:
            stock, there = left[0]
            taken = min(open_units, there)
            yield Part(stock, goal, taken)
            open_units -= taken
            left[0] = (stock, there - taken)
            if taken == there:
                left.pop(0)


def _of_stock(stock: Stock) -> dict[str, object]:
    return {
        "scheme": stock.scheme,
        "vintage": stock.vintage,
        "account_id": stock.account_id,
        "lot_id": stock.lot_id,
        "hold_id": stock.pledge.hold_id if stock.pledge else "",
        "label": stock.label,
    }


def _line(stock: Stock | None, **given: object) -> Line:
    facts = {**(_of_stock(stock) if stock else {}), **given}
    line = Line(**facts)  # type: ignore[arg-type]
    return replace(line, amount_fen=line.unit_fen * line.quantity + line.fee_fen)


def _with_next(line: Line, found: Next | None) -> Line:
    if found is None:
        return line
    return replace(
        line,
        next_fen=line.full_fen + found.more_fen,
        next_origin=found.origin,
        next_scheme=found.scheme,
        next_vintage=found.vintage,
    )


def _why_own(problem: Problem, source: Source) -> Why:
    if not source.keeps_use and not problem.sells_ageing:
        return Why.LOSES_USE
    if source.vintage is None or problem.sell_fen(source.scheme, source.vintage) is None:
        return Why.NO_PRICE
    return Why.CHEAPEST


def _by(problem: Problem, demand: Demand, stock: Stock | None = None) -> date:
    latest = demand.latest(problem.on)
    last = stock.last_day if stock else None
    return latest if last is None else min(latest, last)


class _Writer:
    """Turns what flows in the settled network into lines."""

    def __init__(self, problem: Problem, built: Built) -> None:
        self.problem, self.built = problem, built
        self.demands = {demand.year: demand for demand in problem.demands}
        self.fees = dict(fees_of(built))

    def lines(self) -> list[Line]:
        found: list[Line] = []
        for number, source in enumerate(self.built.sources):
            used = any(self.built.sent(number, year) for year in source.ways)
            after = next_best(self.built, number) if used else None
            if source.origin is Origin.BOUGHT:
                found += self._bought(number, source, after)
            elif source.origin is Origin.PLEDGED:
                found += self._pledged(number, source, after)
            else:
                found += self._own(number, source, after)
        found += self._blocked()
        return sorted([*found, *self._missing()], key=_order)

    def _use(self, stock: Stock | None, origin: Origin, year: int, **given: object) -> Line:
        demand = self.demands[year]
        return _line(
            stock,
            act=Act.USE,
            origin=origin,
            year=year,
            by_on=_by(self.problem, demand, stock),
            obligation_id=demand.obligation_id,
            **given,
        )

    def _bought(self, number: int, source: Source, after: Next | None) -> Iterator[Line]:
        for year in source.ways:
            count = self.built.sent(number, year)
            if not count:
                continue
            what = {"scheme": source.scheme, "vintage": source.vintage, "quantity": count}
            price = source.cost_fen
            buy = _line(
                None,
                act=Act.BUY,
                why=Why.CHEAPEST,
                origin=Origin.BOUGHT,
                year=year,
                unit_fen=price,
                full_fen=price,
                by_on=_by(self.problem, self.demands[year]),
                label=source.price.source if source.price else "",
                **what,
            )
            yield _with_next(buy, after)
            yield self._use(None, Origin.BOUGHT, year, why=Why.CHEAPEST, full_fen=price, **what)

    def _own(self, number: int, source: Source, after: Next | None) -> Iterator[Line]:
        for part in _parts(self.built, number, self.problem):
            if isinstance(part.goal, int):
                yield _with_next(
                    self._use(
                        part.stock,
                        Origin.OWN,
                        part.goal,
                        why=_why_own(self.problem, source),
                        quantity=part.quantity,
                        unit_fen=source.cost_fen,
                        full_fen=source.cost_fen,
                    ),
                    after,
                )
            else:
                yield self._not_used(part, source)

    def _pledged(self, number: int, source: Source, after: Next | None) -> Iterator[Line]:
        stock = source.stocks[0]
        fee = self.fees.get(number, 0)
        for part in _parts(self.built, number, self.problem):
            if not isinstance(part.goal, int):
                if source.keeps_use:
                    continue  # stays where it is
                yield self._not_used(part, source)
                continue
            way = source.ways[part.goal]
            full = source.cost_fen + way.extra_fen
            asks = not way.ends_itself
            yield _with_next(self._release(stock, part, way, full, fee if asks else 0), after)
            fee = 0 if asks else fee
            yield self._use(
                stock,
                Origin.PLEDGED,
                part.goal,
                why=_why_own(self.problem, source),
                quantity=part.quantity,
                unit_fen=source.cost_fen,
                full_fen=full,
            )

    def _release(self, stock: Stock, part: Part, way: Way, full: int, fee: int) -> Line:
        return _line(
            stock,
            act=Act.RELEASE,
            why=Why.ENDS_ITSELF if way.ends_itself else Why.CHEAPEST,
            origin=Origin.PLEDGED,
            year=part.goal,
            quantity=part.quantity,
            unit_fen=way.extra_fen,
            full_fen=full,
            fee_fen=fee,
            by_on=way.ask_by,
        )

    def _not_used(self, part: Part, source: Source) -> Line:
        """Carried over, kept, or lost; what it would fetch stands in `full_fen`."""
        stock, problem = part.stock, self.problem
        worth = problem.sell_fen(stock.scheme, stock.vintage) or 0
        common: dict[str, object] = {"quantity": part.quantity, "origin": source.origin}
        carry = problem.carry_over
        if part.goal == "CARRY" and carry is not None:
            return _line(
                stock,
                act=Act.CARRY_OVER,
                why=Why.WORTH_MORE,
                year=carry.into,
                full_fen=reward_of(problem),
                by_on=carry.apply_by,
                **common,
            )
        if source.keeps_use:
            return _line(stock, act=Act.KEEP, why=Why.SPARE, full_fen=worth, **common)
        last = problem.loses_use_on(stock)
        return _line(stock, act=Act.LOSE, why=Why.LOSES_USE, full_fen=worth, by_on=last, **common)

    def _blocked(self) -> Iterator[Line]:
        for stock in self.problem.stocks:
            if not stock.quantity:
                continue
            if stock.refusal:
                why = Why.REFUSED
            elif not is_free(stock) and not is_releasable(stock):
                why = Why.HELD
            elif is_releasable(stock) and self._is_too_late(stock):
                why = Why.TOO_LATE
            else:
                continue
            yield _line(
                stock, act=Act.BLOCKED, why=why, quantity=stock.quantity, origin=stock.state
            )

    def _is_too_late(self, stock: Stock) -> bool:
        """It could serve a planned year, but no way leads out of its hold in time."""
        could = any(self.problem.can_use(stock, demand) for demand in self.problem.demands)
        return could and not any(
            source.ways
            for source in self.built.sources
            if source.origin is Origin.PLEDGED and source.stocks[0] == stock
        )

    def _missing(self) -> Iterator[Line]:
        for demand in self.problem.demands:
            count = self.built.missing(demand)
            if not count:
                continue
            offered = any(
                source.origin is Origin.BOUGHT
                and demand.year in source.ways
                and source.scheme in self.problem.allowances
                for source in self.built.sources
            )
            yield _line(
                None,
                act=Act.MISSING,
                why=Why.USED_UP if offered else Why.NOTHING_OFFERED,
                scheme=", ".join(self.problem.allowances),
                label=_vintages_for(self.problem, demand.year),
                quantity=count,
                year=demand.year,
                by_on=demand.latest(self.problem.on),
                obligation_id=demand.obligation_id,
            )


def _vintages_for(problem: Problem, year: int) -> str:
    """The vintages that may serve a year, as far as they can exist by now, as ranges."""
    oldest = min((cell.vintages[0] for cell in problem.cells), default=year)
    found = [
        vintage
        for vintage in range(oldest, max(problem.on.year, year) + 1)
        if any(problem.serves(scheme, vintage, year) for scheme in problem.allowances)
    ]
    starts = [one for one in found if one - 1 not in found]
    ends = [one for one in found if one + 1 not in found]
    pairs = zip(starts, ends, strict=True)
    return ", ".join(str(a) if a == b else f"{a}–{b}" for a, b in pairs)


_ORIGINS: Mapping[str, int] = {origin.value: n for n, origin in enumerate(Origin)}


def _order(line: Line) -> tuple[object, ...]:
    acts = list(Act)
    after = line.act in {Act.CARRY_OVER, Act.KEEP, Act.LOSE, Act.BLOCKED}
    return (
        after,
        acts.index(line.act) if after else 0,
        line.year or 0,
        acts.index(line.act),
        _ORIGINS.get(line.origin, len(_ORIGINS)),
        line.by_on or date.max,
        line.scheme,
        line.vintage or 0,
        line.label,
        line.hold_id,
        line.lot_id,
    )


def write_lines(problem: Problem, built: Built) -> list[Line]:
    """Every line of a plan, in the order in which it is read."""
    return _Writer(problem, built).lines()
