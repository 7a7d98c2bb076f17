"""Cost lots: units acquired together and what they cost; and which of them leave first.

Costs are amounts of one currency. What is rounded is rounded to fen, half up, and what is left
keeps the rest: nothing is lost however a lot is cut.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from uuid import UUID

from finance.trades.rules.refusals import NotEnoughOfThese
from ledger.kernel.money import Money
from ledger.kernel.quantities import WIDE

FEN = Decimal("0.01")
ZERO = Decimal(0)


class Way(StrEnum):
    """How the lots that leave are chosen. A policy allows the first three."""

    WEIGHTED_AVERAGE = "WEIGHTED_AVERAGE"
    FIFO = "FIFO"
    SPECIFIC = "SPECIFIC"
    LIFO = "LIFO"
    HIFO = "HIFO"


@dataclass(frozen=True, slots=True)
class Layer:
    """`key` names what brought the units in; `cost` is of all of them."""

    key: str
    acquired_on: date
    unit_count: int
    cost: Decimal
    entry_id: UUID | None = None
    lot_id: UUID | None = None
    is_free: bool = False
    is_untold: bool = False  # nobody has said what these cost

    @property
    def unit_cost(self) -> Decimal:
        return self.cost / self.unit_count


@dataclass(frozen=True, slots=True)
class Taken:
    """What left, in the order in which it left, and what is left in the order in which it came."""

    parts: tuple[Layer, ...]
    rest: tuple[Layer, ...]

    @property
    def cost(self) -> Decimal:
        return cost_of(self.parts)


def count_of(layers: Sequence[Layer]) -> int:
    return sum(layer.unit_count for layer in layers)


def cost_of(layers: Sequence[Layer]) -> Decimal:
    return sum((layer.cost for layer in layers), ZERO)


def to_fen(amount: Decimal) -> Decimal:
    return amount.quantize(FEN, rounding=ROUND_HALF_UP, context=WIDE)


def share_of(amount: Decimal, count: int, held: int) -> Decimal:
    """What `count` of `held` units have of an amount, to the fen."""
    return to_fen(WIDE.divide(WIDE.multiply(amount, Decimal(count)), Decimal(held)))


def average_cost(layers: Sequence[Layer]) -> Decimal:
    """Per unit; of no units it is nought."""
    count = count_of(layers)
    return cost_of(layers) / count if count else ZERO


def levelled(layers: Sequence[Layer], total: Decimal | None = None) -> tuple[Layer, ...]:
    """The same units, each at the average: the whole cost shared out by units, to the fen."""
    if not layers:
        return ()
    whole = cost_of(layers) if total is None else total
    shares = Money(whole).share_out([layer.unit_count for layer in layers])
    return tuple(
        replace(layer, cost=share.amount) for layer, share in zip(layers, shares, strict=True)
    )


def _order(layers: Sequence[Layer], way: Way) -> list[int]:
    """Places of the layers in the order in which they leave; the earlier wins a tie."""
    places = range(len(layers))
    if way is Way.LIFO:
        return sorted(places, key=lambda at: (-layers[at].acquired_on.toordinal(), at))
    if way is Way.HIFO:
        return sorted(places, key=lambda at: (-layers[at].unit_cost, at))
    return sorted(places, key=lambda at: (layers[at].acquired_on, at))


def _cut(layer: Layer, count: int) -> tuple[Layer, Layer | None]:
    if count == layer.unit_count:
        return layer, None
    cost = share_of(layer.cost, count, layer.unit_count)
    left = replace(layer, unit_count=layer.unit_count - count, cost=layer.cost - cost)
    return replace(layer, unit_count=count, cost=cost), left


def _in_order(layers: Sequence[Layer], wanted: Sequence[tuple[int, int]]) -> Taken:
    """`wanted`: (place, most units from there), until they are used up."""
    rest: list[Layer | None] = list(layers)
    parts = []
    for place, count in wanted:
        layer = rest[place]
        if layer is None or not count:
            continue
        part, rest[place] = _cut(layer, min(count, layer.unit_count))
        parts.append(part)
    return Taken(tuple(parts), tuple(layer for layer in rest if layer is not None))


def _plan(layers: Sequence[Layer], count: int, order: Sequence[int]) -> list[tuple[int, int]]:
    wanted = []
    for place in order:
        some = min(count, layers[place].unit_count)
        wanted.append((place, some))
        count -= some
    return wanted


def take(
    layers: Sequence[Layer],
    count: int,
    way: Way,
    picks: Sequence[tuple[str, int]] = (),
) -> Taken:
    """So many units leave. `picks`: (key, units), for SPECIFIC; without them the oldest leave.

    :raises NotEnoughOfThese: there are fewer, or fewer of those that were picked
    """
    held = count_of(layers)
    if count > held:
        raise NotEnoughOfThese(wanted=count, held=held)
    if way is Way.WEIGHTED_AVERAGE:
        return _take_average(layers, count, held)
    if way is Way.SPECIFIC and picks:
        return _take_picked(layers, count, picks)
    return _in_order(layers, _plan(layers, count, _order(layers, way)))


def _take_average(layers: Sequence[Layer], count: int, held: int) -> Taken:
    """Cost by the pool's average, rounded once; the oldest units go, which changes no cost."""
    whole = cost_of(layers)
    cost = whole if count == held else share_of(whole, count, held)
    taken = _in_order(layers, _plan(layers, count, _order(layers, Way.FIFO)))
    return Taken(levelled(taken.parts, cost), levelled(taken.rest, whole - cost))


def _take_picked(layers: Sequence[Layer], count: int, picks: Sequence[tuple[str, int]]) -> Taken:
    wanted = []
    for key, most in picks:
        here = [place for place, layer in enumerate(layers) if layer.key == key]
        held = sum(layers[place].unit_count for place in here)
        if most > held:
            raise NotEnoughOfThese(wanted=most, held=held)
        wanted += _plan(layers, most, here)
    if (picked := sum(some for _place, some in wanted)) != count:
        raise NotEnoughOfThese(wanted=count, held=picked)
    return _in_order(layers, wanted)


def take_back(layers: Sequence[Layer], count: int, way: Way, *, key: str, cost: Decimal) -> Taken:
    """Units leave because what brought them in was reversed: at what they had cost then.

    With an average the pool gives back that very cost, as far as it has it.
    """
    if way is Way.WEIGHTED_AVERAGE:
        whole = cost_of(layers)
        given = whole if count == count_of(layers) else min(cost, whole)
        taken = _in_order(layers, _plan(layers, count, _order(layers, Way.FIFO)))
        return Taken(levelled(taken.parts, given), levelled(taken.rest, whole - given))
    order = sorted(_order(layers, Way.FIFO), key=lambda at: layers[at].key != key)
    return _in_order(layers, _plan(layers, count, order))
