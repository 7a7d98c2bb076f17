"""Asking, giving and refusing. Whoever checks sees what will happen, and exactly that happens."""

from ledger.approvals.operations.asking import Proposal, propose, register, request_approval
from ledger.approvals.operations.deciding import approve, expire_due_approvals, reject, withdraw
from ledger.approvals.operations.limits import set_thresholds
from ledger.approvals.operations.recording import approval_row, consent_row, threshold_row

__all__ = [
    "Proposal",
    "approval_row",
    "approve",
    "consent_row",
    "expire_due_approvals",
    "propose",
    "register",
    "reject",
    "request_approval",
    "set_thresholds",
    "threshold_row",
    "withdraw",
]
