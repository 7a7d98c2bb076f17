"""Layouts of registries' files, recognised by their headings and never by a file's name. Pure.

Importing this package fills the list: each module registers its own.
"""

from ledger.imports.layouts import (
    apx,
    broker,
    cad_trust,
    california,
    california_compliance,
    cercarbono,
    eu_ets,
    gec,
    gold_standard,
    irec,
    isometric,
    prices,
    uk_ets,
    uk_uploads,
    verra,
)
from ledger.imports.layouts.registry import Layout, NoSuchLayout, all_layouts, get, recognise

__all__ = ["Layout", "NoSuchLayout", "all_layouts", "get", "recognise"]
__all__ += [
    "apx",
    "broker",
    "cad_trust",
    "california",
    "california_compliance",
    "cercarbono",
    "eu_ets",
    "gec",
    "gold_standard",
]
__all__ += ["irec", "isometric", "prices", "uk_ets", "uk_uploads", "verra"]
