"""What a layout is, and the list of them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from ledger.imports.records import DateOrder, Record, Row, RowFault
from ledger.kernel.errors import N_, DomainError


class NoSuchLayout(DomainError):
    code = "no_such_layout"
    message = N_("There is no layout %(layout)s.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """One kind of file.

    `read` raises `RowFaults`, all those of the row. `check_file(name, md5)` lists what is wrong
    with the file as a whole (a sum in its name); `dates` is how its registry writes days unless
    the person who uploads declares another order.
    """

    code: str
    name: str  # English, marked N_
    scheme: str  # "" when each row names its own
    required_headers: frozenset[str]
    read: Callable[[Row], list[Record]]
    dates: DateOrder = DateOrder.ISO
    unconfirmed: bool = False
    columns: tuple[str, ...] = ()  # of a file to fill in, where the layout is our own
    check_file: Callable[[str, str], Iterable[RowFault]] | None = None


_LAYOUTS: dict[str, Layout] = {}


def register(layout: Layout) -> None:
    _LAYOUTS[layout.code] = layout


def all_layouts() -> list[Layout]:
    return sorted(_LAYOUTS.values(), key=lambda one: one.code)


def get(code: str) -> Layout:
    """:raises NoSuchLayout:"""
    if code not in _LAYOUTS:
        raise NoSuchLayout(layout=code)
    return _LAYOUTS[code]


def recognise(headers: Iterable[str]) -> list[Layout]:
    """The layouts whose headings are all there, the most demanding first."""
    there = frozenset(headers)
    fitting = [one for one in all_layouts() if one.required_headers <= there]
    return sorted(fitting, key=lambda one: -len(one.required_headers))
