"""Funds and their books. Facts are never changed: they are reversed, or told anew."""

from finance.funds.models.capital import (
    Call,
    CallLine,
    Commitment,
    Distribution,
    DistributionLine,
)
from finance.funds.models.money import CashEntry, IndexLevel, Investment, Nav, Valuation
from finance.funds.models.vehicle import Fund, ShareClass, Terms

__all__ = [
    "Call",
    "CallLine",
    "CashEntry",
    "Commitment",
    "Distribution",
    "DistributionLine",
    "Fund",
    "IndexLevel",
    "Investment",
    "Nav",
    "ShareClass",
    "Terms",
    "Valuation",
]
