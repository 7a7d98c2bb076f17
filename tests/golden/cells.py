"""A line of a registry's file, given by its cells, under a layout of the importer."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from ledger.imports import layouts
from ledger.imports.records import Record, Row, RowFault, RowFaults


def read(layout: str, cells: Mapping[str, str]) -> list[Record]:
    """A line of a file under a layout; its other headings are there and empty."""
    made = layouts.get(layout)
    everything = {**dict.fromkeys(made.required_headers, ""), **cells}
    return made.read(Row(2, everything, made.dates))


def faults_of(layout: str, cells: Mapping[str, str]) -> Sequence[RowFault]:
    """None when the line is taken."""
    try:
        read(layout, cells)
    except RowFaults as refused:
        return refused.faults
    return ()


def sums_by(records: Iterable[Record], key: str) -> dict[str, int]:
    counted: Counter[str] = Counter()
    for record in records:
        counted[str(getattr(record, key))] += record.quantity
    return dict(counted)
