"""What a fund gave back for what was paid in: DPI, RVPI, TVPI, PIC, and against a public index.

Amounts are an investor's: paid in negative, received positive. A ratio of nothing is None.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from finance.funds.rules.returns import PLACES, nearest_to_nought
from finance.funds.rules.roots import WIDE, rates

Amounts = Sequence[Decimal]


def paid_in(amounts: Amounts) -> Decimal:
    return -sum((one for one in amounts if one < 0), Decimal(0))


def received(amounts: Amounts) -> Decimal:
    return sum((one for one in amounts if one > 0), Decimal(0))


def ratio(part: Decimal, whole: Decimal) -> Decimal | None:
    """To 15 places; None where there is nothing to divide by."""
    return WIDE.divide(part, whole).quantize(PLACES, context=WIDE) if whole else None


@dataclass(frozen=True, slots=True)
class Multiples:
    """Distributions, value and both to what was paid in; paid in to commitment."""

    dpi: Decimal | None
    rvpi: Decimal | None
    tvpi: Decimal | None
    pic: Decimal | None


def multiples(amounts: Amounts, *, nav: Decimal, commitment: Decimal = Decimal(0)) -> Multiples:
    given, paid = received(amounts), paid_in(amounts)
    return Multiples(
        dpi=ratio(given, paid),
        rvpi=ratio(nav, paid),
        tvpi=ratio(given + nav, paid),
        pic=ratio(paid, commitment),
    )


@dataclass(frozen=True, slots=True)
class Leverage:
    """Public money's multiplier: on all money, and on what was added to it."""

    public: Decimal
    social: Decimal
    on_total: Decimal | None
    on_added: Decimal | None


def leverage(*, public: Decimal, social: Decimal) -> Leverage:
    """20 of the government and 80 of others: 5.0 on the total, 4.0 on what was added."""
    return Leverage(public, social, ratio(public + social, public), ratio(social, public))


# --- against an index: one level for each amount, the last one the level of the valuation


def _grown(amounts: Amounts, index: Amounts) -> list[Decimal]:
    """Each amount as if it had run with the index until the last day."""
    last = index[-1]
    pairs = zip(amounts, index, strict=True)
    return [WIDE.divide(WIDE.multiply(amount, last), level) for amount, level in pairs]


def ks_pme(amounts: Amounts, index: Amounts, *, nav: Decimal) -> Decimal | None:
    """Kaplan and Schoar (2005): above 1 the fund did better than the index."""
    grown = _grown(amounts, index)
    return ratio(received(grown) + nav, paid_in(grown))


def ln_pme(amounts: Amounts, index: Amounts) -> Decimal | None:
    """Long and Nickels (1996): the rate per period if the same flows had bought the index."""
    grown = _grown(amounts, index)
    worth = -sum(grown, Decimal(0))
    return _per_period([*amounts[:-1], amounts[-1] + worth])


def direct_alpha(amounts: Amounts, index: Amounts, *, nav: Decimal) -> Decimal | None:
    """Gredil, Griffiths and Stucke (2014): the rate per period beyond the index."""
    grown = _grown(amounts, index)
    return _per_period([*grown[:-1], grown[-1] + nav])


def pme_plus_lambda(amounts: Amounts, index: Amounts, *, nav: Decimal) -> Decimal | None:
    """PME+ (Rouvinez 2003): the share of the distributions that the index would have paid."""
    grown = _grown(amounts, index)
    return ratio(paid_in(grown) - nav, received(grown))


def _per_period(amounts: Amounts) -> Decimal | None:
    found = rates(list(enumerate(amounts)))
    chosen = nearest_to_nought(found)
    return None if chosen is None else chosen.quantize(PLACES, context=WIDE)
