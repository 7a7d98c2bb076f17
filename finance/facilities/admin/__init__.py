"""Facilities on the desk."""

from finance.facilities.admin import lists, pages

__all__ = ["lists", "pages"]
