"""Sharing calls and distributions out, shares, fees, carry, and what is refused."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise
from typing import TypeVar

from finance.funds.rules.roots import WIDE
from ledger.kernel.errors import N_, DomainError
from ledger.kernel.shares import share_out

FEN = Decimal("0.01")
SHARE = Decimal("0.0001")
PRICE = Decimal("0.000001")
WHOLE_BPS = 10_000
YEAR = 365
K = TypeVar("K")


class NotAnAmount(DomainError):
    code = "not_an_amount"
    message = N_("%(text)s is not an amount in whole hundredths.")


class NothingCommitted(DomainError):
    code = "nothing_committed"
    message = N_("Nobody has committed capital that this could be shared out by.")


class MoreThanUndrawn(DomainError):
    code = "more_than_undrawn"
    message = N_("%(wanted)s is called, %(left)s can still be called of one investor.")


class MoreThanCalled(DomainError):
    code = "more_than_called"
    message = N_("%(wanted)s paid, %(left)s of this line is still to be paid.")


class MoreThanCash(DomainError):
    code = "more_than_cash"
    message = N_("%(wanted)s is to be paid, the fund has %(left)s.")


class MoreThanApproved(DomainError):
    code = "more_than_approved"
    message = N_("%(wanted)s is to be invested, %(left)s of the approved amount is left.")


class MoreThanShares(DomainError):
    code = "more_than_shares"
    message = N_("More shares would be redeemed than an investor has.")


class CommitmentTooSmall(DomainError):
    code = "commitment_too_small"
    message = N_("%(count)s was called already: the commitment cannot fall below it.")


class TakenBackAlready(DomainError):
    code = "taken_back_already"
    message = N_("This was taken back already, or takes something back itself.")


class PaidAlready(DomainError):
    code = "paid_already"
    message = N_("Part of this call was paid in; take the payments back first.")


class FromTheBook(DomainError):
    code = "from_the_book"
    message = N_("This line follows from a distribution: take that back instead.")


class NotAboutThat(DomainError):
    code = "not_about_that"
    message = N_("This kind of line names an investment of the fund, and of the fitting kind.")


class NoMark(DomainError):
    """A price is never invented."""

    code = "no_mark"
    message = N_("There is no price of %(text)s on %(day)s: a value is not invented.")


class NotYet(DomainError):
    code = "not_yet"
    message = N_("%(day)s lies in the future.")


class BeforeTheFund(DomainError):
    code = "before_the_fund"
    message = N_("%(day)s lies before the fund's first day.")


class CodeTaken(DomainError):
    code = "code_taken"
    message = N_("%(code)s is used already.")


def check_amount(amount: Decimal) -> Decimal:
    """A positive amount in whole hundredths.

    :raises NotAnAmount: nought, negative, or finer
    """
    if not amount.is_finite() or amount <= 0 or amount != rounded(amount):
        raise NotAnAmount(text=f"{amount:f}" if amount.is_finite() else str(amount))
    return rounded(amount)


def rounded(amount: Decimal) -> Decimal:
    return amount.quantize(FEN, rounding=ROUND_HALF_UP, context=WIDE)


def fen(amount: Decimal) -> int:
    return int(amount.scaleb(2, context=WIDE))


def shared(amount: Decimal, weights: Mapping[K, Decimal]) -> dict[K, Decimal]:
    """Whole hundredths by weight, largest remainder first; the parts make the amount.

    :raises NothingCommitted: no weights
    """
    keys = [key for key, weight in weights.items() if weight > 0]
    if not keys:
        raise NothingCommitted
    parts = share_out(fen(amount), [int(weights[key].scaleb(4)) for key in keys])
    return {key: Decimal(part).scaleb(-2) for key, part in zip(keys, parts, strict=True)}


def shares_for(amount: Decimal, price: Decimal) -> Decimal:
    return WIDE.divide(amount, price).quantize(SHARE, rounding=ROUND_HALF_UP, context=WIDE)


def per_share(net_assets: Decimal, shares: Decimal) -> Decimal | None:
    """TV-7.7: 61,050,000 over 50,000,000 shares are 1.2210 each."""
    if not shares:
        return None
    return WIDE.divide(net_assets, shares).quantize(PRICE, rounding=ROUND_HALF_UP, context=WIDE)


# --- fee


@dataclass(frozen=True, slots=True)
class FeeTerms:
    valid_from: date
    bps: int
    on_committed: bool


@dataclass(frozen=True, slots=True)
class Step:
    """A change of a sum on a day."""

    on: date
    amount: Decimal


def fee_accrued(
    terms: Sequence[FeeTerms], *, committed: Sequence[Step], paid: Sequence[Step], on: date
) -> Decimal:
    """The fee earned until a day (not counting it): sum by sum, day by day, ACT/365."""
    begins = sorted({one.valid_from for one in terms})
    days = {on, *begins, *(step.on for step in [*committed, *paid])}
    edges = sorted(day for day in days if begins and begins[0] <= day <= on)
    whole = Decimal(0)
    for start, end in pairwise(edges):
        valid = max((one for one in terms if one.valid_from <= start), key=_begin)
        steps = committed if valid.on_committed else paid
        basis = sum((one.amount for one in steps if one.on <= start), Decimal(0))
        earned = WIDE.multiply(max(basis, Decimal(0)), Decimal(valid.bps * (end - start).days))
        whole = WIDE.add(whole, WIDE.divide(earned, Decimal(WHOLE_BPS * YEAR)))
    return rounded(whole)


def _begin(terms: FeeTerms) -> date:
    return terms.valid_from


# --- carry


@dataclass(frozen=True, slots=True)
class Waterfall:
    """How an amount would be shared between investors and manager, whole of fund first."""

    capital_and_preferred: Decimal
    catch_up: Decimal
    split_to_investors: Decimal
    split_to_manager: Decimal

    @property
    def carry(self) -> Decimal:
        return self.catch_up + self.split_to_manager

    @property
    def to_investors(self) -> Decimal:
        return self.capital_and_preferred + self.split_to_investors


@dataclass(frozen=True, slots=True)
class Past:
    """What investors paid in and were given, and the carry paid before."""

    paid: Sequence[Step]
    given: Sequence[Step]
    carry: Decimal


def waterfall(
    available: Decimal, past: Past, *, on: date, hurdle_bps: int, carry_bps: int
) -> Waterfall:
    """Capital and a preferred return to the investors, then the manager catches up, then a split.

    The preferred return is compounded by days over 365. Parts make the amount to the hundredth.
    """
    grown = _grown(past.paid, on, hurdle_bps) - _grown(past.given, on, hurdle_bps)
    first = min(max(available, Decimal(0)), max(rounded(grown), Decimal(0)))
    left = max(available, Decimal(0)) - first
    gain = _sum(past.given) + first - _sum(past.paid)
    share = Decimal(carry_bps)
    due = WIDE.divide(WIDE.multiply(max(gain, Decimal(0)), share), WHOLE_BPS - share)
    catch_up = min(left, max(rounded(due) - past.carry, Decimal(0)))
    split = rounded(WIDE.divide(WIDE.multiply(left - catch_up, share), Decimal(WHOLE_BPS)))
    return Waterfall(first, catch_up, left - catch_up - split, split)


def _sum(steps: Sequence[Step]) -> Decimal:
    return sum((one.amount for one in steps), Decimal(0))


def _grown(steps: Sequence[Step], on: date, bps: int) -> Decimal:
    rate = 1 + Decimal(bps).scaleb(-4)
    whole = Decimal(0)
    for step in steps:
        years = WIDE.divide(Decimal((on - step.on).days), Decimal(YEAR))
        whole = WIDE.add(whole, WIDE.multiply(step.amount, WIDE.power(rate, years)))
    return whole
