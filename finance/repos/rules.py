"""Pure rules of repo, borrowing and custody (R7.4)."""

from datetime import date
from decimal import Decimal

from ledger.kernel.day_counts import DayCount, year_fraction
from ledger.kernel.errors import N_, DomainError
from ledger.kernel.money import Money
from ledger.kernel.quantities import CONVERTED, WIDE


class EndsTooEarly(DomainError):
    code = "ends_too_early"
    message = N_("An agreement must end after it starts: %(start)s to %(end)s.")


class TermsMissing(DomainError):
    code = "terms_missing"
    message = N_("A repo needs both its prices, above nought.")


class ShareOutOfReach(DomainError):
    code = "share_out_of_reach"
    message = N_("The manager's share lies between nought and one.")


class SameAccount(DomainError):
    code = "same_account"
    message = N_("Units are handed over to the account of another party.")


class MoreThanOwed(DomainError):
    code = "more_than_owed"
    message = N_("%(wanted)s units are more than the %(count)s still to be returned.")


class WrongUnitsReturned(DomainError):
    """R7.4: the same quantity, of a usable vintage."""

    code = "wrong_units_returned"
    message = N_("These units cannot be returned: %(why)s.")


class NotYoursToHandOver(DomainError):
    code = "not_yours_to_hand_over"
    message = N_("The party that gives the units hands them over.")


class EvidenceNeeded(DomainError):
    code = "evidence_needed"
    message = N_("What an outside party handed over needs its evidence.")


class AgreementNumberTaken(DomainError):
    code = "agreement_number_taken"
    message = N_("There is an agreement of the number %(number)s already.")


def check_days(start: date, end: date) -> None:
    """:raises EndsTooEarly: no day lies between them"""
    if end <= start:
        raise EndsTooEarly(start=start.isoformat(), end=end.isoformat())


def implied_rate(
    first_price: Decimal, second_price: Decimal, *, start: date, end: date, day_count: str
) -> Decimal:
    """(P₂/P₁ - 1) × basis/days, a share a year: what borrowing by this repo costs (TV-7.5)."""
    years = year_fraction(DayCount(day_count), start, end)
    gain = WIDE.subtract(WIDE.divide(second_price, first_price), Decimal(1))
    return CONVERTED.divide(gain, years)


def split_result(
    result: Money, *, manager_share: Decimal, loss_floor: Decimal | None
) -> tuple[Money, Money]:
    """What of a custody's result is the owner's and the manager's; together they are the result.

    Of a gain the manager gets a share. Of a loss the owner bears at most `loss_floor`, if the
    contract has one; the manager bears what is beyond it.
    """
    whole = result.rounded()
    if whole.amount >= 0:
        managers = (whole * manager_share).rounded()
        return whole - managers, managers
    if loss_floor is None or -whole.amount <= loss_floor:
        return whole, Money(Decimal(0), whole.currency)
    owners = Money(-loss_floor, whole.currency).rounded()
    return owners, whole - owners
