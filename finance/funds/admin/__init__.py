"""The desk's pages of funds."""

from finance.funds.admin import books, funds, investors

__all__ = ["books", "funds", "investors"]
