"""The lines of an import as a target's own SQL takes them in."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

from django.db import connection
from django.db.models import Exists, OuterRef

from ledger.imports import models

# The rows of an import that are to be taken in: read, not set aside, not in the books already.
# For a target's own SQL; the parameter is named %(import)s.
FRESH_ROWS = """
    SELECT r.row_number, r.line, r.natural_key, r.key, r.record
    FROM ledger_imports_row AS r
    WHERE r.import_id = %(import)s AND r.record IS NOT NULL
      AND NOT EXISTS (SELECT FROM ledger_imports_takenkey AS t WHERE t.key = r.key)
      AND NOT EXISTS (SELECT FROM ledger_imports_setaside AS a
                      WHERE a.import_of_id = r.import_id AND a.row_number = r.row_number
                        AND a.line = r.line)
"""
# The same where each file is a whole picture: what was taken in before is said again.
STANDING_ROWS = """
    SELECT r.row_number, r.line, r.record
    FROM ledger_imports_row AS r
    WHERE r.import_id = %(import)s AND r.record IS NOT NULL
      AND NOT EXISTS (SELECT FROM ledger_imports_setaside AS a
                      WHERE a.import_of_id = r.import_id AND a.row_number = r.row_number
                        AND a.line = r.line)
"""


def stream(sql: str, params: dict[str, Any], size: int = 5_000) -> Iterator[tuple[Any, ...]]:
    """The rows of a query a few thousand at a time, however many; inside a transaction."""
    name = f"stream_{uuid4().hex}"
    with connection.cursor() as cursor:
        cursor.execute(f"DECLARE {name} NO SCROLL CURSOR FOR {sql}", params)
        try:
            while True:
                cursor.execute(f"FETCH {size} FROM {name}")
                rows = cursor.fetchall()
                if not rows:
                    break
                yield from rows
        finally:
            if not connection.needs_rollback and connection.in_atomic_block:
                cursor.execute(f"CLOSE {name}")


def fresh_count(import_id: UUID) -> int:
    """How many records are new."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*) FROM ({FRESH_ROWS}) AS f",  # noqa: S608
            {"import": import_id},
        )
        return int(cursor.fetchone()[0])


def record_count(import_id: UUID) -> int:
    """How many records are not set aside."""
    aside = models.SetAside.objects.filter(
        import_of=import_id, row_number=OuterRef("row_number"), line=OuterRef("line")
    )
    rows = models.ImportRow.objects.filter(import_id=import_id, record__isnull=False)
    return rows.filter(~Exists(aside)).count()
