"""Applying to carry old vintages over (R2.28–R2.31). The units move in `units`."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

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
from ledger.kernel.actors import Actor
from ledger.kernel.transitions import check_transition
from ledger.units import operations as units


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
) -> models.CarryOver:
    """Apply to carry vintages before `to_year` over into it, once per entity.

    :raises NotFound: not there, or not yours
    :raises CarryOverClosed: outside the window of applications (I25)
    :raises ObligationsNotMet: something is still owed of the years before (R2.29)
    :raises CarriedOverAlready: applied for already
    :raises CarryOverTooMuch: above the limit (R2.28)
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
    return row


@operation
def withdraw_carry_over(
    *, carry_over_id: UUID, by: Actor, at: datetime, reason: str
) -> models.CarryOver:
    """:raises NotFound: not there, or not yours
    :raises IllegalTransition: done or withdrawn already
    """
    row = get_carry_over(carry_over_id, by=by)
    return _resolve(row, CarryOverState.WITHDRAWN, by=by, at=at, reason=reason)


Parts = Sequence[tuple[UUID, int]]  # lot, count


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
    approval_id: UUID | None = None,
) -> models.CarryOver:
    """The regulator has granted it: old lots end, as many units of the new vintage begin.

    `destroyed`: what of the old vintages is given up with it; an entry of its own (I25).

    :raises NotFound: not there, or not yours
    :raises IllegalTransition: done or withdrawn already
    :raises CarryOverTooMuch: other than what was applied for
    :raises NotEnoughUnits, NotCarriedOver: refused by the ledger of units
    """
    row = get_carry_over(carry_over_id, by=by)
    check_transition(TRANSITIONS, CarryOverState(row.state), CarryOverState.DONE)
    wanted = sum(count for _lot, count in parts)
    if wanted != row.unit_count:
        raise CarryOverTooMuch(limit=row.unit_count, wanted=wanted)
    made = units.carry_over_units(
        account_id=account_id,
        parts=parts,
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
    return _resolve(row, CarryOverState.DONE, by=by, at=at, entry_id=made.carried.entry_id)


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
