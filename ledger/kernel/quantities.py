"""An amount and its measure, kept together. Exact decimals; what does not mix is refused."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Context, Decimal, InvalidOperation
from typing import Self

from ledger.kernel.errors import N_, DomainError
from ledger.kernel.measures import Measure, MeasureMismatch

# Far wider than any sum of ours, so that + - * never round. The default context (28) might.
WIDE = Context(prec=60)
# A conversion that does not end (1 GJ = 277.77… kWh) stops here, well inside WIDE.
CONVERTED = Context(prec=34)


def whole(parts: Iterable[Decimal]) -> Decimal:
    """The sum, unrounded. `sum` adds in the default context, which rounds after 28 digits."""
    found = Decimal(0)
    for part in parts:
        found = WIDE.add(found, part)
    return found


class NotANumber(DomainError):
    code = "not_a_number"
    message = N_("%(text)s is not a number.")


def exact(amount: "Decimal | int | str") -> Decimal:
    """A finite Decimal of a Decimal, whole number or text; thousands commas are allowed in text.

    :raises TypeError: a float, which cannot say what it means
    :raises NotANumber: text that is no finite number
    """
    if isinstance(amount, bool) or not isinstance(amount, Decimal | int | str):
        raise TypeError(f"an amount is a Decimal, int or text, not {type(amount).__name__}")
    try:
        number = Decimal(amount.replace(",", "").strip() if isinstance(amount, str) else amount)
    except InvalidOperation:
        raise NotANumber(text=str(amount)) from None
    if not number.is_finite():
        raise NotANumber(text=str(amount))
    return number


@dataclass(frozen=True, slots=True)
class Quantity:
    """`amount` of `measure`. Equal only in the same measure; `<` converts within a dimension."""

    amount: Decimal
    measure: Measure

    def __post_init__(self) -> None:
        object.__setattr__(self, "amount", exact(self.amount))

    @classmethod
    def parse(cls, text: str) -> Self:
        """A quantity of its written form, "1,234.5 kWh".

        :raises NotANumber: the first word is no number
        :raises UnknownMeasure: the rest is no measure
        """
        number, _, symbol = text.strip().partition(" ")
        return cls(exact(number), Measure.parse(symbol))

    def to(self, measure: Measure) -> "Quantity":
        """The same quantity in another measure of its dimension.

        Exact where the decimal ends, else 34 significant digits.

        :raises MeasureMismatch: another dimension
        """
        if measure is self.measure:
            return self
        _check_mixable(self.measure, measure)
        base = WIDE.multiply(self.amount, self.measure.factor)
        return Quantity(CONVERTED.divide(base, measure.factor), measure)

    def is_zero(self) -> bool:
        return self.amount.is_zero()

    def __add__(self, other: "Quantity") -> "Quantity":
        return Quantity(WIDE.add(self.amount, other.to(self.measure).amount), self.measure)

    def __sub__(self, other: "Quantity") -> "Quantity":
        return Quantity(WIDE.subtract(self.amount, other.to(self.measure).amount), self.measure)

    def __neg__(self) -> "Quantity":
        return Quantity(-self.amount, self.measure)

    def __mul__(self, times: Decimal | int) -> "Quantity":
        return Quantity(WIDE.multiply(self.amount, exact(times)), self.measure)

    __rmul__ = __mul__

    def _against(self, other: "Quantity") -> tuple[Decimal, Decimal]:
        """Both amounts in the base, without a division."""
        _check_mixable(self.measure, other.measure)
        mine = WIDE.multiply(self.amount, self.measure.factor)
        return mine, WIDE.multiply(other.amount, other.measure.factor)

    def __lt__(self, other: "Quantity") -> bool:
        mine, theirs = self._against(other)
        return mine < theirs

    def __le__(self, other: "Quantity") -> bool:
        mine, theirs = self._against(other)
        return mine <= theirs

    def __gt__(self, other: "Quantity") -> bool:
        return other < self

    def __ge__(self, other: "Quantity") -> bool:
        return other <= self

    def same_as(self, other: "Quantity") -> bool:
        """Equal in worth, though perhaps written in another measure: 1 MWh and 1000 kWh."""
        mine, theirs = self._against(other)
        return mine == theirs

    def __str__(self) -> str:
        return f"{self.amount:f} {self.measure.value}"


def _check_mixable(left: Measure, right: Measure) -> None:
    """:raises MeasureMismatch: the two have different dimensions"""
    if left.dimension is not right.dimension:
        raise MeasureMismatch(left=left.value, right=right.value)


def total(quantities: "list[Quantity] | tuple[Quantity, ...]", measure: Measure) -> Quantity:
    """The sum, in `measure`; an empty sum is zero.

    :raises MeasureMismatch: one of them is of another dimension
    """
    whole = Quantity(Decimal(0), measure)
    for quantity in quantities:
        whole = whole + quantity
    return whole
