"""Applying to carry old vintages over (§2.6, R2.29–R2.31). The units move in `units`.

Frozen from the application (R2.29), carried over when it is granted, issued anew. What a court has
frozen counts as held and goes over with its orders (`holds.carry_freezes_over`).
"""

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from ledger.accounts import queries as accounts
from ledger.compliance import models
from ledger.compliance.operations.writing import record
from ledger.compliance.queries.carrying import carry_over_of, get_carry_over
from ledger.compliance.queries.facts import get_entity
from ledger.compliance.rules.carryover import (
    CarriedOverAlready,
    CarryOverTooMuch,
    ObligationsNotMet,
)
from ledger.compliance.states import TRANSITIONS, CarryOverState
from ledger.doors.operation import operation
from ledger.holds import operations as holds
from ledger.holds import queries as held_units
from ledger.kernel.actors import SYSTEM, Actor
from ledger.kernel.transitions import check_transition
from ledger.units import operations as units

Parts = Sequence[tuple[UUID, int]]  # lot, count


def kept_by(carry_over_id: UUID) -> str:
    """The subject that keeps an application's freezes: only it ends them."""
    return f"compliance.CarryOver:{carry_over_id}"


def _freeze(row: models.CarryOver, account_id: UUID, parts: Parts, at: datetime, by: Actor) -> None:
    account = accounts.get_open_account(account_id, by=by)
    accounts.check_movement("CARRY_OVER", account, account)
    for lot_id, count in parts:
        holds.place_hold(
            kind="FREEZE",
            account_id=account_id,
            lot_id=lot_id,
            unit_count=count,
            order_number=row.evidence[:100],
            purpose="R2.29",
            kept_by=kept_by(row.pk),
            by=SYSTEM,
            at=at,
            idempotency_key=f"carry-over:{row.pk}:{lot_id}",
            reason="R2.29",
        )


def _thaw(row: models.CarryOver, *, at: datetime) -> None:
    for hold in held_units.holds_kept_by(kept_by(row.pk)):
        holds.release_hold(
            hold_id=hold.pk,
            by=SYSTEM,
            at=at,
            idempotency_key=f"carry-over:{hold.pk}",
            reason="R2.29",
            kept_by=kept_by(row.pk),
        )


@operation
def apply_for_carry_over(
    *,
    entity_id: UUID,
    to_year: int,
    sold: int,
    purchased: int,
    held: int,
    unit_count: int,
    evidence: str,
    applied_on: date,
    by: Actor,
    at: datetime,
    account_id: UUID | None = None,
    parts: Parts = (),
) -> models.CarryOver:
    """Apply to carry vintages before `to_year` over into it, once per entity.

    `parts` of the account are frozen from now until it is granted or withdrawn (R2.29).

    :raises NotFound: not there, or not yours
    :raises CarryOverClosed: outside the window of applications (I25)
    :raises ObligationsNotMet: something is still owed of the years before (R2.29)
    :raises CarriedOverAlready: applied for already
    :raises CarryOverTooMuch: above the limit (§2.6), or more frozen than applied for
    :raises TransactionNotAllowed: a trading account; units go to the registry account first
    :raises NotEnoughUnits: fewer are free than are to be frozen
    """
    entity = get_entity(entity_id, by=by)
    made, numbers = carry_over_of(sold=sold, purchased=purchased, held=held, on=applied_on)
    if entity.obligations.filter(year__lt=to_year, open_t__gt=0).exists():
        raise ObligationsNotMet
    standing = entity.carry_overs.filter(to_year=to_year)
    if standing.exclude(state=CarryOverState.WITHDRAWN).exists():
        raise CarriedOverAlready
    if not 0 < unit_count <= made.limit:
        raise CarryOverTooMuch(limit=made.limit, wanted=unit_count)
    row = models.CarryOver.objects.create(
        entity=entity,
        to_year=to_year,
        sold_t=sold,
        purchased_t=purchased,
        held_t=held,
        limit_t=made.limit,
        unit_count=unit_count,
        numbers=numbers,
        evidence=evidence,
        applied_on=applied_on,
        applied_at=at,
        applied_by=by.user_id,
    )
    record("carry_over.applied", row, by=by, at=at)
    frozen = sum(count for _lot, count in parts)
    if frozen > unit_count:
        raise CarryOverTooMuch(limit=unit_count, wanted=frozen)
    if account_id is not None:
        _freeze(row, account_id, parts, at, by)
    return row


