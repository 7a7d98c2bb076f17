"""The staged records of an import as a table of moves, in the session's temporary tables.

Built once a transaction by `plan`; checks, summary and postings read it by sets. A lot is one of
(scheme, project, vintage, serial space; for energy the period too) and is found by its code. Ends
whose serials nobody issued here are counted against the lot without serials.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import NAMESPACE_URL as NAMESPACE
from uuid import UUID, uuid5

from django.db import connection

from ledger.accounts import queries as accounts
from ledger.accounts.states import AccountState
from ledger.imports import queries as imports
from ledger.imports.queries import ImportView
from ledger.instruments import queries as instruments

# what an act does: the kind of its entry, where units come to be, and its place within a day
ACTS: Mapping[str, tuple[str, str, int]] = {
    "ISSUED": ("ISSUE", "FREE", 0),
    "HELD": ("ISSUE", "FREE", 0),
    "TRANSFERRED": ("TRANSFER", "FREE", 1),
    "BUFFERED": ("TRANSFER", "FREE", 1),
    "RETIRED": ("RETIRE", "RETIRED", 2),
    "CANCELLED": ("CANCEL", "CANCELLED", 2),
    "CONVERTED": ("CANCEL", "CANCELLED", 2),
    "SURRENDERED": ("SURRENDER", "SURRENDERED", 2),
}
BUFFER = "BUFFER"  # the number, or the beginning of it, of a registry's pool of reserves
ISSUER = "ISSUER"


def pool_number(registry: str) -> str:
    return f"{BUFFER}-{registry}"


def issuer_number(registry: str) -> str:
    return f"{ISSUER}-{registry}"


_RECORDS = f"""
CREATE TEMP TABLE import_record ON COMMIT DROP AS
SELECT f.row_number, f.line, x.act, x.scheme, x.quantity, coalesce(x.measure, 't') AS measure,
       x.vintage_year AS vintage, coalesce(x.project_code, '') AS project,
       coalesce(x.project_name, '') AS project_name, x.first, x.last,
       CASE WHEN x.first IS NOT NULL THEN coalesce(nullif(x.space->>0, ''), s.registry) END
           AS registry,
       coalesce(nullif(x.space->>1, ''), x.scheme) AS programme,
       coalesce(x.space->>2, '') AS prefix,
       coalesce(x.happened_on, %(as_of)s::date) AS day,
       CASE WHEN %(one)s AND left(coalesce(x.account, ''), 6) <> 'BUFFER' THEN ''
            ELSE coalesce(x.account, '') END AS account,
       (x.extra->>'issued_on')::date AS issued_on, false AS opens,
       coalesce(x.counter_account, '') AS counter, coalesce(x.state, 'FREE') AS state,
       s.registry AS home, s.measure AS own_measure, coalesce(s.is_energy, false) AS is_energy,
       x.period_from AS generated_from, x.period_to + 1 AS generated_to,
       concat_ws('/', x.scheme, nullif(x.project_code, ''), x.vintage_year,
                 CASE WHEN s.is_energy THEN x.period_from || '–' || x.period_to END) AS base
FROM ({imports.FRESH_ROWS}) AS f
CROSS JOIN LATERAL jsonb_to_record(f.record) AS x(
    act text, scheme text, quantity bigint, measure text, vintage_year int, period_from date,
    period_to date, project_code text, project_name text, space jsonb, first bigint, last bigint,
    happened_on date, account text, counter_account text, state text, extra jsonb)
LEFT JOIN jsonb_to_recordset(%(schemes)s::jsonb)
    AS s(code text, registry text, measure text, is_energy boolean) ON s.code = x.scheme
"""  # noqa: S608

# An end that tells the day of its issue tells a whole life. Where its serials are nowhere in the
# books, both are written; where they are, only the end.
_OPENS = """
UPDATE import_record AS r SET opens = true
WHERE r.act IN ('RETIRED', 'CANCELLED', 'SURRENDERED') AND r.first IS NOT NULL
  AND r.issued_on <= r.day AND NOT EXISTS (
      SELECT FROM ledger_units_serialspace AS s
      JOIN ledger_units_block AS b ON b.space_id = s.id
       AND int8range(b.first_serial, b.last_serial, '[]') && int8range(r.first, r.last, '[]')
      WHERE s.registry = r.registry AND s.prefix = r.prefix
        AND s.programme = r.programme)
