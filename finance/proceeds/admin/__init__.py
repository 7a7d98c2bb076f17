"""The desk's pages of raised money."""

from finance.proceeds.admin import lists, pages

__all__ = ["lists", "pages"]
