"""A registry's file as a stream of rows: CSV in UTF-8 or GB18030, or XLSX. Constant memory."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from ledger.imports.records import DateOrder, Row


@dataclass(frozen=True, slots=True)
class Table:
    """`headers` are normalised (see `normalise`), in order; `rows` can be walked once."""

    headers: tuple[str, ...]
    rows: Iterator[Row]
    encoding: str = ""


def read(
    file: BinaryIO,
    *,
    dates: DateOrder = DateOrder.ISO,
    is_header: Callable[[tuple[str, ...]], bool] | None = None,
    sheet: str = "",
) -> Table:
    """Headings and rows. With `is_header`, titles above the headings are passed over."""
    raise NotImplementedError


def normalise(heading: str) -> str:
    """One spelling: full-width as half-width, single blanks, lower case, no byte-order mark."""
    raise NotImplementedError
