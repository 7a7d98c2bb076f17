"""Minimum-cost flow on a small network, in whole numbers: successive shortest paths.

Every arc has a twin that runs back with what was sent, so that a better way can take it back.
Costs may be negative (a demand that must be met, a reward), as long as no circle is at the start.
"""

from collections import deque
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field

Node = Hashable


@dataclass(frozen=True, slots=True)
class Reach:
    """What one more unit costs at each node that can be reached, and the arc it comes over."""

    cost: Mapping[Node, int]
    over: Mapping[Node, int]


@dataclass(slots=True)
class Network:
    tails: list[Node] = field(default_factory=list)
    heads: list[Node] = field(default_factory=list)
    room: list[int] = field(default_factory=list)
    costs: list[int] = field(default_factory=list)
    out_of: dict[Node, list[int]] = field(default_factory=dict)

    def add(self, tail: Node, head: Node, *, room: int, cost: int) -> int:
        """An arc; answers with its number, of which `number ^ 1` is the twin."""
        for here, there, units, price in ((tail, head, room, cost), (head, tail, 0, -cost)):
            self.out_of.setdefault(here, []).append(len(self.heads))
            self.tails.append(here)
            self.heads.append(there)
            self.room.append(units)
            self.costs.append(price)
        return len(self.heads) - 2

    def sent(self, arc: int) -> int:
        return self.room[arc ^ 1]

    def reach(self, starts: Iterable[Node], *, without: int | None = None) -> Reach:
        """The cheapest way of one more unit to every node (Bellman–Ford with a queue)."""
        cost: dict[Node, int] = dict.fromkeys(starts, 0)
        over: dict[Node, int] = {}
        waiting = deque(cost)
        queued = set(cost)
        while waiting:
            here = waiting.popleft()
            queued.discard(here)
            for arc in self.out_of.get(here, ()):
                there, price = self.heads[arc], cost[here] + self.costs[arc]
                if arc == without or not self.room[arc]:
                    continue
                if there in cost and cost[there] <= price:
                    continue
                cost[there], over[there] = price, arc
                if there not in queued:
                    queued.add(there)
                    waiting.append(there)
        return Reach(cost, over)

    def way(self, reach: Reach, goal: Node) -> list[int]:
        """The arcs of the way to a node, from its start on."""
        arcs: list[int] = []
        while goal in reach.over:
            arcs.append(reach.over[goal])
            goal = self.tails[arcs[-1]]
        return arcs[::-1]

    def settle(self, source: Node, goal: Node) -> int:
        """Send units as long as each makes the whole cheaper; answers with the cost of all."""
        total = 0
        while True:
            reach = self.reach([source])
            if reach.cost.get(goal, 0) >= 0:
                return total
            arcs = self.way(reach, goal)
            units = min(self.room[arc] for arc in arcs)
            for arc in arcs:
                self.room[arc] -= units
                self.room[arc ^ 1] += units
            total += units * reach.cost[goal]
