"""Facts of an entity: that it entered, its years, and its verified emissions."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from ledger.compliance import models
from ledger.compliance.operations.writing import lock_entity, reckon_entity, record
from ledger.compliance.queries.facts import steps_until
from ledger.compliance.queries.regimes import get_regime
from ledger.compliance.rules import obligations
from ledger.compliance.rules.entities import NumberTaken, SectorUnknown, check_hash
from ledger.compliance.rules.standing import Fact, apply
from ledger.compliance.states import FactKind
from ledger.doors.operation import operation
from ledger.kernel.actors import Actor, Role
from ledger.kernel.errors import NotFound

TOLD_BY_HAND = frozenset(
    {FactKind.FIRST_YEAR, FactKind.LAST_YEAR, FactKind.EXCLUDED, FactKind.INCLUDED}
)


def _tell(
    entity: models.Entity, kind: FactKind, *, by: Actor, at: datetime, verb: str, **columns: Any
) -> models.Fact:
    row = models.Fact.objects.create(
        entity=entity, kind=kind, recorded_at=at, recorded_by=by.user_id, **columns
    )
    record(verb, row, by=by, at=at)
    return row


@operation
def enter_entity(
    *,
    party_id: UUID,
    regime: str,
    code: str,
    sector: str,
    first_year: int,
    told_on: date,
    by: Actor,
    at: datetime,
    name: str = "",
    last_year: int | None = None,
    evidence: str = "",
) -> models.Entity:
    """A party becomes subject to a trading system, from a first year on.

    :raises NotFound: another's party
    :raises NoSuchRegime: not loaded
    :raises SectorUnknown: the system has no such sector
    :raises NumberTaken: the system has an entity of this number
    """
    if party_id != by.party_id and not by.has(Role.SYSTEM):
        raise NotFound
    rules = get_regime(regime)
    if sector not in rules.sectors:
        raise SectorUnknown(sector=sector, regime=regime)
    if models.Entity.objects.filter(regime_id=regime, code=code).exists():
        raise NumberTaken(code=code)
    entity = models.Entity.objects.create(
        party_id=party_id,
        regime_id=regime,
        code=code,
        name=name,
        sector=sector,
        entered_at=at,
        entered_by=by.user_id,
    )
    record("entity.entered", entity, by=by, at=at)
    common: dict[str, Any] = {"told_on": told_on, "evidence": evidence, "by": by, "at": at}
    _tell(entity, FactKind.ENTERED, verb="fact.told", year=first_year, **common)
    if last_year is not None:
        _tell(entity, FactKind.LAST_YEAR, verb="fact.told", year=last_year, **common)
    reckon_entity(entity, by=by, at=at)
    return entity


def _check_possible(entity: models.Entity, fact: Fact, at: datetime) -> None:
    """:raises OutsideReportingYears, ExcludedYear: with what is known it cannot be so"""
    steps = steps_until(entity, at, regime=get_regime(entity.regime_id))
    apply(steps[-1].state, fact)


@operation
def tell_fact(
    *,
    entity_id: UUID,
    kind: str,
    year: int | None,
    told_on: date,
    reason: str,
    by: Actor,
    at: datetime,
    evidence: str = "",
) -> models.Fact:
    """Set the first or last year, exclude a year, or take an exclusion back.

    :raises NotFound: not there, or not yours
    :raises OutsideReportingYears, ExcludedYear: recorded emissions stand against it
    :raises ValueError: a kind that has its own operation
    """
    wanted = FactKind(kind)
    if wanted not in TOLD_BY_HAND:
        raise ValueError(f"{kind} is not told by hand")
    entity = lock_entity(entity_id, by=by)
    _check_possible(entity, Fact(wanted, year), at)
    row = _tell(
        entity,
        wanted,
        verb="fact.told",
        year=year,
        told_on=told_on,
        reason=reason,
        evidence=evidence,
        by=by,
        at=at,
    )
    reckon_entity(entity, by=by, at=at)
    return row


@operation
def record_emissions(
    *,
    entity_id: UUID,
    year: int,
    parts: Mapping[str, Decimal],
    purpose: str,
    verification: str,
    content_hash: str,
    evidence: str,
    told_on: date,
    by: Actor,
    at: datetime,
    reason: str = "",
) -> models.Fact:
    """Verified emissions of an entity's year, in t by installation; the whole replaces the old.

    The sum is rounded once, as the trading system says. `content_hash`: SHA-256 of what was
    verified, in hexadecimal.

    :raises NotFound: not there, or not yours
    :raises NotAnObligation: verified for something else than the trading system
    :raises EvidenceMissing, NotATonnage: of what was given
    :raises OutsideReportingYears, ExcludedYear: no emissions are expected of that year
    """
    obligations.check_purpose(purpose)
    obligations.check_parts(parts)
    if not (verification.strip() and evidence.strip()):
        raise obligations.EvidenceMissing
    check_hash(content_hash)
    entity = lock_entity(entity_id, by=by)
    tonnes = obligations.whole_tonnes(parts.values(), get_regime(entity.regime_id).rounding)
    _check_possible(entity, Fact(FactKind.EMISSIONS, year, tonnes), at)
    row = _tell(
        entity,
        FactKind.EMISSIONS,
        verb="emissions.recorded",
        year=year,
        tonnes=tonnes,
        parts={name: format(amount, "f") for name, amount in sorted(parts.items())},
        purpose=purpose,
        verification=verification,
        content_hash=content_hash,
        evidence=evidence,
        told_on=told_on,
        reason=reason,
        by=by,
        at=at,
    )
    reckon_entity(entity, by=by, at=at)
    return row


@operation
def withdraw_emissions(
    *, entity_id: UUID, year: int, told_on: date, reason: str, by: Actor, at: datetime
) -> models.Fact:
    """The verified emissions of a year are taken back: they are missing again.

    :raises NotFound: not there, or not yours
    :raises NothingOwed: none are recorded
    """
    entity = lock_entity(entity_id, by=by)
    steps = steps_until(entity, at, regime=get_regime(entity.regime_id))
    if year not in steps[-1].state.emissions:
        raise obligations.NothingOwed(year=year)
    row = _tell(
        entity,
        FactKind.EMISSIONS,
        verb="emissions.withdrawn",
        year=year,
        told_on=told_on,
        reason=reason,
        by=by,
        at=at,
    )
    reckon_entity(entity, by=by, at=at)
    return row


@operation
def reckon_again(*, entity_id: UUID, by: Actor, at: datetime) -> list[models.Obligation]:
    """Bring an entity's years up to the day: a new year, a deadline passed, a reversal.

    :raises NotFound: not there, or not yours
    """
    return reckon_entity(lock_entity(entity_id, by=by), by=by, at=at)
