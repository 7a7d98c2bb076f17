"""The normal distribution in decimals.

Φ(x) = 1/2 + φ(x)·(x + x³/3 + x⁵/(3·5) + x⁷/(3·5·7) + …), Marsaglia 2004. For x > 0 every term is
positive, so nothing cancels: with 60 digits inside and terms until 1e-50, the absolute error of
`cumulative` stays below 1e-40. Beyond 14 the tail itself is smaller than that (Φ(-14) < 8e-45).
"""

from decimal import Context, Decimal, localcontext

INSIDE = Context(prec=60)
SMALLEST = Decimal("1e-50")
TAIL = Decimal(14)
PI = Decimal("3.14159265358979323846264338327950288419716939937510582097494459230781640628620899")
HALF, ONE = Decimal("0.5"), Decimal(1)


def density(x: Decimal) -> Decimal:
    """φ(x) = exp(-x²/2) / √(2π)."""
    with localcontext(INSIDE):
        return (-x * x / 2).exp() / (2 * PI).sqrt()


def cumulative(x: Decimal) -> Decimal:
    """Φ(x): the chance of a standard normal value up to x; absolute error below 1e-40."""
    if abs(x) > TAIL:
        return ONE if x > 0 else Decimal(0)
    with localcontext(INSIDE):
        above = abs(x)
        total = term = above
        odd = 1
        while term > SMALLEST:
            odd += 2
            term = term * above * above / odd
            total += term
        upper = HALF + density(above) * total
        return upper if x >= 0 else ONE - upper
