"""What falls due when: bullet, equal instalments, equal principal, with months of grace."""

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from finance.facilities.rules.interest import Change, interest, to_the_cent
from ledger.kernel.day_counts import year_fraction
from ledger.kernel.quantities import WIDE

ONE, NOUGHT = Decimal(1), Decimal(0)


@dataclass(frozen=True, slots=True)
class Instalment:
    """`owed`: the principal after it."""

    due_on: date
    principal: Decimal
    interest: Decimal
    owed: Decimal

    @property
    def payment(self) -> Decimal:
        return self.principal + self.interest


def months_on(day: date, months: int) -> date:
    """The same day some months later, or the last of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def due_days(starts_on: date, matures_on: date, *, months: int) -> list[date]:
    """Each end of an interest period; the last is the day of maturity."""
    days, count = list[date](), 1
    while (day := months_on(starts_on, months * count)) < matures_on:
        days.append(day)
        count += 1
    return [*days, matures_on]


def grace_ends(starts_on: date, grace_months: int) -> date:
    return months_on(starts_on, grace_months)


@dataclass(frozen=True, slots=True)
class Terms:
    """What a schedule needs to know. `rate`: a year's, the same for all that is to come."""

    plan: str
    rate: Decimal
    day_count: str
    starts_on: date
    matures_on: date
    period_months: int
    grace_months: int = 0


def schedule(principal: Decimal, terms: Terms, *, since: date) -> list[Instalment]:
    """What is to be paid of a principal owed on a day, at each end of a period after it.

    The last instalment takes what rounding left; an instalment within the grace pays interest
    alone. Level payments are those whose present value, by the day count's own periods, is the
    principal.
    """
    days = [
        day
        for day in due_days(terms.starts_on, terms.matures_on, months=terms.period_months)
        if day > since
    ]
    fractions = [
        year_fraction(terms.day_count, start, end)
        for start, end in zip([since, *days], days, strict=False)
    ]
    free = grace_ends(terms.starts_on, terms.grace_months)
    paying = [day > free or day == terms.matures_on for day in days]
    return list(_instalments(principal, terms, days, fractions, paying))


def _instalments(
    principal: Decimal,
    terms: Terms,
    days: Sequence[date],
    fractions: Sequence[Decimal],
    paying: Sequence[bool],
) -> Sequence[Instalment]:
    found, owed = list[Instalment](), principal
    parts = sum(paying)
    level = _level(principal, terms.rate, fractions, paying)
    for place, (day, part) in enumerate(zip(days, fractions, strict=True)):
        due = to_the_cent(WIDE.multiply(WIDE.multiply(owed, terms.rate), part))
        paid = NOUGHT
        if place == len(days) - 1:
            paid = owed
        elif paying[place] and terms.plan == "PRINCIPAL":
            paid = to_the_cent(WIDE.divide(principal, Decimal(parts)))
        elif paying[place] and terms.plan == "INSTALMENTS":
            paid = max(NOUGHT, min(owed, level - due))
        owed -= paid
        found.append(Instalment(day, paid, due, owed))
    return found


def _level(
    principal: Decimal, rate: Decimal, fractions: Sequence[Decimal], paying: Sequence[bool]
) -> Decimal:
    """The level payment: in the grace the sum only pays its interest, so it is worth itself."""
    discount, worth = ONE, NOUGHT
    for part, pays in zip(fractions, paying, strict=True):
        if not pays:
            continue
        discount = WIDE.divide(discount, ONE + WIDE.multiply(rate, part))
        worth += discount
    return to_the_cent(WIDE.divide(principal, worth)) if worth else NOUGHT


def subsidy(
    owed: Sequence[Change], *, bps: int, first: date, last: date, day_count: str
) -> Decimal:
    """What of a stretch's interest is paid by a subsidy of so many basis points a year."""
    yearly = [Change(first, Decimal(bps).scaleb(-4))]
    return to_the_cent(interest(owed, yearly, first=first, last=last, day_count=day_count))
