"""Proofs of the state, cut from the trees of the newest commitment; and the check of all of it."""

from ledger.proofs.queries.checking import check_commitments, check_trees
from ledger.proofs.queries.proving import (
    NoStateProof,
    States,
    get_state_proof,
    get_states,
    told_root,
)
from ledger.proofs.queries.standing import (
    Laid,
    book_of,
    chunks_of,
    commitments,
    content_of,
    latest_commitment,
    standing_tree,
    subject_of,
    trees_of,
)

__all__ = [
    "Laid",
    "NoStateProof",
    "States",
    "book_of",
    "check_commitments",
    "check_trees",
    "chunks_of",
    "commitments",
    "content_of",
    "get_state_proof",
    "get_states",
    "latest_commitment",
    "standing_tree",
    "subject_of",
    "told_root",
    "trees_of",
]
