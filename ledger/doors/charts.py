"""Charts drawn by the server as plain SVG: no script, no stranger, no fraction of a number."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from ledger.doors.wording import number_format

WIDTH, ROOM, LEFT, TOP, FOOT = 760, 180, 90, 12, 28
LINE, LETTER, MOST_LINES = 14, 6, 2  # under a column: height, width of a sign, lines


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


@dataclass(frozen=True, slots=True)
class Level:
    """A line across the columns: a figure for each, None where there is none."""

    name: str
    amounts: tuple[int | None, ...]
    colour: str


def figure(
    columns: Sequence[Column], *, title: str, heading: str, levels: Sequence[Level] = ()
) -> dict[str, Any]:
    """For `ledger/doors/chart.html`: the chart, its legend, and its figures as a table.

    `heading` says what a column stands for. Without levels the table adds up each column.
    """
    colours = {part.name: part.colour for column in columns for part in column.parts}
    names = [*colours, *(level.name for level in levels)]
    totals = [] if levels else [_("Total")]
    return {
        "title": title,
        "drawn": stacked_columns(columns, title=title, levels=levels),
        "legend": [*colours.items(), *((level.name, level.colour) for level in levels)],
        "headings": [heading, *names, *totals],
        "rows": [
            [column.name, *_figures(column, at, colours, levels)]
            for at, column in enumerate(columns)
        ],
    }


def _figures(
    column: Column, at: int, names: Sequence[str] | dict[str, str], levels: Sequence[Level]
) -> list[str]:
    told = {part.name: part.amount for part in column.parts}
    parts = [told.get(name, 0) for name in names]
    lines = [level.amounts[at] for level in levels] or [column.amount]
    return ["–" if one is None else number_format(one) for one in (*parts, *lines)]


def _round_top(highest: int) -> int:
    """The next number that is 1, 2 or 5 with zeros: the top of the scale."""
    step = 1
    while True:
        for digit in (1, 2, 5):
            if digit * step >= highest:
                return digit * step
        step *= 10


def stacked_columns(
    columns: Sequence[Column], *, title: str, levels: Sequence[Level] = ()
) -> SafeString:
    """Columns of parts over a scale from nought; each part says its figure to the pointer."""
    highest = [column.amount for column in columns]
    highest += [one for level in levels for one in level.amounts if one is not None]
    top = _round_top(max(highest, default=0) or 1)
    step = (WIDTH - LEFT) // max(len(columns), 1)
    lines = format_html_join("", _LINE, (_line(top, part) for part in range(5)))
    bars = format_html_join(
        "",
        "{}",
        ((_column(one, LEFT + at * step, step, top),) for at, one in enumerate(columns)),
    )
    drawn = format_html_join("", "{}", ((_level(one, step, top),) for one in levels))
    return format_html(
        '<svg viewBox="0 0 {} {}" role="img" aria-label="{}" class="w-full">{}{}{}</svg>',
        WIDTH,
        TOP + ROOM + FOOT + LINE * _more_lines(columns, step),
        title,
        lines,
        bars,
        drawn,
    )


def _more_lines(columns: Sequence[Column], step: int) -> int:
    return max((len(lines_of(one.name, step)) for one in columns), default=1) - 1


def _level(level: Level, step: int, top: int) -> SafeString:
    """A stroke over each column that has a figure."""
    strokes = (
        (LEFT + at * step + 2, LEFT + (at + 1) * step - 2, *_at(amount, top), level.colour,
         f"{level.name}: {number_format(amount)}")
        for at, amount in enumerate(level.amounts)
        if amount is not None
    )  # fmt: skip
    return format_html_join("", _STROKE, strokes)


def _at(amount: int, top: int) -> tuple[int, int]:
    y = TOP + ROOM - ROOM * amount // top
    return y, y


_STROKE = (
    '<line x1="{}" x2="{}" y1="{}" y2="{}" stroke="{}" stroke-width="3"><title>{}</title></line>'
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
    lines = format_html_join(
        "",
        '<text x="{}" y="{}" text-anchor="middle" font-size="11" fill="currentColor">{}</text>',
        (
            (x + step // 2, TOP + ROOM + 18 + LINE * at, line)
            for at, line in enumerate(lines_of(column.name, step))
        ),
    )
    return format_html("{}{}", bars, lines)


def lines_of(name: str, width: int) -> list[str]:
    """A name in at most two lines that fit under a column; the rest of it is cut."""
    lines = [""]
    for word in name.split(" "):
        longer = f"{lines[-1]} {word}".strip()
        if not lines[-1] or _wide(longer) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    kept = lines[:MOST_LINES]
    if len(lines) > MOST_LINES:
        kept[-1] += "…"
    return [_cut(line, width) for line in kept]


def _wide(text: str) -> int:
    """About, at this size: a Chinese sign is as wide as two letters."""
    return sum(LETTER if sign < "\u2e80" else 2 * LETTER for sign in text)


def _cut(line: str, width: int) -> str:
    if _wide(line) <= width:
        return line
    while line and _wide(line) > width - LETTER:
        line = line[:-1]
    return f"{line}…"
