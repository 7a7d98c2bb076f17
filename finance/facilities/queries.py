"""What a facility owes, at which rate, and what falls due next."""

import itertools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from finance.facilities import models
from finance.facilities.rules.interest import (
    BASIS_POINT,
    NOUGHT,
    Change,
    balances,
    interest,
    to_the_cent,
    value_on,
)
from finance.facilities.rules.margins import Step, Verified, change_on, step_days
from finance.facilities.rules.schedules import (
    Instalment,
    Terms,
    due_days,
    months_on,
    schedule,
    subsidy,
)
from finance.facilities.states import OWING, LineKind, RateKind
from ledger.audit.keeping import rows_match_events
from ledger.audit.queries import Fault
from ledger.doors.admin import SEES_ALL
from ledger.kernel.actors import Actor, Role
from ledger.kernel.errors import NotFound
from ledger.parameters import queries as parameters

ALL = (*SEES_ALL, Role.SYSTEM)
LPR = {RateKind.LPR_1Y: "1Y", RateKind.LPR_5Y: "5Y"}
VERBS: dict[Any, list[str]] = {
    models.Facility: ["facility.entered", "facility.moved"],
    models.Line: ["facility.line"],
    models.MarginStep: ["facility.margin_step"],
    models.Figure: ["facility.figure"],
    models.Subsidy: ["facility.subsidy"],
}


def check_rows_match_events() -> Iterator[Fault]:
    yield from rows_match_events(VERBS)


def facilities_seen_by(actor: Actor) -> QuerySet[models.Facility]:
    """Those that the actor's party borrows under or lends; auditors see all."""
    rows = models.Facility.objects.all()
    if actor.has(*ALL):
        return rows
    if actor.party_id is None:
        return rows.none()
    return rows.filter(Q(borrower_id=actor.party_id) | Q(lender_id=actor.party_id))


def get_facility(facility_id: UUID, *, by: Actor) -> models.Facility:
    """:raises NotFound: not there, or not yours"""
    found = facilities_seen_by(by).filter(pk=facility_id).first()
    if found is None:
        raise NotFound
    return found


# What rooms above know of verified figures of a party; put in place in `config`.
FigureTeller = Callable[[UUID], Iterable[Verified]]
figure_tellers: list[FigureTeller] = []


def verified_figures(facility: models.Facility) -> list[Verified]:
    """Of the borrower, what verifiers vouch for today."""
    return [one for teller in figure_tellers for one in teller(facility.borrower_id)]


# --- the rate


@dataclass(frozen=True, slots=True)
class Rates:
    """The yearly rate from each day on, and whether nobody has verified an LPR in it."""

    changes: list[Change]
    is_unverified: bool

    def on(self, day: date) -> Decimal:
        return value_on(self.changes, day)


def steps_of(facility: models.Facility) -> list[Step]:
    return [
        Step(
            one.indicator, one.year, one.comparison, one.target, one.met_bps, one.missed_bps,
            one.applies_on,
        )
        for one in facility.steps.all()
    ]  # fmt: skip


def rates_of(facility: models.Facility, *, until: date) -> Rates:
    """Every rate of the term, until a day: LPR of each reset, margin, and the steps reached.

    :raises NoParameter: no LPR is known for a day on which it is reset
    """
    steps = steps_of(facility)
    figures = {(one.indicator, one.year): one.value for one in facility.figures.all()}
    resets = _resets(facility, until)
    days = sorted({*resets, *(day for day in step_days(steps) if day <= until)})
    bases = {day: _base(facility, day) for day in resets}
    changes, base = list[Change](), NOUGHT
    for day in days:
        base = bases[day][0] if day in bases else base
        bps = facility.rate_bps + change_on(steps, figures, day)
        changes.append(Change(day, base + bps * BASIS_POINT))
    return Rates(changes, any(unverified for _rate, unverified in bases.values()))


def _resets(facility: models.Facility, until: date) -> list[date]:
    if facility.rate_kind == RateKind.FIXED:
        return [facility.starts_on]
    days = due_days(facility.starts_on, facility.matures_on, months=facility.reset_months)[:-1]
    return [facility.starts_on, *(day for day in days if day <= until)]


def _base(facility: models.Facility, day: date) -> tuple[Decimal, bool]:
    if facility.rate_kind == RateKind.FIXED:
        return NOUGHT, False
    found = parameters.get_parameter("finance.lpr", day, LPR[RateKind(facility.rate_kind)])
    return found.number / 100, found.is_unverified


