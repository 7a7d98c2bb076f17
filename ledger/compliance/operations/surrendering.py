"""Handing units in against an obligation year. Four eyes stand before it (`approvable`)."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from ledger.compliance import models
from ledger.compliance.operations.writing import (
    lock_entity,
    reckon_entity,
    reckon_year,
    record,
)
from ledger.compliance.queries.regimes import get_regime
from ledger.compliance.queries.years import get_obligation, offsets_in_period
from ledger.compliance.rules.obligations import Cover, check_surrender
from ledger.compliance.rules.regimes import RegimeRules, Verdict, check_eligible, check_offset
from ledger.doors.operation import operation
from ledger.kernel.actors import Actor
from ledger.kernel.keys import KeyUsedOtherwise, key_of
from ledger.units import operations as units
from ledger.units.queries import get_lot
from ledger.units.states import EntryKind


@dataclass(frozen=True, slots=True)
class Line:
    """So many units of a lot, out of an account."""

    account_id: UUID
    lot_id: UUID
    unit_count: int


@dataclass(frozen=True, slots=True)
class _Judged:
    line: Line
    is_offset: bool
    is_flagged: bool


def _judge(line: Line, regime: RegimeRules, year: int, on: date) -> _Judged:
    """:raises NotEligible, VintageRefused, OffsetFromCovered: they do not serve this year"""
    lot = get_lot(line.lot_id)
    check_offset(regime, scheme=lot.scheme, traits=lot.traits)
    cell = check_eligible(regime, scheme=lot.scheme, vintage=lot.vintage_year, year=year, on=on)
    flagged = cell is not None and cell.verdict is Verdict.FLAGGED and lot.vintage_year > year
    return _Judged(line, regime.is_offset(lot.scheme), flagged)


def check_lines(
    obligation: models.Obligation, lines: Sequence[Line], *, on: date, at: datetime
) -> list[_Judged]:
    """Whether these units may be handed in for the year, together.

    :raises NotEligible, VintageRefused: of single units (I24)
    :raises NothingOwed, MoreThanOwed, OffsetCapExceeded: of all of them
    """
    regime = get_regime(obligation.entity.regime_id)
    judged = [_judge(line, regime, obligation.year, on) for line in lines]
    offsets = sum(one.line.unit_count for one in judged if one.is_offset)
    check_surrender(
        cover=Cover(
            owed=obligation.owed_t or 0,
            allowances=obligation.allowances_t + obligation.offsets_t,
            offsets=0,
        ),
        allowances=sum(one.line.unit_count for one in judged) - offsets,
        offsets=offsets,
        cap=(obligation.offset_cap_t or 0)
        - offsets_in_period(obligation.entity, regime, obligation.year, at),
        year=obligation.year,
        known=obligation.owed_t is not None,
    )
    return judged


def check_not_blocked(lines: Sequence[Line], *, on: date, by: Actor, at: datetime) -> None:
    """:raises DomainError: a room beside refuses, such as for an open break of the vintage"""
    for line in lines:
        units.check_guards(
            kind=EntryKind.SURRENDER,
            account_id=line.account_id,
            lot=get_lot(line.lot_id),
            on=on,
            by=by,
            at=at,
        )


@operation(retry=True)
def surrender(
    *,
    obligation_id: UUID,
    lines: Sequence[Line],
    happened_on: date,
    by: Actor,
    at: datetime,
    idempotency_key: str,
    reason: str = "",
    approval_id: UUID | None = None,
) -> list[models.Surrender]:
    """Hand units in against an obligation year, all lines or none; asked twice, done once.

    :raises NotFound: not there, or not yours
    :raises KeyUsedOtherwise: the key stands for another year's surrender (I40)
    :raises NotEligible, VintageRefused: such units do not serve this year
    :raises NothingOwed, MoreThanOwed, OffsetCapExceeded: I24
    :raises NotEnoughUnits, RangeNotHeld, Expired: refused by the ledger of units
    """
    obligation = get_obligation(obligation_id, by=by)
    lock_entity(obligation.entity_id, by=by)
    keys = [f"{idempotency_key}:{n}" for n in range(len(lines))]
    if found := _find_surrendered([key_of(by, key) for key in keys], obligation):
        return found
    # a day may have passed since it was reckoned: look again before judging
    obligation = reckon_year(obligation.entity, obligation.year, by=by, at=at)
    judged = check_lines(obligation, lines, on=happened_on, at=at)
    rows = [
        _hand_in(
            one,
            obligation,
            key=key,
            on=happened_on,
            reason=reason,
            approval_id=approval_id,
            by=by,
            at=at,
        )
        for one, key in zip(judged, keys, strict=True)
    ]
    reckon_entity(obligation.entity, by=by, at=at)
    return rows


def _find_surrendered(keys: Sequence[str], obligation: models.Obligation) -> list[models.Surrender]:
    """:raises KeyUsedOtherwise: they stand for what another year got"""
    found = models.Surrender.objects.filter(idempotency_key__in=keys)
    if any(row.obligation_id != obligation.pk for row in found):
        raise KeyUsedOtherwise
    return sorted(found, key=lambda row: keys.index(row.idempotency_key))


def _hand_in(
    judged: _Judged,
    obligation: models.Obligation,
    *,
    key: str,
    on: date,
    reason: str,
    approval_id: UUID | None,
    by: Actor,
    at: datetime,
) -> models.Surrender:
    line = judged.line
    receipt = units.surrender_units(
        lot_id=line.lot_id,
        account_id=line.account_id,
        unit_count=line.unit_count,
        obligation=f"compliance.Obligation:{obligation.pk}",
        happened_on=on,
        by=by,
        at=at,
        idempotency_key=f"compliance:{key}",
        reason=reason,
        approval_id=approval_id,
    )
    row = models.Surrender.objects.create(
        obligation=obligation,
        entry_id=receipt.entry_id,
        account_id=line.account_id,
        lot_id=line.lot_id,
        unit_count=line.unit_count,
        is_offset=judged.is_offset,
        is_flagged=judged.is_flagged,
        surrendered_on=on,
        recorded_at=at,
        recorded_by=by.user_id,
        idempotency_key=key_of(by, key),
    )
    record("obligation.surrendered", row, by=by, at=at, reason=reason)
    return row


@contextmanager
def follow_reversal(*, entry_id: UUID, by: Actor, at: datetime) -> Iterator[None]:
    """Around the reversal of an entry: if it handed units in, its entity's years follow at once.

    The entity is locked first, as by a surrender, so that the two never wait for each other.
    """
    made = models.Surrender.objects.filter(entry_id=entry_id).select_related("obligation").first()
    if made is None:
        yield
        return
    entities = models.Entity.objects.select_for_update()
    entity = entities.get(pk=made.obligation.entity_id)
    yield
    reckon_entity(entity, by=by, at=at)
