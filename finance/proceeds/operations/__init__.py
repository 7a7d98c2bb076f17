"""Money is registered, allocated, spent with evidence, and its effect told."""

from finance.proceeds.operations.days import check_past
from finance.proceeds.operations.registering import (
    record_rating,
    register_project,
    register_raising,
)
from finance.proceeds.operations.using import (
    allocate,
    check_there,
    grant_subsidy,
    record_impact,
    spend,
    take_back_spending,
)

__all__ = [
    "allocate",
    "check_past",
    "check_there",
    "grant_subsidy",
    "record_impact",
    "record_rating",
    "register_project",
    "register_raising",
    "spend",
    "take_back_spending",
]
