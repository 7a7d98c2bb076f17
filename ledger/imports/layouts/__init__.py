"""Layouts of registries' files, recognised by their headings and never by a file's name. Pure.

The columns and traps are those of `docs/reference/layouts.md`.
"""

from ledger.imports.layouts.registry import Layout, all_layouts, get, recognise

__all__ = ["Layout", "all_layouts", "get", "recognise"]
