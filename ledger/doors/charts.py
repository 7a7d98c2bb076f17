"""Charts drawn by the server as plain SVG: no script, no stranger, no fraction of a number."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.formats import number_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

WIDTH, ROOM, LEFT, TOP, FOOT = 760, 180, 90, 12, 28


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a column: what it is, how much, in which colour."""

    name: str
    amount: int
    colour: str


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    parts: tuple[Part, ...]

    @property
    def amount(self) -> int:
        return sum(part.amount for part in self.parts)


def _round_top(highest: int) -> int:
    """The next number that is 1, 2 or 5 with zeros: the top of the scale."""
    step = 1
    while True:
        for digit in (1, 2, 5):
            if digit * step >= highest:
                return digit * step
        step *= 10


def stacked_columns(columns: Sequence[Column], *, title: str) -> SafeString:
    """Columns of parts over a scale from nought; each part says its figure to the pointer."""
    top = _round_top(max((column.amount for column in columns), default=0) or 1)
    step = (WIDTH - LEFT) // max(len(columns), 1)
    lines = format_html_join("", _LINE, (_line(top, part) for part in range(5)))
    bars = format_html_join(
        "",
        "{}",
        ((_column(one, LEFT + at * step, step, top),) for at, one in enumerate(columns)),
    )
    return format_html(
        '<svg viewBox="0 0 {} {}" role="img" aria-label="{}" class="w-full">{}{}</svg>',
        WIDTH,
        TOP + ROOM + FOOT,
        title,
        lines,
        bars,
    )


_LINE = (
    '<line x1="{}" x2="{}" y1="{}" y2="{}" stroke="currentColor" stroke-opacity="0.15"/>'
    '<text x="{}" y="{}" text-anchor="end" font-size="11" fill="currentColor">{}</text>'
)


def _line(top: int, part: int) -> tuple[object, ...]:
    y = TOP + ROOM - ROOM * part // 4
    figure = number_format(top * part // 4)
    return LEFT, WIDTH, y, y, LEFT - 8, y + 4, figure


def _column(column: Column, x: int, step: int, top: int) -> SafeString:
    drawn, below = [], 0
    for part in column.parts:
        low = TOP + ROOM - ROOM * below // top
        below += part.amount
        high = TOP + ROOM - ROOM * below // top
        told = f"{column.name} · {part.name}: {number_format(part.amount)}"
        drawn.append((x + step // 6, high, step * 2 // 3, low - high, part.colour, told))
    bars = format_html_join(
        "",
        '<rect x="{}" y="{}" width="{}" height="{}" fill="{}"><title>{}</title></rect>',
        drawn,
    )
    name = format_html(
        '<text x="{}" y="{}" text-anchor="middle" font-size="11" fill="currentColor">{}</text>',
        x + step // 2,
        TOP + ROOM + 18,
        column.name,
    )
    return format_html("{}{}", bars, name)
