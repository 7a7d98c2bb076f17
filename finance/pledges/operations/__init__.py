"""Every write to pledges. Units move by holds that a pledge keeps: nobody else ends them."""

from finance.pledges.operations.asking import ask, decide, withdraw_request
from finance.pledges.operations.ending import enforce, lapse_pledge, lapse_when_due
from finance.pledges.operations.reading import record_reads
from finance.pledges.operations.registering import record_proceeding, register
from finance.pledges.operations.submitting import (
    Wanted,
    add_collateral,
    approve_pledge,
    submit_pledge,
    withdraw_pledge,
)
from finance.pledges.operations.telling import KINDS
from finance.pledges.operations.watching import check_drawdown, value_pledge

__all__ = [
    "KINDS",
    "Wanted",
    "add_collateral",
    "approve_pledge",
    "ask",
    "check_drawdown",
    "decide",
    "enforce",
    "lapse_pledge",
    "lapse_when_due",
    "record_proceeding",
    "record_reads",
    "register",
    "submit_pledge",
    "value_pledge",
    "withdraw_pledge",
    "withdraw_request",
]
