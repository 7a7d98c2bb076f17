"""Lines over days, drawn by the server as plain SVG."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from ledger.doors.wording import number_format

WIDTH, ROOM, LEFT, TOP, FOOT = 760, 180, 90, 12, 28
_LINE = (
    '<line x1="{}" x2="{}" y1="{}" y2="{}" stroke="currentColor" stroke-opacity="0.15"/>'
    '<text x="{}" y="{}" text-anchor="end" font-size="11" fill="currentColor">{}</text>'
)


@dataclass(frozen=True, slots=True)
class Line:
    """A line over days: its name, colour, and the figure of each day, oldest first."""

    name: str
    colour: str
    points: tuple[tuple[date, Decimal], ...]


MOST_POINTS = 400
MOST_ROWS = 400


def line_chart(lines: Sequence[Line], *, title: str) -> SafeString:
    """Lines over days, from the lowest figure to the highest; the newest point says its figure."""
    figures = [figure for line in lines for _day, figure in line.points]
    days = [day for line in lines for day, _figure in line.points]
    if not figures:
        return SafeString("")
    low, high = min(figures), max(figures)
    spread = (high - low) or Decimal(1)
    first, span = min(days), max(1, (max(days) - min(days)).days)

    def place(day: date, figure: Decimal) -> tuple[int, int]:
        x = LEFT + (WIDTH - LEFT - 12) * (day - first).days // span
        return x, TOP + ROOM - int((figure - low) * ROOM / spread)

    scale = format_html_join(
        "",
        _LINE,
        (
            _tick(TOP + ROOM - ROOM * part // 4, low + (high - low) * part / 4, spread)
            for part in range(5)
        ),
    )
    ends = format_html_join(
        "",
        '<text x="{}" y="{}" text-anchor="{}" font-size="11" fill="currentColor">{}</text>',
        (
            (LEFT, TOP + ROOM + 18, "start", date_format(first)),
            (WIDTH - 12, TOP + ROOM + 18, "end", date_format(max(days))),
        ),
    )
    drawn = format_html_join("", "{}", ((_drawn(line, place),) for line in lines if line.points))
    return format_html(
        '<svg viewBox="0 0 {} {}" role="img" aria-label="{}" class="w-full">{}{}{}</svg>',
        WIDTH,
        TOP + ROOM + FOOT,
        title,
        scale,
        drawn,
        ends,
    )


def _tick(y: int, figure: Decimal, spread: Decimal) -> tuple[object, ...]:
    places = max(0, 2 - spread.adjusted())
    return LEFT, WIDTH, y, y, LEFT - 8, y + 4, number_format(figure, min(places, 4))


def _drawn(line: Line, place: Callable[[date, Decimal], tuple[int, int]]) -> SafeString:
    step = max(1, len(line.points) // MOST_POINTS)
    kept = [*line.points[::step], line.points[-1]]
    points = " ".join(f"{x},{y}" for x, y in (place(*point) for point in kept))
    day, figure = line.points[-1]
    x, y = place(day, figure)
    told = f"{line.name} · {date_format(day)}: {number_format(figure.normalize())}"
    return format_html(
        '<polyline points="{}" fill="none" stroke="{}" stroke-width="2"><title>{}</title>'
        '</polyline><circle cx="{}" cy="{}" r="4" fill="{}"><title>{}</title></circle>',
        points,
        line.colour,
        line.name,
        x,
        y,
        line.colour,
        told,
    )


def figure(lines: Sequence[Line], *, title: str, heading: str) -> dict[str, Any]:
    """For `ledger/doors/chart.html`: the chart, its legend, and its figures, newest day first.

    `heading` says what a row stands for.
    """
    told = [dict(line.points) for line in lines]
    days = sorted({day for one in told for day in one}, reverse=True)
    return {
        "title": title,
        "drawn": line_chart(lines, title=title),
        "legend": [(line.name, line.colour) for line in lines],
        "headings": [heading, *(line.name for line in lines)],
        "rows": [
            [date_format(day), *(_told(one.get(day)) for one in told)] for day in days[:MOST_ROWS]
        ],
    }


def _told(figure: Decimal | None) -> str:
    if figure is None:
        return "–"
    return number_format(figure, 2, force_grouping=True)