@operation
def withdraw_carry_over(
    *, carry_over_id: UUID, by: Actor, at: datetime, reason: str
) -> models.CarryOver:
    """:raises NotFound: not there, or not yours
    :raises IllegalTransition: done or withdrawn already
    """
    row = get_carry_over(carry_over_id, by=by)
    done = _resolve(row, CarryOverState.WITHDRAWN, by=by, at=at, reason=reason)
    _thaw(row, at=at)
    return done


def check_completion(row: models.CarryOver, *, parts: Parts, frozen: Sequence[UUID]) -> None:
    """What would be refused at the end, said before anybody is asked.

    :raises IllegalTransition: done or withdrawn already
    :raises CarryOverTooMuch: other than what was applied for
    """
    check_transition(TRANSITIONS, CarryOverState(row.state), CarryOverState.DONE)
    under_order = sum(held_units.get_hold(one).controlled_count for one in frozen)
    wanted = sum(count for _lot, count in parts) + under_order
    if wanted != row.unit_count:
        raise CarryOverTooMuch(limit=row.unit_count, wanted=wanted)


@operation(retry=True)
def complete_carry_over(
    *,
    carry_over_id: UUID,
    account_id: UUID,
    issuer_account_id: UUID,
    into_lot_id: UUID,
    parts: Parts,
    happened_on: date,
    by: Actor,
    at: datetime,
    idempotency_key: str,
    destroyed: Parts = (),
    frozen: Sequence[UUID] = (),
    approval_id: UUID | None = None,
) -> models.CarryOver:
    """The regulator has granted it: old lots end, as many units of the new vintage begin.

    `destroyed`: what of the old vintages is given up with it; an entry of its own (I25).
    `frozen`: orders of a court whose units go over whole, each the first of its line. They and
    those in line behind them stand over the new vintage.

    :raises NotFound: not there, or not yours
    :raises IllegalTransition: done or withdrawn already
    :raises CarryOverTooMuch: other than what was applied for
    :raises NotEnoughUnits, NotCarriedOver: refused by the ledger of units
    :raises NotOnlyOrders: other holds stand in the line of a frozen part
    """
    row = get_carry_over(carry_over_id, by=by)
    check_completion(row, parts=parts, frozen=frozen)
    _thaw(row, at=at)
    made = list[units.CarriedOver]()

    def carry(thawed: Parts) -> None:
        """Of a lot that is free in part and frozen in part, both in one."""
        together = Counter[UUID]()
        for lot_id, count in [*parts, *thawed]:
            together[lot_id] += count
        made.append(
            units.carry_over_units(
                account_id=account_id,
                parts=list(together.items()),
                into_lot_id=into_lot_id,
                issuer_account_id=issuer_account_id,
                happened_on=happened_on,
                by=by,
                at=at,
                idempotency_key=f"compliance:{idempotency_key}",
                destroyed=destroyed,
                application=f"compliance.CarryOver:{row.pk}",
                approval_id=approval_id,
            )
        )

    if frozen:
        holds.carry_freezes_over(
            account_id=account_id,
            hold_ids=frozen,
            into_lot_id=into_lot_id,
            carry=carry,
            by=by,
            at=at,
        )
    else:
        carry(())
    return _resolve(row, CarryOverState.DONE, by=by, at=at, entry_id=made[0].carried.entry_id)


def _resolve(
    row: models.CarryOver,
    state: CarryOverState,
    *,
    by: Actor,
    at: datetime,
    reason: str = "",
    entry_id: UUID | None = None,
) -> models.CarryOver:
    row = models.CarryOver.objects.select_for_update().get(pk=row.pk)
    check_transition(TRANSITIONS, row.state, state)
    row.state, row.resolved_at, row.resolved_by, row.entry_id = state, at, by.user_id, entry_id
    row.save(update_fields=["state", "resolved_at", "resolved_by", "entry_id"])
    record(f"carry_over.{state.lower()}", row, by=by, at=at, reason=reason)
    return row
