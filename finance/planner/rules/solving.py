"""The cheapest cover, exactly: missing tonnes first, then money, then a fixed order of equals.

The three are one whole number: money times `Scale.money` plus the order, and a missing tonne
weighs more than all money. Nothing is rounded, so equal problems have equal answers.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations

from finance.planner.rules.flow import Network, Reach
from finance.planner.rules.problem import Demand, Problem, check_problem
from finance.planner.rules.sources import Origin, Source, sources_of, without_asking

START, GOAL, CARRY = "START", "GOAL", "CARRY"


@dataclass(frozen=True, slots=True)
class Scale:
    """How the three aims become one number."""

    money: int
    missing: int  # by tonne; later years miss before earlier ones
    later: int

    def fen(self, cost: int) -> int:
        """The money in a cost along a way; the order of equals is always less than half a fen."""
        return (cost + self.money // 2) // self.money

    def weight(self, rank: int) -> int:
        return self.missing - self.later * rank

    def is_missing(self, cost: int) -> bool:
        return cost > self.missing // 2


def scale_of(problem: Problem, sources: Sequence[Source], reward: int) -> Scale:
    carried = problem.carry_over.limit if problem.carry_over else 0
    units = sum(demand.open for demand in problem.demands) + carried + 1
    extras = (way.extra_fen for source in sources for way in source.ways.values())
    dearest = max((s.cost_fen for s in sources), default=0) + max(extras, default=0)
    money = 2 * (units + len(sources)) * (len(sources) + 1)
    most = (dearest + reward + 1) * units + sum(source.fee_fen for source in sources)
    later = 4 * most * money
    return Scale(money=money, later=later, missing=4 * later * units * (len(problem.demands) + 1))


@dataclass(slots=True)
class Built:
    """The network of a problem, with the numbers of its arcs."""

    network: Network
    scale: Scale
    sources: list[Source]
    into: dict[int, int] = field(default_factory=dict)  # source → its arc from the start
    used: dict[tuple[int, int], int] = field(default_factory=dict)  # (source, year) → arc
    carried: dict[int, int] = field(default_factory=dict)
    caps: dict[int, int] = field(default_factory=dict)  # year → arc out of the offsets' node
    demands: dict[int, int] = field(default_factory=dict)

    def sent(self, source: int, year: int) -> int:
        arc = self.used.get((source, year))
        return 0 if arc is None else self.network.sent(arc)

    def missing(self, demand: Demand) -> int:
        return demand.open - self.network.sent(self.demands[demand.year])


def reward_of(problem: Problem) -> int:
    """What a unit that is carried over will be worth, in fen."""
    carry = problem.carry_over
    return (problem.sell_fen(carry.scheme, carry.into) or 0) if carry else 0


def by_due(problem: Problem) -> list[Demand]:
    return sorted(problem.demands, key=lambda demand: (demand.due_on, demand.year))


def build(problem: Problem, sources: list[Source], scale: Scale) -> Built:
    built = Built(Network(), scale, sources)
    add = built.network.add
    for number, source in enumerate(sources):
        cost = source.cost_fen * scale.money + number
        built.into[number] = add(START, number, room=source.quantity, cost=cost)
        offset = source.scheme in problem.offsets
        for year, way in source.ways.items():
            goal = ("OFFSETS" if offset else "YEAR", year)
            arc = add(number, goal, room=source.quantity, cost=way.extra_fen * scale.money)
            built.used[number, year] = arc
        if source.can_carry:
            built.carried[number] = add(number, CARRY, room=source.quantity, cost=0)
    for rank, demand in enumerate(by_due(problem)):
        node, room = ("YEAR", demand.year), demand.offset_room
        built.caps[demand.year] = add(("OFFSETS", demand.year), node, room=room, cost=0)
        built.demands[demand.year] = add(node, GOAL, room=demand.open, cost=-scale.weight(rank))
    if problem.carry_over:
        reward = reward_of(problem) * scale.money
        add(CARRY, GOAL, room=problem.carry_over.limit, cost=-reward)
    return built


def _choices(sources: Sequence[Source]) -> Iterator[tuple[list[Source], int]]:
    """Every choice of pledges whose fee is paid, fewest first, and the fees."""
    with_fee = [n for n, source in enumerate(sources) if source.fee_fen and source.ways]
    for count in range(len(with_fee) + 1):
        for paid in combinations(with_fee, count):
            left = set(with_fee) - set(paid)
            chosen = [without_asking(s) if n in left else s for n, s in enumerate(sources)]
            yield chosen, sum(sources[n].fee_fen for n in paid)


def solve(problem: Problem) -> Built:
    """The network of the cheapest plan, settled.

    :raises NothingToPlan, YearTwice, NegativeQuantity, ShareOutOfRange, TooManyFees: see there
    """
    check_problem(problem)
    sources = sources_of(problem)
    scale = scale_of(problem, sources, reward_of(problem))
    best: tuple[int, Built] | None = None
    for chosen, fees in _choices(sources):
        built = build(problem, chosen, scale)
        cost = built.network.settle(START, GOAL) + fees * scale.money
        if best is None or cost < best[0]:
            best = cost, built
    assert best is not None  # noqa: S101  the choice of no fee is always there
    return best[1]


# --- what one unit more or less would change


@dataclass(frozen=True, slots=True)
class Next:
    """What would stand in for a unit of a source: how much dearer, and from where."""

    more_fen: int
    origin: str  # of Origin, or CARRY
    scheme: str = ""
    vintage: int | None = None


def reach_of(built: Built, *, without: int | None = None) -> Reach:
    """One more unit anywhere, or one less of what is rewarded: both ends are starts."""
    return built.network.reach([START, GOAL], without=without)


def next_best(built: Built, source: int) -> Next | None:
    """What the plan would do without one unit of a source; None: a tonne would be missing."""
    arc = built.into[source]
    reach = reach_of(built, without=arc)
    if source not in reach.cost or built.scale.is_missing(reach.cost[source]):
        return None
    more = built.scale.fen(reach.cost[source]) - built.sources[source].cost_fen
    first = built.network.way(reach, source)[0]
    head = built.network.heads[first]
    if not isinstance(head, int):
        return Next(more, CARRY)
    found = built.sources[head]
    return Next(more, found.origin, found.scheme, found.vintage)


@dataclass(frozen=True, slots=True)
class Margins:
    """Of a year: what one more tonne would cost, and what one more tonne of cap would save."""

    tonne_fen: int | None
    cap_fen: int  # 0: the cap does not bind
    cap_covers: bool  # it would cover a tonne that is missing


def margins_of(built: Built, year: int) -> Margins:
    scale, reach = built.scale, reach_of(built)
    cost = reach.cost.get(("YEAR", year))
    tonne = None if cost is None or scale.is_missing(cost) else scale.fen(cost)
    offsets = reach.cost.get(("OFFSETS", year))
    if built.network.room[built.caps[year]] or offsets is None or scale.is_missing(offsets):
        return Margins(tonne, 0, False)
    if tonne is None:
        return Margins(None, 0, True)
    return Margins(tonne, max(0, tonne - scale.fen(offsets)), False)


def fees_of(built: Built) -> Mapping[int, int]:
    """The fees that are really due: of pledges out of which something is asked."""
    due = {}
    for number, source in enumerate(built.sources):
        asked = any(
            built.sent(number, year) for year, way in source.ways.items() if not way.ends_itself
        )
        if asked and source.fee_fen and source.origin is Origin.PLEDGED:
            due[number] = source.fee_fen
    return due
