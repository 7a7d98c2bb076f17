"""Closing by correction: an entry that makes the books agree; one asks for it, another gives it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from ledger.accounts import queries as accounts
from ledger.accounts.queries import AccountType
from ledger.approvals import operations as approvals
from ledger.approvals import queries as approval_queries
from ledger.doors.operation import operation
from ledger.kernel.actors import Actor
from ledger.kernel.transitions import check_transition
from ledger.reconciliation import queries, rules
from ledger.reconciliation.models import Break
from ledger.reconciliation.operations.breaks import record
from ledger.reconciliation.states import TRANSITIONS, BreakKind, BreakState
from ledger.units import operations as units
from ledger.units.operations import Leg
from ledger.units.states import TERMINAL, UnitState

CORRECT = "reconciliation.correct_break"
KIND = "CORRECTION"
# the counterparty's books are not ours, or there are none
STRANGERS = frozenset({AccountType.OUTSIDE.value, AccountType.ISSUER.value})

# Units are read by name: where the serials of a run are now, wherever that is.
_BLOCKS = """
SELECT p.account_id, p.lot_id, p.state, b.hold_id,
       greatest(b.first_serial, %(first)s), least(b.last_serial, %(last)s)
FROM ledger_units_serialspace AS s
JOIN ledger_units_block AS b ON b.space_id = s.id
JOIN ledger_units_position AS p ON p.id = b.position_id
WHERE (s.registry, s.programme, s.prefix) = (%(registry)s, %(programme)s, %(prefix)s)
  AND int8range(b.first_serial, b.last_serial, '[]') && int8range(%(first)s, %(last)s, '[]')
ORDER BY b.first_serial
"""
_LOTS = """
SELECT l.id, coalesce(p.quantity, 0) FROM ledger_units_lot AS l
LEFT JOIN ledger_instruments_project AS project ON project.id = l.project_id
LEFT JOIN ledger_units_serialspace AS s ON s.id = l.space_id
LEFT JOIN ledger_units_position AS p
  ON p.lot_id = l.id AND p.account_id = %(account)s AND p.state = 'FREE'
WHERE l.scheme = %(scheme)s AND l.vintage_year = %(vintage)s
  AND (%(project)s = '' OR coalesce(project.code, l.traits ->> 'project_code', '') = %(project)s)
  AND (%(space)s::text[] IS NULL OR ARRAY[s.registry, s.programme, s.prefix]::text[] = %(space)s)
ORDER BY l.id
"""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a correction needs to know besides its break."""

    counter_account_id: UUID | None
    lot_id: UUID | None


@operation
def propose_correction(
    *,
    break_id: UUID,
    reason: str,
    by: Actor,
    at: datetime,
    idempotency_key: str,
    summary: Sequence[str],
    counter_account_id: UUID | None = None,
    lot_id: UUID | None = None,
) -> UUID:
    """Ask a second person for the entry that corrects a break; the approval's id.

    `counter_account_id`: where units come from that are missing here, or go to that are missing
    there; not needed where only a state differs. The entry is dated on the statement's day.

    :raises NotCorrectable, CounterpartNeeded, LotUnclear: what `correct_break` would refuse
    :raises IllegalTransition: nobody has the break, or it is closed
    :raises NotFound: not there, or another party's
    """
    payload = payload_of(break_id, reason, idempotency_key, counter_account_id, lot_id)
    asked = approval_queries.find_asked(operation=CORRECT, key=idempotency_key, by=by)
    if asked is not None:
        return asked.id
    row = queries.lock_break(break_id, by=by)
    if row.state != BreakState.CORRECTING:
        check_transition(TRANSITIONS, row.state, BreakState.CORRECTING)
    legs_of(row, Plan(counter_account_id, lot_id), by=by)
    row.state = BreakState.CORRECTING
    row.save(update_fields=["state"])
    record("in_correction", row, by=by, at=at, reason=reason)
    approval = approvals.request_approval(
        operation=CORRECT, payload=payload, summary=summary, party_id=by.own_party, by=by, at=at
    )
    return approval.id


