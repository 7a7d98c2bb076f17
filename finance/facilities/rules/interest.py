"""Interest by days on what is owed, at the rate of each day; rounded once, at the end."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from ledger.kernel.day_counts import year_fraction
from ledger.kernel.errors import N_, DomainError
from ledger.kernel.quantities import WIDE

CENT, NOUGHT, BASIS_POINT = Decimal("0.01"), Decimal(0), Decimal("0.0001")


class NotAnAmount(DomainError):
    code = "not_an_amount"
    message = N_("%(wanted)s is no positive amount in whole hundredths.")


class MoreThanTheLimit(DomainError):
    code = "more_than_the_limit"
    message = N_("%(wanted)s is to be drawn, %(left)s of the limit is left.")


class MoreThanOwed(DomainError):
    code = "more_than_owed"
    message = N_("%(wanted)s is paid, %(left)s is owed.")


class MoreThanDrawn(DomainError):
    code = "more_than_drawn"
    message = N_("%(wanted)s is used, %(left)s of what was drawn is left.")


class OutsideTheTerm(DomainError):
    code = "outside_the_term"
    message = N_("%(day)s lies outside the term, %(first)s to %(last)s.")


class NotYet(DomainError):
    code = "not_yet"
    message = N_("%(day)s is still to come.")


class NotEvidenced(DomainError):
    code = "not_evidenced"
    message = N_("Say which document proves it.")


class OddTerms(DomainError):
    code = "odd_terms"
    message = N_("The term must end after it begins, and after the months of grace.")


class StillOwed(DomainError):
    code = "still_owed"
    message = N_("%(left)s is still owed.")


class CodeTaken(DomainError):
    code = "code_taken"
    message = N_("There is a facility %(code)s already.")


class SameParty(DomainError):
    code = "same_party"
    message = N_("Nobody lends to herself.")


def check_amount(amount: Decimal) -> Decimal:
    """:raises NotAnAmount: not positive, or finer than a hundredth"""
    if amount <= 0 or amount != amount.quantize(CENT):
        raise NotAnAmount(wanted=f"{amount:f}")
    return amount


def to_the_cent(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, rounding=ROUND_HALF_UP, context=WIDE)


@dataclass(frozen=True, slots=True)
class Change:
    """From a day on, so much: of what is owed, or of the yearly rate."""

    on: date
    value: Decimal


def value_on(changes: Sequence[Change], day: date) -> Decimal:
    """What holds on a day; nothing before the first change."""
    known = [one.value for one in changes if one.on <= day]
    return known[-1] if known else NOUGHT


def balances(moves: Sequence[tuple[date, Decimal]]) -> list[Change]:
    """What is owed from each day on, after the moves of the day (drawn +, repaid -)."""
    found: dict[date, Decimal] = {}
    owed = NOUGHT
    for day, amount in sorted(moves, key=lambda move: move[0]):
        owed += amount
        found[day] = owed
    return [Change(day, value) for day, value in found.items()]


def interest(
    owed: Sequence[Change],
    rates: Sequence[Change],
    *,
    first: date,
    last: date,
    day_count: str,
) -> Decimal:
    """Interest from a day up to another, unrounded: each stretch by its own sum and rate."""
    edges = {one.on for one in (*owed, *rates) if first < one.on < last}
    days = [first, *sorted(edges), last] if last > first else []
    total = NOUGHT
    for start, end in itertools.pairwise(days):
        yearly = WIDE.multiply(value_on(owed, start), value_on(rates, start))
        total += WIDE.multiply(yearly, year_fraction(day_count, start, end))
    return total
