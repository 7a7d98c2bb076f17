"""What a trade costs or brings: price, value-added tax, fees; and a part of it, without loss."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from finance.trades.rules.refusals import NegativeAmount, NotAPrice
from finance.trades.states import Side, VatKind
from ledger.kernel.money import Money


@dataclass(frozen=True, slots=True)
class Terms:
    """`vat_rate` is a share (0.06); `is_vat_deductible`: the buyer gets its VAT back."""

    side: Side
    unit_count: int
    unit_price: Money
    fee: Decimal = Decimal(0)
    tax: Decimal = Decimal(0)
    vat_kind: VatKind = VatKind.NONE
    vat_rate: Decimal = Decimal(0)
    is_vat_deductible: bool = False


@dataclass(frozen=True, slots=True)
class Amounts:
    """All in the currency of the price, to its minor unit.

    `cash` is paid by a buyer and received by a seller. `booked` is the cost of what was bought, or
    the income from what was sold: without the VAT that is somebody else's.
    """

    gross: Decimal
    vat: Decimal
    fee: Decimal
    tax: Decimal
    cash: Decimal
    booked: Decimal


def check_price(price: Money, *, tick: Decimal) -> None:
    """:raises NotAPrice: not above zero, or finer than the market's step"""
    if price.amount <= 0 or price.amount % tick:
        raise NotAPrice(size=f"{tick.normalize():f}")


def vat_in(gross: Money, kind: VatKind, rate: Decimal) -> Money:
    """The tax of a price: inside it, or on top of it (R7.6, TV-7.2)."""
    if kind is VatKind.NONE:
        return Money(Decimal(0), gross.currency)
    whole = Decimal(1) + rate if kind is VatKind.INCLUSIVE else Decimal(1)
    return Money(gross.amount * rate / whole, gross.currency).rounded()


def amounts_of(terms: Terms) -> Amounts:
    """:raises NegativeAmount: a fee or tax below zero"""
    if terms.fee < 0 or terms.tax < 0:
        raise NegativeAmount
    currency = terms.unit_price.currency
    gross = (terms.unit_price * terms.unit_count).rounded()
    vat = vat_in(gross, terms.vat_kind, terms.vat_rate).amount
    fee, tax = (Money(one, currency).rounded().amount for one in (terms.fee, terms.tax))
    on_top = vat if terms.vat_kind is VatKind.EXCLUSIVE else Decimal(0)
    if terms.side is Side.BUY:
        cash = gross.amount + on_top + fee + tax
        booked = cash - (vat if terms.is_vat_deductible else Decimal(0))
    else:
        cash = gross.amount + on_top - fee - tax
        booked = cash - vat
    return Amounts(gross.amount, vat, fee, tax, cash, booked)


def part_of(
    left: Sequence[Decimal], *, count: int, open_count: int, currency: str
) -> list[Decimal]:
    """Of amounts still open the part of so many of the open units; the last part is the rest."""
    weights = [count, open_count - count]
    return [Money(amount, currency).share_out(weights)[0].amount for amount in left]
