"""How the room writes: rows with their events, and holds that only a pledge's acts end."""

from datetime import date, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

from finance.pledges import models, queries
from finance.pledges.operations import telling
from finance.pledges.rules import refusals
from finance.pledges.states import (
    CALLS,
    PARTS,
    TRANSITIONS,
    CallState,
    PartState,
    PledgeState,
)
from ledger.audit import operations as audit
from ledger.audit.keeping import content_of, fit, keep, subject_of
from ledger.holds import operations as holds
from ledger.holds.states import HoldKind
from ledger.kernel.actors import Actor, Role
from ledger.kernel.transitions import check_transition
from ledger.units import queries as units

BEIJING = timezone(timedelta(hours=8))
Ranges = tuple[tuple[int, int], ...]


def day_of(at: datetime) -> date:
    return at.astimezone(BEIJING).date()


def lock(pledge_id: UUID, *, by: Actor) -> models.Pledge:
    """:raises NotFound: not there, or not yours"""
    queries.get_pledge_seen_by(pledge_id, by)
    rows = models.Pledge.objects.select_related("facility").select_for_update(of=("self",))
    return rows.get(pk=pledge_id)


def check_debtor(pledge: models.Pledge, by: Actor) -> None:
    """:raises OnlyTheDebtor: somebody else"""
    if not by.is_machine and by.party_id != pledge.debtor_id:
        raise refusals.OnlyTheDebtor


def check_creditor(pledge: models.Pledge, by: Actor) -> None:
    """:raises OnlyTheCreditor: somebody else, a machine too"""
    if by.party_id != pledge.creditor_id:
        raise refusals.OnlyTheCreditor


def say(row: Any, verb: str, *, by: Actor, at: datetime, reason: str = "") -> None:
    fit(row)
    audit.record(
        verb=verb, subject=subject_of(row), by=by, at=at, data={"row": content_of(row)},
        reason=reason,
    )  # fmt: skip


def move(
    row: models.Pledge, state: PledgeState, *, by: Actor, at: datetime, reason: str = ""
) -> None:
    """:raises IllegalTransition: the table has no such move"""
    check_transition(TRANSITIONS, row.state, state)
    row.state = state
    if not TRANSITIONS[state]:
        row.ended_on, row.end_reason = day_of(at), reason[:300]
    row.save(update_fields=["state", "approval_id", "approved_on", "ended_on", "end_reason"])
    say(row, "pledge.moved", by=by, at=at, reason=reason)
    telling.tell(row, telling.MOVED, by=by, at=at)


def kept_by(pledge: models.Pledge) -> str:
    """The name under which a pledge keeps its holds: only its own acts end them."""
    return f"pledges.Pledge:{pledge.pk}"


def acting_for(pledge: models.Pledge, by: Actor) -> Actor:
    """Who acts, with the debtor's authority over her units: both have said yes by then."""
    return Actor(by.user_id, pledge.debtor_id, by.roles | {Role.CARBON_MANAGER})


def place(
    pledge: models.Pledge,
    part: models.Part,
    kind: HoldKind,
    *,
    ranges: Ranges,
    by: Actor,
    at: datetime,
    behind: UUID | None = None,
) -> UUID:
    """Set the part's units aside in favour of the creditor."""
    hold = holds.place_hold(
        kind=kind.value,
        account_id=part.account_id,
        lot_id=part.lot_id,
        unit_count=part.unit_count,
        ranges=ranges,
        in_favour_of=pledge.creditor_id,
        purpose=pledge.number,
        consent_number=pledge.consent_number,
        kept_by=kept_by(pledge),
        expires_on=pledge.ends_on if kind is HoldKind.PLEDGE else None,
        behind=behind,
        by=acting_for(pledge, by),
        at=at,
        idempotency_key=f"pledge-part:{part.pk}:{kind}",
    )
    return hold.pk


