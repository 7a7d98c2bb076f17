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
# a heading that is a unit keeps its small letter: "tCO2e", "kWh", "t"
UNIT = re.compile(r"[a-z]+[A-Z]|(t|kg|tce|kgce)\b")


SHORT = 14  # signs of a text that is not broken over lines: a day, a price, a number


class Cell(NamedTuple):
    text: Any
    is_figure: bool
    is_short: bool


@register.filter
def is_unit(heading: Any) -> bool:
    return UNIT.match(str(heading)) is not None


@register.simple_tag
def table_of(headings: Sequence[Any], rows: Iterable[Sequence[Any]]) -> dict[str, Any]:
    """Headings and rows of a table, each cell with what its column is: figures, short texts."""
    kept = [list(row) for row in rows or ()]
    said = [_said(cells) for cells in _turned(kept, len(headings))]
    kinds = [(is_of_figures(cells), all(len(one) <= SHORT for one in cells)) for cells in said]
    return {
        "headings": [Cell(one, *kind) for one, kind in zip(headings, kinds, strict=True)],
        "rows": [[Cell(one, *k) for one, k in zip(row, kinds, strict=False)] for row in kept],
    }


def is_of_figures(cells: Iterable[Any]) -> bool:
    """Whether a column holds numbers to be compared, and not only years."""
    said = _said(cells)
    return (
        bool(said)
        and all(FIGURE.fullmatch(one) for one in said)
        and not all(YEAR.fullmatch(one) for one in said)
    )


def _said(cells: Iterable[Any]) -> set[str]:
    """What is read in them, without links around it and without dashes for nothing."""
    return {strip_tags(str(cell)).strip() for cell in cells} - NONE


def _turned(rows: Sequence[Sequence[Any]], width: int) -> list[list[Any]]:
    return [[row[place] for row in rows if place < len(row)] for place in range(width)]
