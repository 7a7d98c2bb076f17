"""Every write of the activity room."""

from reporting.activity.operations.checking import answer_finding, run_checks
from reporting.activity.operations.from_readings import take_from_readings
from reporting.activity.operations.recording import (
    Preview,
    check_dataset,
    correct_row,
    lock_dataset,
    mark_verified,
    preview_upload,
    reopen_dataset,
    submit_dataset,
    upload_year,
)

__all__ = [
    "Preview",
    "answer_finding",
    "check_dataset",
    "correct_row",
    "lock_dataset",
    "mark_verified",
    "preview_upload",
    "reopen_dataset",
    "run_checks",
    "submit_dataset",
    "take_from_readings",
    "upload_year",
]
