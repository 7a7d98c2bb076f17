"""Free allocation: what an entity is entitled to, with its calculation, and what was given."""

from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from ledger.compliance import models
from ledger.compliance.operations.writing import lock_entity, reckon_year, record
from ledger.compliance.queries import allocating
from ledger.compliance.rules import allocation as rules
from ledger.compliance.states import AllocationStep
from ledger.doors.operation import operation
from ledger.kernel.actors import Actor

FINAL, PRE = "FINAL", "PRE"
power_unit = rules.PowerUnit


@dataclass(frozen=True, slots=True)
class Deviation:
    """How far an industrial entity's intensity lies below (+) its sector's balance value."""

    emissions_t: Decimal
    output: Decimal
    balance: Decimal


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    return {
        name: format(value, "f") if isinstance(value, Decimal) else value
        for name, value in values.items()
    }


def _write(
    *,
    entity_id: UUID,
    year: int,
    step: AllocationStep,
    table: str,
    unit_count: int,
    by: Actor,
    at: datetime,
    calculation: dict[str, Any] | None = None,
    used: allocating.Used | None = None,
    follows: models.Allocation | None = None,
    evidence: str = "",
) -> models.Allocation:
    entity = lock_entity(entity_id, by=by)
    row = models.Allocation.objects.create(
        entity=entity,
        year=year,
        step=step,
        table=table,
        unit_count=unit_count,
        calculation={**(calculation or {}), "numbers": allocating.traces(used or [])},
        is_draft=allocating.has_draft(used or []),
        follows=follows,
        evidence=evidence,
        recorded_at=at,
        recorded_by=by.user_id,
    )
    record(f"allocation.{step.lower()}", row, by=by, at=at)
    reckon_year(entity, year, by=by, at=at)
    return row


@operation
def entitle_power(
    *,
    entity_id: UUID,
    year: int,
    unit_class: str,
    unit: rules.PowerUnit,
    evidence: str,
    by: Actor,
    at: datetime,
) -> models.Allocation:
    """The final allocation of one generating unit, by the year's benchmarks (R2.13–R2.15).

    :raises NotFound: not there, or not yours
    :raises NoParameter: the rule book has no numbers for that year
    """
    fuel = "GAS" if unit.is_gas else "COAL"
    numbers, used = allocating.power_numbers(year, unit_class, fuel)
    made = rules.power_allocation(unit, numbers)
    told = {"formula": "power", "class": unit_class, **_plain(asdict(unit))}
    return _write(
        entity_id=entity_id,
        year=year,
        step=AllocationStep.ENTITLED,
        table=FINAL,
        unit_count=made.allowances,
        calculation={"given": told, "result": _plain(asdict(made))},
        used=used,
        evidence=evidence,
        by=by,
        at=at,
    )


@operation
def entitle_industry(
    *,
    entity_id: UUID,
    year: int,
    verified: int,
    deviation: Deviation | None,
    evidence: str,
    by: Actor,
    at: datetime,
) -> models.Allocation:
    """The final allocation of a steel, cement or aluminium maker (R2.17–R2.20).

    Without a deviation it is one of the special cases: what was verified.

    :raises NotFound: not there, or not yours
    :raises NoParameter: the rule book has no numbers for that year
    :raises NoBalanceValue: no balance value or no output
    """
    plain, used = allocating.equals_verified(year)
    if plain or deviation is None:
        made, given = rules.as_verified(verified), {}
    else:
        numbers, more = allocating.industry_numbers(year)
        used += more
        given = _plain(asdict(deviation))
        x = rules.deviation_of(
            emissions=deviation.emissions_t, output=deviation.output, balance=deviation.balance
        )
        made = rules.industry_allocation(verified, deviation=x, numbers=numbers)
    return _write(
        entity_id=entity_id,
        year=year,
        step=AllocationStep.ENTITLED,
        table=FINAL,
        unit_count=made.allowances,
        calculation={
            "given": {"formula": "industry", "verified": verified, **given},
            "result": _plain(asdict(made)),
        },
        used=used,
        evidence=evidence,
        by=by,
        at=at,
    )


@operation
def entitle_pre_allocation(
    *, entity_id: UUID, year: int, basis: int, evidence: str, by: Actor, at: datetime
) -> models.Allocation:
    """A share of the basis that the year's plan names, before the year is verified (R2.16).

    :raises NotFound: not there, or not yours
    :raises NoParameter: the rule book has no share for that year
    """
    share, used = allocating.pre_share(year)
    return _write(
        entity_id=entity_id,
        year=year,
        step=AllocationStep.ENTITLED,
        table=PRE,
        unit_count=rules.pre_allocation(basis, share),
        calculation={"given": {"formula": "pre", "basis": basis, "share": format(share, "f")}},
        used=used,
        evidence=evidence,
        by=by,
        at=at,
    )


@operation
def record_allocation(
    *,
    entity_id: UUID,
    year: int,
    step: str,
    table: str,
    unit_count: int,
    evidence: str,
    by: Actor,
    at: datetime,
    follows_id: UUID | None = None,
) -> models.Allocation:
    """What the regulator gave, what went back to it, and what it reversed.

    :raises NotFound: not there, or not yours
    :raises MoreThanAllocated: more would go back than was given (I26)
    """
    wanted = AllocationStep(step)
    lock_entity(entity_id, by=by)
    rows = models.Allocation.objects.filter(entity_id=entity_id, year=year, table=table)
    told = allocating.entitlements_of(rows)
    given = told[0].net if told else 0
    if wanted in {AllocationStep.RETURNED, AllocationStep.REVERSED} and unit_count > given:
        raise rules.MoreThanAllocated(count=given, wanted=unit_count)
    return _write(
        entity_id=entity_id,
        year=year,
        step=wanted,
        table=table,
        unit_count=unit_count,
        follows=rows.filter(pk=follows_id).first() if follows_id else None,
        evidence=evidence,
        by=by,
        at=at,
    )
