"""The loan to value of each day against the contract's lines, and the price under it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from ledger.doors.wording import number_format

WIDTH, HEIGHT, LEFT, RIGHT, TOP, FOOT = 760, 220, 64, 64, 14, 30
LTV, PRICE = "#3b6fd4", "#9ca3af"
WARNING, TOP_UP, CLOSE_OUT, TARGET = "#d97706", "#ea580c", "#dc2626", "#058058"


@dataclass(frozen=True, slots=True)
class Point:
    """One day: the loan to value as a share, and the price of the leading units."""

    on: date
    ltv: Decimal | None
    price: Decimal | None


@dataclass(frozen=True, slots=True)
class Line:
    share: Decimal
    colour: str
    name: str


def legend() -> list[tuple[str, str]]:
    return [
        (_("LTV"), LTV), (_("price, CNY (right)"), PRICE), (_("target LTV"), TARGET),
        (_("warning line"), WARNING), (_("top-up line"), TOP_UP), (_("close-out line"), CLOSE_OUT),
    ]  # fmt: skip


def history(points: Sequence[Point], lines: Sequence[Line], *, title: str) -> SafeString:
    """Whole thousandths on the left scale, cents on the right; every day says its figures."""
    if not points:
        return SafeString("")
    ratios = [one.ltv for one in points if one.ltv is not None] + [one.share for one in lines]
    left = _Scale(Decimal(0), max(ratios) * Decimal("1.1"))
    known = [one.price for one in points if one.price is not None] or [Decimal(1)]
    right = _Scale(min(known) * Decimal("0.95"), max(known) * Decimal("1.05"))
    return format_html(
        '<svg viewBox="0 0 {} {}" role="img" aria-label="{}" class="w-full">{}{}{}{}{}{}</svg>',
        WIDTH, TOP + HEIGHT + FOOT, title,
        _contract(lines, left),
        _line(points, right, "price", PRICE, 1),
        _line(points, left, "ltv", LTV, 2),
        _dots(points, left),
        _prices(right, known),
        _days(points),
    )  # fmt: skip


class _Scale:
    def __init__(self, low: Decimal, high: Decimal) -> None:
        self.low, self.span = low, (high - low) or Decimal(1)

    def y(self, value: Decimal) -> int:
        return TOP + int(HEIGHT - HEIGHT * (value - self.low) / self.span)


def _x(place: int, count: int) -> int:
    return LEFT + (WIDTH - LEFT - RIGHT) * place // max(count - 1, 1)


def _contract(lines: Sequence[Line], scale: _Scale) -> SafeString:
    rows = ((one, scale.y(one.share)) for one in lines)
    return format_html_join(
        "",
        '<line x1="{}" x2="{}" y1="{}" y2="{}" stroke="{}" stroke-dasharray="4 3"/>'
        '<text x="{}" y="{}" text-anchor="end" font-size="11" fill="{}">{}</text>',
        (
            (
                LEFT,
                WIDTH - RIGHT,
                y,
                y,
                one.colour,
                LEFT - 6,
                y + 4,
                one.colour,
                _percent(one.share),
            )
            for one, y in rows
        ),
    )


def _percent(share: Decimal) -> str:
    return f"{number_format(share * 100, 0)} %"


def _line(
    points: Sequence[Point], scale: _Scale, column: str, colour: str, width: int
) -> SafeString:
    found = [(n, getattr(one, column)) for n, one in enumerate(points)]
    drawn = " ".join(
        f"{_x(n, len(points))},{scale.y(value)}" for n, value in found if value is not None
    )
    return format_html(
        '<polyline points="{}" fill="none" stroke="{}" stroke-width="{}"/>', drawn, colour, width
    )


def _dots(points: Sequence[Point], scale: _Scale) -> SafeString:
    return format_html_join(
        "",
        '<circle cx="{}" cy="{}" r="3" fill="{}"><title>{}</title></circle>',
        (
            (_x(n, len(points)), scale.y(one.ltv), LTV, _told(one))
            for n, one in enumerate(points)
            if one.ltv is not None
        ),
    )


def _told(one: Point) -> str:
    price = "–" if one.price is None else number_format(one.price, 2)
    ltv = number_format((one.ltv or 0) * 100, 2)
    return _("%(day)s: LTV %(ltv)s %%, price %(price)s") % {
        "day": date_format(one.on), "ltv": ltv, "price": price,
    }  # fmt: skip


def _prices(scale: _Scale, known: Sequence[Decimal]) -> SafeString:
    return format_html_join(
        "",
        '<text x="{}" y="{}" font-size="11" fill="{}">{}</text>',
        (
            (WIDTH - RIGHT + 6, scale.y(one) + 4, PRICE, number_format(one, 2))
            for one in sorted({min(known), max(known)})
        ),
    )


def _days(points: Sequence[Point]) -> SafeString:
    places = sorted({0, len(points) // 2, len(points) - 1})
    return format_html_join(
        "",
        '<text x="{}" y="{}" text-anchor="middle" font-size="11" fill="currentColor">{}</text>',
        ((_x(n, len(points)), TOP + HEIGHT + 20, date_format(points[n].on)) for n in places),
    )
