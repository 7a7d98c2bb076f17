"""Variation, margin and what is hedged (R7.6). Sides: bought gains when the price rises."""

from decimal import Decimal

from ledger.kernel.errors import N_, DomainError
from ledger.kernel.money import Money
from ledger.kernel.quantities import CONVERTED


class LastDayPassed(DomainError):
    code = "last_day_passed"
    message = N_("The last day of this contract, %(day)s, lies before %(on)s.")


class SettledLater(DomainError):
    code = "settled_later"
    message = N_("A later day, %(day)s, is settled already: only the newest day can be told anew.")


class NotYetOpened(DomainError):
    code = "not_yet_opened"
    message = N_("The contract was opened on %(day)s.")


class SettlementPriceNeeded(DomainError):
    """A missing or old mark is never taken for a day's settlement price."""

    code = "settlement_price_needed"
    message = N_("There is no fresh mark of %(what)s for %(day)s: enter the settlement price.")


class SettledAlready(DomainError):
    code = "settled_already"
    message = N_("%(day)s is settled already; a correction needs its reason.")


class OptionTermsNeeded(DomainError):
    code = "option_terms_needed"
    message = N_("An option needs its premium, a volatility and an interest rate.")


class NotAnOptionContract(DomainError):
    code = "not_an_option_contract"
    message = N_("Only a bought option is exercised, and only when that pays.")


class MarginTooLow(DomainError):
    code = "margin_too_low"
    message = N_("Only %(free)s are above the margin that is required.")


class NumberInUse(DomainError):
    code = "contract_number_in_use"
    message = N_("There is a contract of the number %(number)s already.")


class PriceOutOfReach(DomainError):
    code = "contract_price_out_of_reach"
    message = N_("Prices and sizes of a contract are above nought.")


def variation(
    *, before: Decimal, now: Decimal, unit_count: int, is_long: bool, currency: str
) -> Money:
    """(Sₜ - Sₜ₋₁) × size × lots: what a day brings to the holder."""
    sign = 1 if is_long else -1
    return (Money(now - before, currency) * (sign * unit_count)).rounded()


def margin(*, price: Decimal, unit_count: int, margin_rate: Decimal, currency: str) -> Money:
    """S × size × lots × rate."""
    return (Money(price, currency) * unit_count * margin_rate).rounded()


def hedge_ratio(hedged: Decimal, exposure: int) -> Decimal | None:
    """Hedged quantity ÷ exposure; None where nothing is exposed."""
    return CONVERTED.divide(hedged, Decimal(exposure)) if exposure else None
