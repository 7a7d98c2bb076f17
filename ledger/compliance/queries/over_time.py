"""How an obligation year stood at the end of each month: owed, handed in, and within reach.

Owed and handed in follow from the facts known then; what was free follows from the movements.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from uuid import UUID

from ledger.accounts import queries as accounts
from ledger.compliance import models
from ledger.compliance.queries.facts import BEIJING, steps_until, surrenders_of
from ledger.compliance.queries.regimes import get_regime
from ledger.compliance.queries.years import Numbers, dues_of
from ledger.compliance.rules.obligations import offset_cap
from ledger.compliance.rules.regimes import RegimeRules, Verdict, find_cell
from ledger.compliance.rules.standing import Step
from ledger.units import queries as units
from ledger.units.queries import Wanted
from ledger.units.states import UnitState

MONTHS = 13


@dataclass(frozen=True, slots=True)
class MonthEnd:
    """A year at the end of a month, or now; `owed_t` None: not known then."""

    name: str
    owed_t: int | None
    cap_t: int | None
    allowances_t: int
    offsets_t: int
    free_allowances: int
    free_offsets: int

    @property
    def usable_offsets(self) -> int:
        """As many of the free ones as the cap still leaves room for."""
        return min(self.free_offsets, max(0, (self.cap_t or 0) - self.offsets_t))

    @property
    def missing_t(self) -> int:
        handed_in = self.allowances_t + self.offsets_t
        within_reach = handed_in + self.free_allowances + self.usable_offsets
        return max(0, (self.owed_t or 0) - within_reach)


def gap_over_time(obligation: models.Obligation, *, on: date) -> list[MonthEnd]:
    """The last thirteen ends of months, the running month as it stands now."""
    last = on.year * 12 + on.month - 1
    firsts = [date(*_split(number)) for number in range(last - MONTHS + 2, last + 2)]
    names = [f"{y}-{m:02d}" for y, m, _d in map(_split, range(last - MONTHS + 1, last + 1))]
    regime = get_regime(obligation.entity.regime_id)
    ends = [datetime.combine(first, time(), tzinfo=BEIJING).astimezone(UTC) for first in firsts]
    steps = steps_until(obligation.entity, ends[-1], regime=regime)
    handed_in = [one for one in surrenders_of(obligation.entity_id) if one.year == obligation.year]
    allowances, offsets = _free(obligation, regime, on=on, firsts=firsts)
    numbers = Numbers.read(obligation.numbers)
    told = []
    for at, end in enumerate(ends):
        dues = _dues(steps, end, regime=regime, numbers=numbers, year=obligation.year)
        counted = [one for one in handed_in if one.counts_at(end)]
        told.append(
            MonthEnd(
                name=names[at],
                owed_t=dues.get(obligation.year),
                cap_t=_cap(dues, numbers) if obligation.year in dues else None,
                allowances_t=sum(one.unit_count for one in counted if not one.is_offset),
                offsets_t=sum(one.unit_count for one in counted if one.is_offset),
                free_allowances=allowances[at],
                free_offsets=offsets[at],
            )
        )
    return told


def _split(number: int) -> tuple[int, int, int]:
    """The first day of a month, counted from the year nought."""
    year, month = divmod(number, 12)
    return year, month + 1, 1


def _dues(
    steps: Sequence[Step], end: datetime, *, regime: RegimeRules, numbers: Numbers, year: int
) -> dict[int, int]:
    """What was known to be due before a moment, for the years settled together."""
    known = [step for step in steps if step.moment is not None and step.moment < end]
    return dues_of(known[-1].state, regime, year, numbers) if known else {}


def _cap(dues: dict[int, int], numbers: Numbers) -> int:
    capped = {year: due for year, due in dues.items() if year in numbers.offset_shares}
    return offset_cap(capped, numbers.offset_shares)


def _free(
    obligation: models.Obligation, regime: RegimeRules, *, on: date, firsts: Sequence[date]
) -> tuple[list[int], list[int]]:
    """Free allowances of the vintages that serve the year, and free offsets, at each end."""
    mine: list[UUID] = accounts.owning_account_ids_of(obligation.entity.party_id)
    allowances, offsets = [0] * len(firsts), [0] * len(firsts)
    for scheme in (*regime.allowances, *regime.offsets):
        is_offset = regime.is_offset(scheme)
        total = offsets if is_offset else allowances
        held = units.vintages_once_held(mine, scheme)
        for vintage in held if is_offset else _serving(held, obligation.year, regime, on):
            wanted = Wanted(mine, scheme=scheme, vintage_year=vintage, state=UnitState.FREE.value)
            for row in units.line(wanted, months=firsts).values():
                total[:] = [a + b for a, b in zip(total, row, strict=True)]
    return allowances, offsets


def _serving(held: Sequence[int], year: int, regime: RegimeRules, on: date) -> list[int]:
    cells = {vintage: find_cell(regime, vintage=vintage, year=year, on=on) for vintage in held}
    return [v for v, cell in cells.items() if cell and cell.verdict is not Verdict.REFUSED]
