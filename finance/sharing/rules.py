"""What there is to share, and how it is shared out without loss."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Context, Decimal

from ledger.kernel.errors import N_, DomainError
from ledger.kernel.money import Money

WIDE = Context(prec=40)
FEN = Decimal("0.01")
MOST_PARTICIPANTS = 12


class OddAgreementAmount(DomainError):
    code = "odd_agreement_amount"
    message = N_("%(text)s is not an amount in whole hundredths, or is negative.")


class NobodyShares(DomainError):
    code = "nobody_shares"
    message = N_("Terms need at least two participants with weights above nought.")


class NamedTwice(DomainError):
    code = "named_twice"
    message = N_("A participant stands in the terms twice.")


class NoTermsYet(DomainError):
    code = "no_terms_yet"
    message = N_("No terms are in force on %(day)s.")


class SettledAlready(DomainError):
    """No day, and no MWh, is settled twice."""

    code = "settled_already"
    message = N_("Part of the time from %(first)s to %(last)s was settled already.")


class OutsideTheAgreement(DomainError):
    code = "outside_the_agreement"
    message = N_("The agreement runs from %(first)s to %(last)s.")


class SavingsNeeded(DomainError):
    code = "savings_needed"
    message = N_("An energy performance contract is settled by what was measured.")


class NumberInUse(DomainError):
    code = "number_in_use"
    message = N_("%(code)s is used already.")


class TermsPast(DomainError):
    code = "terms_past"
    message = N_("Terms begin on %(day)s or earlier already: later ones begin later.")


def check_amount(amount: Decimal) -> Decimal:
    """Nought is an amount.

    :raises OddAgreementAmount: negative, or finer than hundredths
    """
    if not amount.is_finite() or amount < 0 or amount != amount.quantize(FEN):
        raise OddAgreementAmount(text=str(amount))
    return amount.quantize(FEN)


@dataclass(frozen=True, slots=True)
class Savings:
    """Energy by the baseline, as measured, and what one unit of it costs."""

    baseline: Decimal
    measured: Decimal
    price: Decimal

    @property
    def saved(self) -> Decimal:
        """Nothing is saved below nought: more used than the baseline shares no loss."""
        return max(self.baseline - self.measured, Decimal(0))

    @property
    def worth(self) -> Decimal:
        product = WIDE.multiply(self.saved, self.price)
        return product.quantize(FEN, rounding=ROUND_HALF_UP, context=WIDE)


def to_share(revenue: Decimal, costs: Decimal) -> Decimal:
    """What is left of revenue after costs; a loss is not shared."""
    return max(revenue - costs, Decimal(0)).quantize(FEN)


def parts_of(amount: Decimal, weights: Sequence[int], *, currency: str = "CNY") -> list[Decimal]:
    """Whole minor units by weight, largest remainder first; the parts make the amount."""
    return [part.amount for part in Money(amount, currency).share_out(weights)]


def check_weights(weights: Sequence[int]) -> None:
    """:raises NobodyShares: fewer than two, or a weight that is nothing"""
    if not 2 <= len(weights) <= MOST_PARTICIPANTS or min(weights) <= 0:
        raise NobodyShares


def check_within(first: date, last: date | None, *, start: date, end: date) -> None:
    """:raises OutsideTheAgreement: a day of the period lies outside"""
    if start < first or (last is not None and end > last) or end <= start:
        until = last.isoformat() if last else "…"
        raise OutsideTheAgreement(first=first.isoformat(), last=until)
