"""Carry-over: old allowances end, the new vintage is issued for them, the rest is destroyed.

Three entries of one chain in one statement, each with its own day, linked by the chain's id; they
are taken back together or not at all (R2.29, I25).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from ledger.accounts import queries as accounts
from ledger.doors.operation import operation
from ledger.instruments import queries as instruments
from ledger.kernel.actors import Actor
from ledger.kernel.ids import new_id
from ledger.kernel.keys import key_of
from ledger.units import engine, queries
from ledger.units.models import Entry
from ledger.units.operations.bodies import Draft, Stamp, compose
from ledger.units.operations.decisions import facts_of
from ledger.units.rules import (
    Leg,
    MalformedLeg,
    NotReversible,
    Receipt,
    check_carry_over,
    check_within_window,
)
from ledger.units.states import EntryKind, UnitState

# the links of a chain, by how their keys end: kind of the entry, name of the transaction
ISSUED, DESTROYED = ":issued", ":destroyed"
LINKS = {
    "": (EntryKind.CARRY_OVER, "CARRY_OVER"),
    ISSUED: (EntryKind.ISSUE, "ALLOCATION"),
    DESTROYED: (EntryKind.CANCEL, "CANCELLATION"),
}
Parts = Sequence[tuple[UUID, int]]


@dataclass(frozen=True, slots=True)
class CarriedOver:
    """The entries of a chain: what ended, what was issued for it, what was destroyed."""

    carried: Receipt
    issued: Receipt
    destroyed: Receipt | None = None


def _ends(account_id: UUID, parts: Parts, state: UnitState) -> list[Leg]:
    lots = queries.get_lots(lot_id for lot_id, _count in parts)
    return [
        leg
        for lot_id, count in parts
        for leg in queries.legs_of_units(
            lot=lots[lot_id],
            source=(account_id, UnitState.FREE),
            target=(account_id, state),
            unit_count=count,
        )
    ]


def _check(
    *, account_id: UUID, issuer_id: UUID, parts: Parts, into_id: UUID, on: date, by: Actor
) -> None:
    into = queries.get_lot(into_id)
    account = accounts.get_open_account(account_id, by=by)
    accounts.check_movement(EntryKind.CARRY_OVER, account, account)
    accounts.check_movement(EntryKind.ISSUE, accounts.get_account(issuer_id), account)
    scheme = instruments.get_scheme(into.scheme)
    for lot_id, _count in parts:
        lot = queries.get_lot(lot_id)
        check_carry_over((lot.scheme, lot.vintage_year), (into.scheme, into.vintage_year))
        instruments.check_usable(scheme, facts_of(lot), on=on, purpose=EntryKind.CARRY_OVER)


@operation(retry=True)
def carry_over_units(
    *,
    account_id: UUID,
    parts: Parts,
    into_lot_id: UUID,
    issuer_account_id: UUID,
    happened_on: date,
    by: Actor,
    at: datetime,
    idempotency_key: str,
    destroyed: Parts = (),
    issued_on: date | None = None,
    issued_range: tuple[int, int] | None = None,
    application: str = "",
    reason: str = "",
    approval_id: UUID | None = None,
) -> CarriedOver:
    """Free units of the old lots (`parts`: lot and count) become as many of the new lot.

    `destroyed`: what the application gives up; an entry of its own (I25). The new vintage may be
    issued on a later day. Units under an application's freeze go by the compliance room.

    :raises NotFound, AccountNotOpen, TransactionNotAllowed: of the accounts
    :raises NotCarriedOver: another scheme, or no later vintage
    :raises WrongEndUse: the scheme knows no carry-over
    :raises NotEnoughUnits: fewer are free
    """
    asked: dict[str, Any] = {
        "account": account_id,
        "parts": [list(part) for part in parts],
        "destroyed": [list(part) for part in destroyed],
        "into": into_lot_id,
        "issuer": issuer_account_id,
        "on": [happened_on, issued_on],
        "application": application,
    }
    total = sum(count for _lot, count in parts)
    chain = new_id()
    base = Draft(
        kind=EntryKind.CARRY_OVER,
        legs=(),
        happened_on=happened_on,
        idempotency_key=idempotency_key,
        subject=f"units.CarryOver:{chain}",
        data={"chain": chain, "application": application, "transaction": "CARRY_OVER"},
        reason=reason,
        approval_id=approval_id,
        asked=asked,
    )
    if done := _find_done(base, by, bool(destroyed)):
        return done
    _check(
        account_id=account_id,
        issuer_id=issuer_account_id,
        parts=[*parts, *destroyed],
        into_id=into_lot_id,
        on=happened_on,
        by=by,
    )
    if not total:
        raise MalformedLeg("nothing to carry over")
    issue = Leg(
        into_lot_id,
        issuer_account_id,
        UnitState.UNISSUED,
        account_id,
        UnitState.FREE,
        total,
        *(issued_range or (None, None)),
    )
    drafts = [
        replace(base, legs=_ends(account_id, parts, UnitState.CARRIED_OVER)),
        _link(replace(base, happened_on=issued_on or happened_on), ISSUED, [issue]),
    ]
    if destroyed:
        drafts.append(_link(base, DESTROYED, _ends(account_id, destroyed, UnitState.CANCELLED)))
    stamp = Stamp.of(by, at)
    return CarriedOver(*engine.post([compose(draft, stamp) for draft in drafts]))


def _link(base: Draft, ending: str, legs: Sequence[Leg]) -> Draft:
    kind, transaction = LINKS[ending]
    key = base.idempotency_key + ending
    data: Mapping[str, Any] = {**base.data, "transaction": transaction}
    return replace(base, kind=kind, legs=legs, idempotency_key=key, data=data)


def _find_done(base: Draft, by: Actor, has_rest: bool) -> CarriedOver | None:
    found = []
    for ending in ("", ISSUED, DESTROYED) if has_rest else ("", ISSUED):
        link = _link(base, ending, ())
        receipt = queries.find_receipt(
            full_key=key_of(by, link.idempotency_key), digest=link.digest()
        )
        if receipt is None:
            return None
        found.append(receipt)
    return CarriedOver(*found)


@operation(retry=True)
def reverse_carry_over(
    *,
    entry_id: UUID,
    happened_on: date,
    by: Actor,
    at: datetime,
    idempotency_key: str,
    reason: str,
    approval_id: UUID | None = None,
) -> list[Receipt]:
    """Take a whole chain back: new vintage first, then what was destroyed and carried over (I18).

    `entry_id` is the chain's first entry.

    :raises NotFound: no such entry, or not the actor's
    :raises NotReversible: not a carry-over
    :raises ReversalWindowClosed, AlreadyReversed, NotEnoughUnits: too late, again, or moved on
    """
    first = queries.get_entry(entry_id)
    if first.kind != EntryKind.CARRY_OVER:
        raise NotReversible(first.kind)
    keys = [first.idempotency_key + ending for ending in (ISSUED, DESTROYED)]
    chain = Entry.objects.filter(idempotency_key__in=keys).order_by("-idempotency_key")
    drafts = [
        Draft(
            kind=EntryKind.REVERSE,
            legs=[leg.mirrored() for leg in reversed(queries.get_entry_legs(each.pk))],
            happened_on=happened_on,
            idempotency_key=f"{idempotency_key}:{position}",
            reason=reason,
            approval_id=approval_id,
            reverses=each.pk,
        )
        for position, each in enumerate([*chain, first])
    ]
    for draft in drafts:
        for leg in draft.legs:
            _check_reversible(leg, first.happened_on, happened_on, by)
    stamp = Stamp.of(by, at)
    return engine.post([compose(draft, stamp) for draft in drafts])


def _check_reversible(leg: Leg, happened_on: date, on: date, by: Actor) -> None:
    accounts.get_own_account(leg.from_account_id, by=by)
    scheme = instruments.get_scheme(queries.get_lot(leg.lot_id).scheme)
    check_within_window(happened_on, on, scheme.reversal_window(EntryKind.CARRY_OVER))
