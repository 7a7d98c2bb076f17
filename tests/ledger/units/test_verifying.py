"""Whatever somebody changes behind the engine's back, the recomputation from the log names it."""

from collections.abc import Iterator

import pytest
from django.db import connection, transaction

from config.env import DatabaseAddress
from ledger.audit.models import Event
from ledger.kernel.ids import new_id
from ledger.units import queries
from ledger.units.models import Block, Entry, Lot, Movement, Position, SerialSpace
from ledger.units.operations import Draft, post_entries
from ledger.units.states import UnitState as S
from tests.conftest import superuser_url
from tests.factories.units import DAY, FREE, NOON, issued, leg, manager, post
from tests.ledger.units.test_posting import A, B, engine_body


def a_life() -> None:
    serial, plain = issued(A, 70, first=1), issued(A, 100)
    post(leg(serial, (A, FREE), (B, FREE), 40, first=31))
    retire = leg(serial, (B, FREE), (B, S.RETIRED), 30, first=41)
    entry = post(retire, kind="RETIRE")
    post(retire.mirrored(), kind="REVERSE", reverses=entry.entry_id)
    post(leg(plain, (A, FREE), (A, S.PLEDGED), 7), kind="PLEDGE")


def faults() -> set[str]:
    return {fault.kind for fault in queries.check_against_events()}


@pytest.fixture
def life(committed_db: str) -> Iterator[str]:
    """A ledger with a past; then Django holds the superuser's key to it."""
    a_life()
    assert faults() == set()
    before = dict(connection.settings_dict)
    connection.close()
    address = DatabaseAddress.parse("DATABASE_URL", superuser_url(committed_db))
    connection.settings_dict.update(address.for_django())
    yield committed_db
    connection.close()
    connection.settings_dict.update(before)


def faults_after(*statements: str) -> set[str]:
    """What the check names when these have run; they are undone again."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        for statement in statements:
            cursor.execute(statement)
        named = faults()
        transaction.set_rollback(True)
    return named


def without_constraints(table: str) -> list[str]:
    """A thief with the superuser's key first removes what stands in the way."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conname FROM pg_constraint WHERE conrelid = %s::regclass "
            "AND contype IN ('c', 'x', 'f')",
            [table],
        )
        names = [row[0] for row in cursor.fetchall()]
    return [f'ALTER TABLE {table} DROP CONSTRAINT "{name}"' for name in names]


COLUMNS = [
    (model._meta.db_table, column.column, column.get_internal_type())
    for model in (Lot, SerialSpace, Entry, Movement, Position, Block)
    for column in model._meta.concrete_fields
    # xid orders the sealing of events and means nothing to an entry; a block's own number is
    # referred to by nothing
    if (model, column.column) not in {(Entry, "xid"), (Block, "id")}
]
OTHER = {
    "UUIDField": "gen_random_uuid()",
    "CharField": "'X' || substr({c}, 2)",
    "PositiveSmallIntegerField": "{c} + 1",
    "IntegerField": "{c} + 1",
    "SmallIntegerField": "{c} + 1",
    "BigIntegerField": "coalesce({c}, 0) + 1",
    "BigAutoField": "{c} + 100000",
    "ForeignKey": "100000",
    "DateField": "coalesce({c}, '2026-01-05') - 1",
    "DateTimeField": "{c} - interval '1 s'",
    "JSONField": "'{{\"a\": 1}}'",
    "BinaryField": "set_byte({c}, 0, 255 - get_byte({c}, 0))",
    "BooleanField": "NOT {c}",
}


def altered(table: str, column: str, kind: str) -> str:
    other = OTHER[kind]
    if kind == "ForeignKey" and column in {"entry_id", "lot_id", "reverses_id"}:
        other = "gen_random_uuid()"
    if column == "prefix":
        other = "{c} || 'x'"
    one = f"(SELECT ctid FROM {table} ORDER BY ctid LIMIT 1)"
    return f"UPDATE {table} SET {column} = {other.format(c=column)} WHERE ctid = {one}"


def test_every_column_that_is_altered_is_named(life):
    unseen = [
        f"{table}.{column}"
        for table, column, kind in COLUMNS
        if not faults_after(*without_constraints(table), altered(table, column, kind))
    ]
    assert unseen == []


def test_every_row_that_vanished_is_named(life):
    tables = [f"ledger_units_{name}" for name in ("entry", "movement", "position", "block", "lot")]
    unseen = [
        table
        for table in tables
        if not faults_after(f"DELETE FROM {table} WHERE ctid = (SELECT ctid FROM {table} LIMIT 1)")
    ]
    assert unseen == []


def test_an_entry_that_nobody_posted_is_named(committed_db):
    a_life()
    body = engine_body(queries.positions_in([A])[0].lot_id)
    with connection.cursor() as cursor:
        cursor.execute("SELECT ledger_audit_append(%s)", [[body]])
    assert faults() == {"units.entry", "units.movement"}


def test_serials_swapped_between_accounts_with_equal_totals_are_named(life):
    """The registry to beat compares totals only."""
    swap = """
        UPDATE ledger_units_block AS k SET position_id = o.position_id
        FROM ledger_units_block AS o
        WHERE k.position_id <> o.position_id
          AND k.last_serial - k.first_serial = o.last_serial - o.first_serial"""
    assert faults_after(swap) == {"units.block"}


def test_after_a_restored_dump_every_way_of_posting_counts_transactions_on(life):
    """The new cluster's numbers begin again; the era lifts them above those in the log."""
    units = issued(A, 100)
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO ledger_audit_era (xid_offset) VALUES (5000)")
    one = [post(leg(units, (A, FREE), (B, FREE), 1))]
    legs = [[leg(units, (A, FREE), (B, FREE), count)] for count in (2, 3)]
    drafts = [Draft("TRANSFER", each, DAY, str(new_id())) for each in legs]
    for receipt in one + post_entries(drafts=drafts, by=manager(), at=NOON):
        entry = Entry.objects.get(id=receipt.entry_id)
        assert Event.objects.get(event_id=receipt.entry_id).xid == entry.xid + 5000
