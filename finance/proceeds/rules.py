"""Sums of raised money: what is left, what a project's effect is one money's, what is refused."""

from datetime import date
from decimal import ROUND_HALF_UP, Context, Decimal

from ledger.kernel.errors import N_, DomainError

WIDE = Context(prec=40)
FEN, GRAM = Decimal("0.01"), Decimal("0.001")


class NotAnAmount(DomainError):
    code = "not_a_sum"
    message = N_("%(text)s is not an amount in whole hundredths.")


class MoreThanRaised(DomainError):
    code = "more_than_raised"
    message = N_("%(wanted)s is to be allocated, %(left)s of what was raised is left.")


class MoreThanAllocated(DomainError):
    code = "more_than_allocated"
    message = N_("%(wanted)s is spent, %(left)s of what was allocated to the project is left.")


class LessThanSpent(DomainError):
    code = "less_than_spent"
    message = N_("%(wanted)s is to be released, %(left)s of the allocation is not spent.")


class OnlyHeld(DomainError):
    code = "only_held"
    message = N_("What is only held is a position: nothing is allocated of it.")


class EvidenceMissing(DomainError):
    code = "spending_without_evidence"
    message = N_("Money is spent with evidence only.")


class OddMultiplier(DomainError):
    code = "odd_multiplier"
    message = N_("An investment multiplier lies between %(first)s and %(last)s.")


class EmptyTime(DomainError):
    code = "empty_time"
    message = N_("The end lies before the beginning.")


class TakenBackAlready(DomainError):
    code = "spending_taken_back"
    message = N_("This was taken back already, or takes something back itself.")


class SubsidisedAlready(DomainError):
    code = "subsidised_already"
    message = N_("The loan was subsidised already in part of this time.")


class InUse(DomainError):
    code = "code_in_use"
    message = N_("%(code)s is used already.")


class InTheFuture(DomainError):
    code = "in_the_future"
    message = N_("%(day)s lies in the future.")


def check_amount(amount: Decimal, *, may_be_negative: bool = False) -> Decimal:
    """:raises NotAnAmount: nought, finer than hundredths, or negative where that means nothing"""
    if not amount.is_finite() or amount != amount.quantize(FEN) or not amount:
        raise NotAnAmount(text=str(amount))
    if amount < 0 and not may_be_negative:
        raise NotAnAmount(text=f"{amount:f}")
    return amount.quantize(FEN)


def check_period(starts_on: date, ends_on: date) -> None:
    """:raises EmptyTime: it ends before it begins"""
    if ends_on <= starts_on:
        raise EmptyTime


def subsidy(principal: Decimal, *, bps: int, days: int, basis: int) -> Decimal:
    """Interest on a principal for some days, at a rate in basis points, rounded once."""
    whole = WIDE.multiply(principal, Decimal(bps * days))
    each = WIDE.divide(whole, Decimal(10_000 * basis))
    return each.quantize(FEN, rounding=ROUND_HALF_UP, context=WIDE)


def attributed(effect: Decimal, *, spent: Decimal, investment: Decimal) -> Decimal:
    """The part of a project's effect that one money paid for: by its part of the investment."""
    part = min(WIDE.divide(spent, investment), Decimal(1))
    return WIDE.multiply(effect, part).quantize(GRAM, rounding=ROUND_HALF_UP, context=WIDE)


def counted(investment: Decimal, multiplier: Decimal | None) -> Decimal:
    """N23: 100 M at 1.5 to 2 counts as 150 to 200 M."""
    return (investment * (multiplier or Decimal(1))).quantize(FEN, rounding=ROUND_HALF_UP)