def check_correction(
    *, break_id: UUID, by: Actor, counter_account_id: UUID | None, lot_id: UUID | None
) -> None:
    """Would it be taken? For the page that says what will happen.

    :raises DomainError: what `propose_correction` would refuse
    """
    row = queries.get_break(break_id, by=by)
    legs_of(row, Plan(counter_account_id, lot_id), by=by)


def payload_of(
    break_id: UUID, reason: str, key: str, counter_account_id: UUID | None, lot_id: UUID | None
) -> dict[str, Any]:
    """What the approval is bound to."""
    return {
        "break_id": str(break_id),
        "counter_account_id": str(counter_account_id) if counter_account_id else None,
        "lot_id": str(lot_id) if lot_id else None,
        "reason": reason,
        "key": key,
    }


def plan_of(payload: Mapping[str, Any]) -> Plan:
    ids = [payload["counter_account_id"], payload["lot_id"]]
    return Plan(*[UUID(one) if one else None for one in ids])


@operation
def correct_break(
    *, break_id: UUID, plan: Plan, approval_id: UUID, reason: str, by: Actor, at: datetime
) -> Break:
    """Post the correcting entry, linked to break and approval, and close the break.

    :raises NotCorrectable: no forward entry does it: a terminal state, a hold, another attribute
    :raises CounterpartNeeded, LotUnclear: it is not said where to, where from, or of which lot
    :raises IllegalTransition: it is not in correction
    :raises NotEnoughUnits, RangeNotHeld: the units have moved since
    """
    row = queries.lock_break(break_id, by=by)
    if row.state != BreakState.CORRECTING:
        check_transition(TRANSITIONS, row.state, BreakState.CORRECTING)
    receipt = units.post_entry(
        kind=KIND,
        legs=legs_of(row, plan, by=by),
        happened_on=row.statement.as_of_on,
        by=by,
        at=at,
        idempotency_key=f"correction:{row.pk}:{row.reopened_count}",
        subject=f"reconciliation.Break:{row.pk}",
        data={"break": row.pk, "statement": row.statement_id},
        reason=reason,
        approval_id=approval_id,
    )
    row.state, row.entry_id = BreakState.CLOSED, receipt.entry_id
    row.closed_at, row.closed_by = at, by.user_id
    row.save(update_fields=["state", "entry_id", "closed_at", "closed_by"])
    record("corrected", row, by=by, at=at, reason=reason)
    return row


# --- which entry


def legs_of(row: Break, plan: Plan, *, by: Actor) -> list[Leg]:
    """The legs that make our books say what the statement says.

    :raises NotCorrectable, CounterpartNeeded, LotUnclear: see `correct_break`
    :raises NotFound: the other account is not the actor's
    """
    if row.kind == BreakKind.ATTRIBUTE:
        raise rules.NotCorrectable
    if row.kind == BreakKind.STATE:
        return _into_state(row)
    counter = _counter(row, plan, by=by)
    if row.space is None:
        return _total(row, plan, counter)
    return _away(row, counter) if row.our_state else _hither(row, plan, counter)


def _counter(row: Break, plan: Plan, *, by: Actor) -> Any:
    """The other account: the actor's own, or one whose books are not ours."""
    if plan.counter_account_id is None or plan.counter_account_id == row.account_id:
        raise rules.CounterpartNeeded
    account = accounts.get_account(plan.counter_account_id)
    if account.type in STRANGERS:
        return account
    return accounts.get_own_account(account.pk, by=by)


_Block = tuple[UUID, UUID, str, UUID | None, int, int]


def _blocks(row: Break) -> list[_Block]:
    registry, programme, prefix = row.space or ("", "", "")
    asked = {"registry": registry, "programme": programme, "prefix": prefix}
    with connection.cursor() as cursor:
        cursor.execute(_BLOCKS, {**asked, "first": row.first_serial, "last": row.last_serial})
        return list(cursor.fetchall())


