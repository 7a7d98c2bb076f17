"""Every rate at which dated amounts are worth nothing: found whole, or said to be none.

Amounts `c` at whole steps `n` are worth Σ c·vⁿ at the discount factor `v` of one step: a polynomial
in v. An interval in which it cannot vanish, or can only rise or fall, is known by bounds of its
terms; the others are cut in two. So no root between -99.9999 % and 10,000 % is passed over, and
"none" is a finding, not a search that gave up.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Context, Decimal
from functools import cached_property

WIDE = Context(prec=40)
LOWEST, HIGHEST = Decimal("-0.999999"), Decimal(100)
# Narrower than this (relative, per step) an interval is a point: the root touches and turns back.
NARROW = Decimal("1e-13")
EXACT = Decimal("1e-32")  # relative width at which a root stands
NOTHING = Decimal("1e-12")  # of the sum of all amounts: as good as nought

Term = tuple[int, Decimal]  # steps from the first, amount


@dataclass(frozen=True)
class _Point:
    """The polynomial's terms at one discount factor."""

    at: Decimal
    terms: tuple[Term, ...]

    @cached_property
    def values(self) -> tuple[Decimal, ...]:
        return tuple(
            WIDE.multiply(amount, WIDE.power(self.at, steps)) for steps, amount in self.terms
        )

    @cached_property
    def slopes(self) -> tuple[Decimal, ...]:
        """Of the derivative, times v: its sign is the derivative's."""
        pairs = zip(self.values, self.terms, strict=True)
        return tuple(WIDE.multiply(value, Decimal(steps)) for value, (steps, _amount) in pairs)

    @cached_property
    def value(self) -> Decimal:
        return _total(self.values)

    @cached_property
    def weight(self) -> Decimal:
        return _total([abs(value) for value in self.values])


def _total(amounts: Sequence[Decimal]) -> Decimal:
    whole = Decimal(0)
    for amount in amounts:
        whole = WIDE.add(whole, amount)
    return whole


def _has_sign(left: Sequence[Decimal], right: Sequence[Decimal]) -> bool:
    """Whether the sum keeps one sign between the ends: each term lies between its end values."""
    low = _total([min(pair) for pair in zip(left, right, strict=True)])
    high = _total([max(pair) for pair in zip(left, right, strict=True)])
    return low > 0 or high < 0


def rates(terms: Sequence[Term], *, basis: int = 1) -> list[Decimal]:
    """All rates per `basis` steps between -0.999999 and 100, rising, exact to 15 places.

    None where the amounts have one sign, or no rate makes them worth nothing.
    """
    plain = _gathered(terms)
    if not plain:
        return []
    high = _factor(LOWEST, basis)
    low = _factor(HIGHEST, basis)
    found = _search(_Point(low, plain), _Point(high, plain))
    return sorted(_rate(one, basis) for one in found)


def _factor(rate: Decimal, basis: int) -> Decimal:
    """(1 + rate) ^ (-1 / basis)"""
    grown = WIDE.ln(WIDE.add(Decimal(1), rate))
    return WIDE.exp(WIDE.divide(-grown, Decimal(basis)))


def _rate(factor: Decimal, basis: int) -> Decimal:
    return WIDE.subtract(WIDE.power(factor, -basis), Decimal(1))


def _gathered(terms: Sequence[Term]) -> tuple[Term, ...]:
    """One term for each step that is not nought; counted from the middle, where bounds are best."""
    sums: dict[int, Decimal] = {}
    for steps, amount in terms:
        sums[steps] = WIDE.add(sums.get(steps, Decimal(0)), amount)
    kept = {steps: amount for steps, amount in sums.items() if amount}
    if not kept or min(kept.values()) > 0 or max(kept.values()) < 0:
        return ()
    middle = (min(kept) + max(kept)) // 2
    return tuple((steps - middle, amount) for steps, amount in sorted(kept.items()))


def _search(low: _Point, high: _Point) -> list[Decimal]:
    found = [one.at for one in (low, high) if not one.value]
    waiting = [(low, high)]
    while waiting:
        left, right = waiting.pop()
        if _has_sign(left.values, right.values):
            continue
        if _has_sign(left.slopes, right.slopes):
            found += _crossing(left, right)
            continue
        if WIDE.divide(right.at, left.at) - 1 < NARROW:
            found += _touching(left, right)
            continue
        middle = _Point(WIDE.sqrt(WIDE.multiply(left.at, right.at)), left.terms)
        if not middle.value:
            found.append(middle.at)
        waiting += [(left, middle), (middle, right)]
    return found


def _crossing(left: _Point, right: _Point) -> list[Decimal]:
    """Where it only rises or falls: at most one root, by Newton's steps kept in the bracket."""
    if not left.value or not right.value or (left.value > 0) == (right.value > 0):
        return []
    here = left
    while WIDE.divide(right.at, left.at) - 1 > EXACT:
        here = _Point(_next(here, left, right), left.terms)
        if not here.value:
            return [here.at]
        if (here.value > 0) == (left.value > 0):
            left = here
        else:
            right = here
        if _is_settled(here):
            return [here.at]
    return [here.at]


def _is_settled(here: _Point) -> bool:
    """Newton's next step would move less than a root's own width."""
    slope = _total(here.slopes)
    return bool(slope) and abs(WIDE.divide(here.value, slope)) < EXACT


def _next(here: _Point, left: _Point, right: _Point) -> Decimal:
    slope = _total(here.slopes)
    if slope:
        step = WIDE.multiply(here.at, WIDE.divide(here.value, slope))
        newton = WIDE.subtract(here.at, step)
        if left.at < newton < right.at:
            return newton
    return WIDE.sqrt(WIDE.multiply(left.at, right.at))


def _touching(left: _Point, right: _Point) -> list[Decimal]:
    """A point's width that was not cleared: a root where the curve touches nought, or crosses."""
    if left.value and right.value and (left.value > 0) != (right.value > 0):
        return [left.at]
    return [left.at] if abs(left.value) <= NOTHING * left.weight else []
