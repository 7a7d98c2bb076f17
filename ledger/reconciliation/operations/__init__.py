"""Every write: statements in, comparisons, breaks moved along, corrections, overrides."""

from ledger.reconciliation.operations.breaks import (
    add_note,
    assign_breaks,
    close_break,
    explain_break,
)
from ledger.reconciliation.operations.comparisons import (
    compare_account,
    compare_statement,
    request_comparison,
)
from ledger.reconciliation.operations.corrections import (
    check_correction,
    correct_break,
    propose_correction,
)
from ledger.reconciliation.operations.overrides import override_block, request_override
from ledger.reconciliation.operations.statements import (
    Line,
    record_statement,
    withdraw_statement,
)

__all__ = [
    "Line",
    "add_note",
    "assign_breaks",
    "check_correction",
    "close_break",
    "compare_account",
    "compare_statement",
    "correct_break",
    "explain_break",
    "override_block",
    "propose_correction",
    "record_statement",
    "request_comparison",
    "request_override",
    "withdraw_statement",
]