"""

_SHORT = "CASE WHEN length({0}) <= 80 THEN {0} ELSE left({0}, 47) || '~' || md5({0}) END"
_COUNTED = _SHORT.format("r.base")
_SPACED = _SHORT.format(
    "(r.base || '#' || concat_ws(':', nullif(r.registry, r.home), nullif(r.programme, r.scheme),"
    " r.prefix))"
)

_LOTS = f"""
CREATE TEMP TABLE import_lot ON COMMIT DROP AS
SELECT DISTINCT ON (code) code, lot_id, in_file
FROM (SELECT {_SPACED} AS code, NULL::uuid AS lot_id, true AS in_file FROM import_record AS r
      WHERE (r.act IN ('ISSUED', 'HELD') OR r.opens) AND r.first IS NOT NULL
      UNION ALL
      SELECT {_COUNTED}, NULL, true FROM import_record AS r
      WHERE r.act IN ('ISSUED', 'HELD') AND r.first IS NULL
      UNION ALL
      SELECT l.code, l.id, false FROM ledger_units_lot AS l
      WHERE l.code IN (SELECT {_COUNTED} FROM import_record AS r
                       UNION SELECT {_SPACED} FROM import_record AS r WHERE r.first IS NOT NULL)
     ) AS found
ORDER BY code, lot_id NULLS LAST;
CREATE UNIQUE INDEX ON import_lot (code);
ANALYZE import_lot
"""  # noqa: S608

# A held unit that has ended (state RETIRED …) was there first: two moves, of one line.
_MOVES = f"""
CREATE TEMP TABLE import_move ON COMMIT DROP AS
SELECT r.row_number, r.line, r.act, k.kind, k.step, k.to_state, r.scheme, r.vintage, r.project,
       r.project_name, r.quantity, r.first, r.last, r.registry, r.programme, r.prefix,
       CASE WHEN r.opens AND k.step = 0 THEN r.issued_on ELSE r.day END AS day,
       r.generated_from, r.generated_to, r.is_energy, r.home, a.id AS account_id,
       c.id AS counter_id, coalesce(c.number, '') AS counter,
       CASE WHEN r.first IS NULL THEN {_COUNTED}
            WHEN k.step = 0 OR s.code IS NOT NULL THEN {_SPACED} ELSE {_COUNTED} END AS code,
       r.first IS NOT NULL AND (k.step = 0 OR s.code IS NOT NULL) AS by_serial
FROM import_record AS r
JOIN jsonb_to_recordset(%(acts)s::jsonb)
    AS k(act text, kind text, to_state text, step int)
  ON k.act = r.act OR (r.act = 'HELD' AND k.act = r.state) OR (r.opens AND k.act = 'ISSUED')
LEFT JOIN import_account AS a ON a.home = r.home AND a.number = r.account
LEFT JOIN import_account AS c ON c.home = r.home
      AND c.number = CASE WHEN r.act = 'BUFFERED' AND r.counter = ''
                          THEN '{BUFFER}-' || r.home ELSE nullif(r.counter, '') END
LEFT JOIN import_lot AS s ON r.first IS NOT NULL AND s.code = {_SPACED}
"""  # noqa: S608

# What is held there already is no news: a registry splits a block, and writes both halves anew.
_KNOWN = """
CREATE TEMP TABLE import_known ON COMMIT DROP AS
SELECT m.row_number, m.line
FROM import_move AS m
JOIN import_lot AS l ON l.code = m.code AND l.lot_id IS NOT NULL
JOIN ledger_units_position AS p
  ON p.lot_id = l.lot_id AND p.account_id = m.account_id AND p.state = 'FREE'
JOIN ledger_units_block AS b ON b.space_id = p.space_id AND b.position_id = p.id
 AND int8range(b.first_serial, b.last_serial, '[]') @> int8range(m.first, m.last, '[]')
WHERE m.act = 'HELD' AND m.step = 0 AND m.by_serial;
DELETE FROM import_move AS m USING import_known AS k
WHERE k.row_number = m.row_number AND k.line = m.line
"""


TABLES = ("record", "lot", "account", "move", "known", "source", "leg", "plan")


def is_planned(import_id: UUID) -> bool:
    """Whether this transaction has the tables of this import."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('pg_temp.import_plan') IS NOT NULL")
        if not cursor.fetchone()[0]:
            return False
        cursor.execute("SELECT import_id FROM import_plan")
        return bool(cursor.fetchone()[0] == import_id)


