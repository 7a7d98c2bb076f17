"""Tables of pages: a column of figures stands at the right, its heading with it."""

import re
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from django import template
from django.utils.html import strip_tags

register = template.Library()

# "1,234.50 CNY", "−3 %", "5.00×", "+12 tCO2e"; a day has more behind its first number
FIGURE = re.compile(r"[+\-−±]?\d[\d,]*(\.\d+)?(×| ?%| [A-Za-z][A-Za-z0-9/·]*)?")
YEAR = re.compile(r"(19|20)\d\d")
NONE = {"", "–", "-", "—"}


class Cell(NamedTuple):
    text: Any
    is_figure: bool


@register.simple_tag
def table_of(headings: Sequence[Any], rows: Iterable[Sequence[Any]]) -> dict[str, Any]:
    """Headings and rows of a table, each cell with whether its column is one of figures."""
    kept = [list(row) for row in rows or ()]
    figures = [is_of_figures(cells) for cells in _turned(kept, len(headings))]
    return {
        "headings": [Cell(*pair) for pair in zip(headings, figures, strict=True)],
        "rows": [[Cell(*pair) for pair in zip(row, figures, strict=False)] for row in kept],
    }


def is_of_figures(cells: Iterable[Any]) -> bool:
    """Whether a column holds numbers to be compared, and not only years."""
    said = {strip_tags(str(cell)).strip() for cell in cells} - NONE
    return (
        bool(said)
        and all(FIGURE.fullmatch(one) for one in said)
        and not all(YEAR.fullmatch(one) for one in said)
    )


def _turned(rows: Sequence[Sequence[Any]], width: int) -> list[list[Any]]:
    return [[row[place] for row in rows if place < len(row)] for place in range(width)]
