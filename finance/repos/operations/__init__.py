"""Every write of this room."""

from finance.repos.operations.agreeing import (
    Terms,
    declare_default,
    make_agreement,
    withdraw_agreement,
)
from finance.repos.operations.handing import return_units, start_agreement

__all__ = [
    "Terms",
    "declare_default",
    "make_agreement",
    "return_units",
    "start_agreement",
    "withdraw_agreement",
]
