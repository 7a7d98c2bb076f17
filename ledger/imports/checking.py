"""What is wrong with an import whatever its target: said in sets, over the staged lines."""

from collections.abc import Iterator
from uuid import UUID

from ledger.imports.queries import stream
from ledger.imports.rules import RowProblem
from ledger.kernel.errors import N_

_TWICE = """
SELECT row_number, line, natural_key, earlier FROM (
    SELECT r.row_number, r.line, r.natural_key, min(r.row_number) OVER same AS earlier,
           row_number() OVER (PARTITION BY r.key ORDER BY r.row_number, r.line) AS nth
    FROM ledger_imports_row AS r
    WHERE r.import_id = %(import)s AND r.record IS NOT NULL AND NOT EXISTS (
        SELECT FROM ledger_imports_setaside AS a
        WHERE a.import_of_id = r.import_id AND a.row_number = r.row_number AND a.line = r.line)
    WINDOW same AS (PARTITION BY r.key)) AS counted
WHERE nth > 1 ORDER BY row_number, line
"""

# What of a record is words only: another spelling of a name is no other fact.
_WORDS = "'{project_name,beneficiary,reason,extra,natural_key}'::text[]"
_CHANGED = f"""
SELECT r.row_number, r.line, r.natural_key, i.uploaded_at::date, o.row_number
FROM ledger_imports_row AS r
JOIN ledger_imports_takenkey AS t ON t.key = r.key
JOIN ledger_imports_row AS o
  ON o.import_id = t.import_id AND o.row_number = t.row_number AND o.line = t.line
JOIN ledger_imports_import AS i ON i.id = t.import_id
WHERE r.import_id = %(import)s AND r.record IS NOT NULL
  AND r.record - {_WORDS} IS DISTINCT FROM o.record - {_WORDS}
  AND NOT EXISTS (
      SELECT FROM ledger_imports_setaside AS a
      WHERE a.import_of_id = r.import_id AND a.row_number = r.row_number AND a.line = r.line)
ORDER BY 1, 2
"""  # noqa: S608

# Only where the file continues an earlier one: a file of other months lacks nothing.
_GONE = """
SELECT o.natural_key, i.uploaded_at::date, o.row_number
FROM ledger_imports_import AS now
JOIN ledger_imports_import AS i
  ON i.party_id = now.party_id AND i.target = now.target AND i.layout = now.layout
 AND i.mapping_id IS NOT DISTINCT FROM now.mapping_id
 AND i.account_id IS NOT DISTINCT FROM now.account_id AND i.id <> now.id
JOIN ledger_imports_takenkey AS t ON t.import_id = i.id
JOIN ledger_imports_row AS o
  ON o.import_id = t.import_id AND o.row_number = t.row_number AND o.line = t.line
WHERE now.id = %(import)s
  AND EXISTS (SELECT FROM ledger_imports_row AS r JOIN ledger_imports_takenkey AS k ON k.key = r.key
              WHERE r.import_id = now.id AND k.import_id <> now.id)
  AND NOT EXISTS (SELECT FROM ledger_imports_row AS r
                  WHERE r.import_id = now.id AND r.key = t.key)
ORDER BY 2, 3
"""


def problems_of(import_id: UUID, *, beside_earlier: bool) -> Iterator[RowProblem]:
    """Lines told twice, lines that say something else than before, lines that disappeared."""
    asked = {"import": import_id}
    for row_number, line, key, earlier in stream(_TWICE, asked):
        yield RowProblem(
            row_number, "", "line_twice", N_("Row %(earlier)s says the same: %(key)s."),
            {"earlier": earlier, "key": key}, line=line,
        )  # fmt: skip
    if not beside_earlier:
        return
    for row_number, line, key, on, before in stream(_CHANGED, asked):
        yield RowProblem(
            row_number, "", "line_changed",
            N_("Taken in on %(day)s (row %(before)s) with other content: %(key)s."),
            {"day": on, "before": before, "key": key}, line=line,
        )  # fmt: skip
    for key, on, before in stream(_GONE, asked):
        yield RowProblem(
            0, "", "line_gone",
            N_("Row %(before)s of the file of %(day)s is no longer in this file: %(key)s."),
            {"day": on, "before": before, "key": key}, blocking=False,
        )  # fmt: skip
