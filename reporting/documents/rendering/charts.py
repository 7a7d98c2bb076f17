"""Bars drawn as plain SVG: no clock, no random name, same figures, same picture."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from html import escape

import segno

INK, PALE, RULE = "#1d2b2a", "#6b7c79", "#d5dfdc"
SHADES = ("#0b5d4e", "#2fa084", "#e0a340", "#4f7cac", "#a65e2e", "#7d6b91", "#8a9a5b")
FONT = "font-family='Noto Sans SC'"


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of a chart: its name, its parts from the inside out, its printed figure."""

    name: str
    parts: tuple[Decimal, ...]
    figure: str = ""


def _n(value: Decimal | int) -> str:
    return format(Decimal(value).quantize(Decimal("0.1"), ROUND_HALF_UP), "f")


def _scale(bars: Sequence[Bar], room: int) -> Decimal:
    longest = max((sum(bar.parts, Decimal(0)) for bar in bars), default=Decimal(0))
    return Decimal(room) / longest if longest > 0 else Decimal(0)


def _svg(width: int, height: int, body: Sequence[str]) -> str:
    head = f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {width} {height}'"
    return f"{head} width='{width}' height='{height}'>{''.join(body)}</svg>"


def lying_bars(bars: Sequence[Bar], *, by_part: bool = False, left: int = 150) -> str:
    """Horizontal bars with names on the left, in so much space, and figures on the right."""
    step, room = 34, 480 - left
    scale = _scale(bars, room)
    body: list[str] = []
    for row, bar in enumerate(bars):
        y, x = row * step + 6, Decimal(left)
        body.append(
            f"<text x='{left - 10}' y='{y + 15}' {FONT} font-size='12' fill='{INK}' "
            f"text-anchor='end'>{escape(bar.name)}</text>"
        )
        for place, part in enumerate(bar.parts):
            shade = SHADES[(place if by_part else row) % len(SHADES)]
            wide = max(part * scale, Decimal(0))
            body.append(
                f"<rect x='{_n(x)}' y='{y}' width='{_n(wide)}' height='20' fill='{shade}'/>"
            )
            x += wide
        body.append(
            f"<text x='{_n(x + 8)}' y='{y + 15}' {FONT} font-size='12' font-weight='bold' "
            f"fill='{INK}'>{escape(bar.figure)}</text>"
        )
    height = len(bars) * step + 8
    body.append(
        f"<line x1='{left}' y1='0' x2='{left}' y2='{height - 6}' stroke='{RULE}' stroke-width='1'/>"
    )
    return _svg(600, height, body)


def standing_bars(bars: Sequence[Bar], ticks: Sequence[tuple[Decimal, str]]) -> str:
    """Stacked columns over a scale; `ticks` are (value, printed value) from the bottom up."""
    width, room, left, top = 600, 150, 58, 10
    highest = max([sum(bar.parts, Decimal(0)) for bar in bars] + [value for value, _ in ticks])
    scale = Decimal(room) / highest if highest > 0 else Decimal(0)
    floor = Decimal(top + room)
    body: list[str] = []
    for value, printed in ticks:
        y = floor - value * scale
        body.append(
            f"<line x1='{left}' y1='{_n(y)}' x2='{width}' y2='{_n(y)}' stroke='{RULE}' "
            f"stroke-width='0.7'/><text x='{left - 6}' y='{_n(y + 4)}' {FONT} font-size='10' "
            f"fill='{PALE}' text-anchor='end'>{escape(printed)}</text>"
        )
    step = Decimal(width - left) / max(len(bars), 1)
    for place, bar in enumerate(bars):
        x, y = left + step * place + step / 5, floor
        for shade, part in zip(SHADES, bar.parts, strict=False):
            tall = max(part * scale, Decimal(0))
            y -= tall
            body.append(
                f"<rect x='{_n(x)}' y='{_n(y)}' width='{_n(step * 3 / 5)}' height='{_n(tall)}' "
                f"fill='{shade}'/>"
            )
        body.append(
            f"<text x='{_n(x + step * 3 / 10)}' y='{_n(floor + 15)}' {FONT} font-size='10' "
            f"fill='{INK}' text-anchor='middle'>{escape(bar.name)}</text>"
        )
    return _svg(width, top + room + 22, body)


def round_steps(highest: Decimal, *, steps: int = 4) -> list[Decimal]:
    """Values for a scale: 0 and whole multiples of 1, 2, 2.5 or 5 times a power of ten."""
    if highest <= 0:
        return [Decimal(0), Decimal(1)]
    rough = highest / steps
    power = Decimal(10) ** rough.adjusted()
    step = next(power * m for m in map(Decimal, ("1", "2", "2.5", "5", "10")) if power * m >= rough)
    count = int((highest / step).to_integral_value(rounding="ROUND_CEILING"))
    return [step * i for i in range(count + 1)]


def watermark(text: str, *, shade: str = "#c0392b") -> str:
    """One large pale word across the page."""
    body = (
        f"<text x='397' y='561' {FONT} font-size='84' font-weight='bold' fill='{shade}' "
        f"fill-opacity='0.10' text-anchor='middle' transform='rotate(-52 397 561)'>"
        f"{escape(text)}</text>"
    )
    return _svg(794, 1123, [body])


def qr_code(text: str) -> str:
    """A QR code as SVG, readable at 25 mm."""
    return (
        segno.make(text, error="m", boost_error=False)
        .svg_inline(
            scale=4, border=2, dark="#0b3d34", svgclass=None, lineclass=None, omitsize=False
        )
        .replace("<svg ", "<svg xmlns='http://www.w3.org/2000/svg' ", 1)
    )


MASK = 2  # any of the eight can be read; trying all of them takes longer than drawing


def qr_picture(text: str) -> str:
    """The same as dots, as the address for <img>: a tenth of the work of a drawing."""
    made = segno.make(text, error="m", boost_error=False, micro=False, mask=MASK)
    picture: str = made.png_data_uri(scale=4, border=2, dark="#0b3d34")
    return picture


def as_address(svg: str) -> str:
    """The picture as an address for <img>."""
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()
