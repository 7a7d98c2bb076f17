"""Differences become breaks: new ones open, known ones stay, closed ones reopen, gone ones show."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any
from uuid import UUID

from django.db import connection

from ledger.accounts import queries as accounts
from ledger.audit import operations as audit
from ledger.audit.operations import Happening
from ledger.doors.operation import operation
from ledger.jobs import operations as jobs
from ledger.kernel.actors import Actor
from ledger.kernel.errors import N_
from ledger.reconciliation import queries
from ledger.reconciliation.comparing import Compared, Counts, differences
from ledger.reconciliation.models import OPEN, Break, Comparison, Statement
from ledger.reconciliation.rules import Difference
from ledger.reconciliation.states import BreakState

AT_A_TIME = 1000
TASK = "reconciliation.compare"


@operation
def request_comparison(
    *, account_id: UUID, by: Actor, at: datetime, key: str | None = None
) -> UUID:
    """Have an account's standing statements compared by a worker; the id of the job.

    With a key, asking again gives the same job.

    :raises NotFound: not the actor's account
    """
    account = accounts.get_own_account(account_id, by=by)
    job = jobs.enqueue(
        kind=N_("comparison with the registry"),
        task=TASK,
        args={"account_id": str(account.pk)},
        by=by,
        at=at,
        subject=f"accounts.Account:{account.pk}",
        key=f"{TASK}:{key}" if key else None,
    )
    return job.pk


@operation
def compare_account(*, account_id: UUID, by: Actor, at: datetime) -> list[Comparison]:
    """Compare every statement that still speaks of an account, and find gone what was withdrawn.

    :raises NotFound: no such account
    """
    accounts.get_account(account_id)
    return [
        compare_statement(statement_id=statement_id, by=by, at=at)
        for statement_id in queries.statements_to_compare(account_id)
    ]


@operation
def compare_statement(*, statement_id: UUID, by: Actor, at: datetime) -> Comparison:
    """Hold one statement against the books of its day; what newer ones speak of is left to them.

    The same difference is the same break. One that is gone is proposed for closure, one that was
    closed and is there again is reopened.

    :raises NotFound: no such statement
    """
    statement = queries.get_statement(statement_id, by=by)
    _wait_our_turn(statement.account_id)
    compared = next(
        (
            one
            for one in queries.standing_statements(statement.account_id)
            if one.statement_id == statement_id
        ),
        None,
    )
    counts, run = Counts(), _Run(statement, by, at)
    if compared is not None:
        source = differences(compared, counts)
        while batch := list(islice(source, AT_A_TIME)):
            run.take(batch)
    run.find_gone(compared)
    made = Comparison.objects.create(
        statement=statement,
        line_count=statement.line_count,
        our_count=counts.here,
        their_count=counts.there,
        totals=counts.as_rows(),
        difference_count=run.count,
        new_count=run.new_count,
        reopened_count=run.reopened_count,
        vanished_count=run.vanished_count,
        compared_at=at,
        compared_by=by.user_id,
    )
    audit.record(
        verb="statement.compared",
        subject=f"reconciliation.Comparison:{made.pk}",
        by=by,
        at=at,
        data={"row": queries.content_of(made)},
    )
    return made


def _wait_our_turn(account_id: UUID) -> None:
    """One comparison of an account at a time: two would open the same breaks."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"compare:{account_id}"]
        )


