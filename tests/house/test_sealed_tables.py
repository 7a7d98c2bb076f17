"""Every column is sealed and proved so, or listed with the reason why not."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import psycopg
import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection
from psycopg import sql

from ledger.audit import queries, verifying
from ledger.audit.queries import Fault
from ledger.doors.tables import TableKind
from tests.conftest import _clone, _connect_to, _sql, superuser_url

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = ROOT / "docs" / "reference" / "sealed_tables.md"


class Line(NamedTuple):
    table: str
    columns: tuple[str, ...]
    text: str


def lines_under(heading: str) -> list[Line]:
    text = DOCUMENT.read_text().split(f"## {heading}\n")[1].split("\n## ")[0]
    cells = [re.split(r"\s*\|\s*", line.strip("| \n")) for line in text.splitlines() if "|" in line]
    return [Line(t, tuple(c.split(", ")), why) for t, c, why in cells[2:]]


SEALED, NOT_SEALED = lines_under("Sealed"), lines_under("Not sealed")


def our_tables() -> dict[str, set[str]]:
    return {
        model._meta.db_table: {field.column for field in model._meta.concrete_fields}
        for model in apps.get_models()
        if isinstance(getattr(model, "table_kind", None), TableKind)
    }


def test_every_column_is_sealed_or_excused() -> None:
    known = our_tables()
    told: dict[str, list[str]] = {}
    for line in SEALED + NOT_SEALED:
        told.setdefault(line.table, []).extend(line.columns)
    missing = {t: sorted(c - set(told.get(t, ()))) for t, c in known.items()}
    missing = {t: c for t, c in missing.items() if c and "*" not in told.get(t, ())}
    assert not missing, f"say in {DOCUMENT.name} whether these are sealed: {missing}"
    gone = {t: sorted(set(c) - {"*"} - known.get(t, set())) for t, c in told.items()}
    gone = {t: c for t, c in gone.items() if c or t not in known}
    assert not gone, f"{DOCUMENT.name} tells of what is not there: {gone}"
    assert all(line.text for line in NOT_SEALED), "a reason is missing"


@pytest.fixture(scope="module")
def populated(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """One database with a small real ledger, whose constraints a superuser has dropped."""
    from django.test import override_settings

    from tests.factories.populated import populate

    place = tmp_path_factory.mktemp("sealed")
    before, name = str(connection.settings_dict["NAME"]), _clone("tanzhang")
    evidence = {**settings.STORAGES["evidence"], "OPTIONS": {"location": place / "files"}}
    moved = override_settings(
        KEY_DIR=place / "keys",
        CHECKPOINT_DIR=place / "checkpoints",
        STORAGES={**settings.STORAGES, "evidence": evidence},
    )
    with django_db_blocker.unblock(), moved:
        _connect_to(name)
        try:
            populate()
            _drop_constraints(name)
            yield name
        finally:
            _connect_to(before)
            _sql(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def _drop_constraints(database: str) -> None:
    query = """SELECT format('ALTER TABLE %s DROP CONSTRAINT IF EXISTS %I CASCADE',
                             conrelid::regclass, conname)
               FROM pg_constraint WHERE connamespace = 'public'::regnamespace
               AND contype NOT IN ('n', 't') AND coninhcount = 0
               ORDER BY contype = 'p', contype = 'u'"""
    with psycopg.connect(superuser_url(database)) as attacker:
        for (statement,) in attacker.execute(query.encode()).fetchall():
            attacker.execute(statement)


def test_an_untouched_small_ledger_verifies(populated: str) -> None:
    assert verifying.verify().first == {}


CHANGES = {
    "bytea": "set_byte({c}, 0, 255 - get_byte({c}, 0))",
    "uuid": "coalesce(nullif(gen_random_uuid(), {c}), gen_random_uuid())",
    "boolean": "NOT {c}",
    "jsonb": "jsonb_build_object('altered', {c})",
    "date": "coalesce({c}, date '2026-01-01') + 1",
    "timestamp with time zone": "coalesce({c}, now()) + interval '1 hour'",
    "ARRAY": "{c}[2:]",
    "int4range": "int4range(lower({c}), upper({c}) + 7)",
    "daterange": "daterange(lower({c}), upper({c}) + 7)",
}


def altered(column: str, kind: str) -> str:
    if kind in {"integer", "bigint", "smallint", "numeric"}:
        return f"coalesce({column}, 0) + 7"
    if kind in {"character varying", "text"}:
        return f"CASE WHEN {column} LIKE 'Z%' THEN 'Y' ELSE 'Z' END || substr({column}, 2)"
    return CHANGES[kind].format(c=column)


TAMPERED = [
    pytest.param(line, column, id=f"{line.table}.{column}")
    for line in SEALED
    for column in line.columns
]


@pytest.mark.parametrize(("line", "column"), TAMPERED)
def test_an_altered_column_is_named(populated: str, line: Line, column: str) -> None:
    with psycopg.connect(superuser_url(populated)) as attacker:
        attacker.execute("SET session_replication_role = replica")
        kind = _kind_of(attacker, line.table, column)
        table = sql.Identifier(line.table)
        attacker.execute("DROP TABLE IF EXISTS kept")
        attacker.execute(sql.SQL("CREATE TABLE kept AS TABLE {}").format(table))
        done = attacker.execute(
            sql.SQL("UPDATE {t} SET {c} = {v} WHERE ctid = (SELECT min(ctid) FROM {t})").format(
                t=table, c=sql.Identifier(column), v=sql.SQL(altered(f'"{column}"', kind))
            )
        )
        assert done.rowcount == 1, f"tests/factories/populated.py makes no row of {line.table}"
        attacker.commit()
        try:
            found = faults_of(line.table)
        finally:
            attacker.execute(sql.SQL("DELETE FROM {}").format(table))
            attacker.execute(sql.SQL("INSERT INTO {} SELECT * FROM kept").format(table))
            attacker.execute("DROP TABLE kept")
    assert any(fault.kind.startswith(tuple(line.text.split(", "))) for fault in found), (
        f"{line.table}.{column} was altered unseen; found: {found[:3]}"
    )


def faults_of(table: str) -> list[Fault]:
    """What `verify_ledger` finds: the whole of it for the log, else the checks of the room."""
    room = table.split("_")[1]
    if room == "audit":
        return list(verifying.verify().first.values())
    named = {name: check for name, check in queries.checks().items() if name.startswith(room)}
    assert named, f"{room} registers no check in config/wiring.py"
    return [fault for name, check in named.items() for fault in verifying.asked(name, check)]


def _kind_of(attacker: psycopg.Connection[Any], table: str, column: str) -> str:
    query = """SELECT data_type FROM information_schema.columns
               WHERE table_name = %s AND column_name = %s"""
    row = attacker.execute(query, [table, column]).fetchone()
    assert row is not None
    return str(row[0])
