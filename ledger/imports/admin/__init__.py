"""Imports, their lines, problems and mappings."""

from ledger.imports.admin import acts, lists

__all__ = ["acts", "lists"]