# --- what is owed


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a facility stands at the end of a day; all in its currency."""

    on: date
    drawn: Decimal
    repaid: Decimal
    interest: Decimal
    interest_paid: Decimal
    fees: Decimal
    fees_paid: Decimal
    used: Decimal
    subsidy: Decimal
    subsidy_received: Decimal
    limit: Decimal
    rate: Decimal
    is_unverified: bool

    @property
    def principal(self) -> Decimal:
        return self.drawn - self.repaid

    @property
    def interest_owed(self) -> Decimal:
        return self.interest - self.interest_paid

    @property
    def fees_owed(self) -> Decimal:
        return self.fees - self.fees_paid

    @property
    def owed(self) -> Decimal:
        return self.principal + self.interest_owed + self.fees_owed

    @property
    def undrawn(self) -> Decimal:
        return self.limit - self.drawn

    @property
    def unused(self) -> Decimal:
        return self.drawn - self.used


def _sums(lines: list[models.Line]) -> dict[str, Decimal]:
    sums = {kind.value: NOUGHT for kind in LineKind}
    for one in lines:
        sums[one.kind] += one.amount
    return sums


def _moves(lines: list[models.Line]) -> list[tuple[date, Decimal]]:
    signs = {LineKind.DRAWN: 1, LineKind.REPAID: -1, LineKind.PREPAID: -1}
    return [
        (one.happened_on, signs[LineKind(one.kind)] * one.amount)
        for one in lines
        if one.kind in signs
    ]


def standing_on(facility: models.Facility, on: date) -> Standing:
    """Principal, interest to the cent, fees and use of proceeds at the end of a day.

    Of each interest period the interest is rounded once, and that of the running one by itself.

    :raises NoParameter: no LPR is known for a day on which it is reset
    """
    lines = [one for one in facility.lines.all() if one.happened_on <= on]
    sums, rates = _sums(lines), rates_of(facility, until=on)
    owed = balances(_moves(lines))
    return Standing(
        on=on,
        drawn=sums["DRAWN"],
        repaid=sums["REPAID"] + sums["PREPAID"],
        interest=_interest_until(facility, owed, rates, on),
        interest_paid=sums["INTEREST"],
        fees=sums["FEE"],
        fees_paid=sums["FEE_PAID"],
        used=sums["USED"],
        subsidy=_subsidy_until(facility, owed, on),
        subsidy_received=sums["SUBSIDY"],
        limit=facility.limit_amount,
        rate=rates.on(on),
        is_unverified=rates.is_unverified,
    )


def _interest_until(
    facility: models.Facility, owed: list[Change], rates: Rates, on: date
) -> Decimal:
    days = due_days(facility.starts_on, facility.matures_on, months=facility.period_months)
    edges = [facility.starts_on, *(day for day in days if day < on), on]
    return sum(
        (
            to_the_cent(
                interest(owed, rates.changes, first=a, last=b, day_count=facility.day_count)
            )
            for a, b in itertools.pairwise(edges)
            if b > a
        ),
        NOUGHT,
    )


def _subsidy_until(facility: models.Facility, owed: list[Change], on: date) -> Decimal:
    return sum(
        (
            subsidy(
                owed,
                bps=one.bps,
                first=one.starts_on,
                last=min(on, one.ends_on),
                day_count=facility.day_count,
            )
            for one in facility.subsidies.all()
            if one.starts_on < on
        ),
        NOUGHT,
    )


def schedule_of(facility: models.Facility, on: date) -> list[Instalment]:
    """What falls due from a day on, of what is owed then; nothing drawn: of the whole limit.

    :raises NoParameter: no LPR is known
    """
    lines = [one for one in facility.lines.all() if one.happened_on <= on]
    owed = sum((amount for _day, amount in _moves(lines)), NOUGHT)
    has_begun = any(one.kind == LineKind.DRAWN for one in lines)
    since = _period_start(facility, on)
    terms = Terms(
        plan=facility.plan,
        rate=rates_of(facility, until=max(on, facility.starts_on)).on(max(on, facility.starts_on)),
        day_count=facility.day_count,
        starts_on=facility.starts_on,
        matures_on=facility.matures_on,
        period_months=facility.period_months,
        grace_months=facility.grace_months,
    )
    principal = owed if has_begun else facility.limit_amount
    return schedule(principal, terms, since=since) if principal else []


def _period_start(facility: models.Facility, on: date) -> date:
    days = due_days(facility.starts_on, facility.matures_on, months=facility.period_months)
    return max([facility.starts_on, *(day for day in days if day <= on)])


def owing() -> QuerySet[models.Facility]:
    """Facilities of which something is drawn and not repaid."""
    return models.Facility.objects.filter(state__in=sorted(OWING))


__all__ = [
    "Instalment",
    "Rates",
    "Standing",
    "check_rows_match_events",
    "facilities_seen_by",
    "get_facility",
    "months_on",
    "owing",
    "rates_of",
    "schedule_of",
    "standing_on",
    "steps_of",
]
