"""What is written here: commitments to the state, and the trees that proofs are cut from."""

from ledger.proofs.operations.committing import KEPT_COMMITMENTS, commit_state

__all__ = ["KEPT_COMMITMENTS", "commit_state"]
