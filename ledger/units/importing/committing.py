"""Taking the planned moves in: lots, counterparties' accounts, entries in the order of their days.

All in the caller's transaction. Many legs make an entry, many entries a call: the bulk path of
the posting function. Each leg's row stands in the entry's body, with the file's SHA-256.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from django.db import connection

from ledger.accounts import operations as accounts
from ledger.accounts import queries as account_queries
from ledger.imports import queries as imports
from ledger.imports.queries import ImportView
from ledger.kernel.actors import Actor
from ledger.units.importing.checking import problems_of_plan
from ledger.units.importing.planning import BUFFER, issuer_number, plan, pool_number
from ledger.units.operations.bodies import Draft
from ledger.units.operations.lots import LotFacts, open_lots
from ledger.units.operations.posting import post_entries
from ledger.units.rules import BooksMovedOn, Leg
from ledger.units.states import UnitState

LEGS = 500  # of an entry: its body stays a readable size
AT_ONCE = 10_000  # legs of a call
LOTS_AT_ONCE = 2_000

_NEW_LOTS = """
SELECT DISTINCT ON (m.code) m.code, m.scheme, m.vintage,
       CASE WHEN m.by_serial THEN ARRAY[m.registry, m.programme, m.prefix] END,
       m.project, m.project_name, CASE WHEN m.is_energy THEN m.generated_from END,
       CASE WHEN m.is_energy THEN m.generated_to END
FROM import_move AS m JOIN import_lot AS l ON l.code = m.code
WHERE m.step = 0 AND l.lot_id IS NULL ORDER BY m.code, m.row_number
"""

_ORDERED = """
CREATE TEMP TABLE import_leg ON COMMIT DROP AS
WITH places AS MATERIALIZED (
    SELECT DISTINCT home, id, real FROM import_account WHERE id IS NOT NULL)
SELECT row_number() OVER (ORDER BY m.day, m.step, m.kind, m.by_serial, m.row_number, m.line) AS n,
       m.row_number, m.kind, m.step, m.day, m.home, l.lot_id, a.real AS account_id,
       c.real AS counter_id, m.to_state, m.quantity,
       CASE WHEN m.by_serial THEN m.first END AS first,
       CASE WHEN m.by_serial THEN m.last END AS last
FROM import_move AS m
JOIN import_lot AS l ON l.code = m.code
LEFT JOIN places AS a ON a.id = m.account_id AND a.home = m.home
LEFT JOIN places AS c ON m.step = 1 AND c.id = m.counter_id AND c.home = m.home;
CREATE UNIQUE INDEX ON import_leg (n)
"""


@dataclass(frozen=True, slots=True)
class _Move:
    n: int
    row_number: int
    kind: str
    step: int
    day: date
    home: str
    lot_id: UUID
    account_id: UUID
    counter_id: UUID | None
    to_state: str
    quantity: int
    first: int | None
    last: int | None

    @property
    def sort(self) -> tuple[bool, bool, bool]:
        """What the posting function takes by sets does not mix: new serials, ends of serials,
        counts; a transfer of serials is taken one after the other."""
        by_serial = self.first is not None
        return self.step == 0, by_serial, by_serial and self.step == 1

    def leg(self, issuers: Mapping[str, UUID]) -> Leg:
        source = (self.account_id, UnitState.FREE)
        if self.step == 0:
            source = (issuers[self.home], UnitState.UNISSUED)
        return Leg(
            self.lot_id,
            *source,
            self.counter_id or self.account_id,
            UnitState(self.to_state),
            self.quantity,
            self.first,
            self.last,
        )


def commit(
    import_id: UUID,
    *,
    by: Actor,
    at: datetime,
    approval_id: UUID | None,
    progress: Callable[[int, int, str], None],
) -> dict[str, Any]:
    """Write what an import says, all or nothing.

    :raises BooksMovedOn: lines that were good at the check are not any more
    :raises DomainError: the posting function refused
    """
    view = imports.get_import(import_id)
    plan(view)
    if any(problem.blocking for problem in problems_of_plan(at=at)):
        raise BooksMovedOn
    lots = _open_lots(by=by, at=at)
    issuers = _open_accounts(view, by=by, at=at)
    entries, legs = _post(view, issuers, by=by, at=at, approval_id=approval_id, progress=progress)
    return {"lots": lots, "entries": entries, "legs": legs}


def _open_lots(*, by: Actor, at: datetime) -> int:
    count = 0
    for some in _some(imports.stream(_NEW_LOTS, {}, size=LOTS_AT_ONCE), LOTS_AT_ONCE):
        facts = [_facts(row) for row in some]
        ids = open_lots(facts=facts, by=by, at=at)
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE import_lot AS l SET lot_id = o.id FROM unnest(%s::text[], %s::uuid[])"
                " AS o(code, id) WHERE l.code = o.code",
                [[one.code for one in facts], ids],
            )
        count += len(ids)
    return count


def _facts(row: Sequence[Any]) -> LotFacts:
    code, scheme, vintage, space, project, project_name, generated_from, generated_to = row
    told = {"project": project, "project_name": project_name}
    return LotFacts(
        code=code,
        scheme=scheme,
        vintage_year=vintage,
        space=(space[0], space[1], space[2]) if space else None,
        generated_from=generated_from,
        generated_to=generated_to,
        traits={name: text for name, text in told.items() if text},
    )


def _open_accounts(view: ImportView, *, by: Actor, at: datetime) -> dict[str, UUID]:
    """The issuer's side of each registry; counterparties and pools that are not there yet."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT home FROM import_move WHERE step = 0")
        homes = [row[0] for row in cursor.fetchall()]
        cursor.execute(
            "SELECT home, number, id FROM import_account WHERE real IS NULL AND id IS NOT NULL"
        )
        missing = cursor.fetchall()
    issuers = {
        home: _account(home, issuer_number(home), "ISSUER", view=view, by=by, at=at)
        for home in homes
    }
    for home, number, placeholder in missing:
        pool = number.startswith(BUFFER)
        opened = _account(
            home, pool_number(home) if pool else number, "HOLDING" if pool else "OUTSIDE",
            view=view, by=by, at=at,
        )  # fmt: skip
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE import_account SET real = %s WHERE id = %s", [opened, placeholder]
            )
    return issuers


