"""How activity is worked out: fuels, processes, heat and power, refrigerants, grids, journeys."""

from decimal import Decimal

from ledger.kernel.errors import N_, DomainError

ZERO = Decimal(0)
ONE = Decimal(1)


class ShareBeyondOne(DomainError):
    code = "share_beyond_one"
    message = N_("%(share)s is no share: it must lie between 0 and 1.")


class LessThanNothing(DomainError):
    code = "less_than_nothing"
    message = N_("%(what)s comes out as less than nothing: check what was entered.")


def check_share(share: Decimal) -> None:
    """:raises ShareBeyondOne: not a part of one"""
    if not 0 <= share <= 1:
        raise ShareBeyondOne(share=share)


def check_not_negative(amount: Decimal, what: str) -> Decimal:
    """:raises LessThanNothing: the method's inputs do not fit each other"""
    if amount < 0:
        raise LessThanNothing(what=what)
    return amount
