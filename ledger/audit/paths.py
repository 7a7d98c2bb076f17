"""The hashes of the Merkle tree of RFC 9162, and how its proofs are checked. Pure, on bytes."""

import hashlib
from collections.abc import Iterable, Sequence

from ledger.kernel.errors import N_, DomainError

HASH_SIZE = 32
EMPTY_ROOT = hashlib.sha256(b"").digest()


class ProofRefused(DomainError):
    code = "proof_refused"
    message = N_("The proof does not hold.")


def leaf_hash(body: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + body).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def check_inclusion(
    *, index: int, size: int, leaf: bytes, root: bytes, path: Sequence[bytes]
) -> None:
    """RFC 9162 2.1.3.2.

    :raises ProofRefused: the leaf is not shown to stand at `index` under `root`
    """
    if not 0 <= index < size:
        raise ProofRefused(f"leaf {index} of {size}")
    _check_lengths([leaf, root, *path])
    place, last, result = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            raise ProofRefused("too long")
        if place & 1 or place == last:
            result = node_hash(sibling, result)
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            result = node_hash(result, sibling)
        place, last = place >> 1, last >> 1
    if last or result != root:
        raise ProofRefused("another root")


def check_consistency(
    *, size1: int, size2: int, root1: bytes, root2: bytes, path: Sequence[bytes]
) -> None:
    """RFC 9162 2.1.4.2.

    :raises ProofRefused: the larger tree is not shown to begin with the smaller
    """
    if not 0 < size1 <= size2:
        raise ProofRefused(f"from {size1} to {size2}")
    _check_lengths(path)
    if size1 == size2:
        if path or root1 != root2:
            raise ProofRefused("same size, other tree")
        return
    if not path:
        raise ProofRefused("empty")
    steps = [root1, *path] if size1 & (size1 - 1) == 0 else list(path)
    _check_steps(steps=steps, place=size1 - 1, last=size2 - 1, root1=root1, root2=root2)


def _check_steps(*, steps: list[bytes], place: int, last: int, root1: bytes, root2: bytes) -> None:
    while place & 1:
        place, last = place >> 1, last >> 1
    old = new = steps[0]
    for step in steps[1:]:
        if last == 0:
            raise ProofRefused("too long")
        if place & 1 or place == last:
            old, new = node_hash(step, old), node_hash(step, new)
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            new = node_hash(new, step)
        place, last = place >> 1, last >> 1
    if last or old != root1 or new != root2:
        raise ProofRefused("another root")


def _check_lengths(hashes: Iterable[bytes]) -> None:
    if any(len(item) != HASH_SIZE for item in hashes):
        raise ProofRefused("not SHA-256")
