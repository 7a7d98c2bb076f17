"""Every write of the import room."""

from ledger.imports.operations.deciding import (
    check_again,
    commit_import,
    discard_import,
    set_aside_lines,
    undo_import,
)
from ledger.imports.operations.running import run_commit, run_stage, run_undo
from ledger.imports.operations.uploading import (
    choose_layout,
    register_target,
    save_mapping,
    upload_file,
)
from ledger.imports.rules import RowProblem, SchemeChoice

__all__ = [
    "RowProblem",
    "SchemeChoice",
    "check_again",
    "choose_layout",
    "commit_import",
    "discard_import",
    "register_target",
    "run_commit",
    "run_stage",
    "run_undo",
    "save_mapping",
    "set_aside_lines",
    "undo_import",
    "upload_file",
]
