"""A million movements: what a page or a machine asks still answers at once. A long run: --full."""

import time
from datetime import date
from uuid import UUID

import psycopg
import pytest

from ledger.units import queries
from ledger.units.queries import FoundUnit, Span, Wanted
from ledger.units.states import UnitState
from tests.conftest import superuser_url

pytestmark = pytest.mark.full

# 200 accounts with 40 lots each (8,000 positions); units run from one account to the next.
ROWS = """
SET session_replication_role = replica;
INSERT INTO ledger_units_serialspace (id, registry, programme, prefix)
    SELECT n, 'REG', 'CEA', 'S' || n FROM generate_series(1, 40) AS n;
INSERT INTO ledger_units_lot (id, code, scheme, vintage_year, space_id, traits, event_id, opened_at,
                              opened_by)
    SELECT md5('lot' || n)::uuid, 'L' || n, 'CEA', 2020 + n % 5, n, '{}', gen_random_uuid(), now(),
           gen_random_uuid() FROM generate_series(1, 40) AS n;
INSERT INTO ledger_units_position (id, account_id, lot_id, state, quantity, last_on, space_id)
    SELECT (a - 1) * 40 + l, md5('account' || a)::uuid, md5('lot' || l)::uuid, 'FREE', 1000,
           '2025-12-31', l
    FROM generate_series(1, 200) AS a, generate_series(1, 40) AS l;
INSERT INTO ledger_units_entry (id, kind, happened_on, recorded_at, recorded_by, idempotency_key,
                                request_digest, xid)
    SELECT md5('entry' || n)::uuid, 'TRANSFER', '2023-01-01'::date + n / 1000, now(),
           gen_random_uuid(), 'k' || n, '\\x00', 1 FROM generate_series(1, 1000000) AS n;
INSERT INTO ledger_units_movement (entry_id, line, lot_id, from_position_id, to_position_id,
        unit_count, from_balance, to_balance, first_serial, last_serial, happened_on, from_late,
        to_late)
    SELECT md5('entry' || n)::uuid, 1, md5('lot' || 1 + n % 40)::uuid,
           (n / 40 % 200) * 40 + 1 + n % 40, ((n / 40 + 1) % 200) * 40 + 1 + n % 40,
           10, 1000, 1000, n / 40 % 500 * 10, n / 40 % 500 * 10 + 9,
           '2023-01-01'::date + n / 1000, false, false
    FROM generate_series(1, 1000000) AS n ORDER BY n;
INSERT INTO ledger_units_block (space_id, first_serial, last_serial, position_id, transfer_count)
    SELECT l, r * 10, r * 10 + 9, (r % 200) * 40 + l, 0
    FROM generate_series(1, 40) AS l, generate_series(0, 499) AS r;
ANALYZE;
"""


def account(number):
    with psycopg.connect(superuser_url("postgres")) as link:
        row = link.execute("SELECT md5(%s)::uuid", [f"account{number}"]).fetchone()
    assert row is not None
    found: UUID = row[0]
    return found


def timed(what, most, call):
    begin = time.perf_counter()
    found = call()
    spent = time.perf_counter() - begin
    print(f"{what}: {spent * 1000:.0f} ms")  # noqa: T201  the figures of a long run
    assert spent < most, what
    return found


def test_a_million_movements_are_read_at_once(committed_db):
    with psycopg.connect(superuser_url(committed_db), autocommit=True) as link:
        link.execute(ROWS)
    one = [account(1)]
    many = [account(number) for number in range(1, 201)]
    day = date(2024, 6, 30)
    queries.places(Wanted(account_ids=one))  # connects

    timed("positions now, one account", 0.1, lambda: queries.places(Wanted(account_ids=one)))
    rows = timed("as of, one account", 0.2, lambda: queries.places(Wanted(one, day=day), limit=99))
    assert len(rows) == 40
    rows = timed("as of, 8,000", 2, lambda: queries.places(Wanted(many, day=day), limit=9000))
    assert len(rows) == 8000
    timed("sums as of, 8,000", 2, lambda: queries.sums(Wanted(many, day=day)))
    page = timed("history, one account", 0.2, lambda: queries.movements(Wanted(one), Span()))
    assert len(page) == 50
    last = (page[-1].happened_on, page[-1].id)
    timed("history, page 2", 0.2, lambda: queries.movements(Wanted(one), Span(), after=last))
    timed("history, 8,000", 3, lambda: queries.movements(Wanted(many), Span()))
    timed("history of everybody", 3, lambda: queries.movements(Wanted(None), Span()))
    months = [date(2025, month, 1) for month in range(1, 13)]
    timed("chart, one account", 0.5, lambda: queries.line(Wanted(one), months=months))
    timed("chart, 8,000", 5, lambda: queries.line(Wanted(many), months=months))
    found = timed("serial, mine", 1, lambda: queries.find_units(2003, account_ids=one))
    timed("serial, anybody's", 0.2, lambda: queries.find_units(2003, account_ids=None))
    assert found
    unit: FoundUnit = found[0]
    assert unit.state is UnitState.FREE
    timed("its way", 2, lambda: queries.trace(unit, account_ids=None, day=day))
    timed("entries", 2, lambda: list(queries.entries_seen(one).order_by("-id")[:50]))
