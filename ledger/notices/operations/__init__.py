"""Taking in what rooms say, telling people, and what people do with it."""

from ledger.notices.operations.collecting import collect, collect_soon, register
from ledger.notices.operations.mailing import (
    begin_mail,
    dispatch,
    end_mail,
    fail_mail,
    try_again,
)
from ledger.notices.operations.reading import (
    dismiss,
    mark_all_read,
    mark_read,
    set_preferences,
    snooze,
)

__all__ = [
    "begin_mail",
    "collect",
    "collect_soon",
    "dismiss",
    "dispatch",
    "end_mail",
    "fail_mail",
    "mark_all_read",
    "mark_read",
    "register",
    "set_preferences",
    "snooze",
    "try_again",
]
