"""Every write of the activity room."""

from reporting.activity.operations.asking import (
    CHECKING,
    SUBMITTING,
    ask_for_checks,
    ask_to_submit,
    is_large,
)
from reporting.activity.operations.checking import answer_finding, run_checks
from reporting.activity.operations.from_readings import take_from_readings
from reporting.activity.operations.recording import (
    Preview,
    check_dataset,
    correct_row,
    lock_dataset,
    look,
    mark_verified,
    preview_upload,
    reopen_dataset,
    submit_dataset,
    upload_year,
)

__all__ = [
    "CHECKING",
    "SUBMITTING",
    "Preview",
    "answer_finding",
    "ask_for_checks",
    "ask_to_submit",
    "check_dataset",
    "correct_row",
    "is_large",
    "lock_dataset",
    "look",
    "mark_verified",
    "preview_upload",
    "reopen_dataset",
    "run_checks",
    "submit_dataset",
    "take_from_readings",
    "upload_year",
]
