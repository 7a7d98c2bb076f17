"""Money: an exact amount and its currency. Rounded once, at the end, by name."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from ledger.kernel.errors import N_, DomainError
from ledger.kernel.quantities import WIDE, exact
from ledger.kernel.shares import share_out

MINOR_PLACES = {"JPY": 0, "KRW": 0}


class CurrencyMismatch(DomainError):
    code = "currency_mismatch"
    message = N_("%(left)s and %(right)s cannot be mixed.")


class NotACurrency(DomainError):
    code = "not_a_currency"
    message = N_("%(text)s is not a currency code of three letters (ISO 4217).")


@dataclass(frozen=True, slots=True)
class Money:
    amount: Decimal
    currency: str = "CNY"

    def __post_init__(self) -> None:
        object.__setattr__(self, "amount", exact(self.amount))
        code = self.currency
        if not (len(code) == 3 and code.isascii() and code.isupper() and code.isalpha()):
            raise NotACurrency(text=code)

    def _check_same(self, other: "Money") -> None:
        if self.currency != other.currency:
            raise CurrencyMismatch(left=self.currency, right=other.currency)

    def __add__(self, other: "Money") -> "Money":
        self._check_same(other)
        return Money(WIDE.add(self.amount, other.amount), self.currency)

    def __sub__(self, other: "Money") -> "Money":
        self._check_same(other)
        return Money(WIDE.subtract(self.amount, other.amount), self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.amount, self.currency)

    def __mul__(self, times: Decimal | int) -> "Money":
        return Money(WIDE.multiply(self.amount, exact(times)), self.currency)

    __rmul__ = __mul__

    def __lt__(self, other: "Money") -> bool:
        self._check_same(other)
        return self.amount < other.amount

    def __le__(self, other: "Money") -> bool:
        self._check_same(other)
        return self.amount <= other.amount

    def __gt__(self, other: "Money") -> bool:
        return other < self

    def __ge__(self, other: "Money") -> bool:
        return other <= self

    def rounded(self) -> "Money":
        """To the currency's minor unit, half up: for money shown or paid."""
        step = Decimal(1).scaleb(-MINOR_PLACES.get(self.currency, 2))
        return Money(
            self.amount.quantize(step, rounding=ROUND_HALF_UP, context=WIDE), self.currency
        )

    def share_out(self, weights: Sequence[int]) -> "list[Money]":
        """Whole minor units by weight, largest remainder first; the parts add up to `rounded()`."""
        places = MINOR_PLACES.get(self.currency, 2)
        minor = int(self.rounded().amount.scaleb(places, context=WIDE))
        sign = -1 if minor < 0 else 1
        parts = share_out(abs(minor), weights)
        return [Money(Decimal(sign * part).scaleb(-places), self.currency) for part in parts]

    def __str__(self) -> str:
        return f"{self.amount:f} {self.currency}"
