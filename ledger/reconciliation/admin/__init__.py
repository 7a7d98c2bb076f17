"""Statements, comparisons, breaks and overrides to look at, and the acts on them."""

from ledger.reconciliation.admin import breaks, overrides, statements

__all__ = ["breaks", "overrides", "statements"]
