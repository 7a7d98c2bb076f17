"""Charts of a plan as shapes for an SVG template. Whole numbers all the way: no rounding drifts."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from finance.planner.rules.planning import YearOutcome
from finance.planner.rules.scenarios import Scenario

WIDTH, ROW, LEFT = 640, 44, 70
COLOURS = {
    "own": "#058058",
    "released": "#3b6fd4",
    "bought": "#e0a100",
    "missing": "#dc2626",
}
LINES = ("#3b6fd4", "#058058", "#e0a100", "#8b5cf6", "#dc2626", "#0ea5b7", "#6b7280")
HEIGHT, TOP, BOTTOM = 220, 16, 30
LABEL = 13


@dataclass(frozen=True, slots=True)
class Bar:
    x: int
    y: int
    width: int
    colour: str
    part: str
    units: int


@dataclass(frozen=True, slots=True)
class YearBar:
    year: int
    y: int
    text_y: int
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class CoverChart:
    width: int
    height: int
    rows: tuple[YearBar, ...]


def cover_chart(years: Sequence[YearOutcome]) -> CoverChart:
    """A bar for each obligation year: own, released, bought, missing."""
    most = max((year.open for year in years), default=0) or 1
    rows = []
    for n, year in enumerate(years):
        x, y, bars = LEFT, n * ROW + 8, list[Bar]()
        for part, colour in COLOURS.items():
            units = getattr(year, part)
            if not units:
                continue
            width = max(1, units * (WIDTH - LEFT - 10) // most)
            bars.append(Bar(x, y, width, colour, part, units))
            x += width
        rows.append(YearBar(year.year, y, y + 19, tuple(bars)))
    return CoverChart(WIDTH, len(rows) * ROW + 8, tuple(rows))


@dataclass(frozen=True, slots=True)
class Dot:
    x: int
    y: int
    scenario: Scenario


@dataclass(frozen=True, slots=True)
class Curve:
    emission_bps: int
    colour: str
    points: str
    dots: tuple[Dot, ...]
    label_y: int


@dataclass(frozen=True, slots=True)
class WhatIfChart:
    width: int
    height: int
    left: int
    right: int
    base: int
    tick_y: int
    curves: tuple[Curve, ...]
    ticks: tuple[tuple[int, int], ...]  # x, price step
    low_fen: int
    high_fen: int


def _spread(curves: Sequence[Curve]) -> list[Curve]:
    """Labels at the ends of curves, none upon another."""
    spread: list[Curve] = []
    for curve in sorted(curves, key=lambda one: one.label_y):
        lowest = spread[-1].label_y + LABEL if spread else curve.label_y
        spread.append(replace(curve, label_y=max(curve.label_y, lowest)))
    return spread


def what_if_chart(scenarios: Sequence[Scenario]) -> WhatIfChart:
    """A curve for each emission step: the cost in all over the price steps."""
    prices = sorted({one.price_bps for one in scenarios})
    steps = sorted({one.emission_bps for one in scenarios})
    costs = [one.total_fen for one in scenarios]
    low, high = min(costs), max(costs)
    left, base = LEFT + 50, HEIGHT - BOTTOM
    wide = WIDTH - left - 90

    def place(one: Scenario) -> Dot:
        step = wide * prices.index(one.price_bps) // max(1, len(prices) - 1)
        rise = (one.total_fen - low) * (base - TOP) // max(1, high - low)
        return Dot(left + step, base - rise, one)

    curves = []
    for n, emission in enumerate(steps):
        found = sorted(
            (one for one in scenarios if one.emission_bps == emission),
            key=lambda one: one.price_bps,
        )
        dots = tuple(place(one) for one in found)
        points = " ".join(f"{dot.x},{dot.y}" for dot in dots)
        curves.append(Curve(emission, LINES[n % len(LINES)], points, dots, dots[-1].y + 4))
    curves = _spread(curves)
    ticks = tuple(
        (left + wide * n // max(1, len(prices) - 1), price) for n, price in enumerate(prices)
    )
    return WhatIfChart(
        width=WIDTH,
        height=HEIGHT,
        left=left,
        right=left + wide + 12,
        base=base,
        tick_y=base + 18,
        curves=tuple(curves),
        ticks=ticks,
        low_fen=low,
        high_fen=high,
    )
