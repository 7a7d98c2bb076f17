"""An obligation year as it follows from the facts: owed, covered, open, and its status."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from ledger.audit.queries import Fault
from ledger.compliance import models
from ledger.compliance.queries.facts import (
    BEIJING,
    SEES_ALL,
    SurrenderTold,
    steps_until,
    surrenders_of,
)
from ledger.compliance.queries.regimes import (
    annual_share,
    digest_of,
    due_on,
    find_number,
    get_regime,
    offset_shares,
)
from ledger.compliance.rules.obligations import (
    Cover,
    YearState,
    is_past_due,
    offset_cap,
    shares_due,
    year_status,
)
from ledger.compliance.rules.regimes import RegimeRules
from ledger.compliance.rules.standing import NotEntered, State
from ledger.compliance.states import AllocationStep
from ledger.kernel.actors import Actor
from ledger.kernel.errors import NotFound


@dataclass(frozen=True, slots=True)
class Numbers:
    """The rule numbers of a year; kept with the row, so that it can be reckoned again."""

    annual_share: Decimal | None
    offset_shares: Mapping[int, Decimal]
    due_on: date | None
    rows: tuple[str, ...] = ()  # digests of the rows

    def document(self) -> dict[str, Any]:
        return {
            "annual_share": None if self.annual_share is None else str(self.annual_share),
            "offset_shares": {str(y): str(n) for y, n in sorted(self.offset_shares.items())},
            "due_on": self.due_on.isoformat() if self.due_on else None,
            "rows": list(self.rows),
        }

    @classmethod
    def read(cls, raw: Mapping[str, Any]) -> "Numbers":
        share, day = raw["annual_share"], raw["due_on"]
        return cls(
            annual_share=None if share is None else Decimal(share),
            offset_shares={int(y): Decimal(n) for y, n in raw["offset_shares"].items()},
            due_on=date.fromisoformat(day) if day else None,
            rows=tuple(raw["rows"]),
        )


@dataclass(frozen=True, slots=True)
class Reckoning:
    """The columns of an obligation year that follow from facts."""

    emissions_t: int | None
    owed_t: int | None
    allocated_t: int
    allowances_t: int
    offsets_t: int
    open_t: int
    offset_cap_t: int | None
    due_on: date | None
    status: str
    entity_status: str

    def columns(self) -> dict[str, Any]:
        return asdict(self)


def numbers_of(regime: RegimeRules, year: int) -> Numbers:
    first, last = regime.period_of(year)
    shares = offset_shares(regime, range(first, last + 1))
    found = [find_number(key, year) for key in (regime.annual_share_key, regime.deadline_key)]
    rows = [*shares.values(), *(one for one in found if one is not None)]
    return Numbers(
        annual_share=annual_share(regime, first),
        offset_shares={y: number.number for y, number in shares.items()},
        due_on=due_on(regime, year),
        rows=tuple(sorted({row.digest for row in rows})),
    )


def dues_of(state: State, regime: RegimeRules, year: int, numbers: Numbers) -> dict[int, int]:
    """What is due for the years that are settled together with this one."""
    period = regime.period_of(year)
    return shares_due(state.emissions, period=period, annual_share=numbers.annual_share)


def _surrendered(told: list[SurrenderTold], year: int, at: datetime) -> tuple[int, int]:
    counted = [one for one in told if one.year == year and one.counts_at(at)]
    offsets = sum(one.unit_count for one in counted if one.is_offset)
    return sum(one.unit_count for one in counted) - offsets, offsets


def _allocated(entity: models.Entity, year: int, at: datetime) -> int:
    rows = entity.allocations.filter(year=year, recorded_at__lte=at)
    signs = {
        AllocationStep.ALLOCATED: 1,
        AllocationStep.RETURNED: -1,
        AllocationStep.REVERSED: -1,
        AllocationStep.ENTITLED: 0,
    }
    return sum(signs[AllocationStep(row.step)] * row.unit_count for row in rows)


def reckon(
    entity: models.Entity, year: int, at: datetime, *, numbers: Numbers, regime: RegimeRules
) -> Reckoning:
    """A year as it followed from what was known at a moment: the same facts, the same answer."""
    step = steps_until(entity, at, regime=regime)[-1]
    due = dues_of(step.state, regime, year, numbers)
    owed = due.get(year)
    allowances, offsets = _surrendered(surrenders_of(entity.pk), year, at)
    cover = Cover(owed=owed or 0, allowances=allowances, offsets=offsets)
    capped = {y: t for y, t in due.items() if y in numbers.offset_shares}
    state = YearState(
        owed=owed,
        surrendered=cover.instruments,
        is_excluded=year in step.state.excluded,
        is_past_due=is_past_due(numbers.due_on, at.astimezone(BEIJING).date()),
    )
    return Reckoning(
        emissions_t=step.state.emissions.get(year),
        owed_t=owed,
        allocated_t=_allocated(entity, year, at),
        allowances_t=allowances,
        offsets_t=offsets,
        open_t=cover.shortfall,
        offset_cap_t=offset_cap(capped, numbers.offset_shares) if owed is not None else None,
        due_on=numbers.due_on,
        status=year_status(state, regime.year_ladder),
        entity_status=step.standing.shown,
    )


def offsets_in_period(entity: models.Entity, regime: RegimeRules, year: int, at: datetime) -> int:
    """Offsets handed in for the years that are settled together with this one."""
    first, last = regime.period_of(year)
    told = surrenders_of(entity.pk)
    return sum(_surrendered(told, one, at)[1] for one in range(first, last + 1))


def obligations_of(party_id: UUID) -> QuerySet[models.Obligation]:
    rows = models.Obligation.objects.select_related("entity", "entity__regime")
    return rows.filter(entity__party_id=party_id).order_by("-year", "entity__code")


def find_obligation(obligation_id: UUID) -> models.Obligation | None:
    rows = models.Obligation.objects.select_related("entity")
    return rows.filter(pk=obligation_id).first()


def get_obligation(obligation_id: UUID, *, by: Actor) -> models.Obligation:
    """:raises NotFound: not there, or not yours"""
    row = models.Obligation.objects.select_related("entity").filter(pk=obligation_id).first()
    if row is None or (row.entity.party_id != by.party_id and not by.has(*SEES_ALL)):
        raise NotFound
    return row


def check_reckonings() -> Iterator[Fault]:
    """Every stored year, reckoned again from the facts known when it was stored (I27)."""
    digests: dict[str, str] = {}
    for row in models.Obligation.objects.select_related("entity").iterator():
        code = row.entity.regime_id
        if digests.setdefault(code, digest_of(code)) != row.regime_digest:
            continue  # reckoned under an older rule set; its event still seals the row
        yield from _differences(row, get_regime(code))


def _differences(row: models.Obligation, regime: RegimeRules) -> Iterator[Fault]:
    subject = f"compliance.Obligation:{row.pk}"
    try:
        numbers = Numbers.read(row.numbers)
        found = reckon(row.entity, row.year, row.reckoned_at, numbers=numbers, regime=regime)
    except (NotEntered, KeyError, TypeError, ValueError, AttributeError, ArithmeticError) as why:
        yield Fault("compliance.reckoning", subject, f"cannot be reckoned again: {why!r}")
        return
    odd = sorted(name for name, value in found.columns().items() if getattr(row, name) != value)
    if odd:
        yield Fault("compliance.reckoning", subject, f"its facts say otherwise: {', '.join(odd)}")
