"""Proofs as small JSON documents, and how a stranger checks them. No Django: an offline verifier
needs this file, `paths` and `notes` alone.
"""

import base64
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ledger.audit.notes import CheckpointText, VerifierKey, open_note
from ledger.audit.paths import ProofRefused, check_consistency, check_inclusion, leaf_hash

INCLUSION = "tanzhang/inclusion-proof/v1"
CONSISTENCY = "tanzhang/consistency-proof/v1"


def _text(item: bytes) -> str:
    return base64.b64encode(item).decode()


def _bytes(text: Any) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (TypeError, ValueError) as wrong:
        raise ProofRefused("base64") from wrong


def path_as_text(path: Iterable[bytes]) -> list[str]:
    return [_text(item) for item in path]


def inclusion_document(
    *, index: int, leaf: bytes, path: Sequence[bytes], checkpoint: str, body: bytes
) -> dict[str, Any]:
    return {
        "type": INCLUSION,
        "leaf_index": index,
        "leaf_hash": _text(leaf),
        "body": body.decode(),
        "path": path_as_text(path),
        "checkpoint": checkpoint,
    }


def consistency_document(
    *, path: Sequence[str], checkpoint1: str, checkpoint2: str
) -> dict[str, Any]:
    """`path`: hashes as `path_as_text` writes them."""
    return {
        "type": CONSISTENCY,
        "path": list(path),
        "checkpoint1": checkpoint1,
        "checkpoint2": checkpoint2,
    }


def check_inclusion_document(
    document: Mapping[str, Any], *, keys: Iterable[VerifierKey]
) -> CheckpointText:
    """Check body, path and signature; return the checkpoint that vouches for them.

    :raises ProofRefused: the body is not in the tree
    :raises NoteMalformed, NoteNotSigned, NoteSignatureWrong: the checkpoint is not good
    """
    _check_type(document, INCLUSION)
    checkpoint = CheckpointText.parse(open_note(str(document["checkpoint"]), keys).text)
    leaf = leaf_hash(str(document["body"]).encode())
    if leaf != _bytes(document["leaf_hash"]):
        raise ProofRefused("another body")
    check_inclusion(
        index=int(document["leaf_index"]),
        size=checkpoint.tree_size,
        leaf=leaf,
        root=checkpoint.root,
        path=[_bytes(item) for item in document["path"]],
    )
    return checkpoint


def check_consistency_document(
    document: Mapping[str, Any], *, keys: Sequence[VerifierKey]
) -> tuple[CheckpointText, CheckpointText]:
    """:raises ProofRefused: the second log does not begin with the first"""
    _check_type(document, CONSISTENCY)
    first = CheckpointText.parse(open_note(str(document["checkpoint1"]), keys).text)
    second = CheckpointText.parse(open_note(str(document["checkpoint2"]), keys).text)
    if first.origin != second.origin:
        raise ProofRefused("two logs")
    check_consistency(
        size1=first.tree_size,
        size2=second.tree_size,
        root1=first.root,
        root2=second.root,
        path=[_bytes(item) for item in document["path"]],
    )
    return first, second


def _check_type(document: Mapping[str, Any], kind: str) -> None:
    needed = {"type", "path"}
    needed |= {"leaf_index", "leaf_hash", "body", "checkpoint"} if kind == INCLUSION else set()
    needed |= {"checkpoint1", "checkpoint2"} if kind == CONSISTENCY else set()
    if document.get("type") != kind or not needed <= set(document):
        raise ProofRefused("another kind of document")
