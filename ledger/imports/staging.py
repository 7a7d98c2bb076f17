"""Reading a file into the staging table: streamed, in pieces, each piece a transaction.

A killed reading goes on after its last piece. What is staged is in no books: only a commit is.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, BinaryIO, cast
from uuid import UUID

from django.db import connection, transaction

from ledger.files import queries as files
from ledger.imports import layouts, mapping, models, queries, reading
from ledger.imports.layouts import Layout
from ledger.imports.records import DateOrder, Row, RowFault, RowFaults
from ledger.imports.rules import RowProblem, key_of

PIECE = 10_000  # rows: a few megabytes, and a second or less
Progress = Callable[[int, int, str], None]

COPY_ROWS = (
    "COPY ledger_imports_row (import_id, row_number, line, raw, record, natural_key, key)"
    " FROM STDIN"
)
COPY_PROBLEMS = (
    'COPY ledger_imports_importproblem (import_of_id, check_number, row_number, line, "column",'
    " code, message, params, is_blocking) FROM STDIN"
)
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
_dumps = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False).encode


def layout_of(row: models.Import) -> Layout:
    """:raises NoSuchLayout: it was taken out of the product meanwhile"""
    if row.mapping is None:
        return layouts.get(row.layout)
    return mapping.layout_of(
        mapping.Spec.from_json(row.mapping.content),
        name=row.mapping.name,
        normalise=reading.normalise,
        schemes=queries.schemes_of(row.target),
    )


def open_table(file: BinaryIO, layout: Layout, dates: DateOrder) -> reading.Table:
    """The rows of a file, whatever stands above its headings."""
    wanted = layout.required_headers
    return reading.read(file, dates=dates, is_header=lambda found: wanted <= frozenset(found))


def stage(*, import_id: UUID, progress: Progress) -> None:
    """Read what has not been read of a file yet."""
    row = models.Import.objects.select_related("file", "mapping").get(pk=import_id)
    layout = layout_of(row)
    pieces = models.ImportPiece.objects.filter(import_id=import_id).order_by("-number")
    last = pieces.first()
    number, done = (last.number, last.last_row) if last else (0, 0)
    dates = DateOrder(row.date_order) if row.date_order else layout.dates
    reader = _Reader(row, layout)
    with files.open_content(row.file) as file:
        if not number and layout.check_file:
            _check_file(row, layout, file)
        table = open_table(file, layout, dates)
        rows = (one for one in table.rows if one.number > done)
        while piece := list(islice(rows, PIECE)):
            number += 1
            _write(row.id, number, after=done, rows=piece, reader=reader)
            done = piece[-1].number
            progress(min(file.tell(), row.file.byte_count) >> 10, row.file.byte_count >> 10, "")


def _check_file(row: models.Import, layout: Layout, file: BinaryIO) -> None:
    """What is wrong with the file as a whole: its name, the sum in its name."""
    if layout.check_file is None:
        return
    # a registry's own check sum, no secret
    md5 = hashlib.file_digest(cast(Any, file), lambda: hashlib.md5(usedforsecurity=False))
    faults = list(layout.check_file(row.file_name, md5.hexdigest()))
    known = models.ImportProblem.objects.filter(import_of=row, check_number=0).exists()
    if not known:
        write_problems(row.id, 0, [_problem(0, fault) for fault in faults])


@dataclass(slots=True)
class _Read:
    """One piece as COPY wants it."""

    lines: list[str] = field(default_factory=list)
    records: int = 0
    problems: list[RowProblem] = field(default_factory=list)


class _Reader:
    """From rows to staged lines, by one layout."""

    def __init__(self, row: models.Import, layout: Layout) -> None:
        self.layout = layout
        self.import_id = str(row.id)
        self.scope = f"{row.party_id}\n{row.target}"

    def read(self, rows: Iterable[Row]) -> _Read:
        made = _Read()
        for row in rows:
            raw = _json([*row.cells.values(), *row.surplus])
            try:
                records = self.layout.read(row)
            except RowFaults as faults:
                records = []
                made.problems += [_problem(row.number, fault) for fault in faults.faults]
            start = f"{self.import_id}\t{row.number}\t"
            if not records:
                made.lines.append(f"{start}0\t{raw}\t\\N\t\t\\N\n")
            for line, record in enumerate(records, start=1):
                natural = record.natural_key or f"{record.act} {row.number}"
                key = key_of(scope=self.scope, natural_key=natural)
                made.lines.append(
                    f"{start}{line}\t{raw}\t{_json(record.to_json())}"
                    f"\t{natural.translate(_ESCAPES)}\t{key}\n"
                )
            made.records += len(records)
        return made


def _json(value: Any) -> str:
    text = _dumps(value)
    if "\\" in text:
        # PostgreSQL keeps no zero character
        text = text.replace("\\u0000", "\\ufffd").replace("\\", "\\\\")
    return text


def _problem(number: int, fault: RowFault) -> RowProblem:
    return RowProblem(
        row_number=number,
        column=fault.column,
        code=fault.code,
        message=fault.message,
        params=fault.params,
        blocking=fault.blocking,
    )


def _write(import_id: UUID, number: int, *, after: int, rows: list[Row], reader: _Reader) -> None:
    made = reader.read(rows)
    with transaction.atomic():
        with connection.cursor() as cursor, cursor.copy(COPY_ROWS) as copy:
            copy.write("".join(made.lines))
        write_problems(import_id, 0, made.problems)
        until = rows[-1].number
        models.ImportPiece.objects.create(
            import_id=import_id,
            number=number,
            last_row=until,
            line_count=len(rows),
            record_count=made.records,
            digest=queries.digest_of_piece(import_id=import_id, after=after, until=until),
        )


def write_problems(import_id: UUID, check_number: int, problems: Iterable[RowProblem]) -> None:
    """Keep the problems of a check."""
    for some in _batches(problems):
        with connection.cursor() as cursor, cursor.copy(COPY_PROBLEMS) as copy:
            for one in some:
                copy.write_row(
                    (
                        import_id,
                        check_number,
                        one.row_number,
                        one.line,
                        one.column[:120],
                        one.code,
                        one.message,
                        json.dumps(_plain(one.params)),
                        one.blocking,
                    )
                )


def _plain(params: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: value if isinstance(value, int | str) else str(value)
        for name, value in params.items()
    }


def _batches(items: Iterable[RowProblem]) -> Iterator[list[RowProblem]]:
    found = iter(items)
    while some := list(islice(found, 5_000)):
        yield some