@dataclass(slots=True)
class _Run:
    statement: Statement
    by: Actor
    at: datetime
    seen: set[UUID] = field(default_factory=set)
    count: int = 0
    new_count: int = 0
    reopened_count: int = 0
    vanished_count: int = 0

    def take(self, batch: Sequence[Difference]) -> None:
        """Differences of one batch: known breaks are touched, the others opened."""
        told = {one.identity(self.statement.account_id): one for one in batch}
        known = {
            bytes(row.identity): row
            for row in Break.objects.select_for_update()
            .filter(identity__in=list(told))
            .order_by("id")
        }
        self.count += len(told)
        self.seen.update(row.pk for row in known.values())
        self._open(told[identity] for identity in told.keys() - known.keys())
        self._see(known, told)

    def _open(self, found: Iterable[Difference]) -> None:
        made = [
            Break(
                identity=one.identity(self.statement.account_id),
                account_id=self.statement.account_id,
                state=BreakState.OPEN,
                opened_at=self.at,
                opened_by=self.by.user_id,
                statement=self.statement,
                **_facts(one),
            )
            for one in sorted(found, key=lambda one: (str(one.cell), one.first or 0))
        ]
        Break.objects.bulk_create(made)
        self.seen.update(row.pk for row in made)
        self.new_count += len(made)
        self._record("break.opened", made)

    def _see(self, known: dict[bytes, Break], told: dict[bytes, Difference]) -> None:
        again, still = list[Break](), list[Break]()
        for identity, row in known.items():
            facts = _facts(told[identity])
            if row.state == BreakState.CLOSED:
                self._reopen(row, facts)
                again.append(row)
            elif self._is_news(row, facts):
                still.append(row)
        self.reopened_count += len(again)
        self._record("break.reopened", again)
        self._record("break.seen", still)

    def _reopen(self, row: Break, facts: dict[str, Any]) -> None:
        row.state, row.closed_at, row.closed_by = BreakState.OPEN, None, None
        row.reopened_count += 1
        self._is_news(row, facts)
        row.save()

    def _is_news(self, row: Break, facts: dict[str, Any]) -> bool:
        """Another size, another statement, or there again after it had gone."""
        facts = {**facts, "statement_id": self.statement.pk, "vanished_at": None}
        changed = {name: value for name, value in facts.items() if getattr(row, name) != value}
        for name, value in {**changed, "vanished_by": None}.items():
            setattr(row, name, value)
        if changed:
            row.save()
        return bool(changed)

    def find_gone(self, compared: Compared | None) -> None:
        """Breaks of what this statement speaks of which it did not show."""
        rows = Break.objects.select_for_update().filter(
            account_id=self.statement.account_id, state__in=OPEN, vanished_at=None
        )
        gone = [row for row in rows.order_by("id") if self._is_gone(row, compared)]
        for row in gone:
            row.vanished_at, row.vanished_by = self.at, self.by.user_id
            row.save(update_fields=["vanished_at", "vanished_by"])
        self.vanished_count = len(gone)
        self._record("break.vanished", gone)

    def _is_gone(self, row: Break, compared: Compared | None) -> bool:
        if row.pk in self.seen:
            return False
        if compared is None:  # withdrawn, or overruled: what it alone showed is shown by nobody
            return row.statement_id == self.statement.pk
        return any(compared.is_about(*cell) for cell in _cells(row))

    def _record(self, verb: str, rows: Sequence[Break]) -> None:
        happenings = [
            Happening(verb, f"reconciliation.Break:{row.pk}", {"row": queries.content_of(row)})
            for row in rows
        ]
        audit.record_many(happenings, by=self.by, at=self.at)


def _cells(row: Break) -> Iterator[tuple[str, int, str]]:
    if row.our_state:
        yield row.scheme, row.vintage_year, row.our_state
    if row.their_state:
        scheme = row.their_scheme or row.scheme
        yield scheme, row.their_vintage_year or row.vintage_year, row.their_state


def _facts(one: Difference) -> dict[str, Any]:
    """The columns of a break that come from its difference."""
    differs = one.ours is not None and one.theirs is not None
    other = one.theirs if differs else None
    return {
        "kind": one.kind.value,
        "scheme": one.cell.scheme,
        "vintage_year": one.cell.vintage_year,
        "project_code": one.cell.project_code,
        "our_state": one.ours.state if one.ours else "",
        "their_state": one.theirs.state if one.theirs else "",
        "their_scheme": other.scheme if other else "",
        "their_vintage_year": other.vintage_year if other else None,
        "their_project_code": other.project_code if other else "",
        "space": list(one.space) if one.space else None,
        "first_serial": one.first,
        "last_serial": one.last,
        "our_count": one.our_count,
        "their_count": one.their_count,
        "unit_count": one.unit_count,
    }
