"""Pledges on the desk."""

from finance.pledges.admin import lists, pages

__all__ = ["lists", "pages"]
