"""Asking for reports, issuing, withdrawing and handing them out, and packing them."""

from reporting.packages.operations.issuing import (
    TASK,
    download_report,
    issue_report,
    request_report,
    sign_document,
)
from reporting.packages.operations.packing import (
    build_package,
    issue_package,
    request_package,
)
from reporting.packages.operations.withdrawing import withdraw_report
from reporting.packages.signing import SignedDocument

__all__ = [
    "TASK",
    "SignedDocument",
    "build_package",
    "download_report",
    "issue_package",
    "issue_report",
    "request_package",
    "request_report",
    "sign_document",
    "withdraw_report",
]
