"""A fund's money by quarter: bars for what was paid and given, a line for the J-curve."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from finance.funds.queries import Quarter
from ledger.doors.wording import number_format

WIDTH, HEIGHT, LEFT, TOP, FOOT = 760, 230, 110, 14, 30
PAID, GIVEN, LINE = "#dc2626", "#058058", "#3b6fd4"


def cash_flow_chart(quarters: Sequence[Quarter], *, title: str) -> SafeString:
    """Whole currency units on a scale from the lowest to the highest; every bar says its figure."""
    if not quarters:
        return SafeString("")
    scale = _Scale(quarters)
    step = max((WIDTH - LEFT) // len(quarters), 1)
    bars = format_html_join(
        "", "{}", ((_bars(one, n, step, scale),) for n, one in _places(quarters))
    )
    points = " ".join(
        f"{LEFT + n * step + step // 2},{scale.y(one.cumulated)}" for n, one in _places(quarters)
    )
    names = format_html_join("", _NAME, _names(quarters, step))
    return format_html(
        '<svg viewBox="0 0 {} {}" role="img" aria-label="{}" class="w-full">{}{}'
        '<polyline points="{}" fill="none" stroke="{}" stroke-width="2"/>{}</svg>',
        WIDTH, TOP + HEIGHT + FOOT, title, scale.lines(), bars, points, LINE, names,
    )  # fmt: skip


def cash_flows(quarters: Sequence[Quarter], *, currency: str) -> dict[str, Any]:
    """The chart with its legend and its figures, as `ledger/doors/chart.html` wants it."""
    title = _("Cash flows and J-curve by quarter, %(currency)s") % {"currency": currency}
    return {
        "id": "flows",
        "title": title,
        "drawn": cash_flow_chart(quarters, title=title),
        "legend": legend(),
        "headings": [_("quarter"), _("paid in"), _("distributed"), _("cumulated (J-curve)")],
        "rows": [
            (_quarter(one), *(_money(told) for told in (one.paid, one.given, one.cumulated)))
            for one in quarters
        ],
    }


def _money(amount: Decimal) -> str:
    return number_format(amount, 2, force_grouping=True)


def legend() -> list[tuple[str, str]]:
    return [
        (_("paid in"), PAID),
        (_("distributed"), GIVEN),
        (_("distributed less paid in, cumulated (J-curve)"), LINE),
    ]


def _places(quarters: Sequence[Quarter]) -> list[tuple[int, Quarter]]:
    return list(enumerate(quarters))


class _Scale:
    """Whole numbers all the way."""

    def __init__(self, quarters: Sequence[Quarter]) -> None:
        highs = [int(max(one.given, one.cumulated)) for one in quarters]
        lows = [int(min(-one.paid, one.cumulated)) for one in quarters]
        self.high, self.low = max(*highs, 0, 1), min(*lows, 0, 0)

    def y(self, amount: Decimal | int) -> int:
        return TOP + HEIGHT * (self.high - int(amount)) // (self.high - self.low)

    def lines(self) -> SafeString:
        marks = [0, *(one for one in (self.low, self.high) if abs(self.y(one) - self.y(0)) > 14)]
        return format_html_join(
            "",
            '<line x1="{}" x2="{}" y1="{}" y2="{}" stroke="currentColor" stroke-opacity="0.2"/>'
            '<text x="{}" y="{}" text-anchor="end" font-size="11" fill="currentColor">{}</text>',
            (
                (LEFT, WIDTH, self.y(one), self.y(one), LEFT - 8, self.y(one) + 4,
                 number_format(one, force_grouping=True))
                for one in marks
            ),
        )  # fmt: skip


_NAME = '<text x="{}" y="{}" text-anchor="middle" font-size="11" fill="currentColor">{}</text>'
_BAR = '<rect x="{}" y="{}" width="{}" height="{}" fill="{}"><title>{}</title></rect>'


def _bars(one: Quarter, place: int, step: int, scale: _Scale) -> SafeString:
    x, zero = LEFT + place * step + step // 5, scale.y(0)
    high, low = scale.y(one.given), scale.y(-one.paid)
    told = ((zero - high, high, GIVEN, _("distributed"), one.given),
            (low - zero, zero, PAID, _("paid in"), one.paid))  # fmt: skip
    return format_html_join(
        "",
        _BAR,
        (
            (x, y, max(step * 3 // 5, 1), height, colour, _figure(one, name, amount))
            for height, y, colour, name, amount in told
            if height > 0
        ),
    )


def _figure(one: Quarter, name: str, amount: Decimal) -> str:
    return f"{_quarter(one)} · {name}: {_money(amount)}"


def _quarter(one: Quarter) -> str:
    return f"{one.year} Q{one.number}"


def _names(quarters: Sequence[Quarter], step: int) -> list[tuple[int, int, str]]:
    """As many as have room."""
    every = max(1, -(-70 // step))
    return [
        (LEFT + n * step + step // 2, TOP + HEIGHT + 20, _quarter(one))
        for n, one in _places(quarters)
        if n % every == 0
    ]
