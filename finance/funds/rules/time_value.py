"""Money over equal periods: value now and later, instalments, their interest and principal.

Signs as in spreadsheets: what is paid out is negative, and pv + Σ payments + fv come to nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from finance.funds.rules.returns import PLACES, nearest_to_nought
from finance.funds.rules.roots import WIDE, rates

NOUGHT, ONE = Decimal(0), Decimal(1)


@dataclass(frozen=True, slots=True)
class Terms:
    """The rate of one period, how many periods, and whether payments come at their beginning."""

    rate: Decimal
    periods: int
    at_beginning: bool = False

    @property
    def growth(self) -> Decimal:
        return WIDE.power(ONE + self.rate, self.periods)

    @property
    def annuity(self) -> Decimal:
        """What a payment of 1 a period has grown to at the end."""
        if not self.rate:
            return Decimal(self.periods)
        plain = WIDE.divide(self.growth - ONE, self.rate)
        return WIDE.multiply(plain, ONE + self.rate) if self.at_beginning else plain


def future_value(terms: Terms, *, payment: Decimal, pv: Decimal) -> Decimal:
    grown = WIDE.multiply(pv, terms.growth)
    return -WIDE.add(grown, WIDE.multiply(payment, terms.annuity))


def present_value(terms: Terms, *, payment: Decimal, fv: Decimal = NOUGHT) -> Decimal:
    later = WIDE.add(fv, WIDE.multiply(payment, terms.annuity))
    return -WIDE.divide(later, terms.growth)


def payment(terms: Terms, *, pv: Decimal, fv: Decimal = NOUGHT) -> Decimal:
    """The equal instalment of a loan of `pv` that leaves `fv`."""
    owed = WIDE.add(WIDE.multiply(pv, terms.growth), fv)
    return -WIDE.divide(owed, terms.annuity)


def interest_part(
    terms: Terms, *, period: int, pv: Decimal, fv: Decimal = NOUGHT
) -> Decimal | None:
    """The interest in the instalment of a period, the first is 1; None outside the loan."""
    if not 1 <= period <= terms.periods:
        return None
    if terms.at_beginning and period == 1:
        return NOUGHT
    each = payment(terms, pv=pv, fv=fv)
    before = Terms(terms.rate, period - 1, terms.at_beginning)
    owed = future_value(before, payment=each, pv=pv)
    if terms.at_beginning:  # the payment of the period has been made already
        owed = WIDE.divide(owed, ONE + terms.rate)
    return WIDE.multiply(owed, terms.rate)


def principal_part(
    terms: Terms, *, period: int, pv: Decimal, fv: Decimal = NOUGHT
) -> Decimal | None:
    interest = interest_part(terms, period=period, pv=pv, fv=fv)
    return None if interest is None else payment(terms, pv=pv, fv=fv) - interest


def principal_between(terms: Terms, *, pv: Decimal, first: int, last: int) -> Decimal:
    """The principal in the instalments of some periods, both ends included."""
    parts = [principal_part(terms, period=one, pv=pv) for one in range(first, last + 1)]
    return sum((part for part in parts if part is not None), NOUGHT)


def periods(*, rate: Decimal, payment: Decimal, pv: Decimal, fv: Decimal) -> Decimal | None:
    """How many payments at the end of each period; None where no number does."""
    if not rate:
        return -WIDE.divide(pv + fv, payment) if payment else None
    each = WIDE.divide(payment, rate)
    above, below = each - fv, each + pv
    if not below or WIDE.divide(above, below) <= 0:
        return None
    return WIDE.divide(WIDE.ln(WIDE.divide(above, below)), WIDE.ln(ONE + rate))


def rate_per_period(
    *, periods: int, payment: Decimal, pv: Decimal, fv: Decimal = NOUGHT
) -> Decimal | None:
    """The rate of a loan by its instalments, or None."""
    flows = [pv, *[payment] * (periods - 1), payment + fv]
    return irr(flows)


def net_present_value(rate: Decimal, values: Sequence[Decimal], *, first_at: int = 0) -> Decimal:
    """`first_at` 1: the first value is discounted, too, as spreadsheets do."""
    whole = NOUGHT
    for place, value in enumerate(values, start=first_at):
        whole = WIDE.add(whole, WIDE.divide(value, WIDE.power(ONE + rate, place)))
    return whole


def irr_solutions(values: Sequence[Decimal]) -> list[Decimal]:
    """Every rate per period at which the values are worth nothing, rising."""
    return [one.quantize(PLACES, context=WIDE) for one in rates(list(enumerate(values)))]


def irr(values: Sequence[Decimal]) -> Decimal | None:
    """The solution nearest to nought, or None."""
    return nearest_to_nought(irr_solutions(values))


def mirr(
    values: Sequence[Decimal], *, finance_rate: Decimal, reinvest_rate: Decimal
) -> Decimal | None:
    """What is paid is financed, what is received reinvested at given rates: always one answer."""
    last = len(values) - 1
    paid = net_present_value(finance_rate, [min(one, NOUGHT) for one in values])
    given = net_present_value(reinvest_rate, [max(one, NOUGHT) for one in values])
    if not paid or not given:
        return None
    final = WIDE.multiply(given, WIDE.power(ONE + reinvest_rate, last))
    grown = WIDE.divide(final, -paid)
    return WIDE.subtract(WIDE.power(grown, WIDE.divide(ONE, Decimal(last))), ONE)