def _account(
    home: str, number: str, kind: str, *, view: ImportView, by: Actor, at: datetime
) -> UUID:
    known = account_queries.find_account(registry=home, number=number)
    if known is not None:
        return known.pk
    made = accounts.open_account(
        holder_id=view.party_id, type=kind, registry=home, number=number, by=by, at=at
    )
    return made.pk


def _post(
    view: ImportView,
    issuers: Mapping[str, UUID],
    *,
    by: Actor,
    at: datetime,
    approval_id: UUID | None,
    progress: Callable[[int, int, str], None],
) -> tuple[int, int]:
    with connection.cursor() as cursor:
        cursor.execute(_ORDERED)
        cursor.execute("SELECT count(*) FROM import_leg")
        total = cursor.fetchone()[0]
    entries = done = 0
    for moves in _calls():
        drafts = []
        for (kind, day), some in groupby(moves, key=lambda move: (move.kind, move.day)):
            for legs in _some(some, LEGS):
                drafts.append(
                    Draft(
                        kind=kind,
                        legs=[move.leg(issuers) for move in legs],
                        happened_on=day,
                        idempotency_key=entry_key(view.id, entries),
                        subject=f"imports.Import:{view.id}",
                        data={
                            "file": view.sha256,
                            "rows": [move.row_number for move in legs],
                        },
                        approval_id=approval_id,
                    )
                )
                entries += 1
        post_entries(drafts=drafts, by=by, at=at)
        done += len(moves)
        progress(done, total, "")
    return entries, total


def entry_key(import_id: UUID, number: int) -> str:
    """What an import's entries are found by."""
    return f"import-{import_id}-{number}"


def _calls() -> Iterator[list[_Move]]:
    """The moves in their order, a call at a time; those of a call are of one sort."""
    after = 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT * FROM import_leg WHERE n > %s AND n <= %s ORDER BY n",
                [after, after + AT_ONCE],
            )
            found = [_Move(*row) for row in cursor.fetchall()]
        if not found:
            return
        for _, moves in groupby(found, key=lambda move: move.sort):
            yield list(moves)
        after += AT_ONCE


def _some(items: Any, size: int) -> Iterator[list[Any]]:
    batch: list[Any] = []
    for item in items:
        batch.append(item)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch
