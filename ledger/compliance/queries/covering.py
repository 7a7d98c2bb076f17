"""What a party holds that could serve an obligation year, what cannot, and what a gap costs."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from ledger.accounts import queries as accounts
from ledger.compliance import models
from ledger.compliance.queries.regimes import find_number, get_regime, is_draft
from ledger.compliance.rules.penalties import Penalty, penalty
from ledger.compliance.rules.regimes import RegimeRules, Verdict, find_cell
from ledger.parameters import queries as parameters
from ledger.parameters.queries import NoParameter, ParameterValue, Range
from ledger.units import queries as units
from ledger.units.states import LIVE, UnitState


@dataclass(frozen=True, slots=True)
class Usable:
    """Units of a lot in one place and state, and whether they serve a year.

    Only FREE ones can be handed in now; the others first have to be freed.
    """

    account_id: UUID
    account: str
    lot_id: UUID
    lot: str
    scheme: str
    vintage_year: int
    state: UnitState
    unit_count: int
    is_offset: bool
    verdict: Verdict
    is_draft: bool

    @property
    def is_eligible(self) -> bool:
        return self.verdict is not Verdict.REFUSED

    @property
    def can_be_used_now(self) -> bool:
        return self.is_eligible and self.state is UnitState.FREE


def _judge(
    view: units.PositionView, traits: Mapping[str, Any], regime: RegimeRules, year: int, on: date
) -> tuple[Verdict, bool]:
    """The verdict, and whether it stands in a draft only."""
    if regime.is_offset(view.scheme):
        refused = any(traits.get(name) for name in regime.refused_traits)
        return (Verdict.REFUSED if refused else Verdict.ALLOWED), False
    cell = find_cell(regime, vintage=view.vintage_year, year=year, on=on)
    if cell is None:
        return Verdict.REFUSED, False
    usual = cell.verdict is Verdict.FLAGGED and view.vintage_year <= year
    return (Verdict.ALLOWED if usual else cell.verdict), cell.is_draft


def holdings_for(obligation: models.Obligation, on: date) -> list[Usable]:
    """The live units of the regime's schemes in the party's accounts, by vintage."""
    regime = get_regime(obligation.entity.regime_id)
    numbers = dict(accounts.accounts_of(obligation.entity.party_id).values_list("pk", "number"))
    schemes = {*regime.allowances, *regime.offsets}
    live = [
        view
        for view in units.positions_in(numbers)
        if view.state in LIVE and view.scheme in schemes
    ]
    lots = units.get_lots(view.lot_id for view in live)
    found = []
    for view in live:
        traits = lots[view.lot_id].traits
        verdict, by_draft = _judge(view, traits, regime, obligation.year, on)
        found.append(
            Usable(
                account_id=view.account_id,
                account=numbers[view.account_id],
                lot_id=view.lot_id,
                lot=view.lot_code,
                scheme=view.scheme,
                vintage_year=view.vintage_year,
                state=view.state,
                unit_count=view.unit_count,
                is_offset=regime.is_offset(view.scheme),
                verdict=verdict,
                is_draft=by_draft,
            )
        )
    return found


@dataclass(frozen=True, slots=True)
class Gap:
    """A year's open quantity against what the party could hand in today."""

    open_t: int
    free_allowances: int
    free_offsets: int
    bound: int  # eligible, but pledged, frozen, reserved, lent or on the way
    refused: int
    offset_room: int  # what the cap still lets offsets cover

    @property
    def usable_offsets(self) -> int:
        return min(self.free_offsets, self.offset_room, self.open_t)

    @property
    def to_acquire(self) -> int:
        """Missing even if everything free and eligible is handed in."""
        return max(0, self.open_t - self.usable_offsets - self.free_allowances)


def gap_of(obligation: models.Obligation, held: list[Usable]) -> Gap:
    """Cover of a year by what is held (`holdings_for`)."""
    now = [one for one in held if one.can_be_used_now]
    return Gap(
        open_t=obligation.open_t,
        free_allowances=sum(one.unit_count for one in now if not one.is_offset),
        free_offsets=sum(one.unit_count for one in now if one.is_offset),
        bound=sum(o.unit_count for o in held if o.is_eligible and o.state is not UnitState.FREE),
        refused=sum(one.unit_count for one in held if not one.is_eligible),
        offset_room=max(0, (obligation.offset_cap_t or 0) - obligation.offsets_t),
    )


# --- the penalty


@dataclass(frozen=True, slots=True)
class PenaltyTold:
    """What the law says a shortfall costs; after its last day: "law changed, verify" (R2.40)."""

    low_times: Decimal
    high_times: Decimal
    legal_basis: str
    valid_to: date | None  # its last day
    law_changed: bool
    amounts: Penalty | None

    @property
    def is_known(self) -> bool:
        return self.amounts is not None


def _law(key: str, on: date) -> tuple[ParameterValue, bool] | None:
    """The row of the day; else the last one there was, with the word that it has ended."""
    try:
        return parameters.get_parameter(key, on=on), False
    except NoParameter:
        rows = [r for r in parameters.parameters_of(key) if r.valid_to and r.valid_to <= on]
        return (rows[-1], True) if rows else None


def penalty_of(
    obligation: models.Obligation, *, on: date, average_price: Decimal | None = None
) -> PenaltyTold | None:
    """What the open quantity costs if it stays open; None where the regime names no penalty.

    `average_price`: of the month before the deadline, in the regime's currency per t.
    """
    regime = get_regime(obligation.entity.regime_id)
    found = _law(regime.penalty_key, on) if regime.penalty_key else None
    if found is None:
        return None
    number, changed = found
    times = number.value
    if not isinstance(times, Range):
        return None
    amounts = None
    if average_price is not None:
        amounts = penalty(
            shortfall=obligation.open_t, average_price=average_price, times=(times.low, times.high)
        )
    last = date.fromordinal(number.valid_to.toordinal() - 1) if number.valid_to else None
    return PenaltyTold(times.low, times.high, number.legal_basis, last, changed, amounts)


def offset_cap_is_draft(obligation: models.Obligation) -> bool:
    """Whether the share that offsets may cover stands in a draft only."""
    regime = get_regime(obligation.entity.regime_id)
    number = find_number(regime.offset_cap_key, obligation.year)
    return number is not None and is_draft(number)
