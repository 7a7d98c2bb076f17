"""Rows against their events: imports, mappings, lines."""

from collections.abc import Iterator
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.db import connection

from ledger.audit.queries import Fault, compare_rows_with_events
from ledger.imports import models

VERBS = (
    "import.uploaded",
    "import.layout_chosen",
    "import.check_asked",
    "import.told",
    "import.checked",
    "import.commit_begun",
    "import.refused",
    "import.committed",
    "import.undo_begun",
    "import.undo_refused",
    "import.undone",
    "import.discarded",
)


def content_of(row: models.Import) -> dict[str, Any]:
    """The row as its newest event tells it; the file's name may be a person's.

    `choices` came later, and is told once there are any.
    """
    skipped = {"file_name", "job_id"} | (set() if row.choices else {"choices"})
    return {
        field.attname: getattr(row, field.attname)
        for field in row._meta.concrete_fields
        if field.attname not in skipped
    }


def facts_of(row: Any) -> dict[str, Any]:
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


PIECE_DIGEST = """
    SELECT encode(sha256(coalesce(string_agg(
               row_number || ' ' || line || ' ' || raw::text || coalesce(record::text, '-')
               || natural_key || coalesce(key::text, '-'), E'\\n'
               ORDER BY row_number, line), '')::bytea), 'hex')
    FROM ledger_imports_row
    WHERE import_id = %(import)s AND row_number > %(after)s AND row_number <= %(until)s
"""


def digest_of_piece(*, import_id: UUID, after: int, until: int) -> str:
    """SHA-256 over the rows of a stretch as they stand in the database."""
    with connection.cursor() as cursor:
        cursor.execute(PIECE_DIGEST, {"import": import_id, "after": after, "until": until})
        return str(cursor.fetchone()[0])


def check_rows_match_events() -> Iterator[Fault]:
    """Imports, mappings and lines set aside as their events tell; lines by their digests."""
    yield from compare_rows_with_events(
        ((f"imports.Import:{one.pk}", content_of(one)) for one in models.Import.objects.iterator()),
        kind="imports.import",
        verbs=VERBS,
    )
    yield from compare_rows_with_events(
        ((f"imports.Mapping:{one.pk}", facts_of(one)) for one in models.Mapping.objects.iterator()),
        kind="imports.mapping",
        verbs=["mapping.saved"],
    )
    yield from compare_rows_with_events(
        (
            (f"imports.SetAside:{one.pk}", facts_of(one))
            for one in models.SetAside.objects.iterator()
        ),
        kind="imports.set_aside",
        verbs=["import.line_set_aside"],
    )
    for one in models.Import.objects.filter(is_staged=True).order_by("pk").iterator():
        yield from _line_faults(one)


def _line_faults(one: models.Import) -> Iterator[Fault]:
    subject = f"imports.Import:{one.pk}"
    after, pieces = 0, []
    for piece in models.ImportPiece.objects.filter(import_id=one.pk).order_by("number"):
        digest = digest_of_piece(import_id=one.pk, after=after, until=piece.last_row)
        if digest != piece.digest:
            yield Fault("imports.lines", subject, f"lines {after + 1} to {piece.last_row} differ")
        pieces.append(piece)
        after = piece.last_row
    if content_digest(pieces) != one.content_digest:
        yield Fault("imports.pieces", subject, "its pieces are not those that were read")
    if models.ImportRow.objects.filter(import_id=one.pk, row_number__gt=after).exists():
        yield Fault("imports.lines", subject, f"lines after {after} that nobody read")


def content_digest(pieces: list[models.ImportPiece]) -> str:
    """One digest for all pieces in their order."""
    text = "\n".join(
        f"{p.number} {p.last_row} {p.line_count} {p.record_count} {p.digest}" for p in pieces
    )
    return sha256(text.encode()).hexdigest()