def give_back(
    pledge: models.Pledge,
    part: models.Part,
    *,
    by: Actor,
    at: datetime,
    key: str,
    unit_count: int | None = None,
    reason: str = "",
    approval_id: UUID | None = None,
) -> None:
    """Units of a part go to the next in rank, else to free; all, or some."""
    count = part.unit_count if unit_count is None else unit_count
    if part.hold_id is not None:
        holds.release_hold(
            hold_id=part.hold_id,
            unit_count=count,
            reason=reason[:300],
            kept_by=kept_by(pledge),
            approval_id=approval_id,
            by=acting_for(pledge, by),
            at=at,
            idempotency_key=f"pledge-part:{part.pk}:{key}",
        )
    shrink(part, count, by=by, at=at)


def shrink(part: models.Part, count: int, *, by: Actor, at: datetime) -> None:
    """:raises MoreThanPledged: fewer are there"""
    if not 1 <= count <= part.unit_count:
        raise refusals.MoreThanPledged(wanted=count, held=part.unit_count)
    part.unit_count -= count
    if not part.unit_count:
        check_transition(PARTS, part.state, PartState.GONE)
        part.state = PartState.GONE
    part.save(update_fields=["state", "unit_count"])
    say(part, "pledge.part_moved", by=by, at=at)


def reserve(
    pledge: models.Pledge,
    wanted: Any,
    *,
    key: str,
    by: Actor,
    at: datetime,
) -> models.Part:
    """Units are chosen from the free ones and reserved at once."""
    lot = units.get_lot(wanted.lot_id)
    part = models.Part(
        pledge=pledge, account_id=wanted.account_id, lot_id=lot.id, scheme=lot.scheme,
        vintage_year=lot.vintage_year, placed_count=wanted.unit_count,
        unit_count=wanted.unit_count,
    )  # fmt: skip
    if pledge.behind_id is None:
        part.hold_id = place(
            pledge, part, HoldKind.RESERVE, ranges=tuple(wanted.ranges), by=by, at=at
        )
    keep(part, "pledge.part_reserved", key=key, by=by, at=at)
    return part


def pledge_part(
    pledge: models.Pledge, part: models.Part, *, by: Actor, at: datetime, key: str
) -> None:
    """From reserved to pledged: the same units, the same serials, in one transaction."""
    ranges: Ranges = ()
    behind = None
    if part.hold_id is not None:
        ranges = tuple(queries.serials_of(part))
        holds.release_hold(
            hold_id=part.hold_id,
            kept_by=kept_by(pledge),
            by=acting_for(pledge, by),
            at=at,
            idempotency_key=f"pledge-part:{part.pk}:{key}",
        )
    else:
        behind = _hold_before(pledge, part)
    part.hold_id = place(pledge, part, HoldKind.PLEDGE, ranges=ranges, by=by, at=at, behind=behind)
    check_transition(PARTS, part.state, PartState.PLEDGED)
    part.state = PartState.PLEDGED
    part.save(update_fields=["state", "hold_id"])
    say(part, "pledge.part_moved", by=by, at=at)


def _hold_before(pledge: models.Pledge, part: models.Part) -> UUID:
    """:raises NoCollateral: the first pledge has no such units"""
    assert pledge.behind is not None  # noqa: S101  the caller has looked
    first = queries.parts_of(pledge.behind).filter(
        account_id=part.account_id, lot_id=part.lot_id, state=PartState.PLEDGED
    )
    found = first.first()
    if found is None or found.hold_id is None:
        raise refusals.NoCollateral
    return found.hold_id


def end_calls(pledge: models.Pledge, state: CallState, *, by: Actor, at: datetime) -> None:
    call = queries.open_call(pledge)
    if call is None:
        return
    check_transition(CALLS, call.state, state)
    call.state, call.settled_on = state, day_of(at)
    call.save(update_fields=["state", "settled_on"])
    say(call, "pledge.call_settled", by=by, at=at)
    telling.tell_of_call(call, telling.CALL_SETTLED, by=by, at=at)
