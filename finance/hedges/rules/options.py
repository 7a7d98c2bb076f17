"""European options by Black 1976, and by Black-Scholes-Merton with a cost of carry.

V = w·[S·e^((b-r)T)·Φ(w·d₁) - K·e^(-rT)·Φ(w·d₂)], w = 1 for a call and -1 for a put,
d₁ = [ln(S/K) + (b + σ²/2)T] / (σ√T), d₂ = d₁ - σ√T. Black 1976, on a future: b = 0. On a spot price
that yields q: b = r - q. Notation of Haug, The Complete Guide to Option Pricing Formulas (2007).

Decimals throughout, 60 digits inside; the error of a value is below (S + K)·1e-38, which is the
bound of Φ with room to spare. Results are given to 28 digits.
"""

from dataclasses import dataclass
from decimal import Context, Decimal, localcontext
from enum import StrEnum

from finance.hedges.rules.normal import INSIDE, cumulative, density
from ledger.kernel.errors import N_, DomainError

GIVEN = Context(prec=28)
DAYS_A_YEAR = Decimal(365)


class Right(StrEnum):
    CALL = "CALL"
    PUT = "PUT"


class NotAnOption(DomainError):
    """The formula has no answer for nought or less."""

    code = "not_an_option"
    message = N_("Price, strike, volatility and time of an option must be above nought.")


@dataclass(frozen=True, slots=True)
class Option:
    """What a European option's value follows from. Rates and volatility a year, as shares (0.2)."""

    right: Right
    underlying: Decimal
    strike: Decimal
    years: Decimal
    volatility: Decimal
    rate: Decimal
    dividend_yield: Decimal | None = None  # None: the underlying is a future (Black 1976)

    def __post_init__(self) -> None:
        if min(self.underlying, self.strike, self.years, self.volatility) <= 0:
            raise NotAnOption

    @property
    def carry(self) -> Decimal:
        return Decimal(0) if self.dividend_yield is None else self.rate - self.dividend_yield


@dataclass(frozen=True, slots=True)
class Valued:
    """Value of one unit and its sensitivities.

    delta, gamma: to the underlying. vega, rho: to a change of 1 (100 points) of volatility, of the
    interest rate. theta: of a year passing; `theta_a_day` of a day (365). On a future, rho is that
    of a fixed futures price; on a spot price the carry moves with the rate. `carry_rho`: to the
    yield. `in_the_money`: risk-neutral chance of exercise. `elasticity`: delta × S ÷ V.
    """

    value: Decimal
    delta: Decimal
    gamma: Decimal
    vega: Decimal
    theta: Decimal
    theta_a_day: Decimal
    rho: Decimal
    carry_rho: Decimal
    strike_delta: Decimal
    in_the_money: Decimal
    elasticity: Decimal


def payoff(right: Right, *, underlying: Decimal, strike: Decimal) -> Decimal:
    """What one unit of the option is worth on its last day."""
    gain = underlying - strike if right is Right.CALL else strike - underlying
    return max(Decimal(0), gain)


def value(option: Option) -> Valued:
    """What one unit of the option is worth, and how that moves."""
    with localcontext(INSIDE):
        found = _value(option)
    return Valued(*(GIVEN.plus(number) for number in found))


def _value(o: Option) -> tuple[Decimal, ...]:
    sign = Decimal(1 if o.right is Right.CALL else -1)
    root = o.years.sqrt()
    spread = o.volatility * root
    d1 = ((o.underlying / o.strike).ln() + (o.carry + o.volatility**2 / 2) * o.years) / spread
    d2 = d1 - spread
    grown, discount = ((o.carry - o.rate) * o.years).exp(), (-o.rate * o.years).exp()
    above, below = cumulative(sign * d1), cumulative(sign * d2)
    worth = sign * (o.underlying * grown * above - o.strike * discount * below)
    delta = sign * grown * above
    gamma = grown * density(d1) / (o.underlying * spread)
    vega = o.underlying * grown * density(d1) * root
    theta = (
        -o.underlying * grown * density(d1) * o.volatility / (2 * root)
        - sign * (o.carry - o.rate) * o.underlying * grown * above
        - sign * o.rate * o.strike * discount * below
    )
    by_strike = sign * o.years * o.strike * discount * below
    rho = -o.years * worth if o.dividend_yield is None else by_strike
    carry_rho = -sign * o.years * o.underlying * grown * above
    strike_delta = -sign * discount * below
    elasticity = delta * o.underlying / worth if worth else Decimal(0)
    return (
        worth, delta, gamma, vega, theta, theta / DAYS_A_YEAR, rho, carry_rho, strike_delta, below,
        elasticity,
    )  # fmt: skip