def _leg(block: _Block, target: tuple[UUID, UnitState]) -> Leg:
    account_id, lot_id, state, hold_id, first, last = block
    if hold_id is not None or UnitState(state) in TERMINAL:
        raise rules.NotCorrectable
    source = (account_id, UnitState(state))
    return Leg(lot_id, *source, *target, last - first + 1, first, last)


def _whole(row: Break, legs: list[Leg]) -> list[Leg]:
    """Every serial of the run is moved, or none."""
    if sum(leg.unit_count for leg in legs) != row.unit_count:
        raise rules.NotCorrectable
    return legs


def _into_state(row: Break) -> list[Leg]:
    """Free units end as the registry says; what is held is released or placed by its own act."""
    if UnitState(row.their_state) not in TERMINAL | {UnitState.IN_TRANSIT, UnitState.FREE}:
        raise rules.NotCorrectable
    target = (row.account_id, UnitState(row.their_state))
    legs = [_leg(block, target) for block in _blocks(row) if block[0] == row.account_id]
    return _whole(row, legs)


def _away(row: Break, counter: Any) -> list[Leg]:
    target = (counter.pk, UnitState.FREE)
    legs = [_leg(block, target) for block in _blocks(row) if block[0] == row.account_id]
    return _whole(row, legs)


def _hither(row: Break, plan: Plan, counter: Any) -> list[Leg]:
    """From where our books have the serials; those that they do not know are issued."""
    target = (row.account_id, _arriving(row))
    found = _blocks(row)
    if found:
        legs = [_leg(block, target) for block in found if block[0] == counter.pk]
        return _whole(row, legs)
    if counter.type != AccountType.ISSUER.value:
        raise rules.NotCorrectable
    lot_id = _lot(row, plan, wanted_from=None)
    source = (counter.pk, UnitState.UNISSUED)
    return [Leg(lot_id, *source, *target, row.unit_count, row.first_serial, row.last_serial)]


def _arriving(row: Break) -> UnitState:
    if row.their_state != UnitState.FREE:
        raise rules.NotCorrectable
    return UnitState.FREE


def _total(row: Break, plan: Plan, counter: Any) -> list[Leg]:
    """Free units without serials go to the other account, or come from it."""
    if (row.our_state or row.their_state) != UnitState.FREE:
        raise rules.NotCorrectable
    here, there = (row.account_id, UnitState.FREE), (counter.pk, UnitState.FREE)
    if row.our_count > row.their_count:
        lot_id = _lot(row, plan, wanted_from=row.account_id)
        return [Leg(lot_id, *here, *there, row.unit_count)]
    if counter.type == AccountType.ISSUER.value:
        there = (counter.pk, UnitState.UNISSUED)
        return [Leg(_lot(row, plan, wanted_from=None), *there, *here, row.unit_count)]
    lot_id = _lot(row, plan, wanted_from=counter.pk)
    return [Leg(lot_id, *there, *here, row.unit_count)]


def _lot(row: Break, plan: Plan, *, wanted_from: UUID | None) -> UUID:
    """The lot that is meant: the one named, else the only one there is.

    :raises LotUnclear: several, or none, or the one named is another's
    """
    asked = {
        "scheme": row.scheme,
        "vintage": row.vintage_year,
        "project": row.project_code,
        "space": row.space,
        "account": wanted_from,
    }
    with connection.cursor() as cursor:
        cursor.execute(_LOTS, asked)
        found: list[UUID] = [
            lot_id
            for lot_id, quantity in cursor.fetchall()
            if wanted_from is None or quantity >= row.unit_count
        ]
    if plan.lot_id is not None:
        found = [lot_id for lot_id in found if lot_id == plan.lot_id]
    if len(found) != 1:
        raise rules.LotUnclear
    return found[0]