def plan(view: ImportView) -> None:
    """Build the temporary tables of an import anew; they go with the transaction."""
    with connection.cursor() as cursor:
        for name in TABLES:
            cursor.execute(f"DROP TABLE IF EXISTS pg_temp.import_{name}")
        cursor.execute(
            _RECORDS,
            {
                "import": view.id,
                "as_of": view.as_of,
                "one": view.is_one_account,
                "schemes": _schemes(view.id),
            },
        )
        cursor.execute(_OPENS)
        cursor.execute("ANALYZE import_record")
        cursor.execute(_LOTS)
        _put_accounts(view)
        acts = [
            {"act": act, "kind": kind, "to_state": state, "step": step}
            for act, (kind, state, step) in ACTS.items()
        ]
        cursor.execute(_MOVES, {"acts": json.dumps(acts)})
        cursor.execute(_KNOWN)
        cursor.execute("ANALYZE import_move")
        cursor.execute(
            "CREATE TEMP TABLE import_plan ON COMMIT DROP AS SELECT %s::uuid AS import_id",
            [view.id],
        )


def _schemes(import_id: UUID) -> str:
    """The schemes that the records name and that we know."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT DISTINCT record->>'scheme' FROM ({imports.FRESH_ROWS}) AS f",  # noqa: S608
            {"import": import_id},
        )
        codes = [row[0] for row in cursor.fetchall()]
    known = []
    for code in codes:
        try:
            scheme = instruments.get_scheme(code)
        except instruments.NoSuchScheme:
            continue
        known.append(
            {
                "code": code,
                "registry": scheme.registry,
                "measure": scheme.measure.value,
                "is_energy": scheme.is_energy,
            }
        )
    return json.dumps(known)


def _put_accounts(view: ImportView) -> None:
    """Every account that the records name, as far as it is the party's own and open."""
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMP TABLE import_account"
            " (home text, number text, id uuid, real uuid, fault text)"
            " ON COMMIT DROP"
        )
        cursor.execute(
            "SELECT home, account, true FROM import_record WHERE home IS NOT NULL"
            " UNION SELECT home, counter, false FROM import_record"
            " WHERE home IS NOT NULL AND counter <> ''"
            " UNION SELECT home, 'BUFFER-' || home, false FROM import_record"
            " WHERE act = 'BUFFERED'"
        )
        named = cursor.fetchall()
        rows = _resolved(named, view)
        cursor.executemany("INSERT INTO import_account VALUES (%s, %s, %s, %s, %s)", rows)
        cursor.execute("CREATE UNIQUE INDEX ON import_account (home, number)")
        cursor.execute("ANALYZE import_account")


def _resolved(
    named: Iterable[tuple[str, str, bool]], view: ImportView
) -> list[tuple[str, str, UUID | None, UUID | None, str]]:
    giving = {(home, number) for home, number, gives in named if gives}
    return [
        (home, number, *_account(home, number, view=view, gives=(home, number) in giving))
        for home, number in sorted({(home, number) for home, number, _ in named})
    ]


def _account(
    home: str, number: str, *, view: ImportView, gives: bool
) -> tuple[UUID | None, UUID | None, str]:
    """The account, and why it cannot be used, if so.

    A counterparty or a pool of reserves that is not there yet has a place-holder, and gets its
    account when the import is taken in.
    """
    if not number:
        found, fault = _default_account(home, view)
        return found, found, fault
    pool = number.startswith(BUFFER)
    account = accounts.find_account(registry=home, number=pool_number(home) if pool else number)
    if account is None and (pool or not gives):
        return uuid5(NAMESPACE, f"{home} {pool_number(home) if pool else number}"), None, ""
    if account is None or (gives and not pool and account.holder_id != view.party_id):
        return None, None, "no_account"
    return account.pk, account.pk, "" if account.state == AccountState.OPEN else "account_not_open"


def _default_account(home: str, view: ImportView) -> tuple[UUID | None, str]:
    if view.account_id is None:
        return None, "account_missing"
    found = accounts.get_account(view.account_id)
    if found.holder_id != view.party_id:
        return None, "no_account"
    if found.registry_id != home:
        return None, "other_registry"
    return found.pk, "" if found.state == AccountState.OPEN else "account_not_open"


_SUMMARY = """
SELECT kind, scheme, vintage, count(*), sum(quantity)
FROM import_move GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
"""


def summarise(import_id: UUID) -> dict[str, Any]:
    """What would be written: movements and units by kind, scheme and vintage; lots to be opened."""
    if not is_planned(import_id):
        plan(imports.get_import(import_id))
    with connection.cursor() as cursor:
        cursor.execute(_SUMMARY)
        written = [
            {"kind": kind, "scheme": scheme, "vintage": vintage, "movements": count,
             "units": int(units or 0)}
            for kind, scheme, vintage, count, units in cursor.fetchall()
        ]  # fmt: skip
        cursor.execute("SELECT count(*) FROM import_lot WHERE lot_id IS NULL AND in_file")
        lots = cursor.fetchone()[0]
    return {"written": written, "lots": lots}
