import json
from base64 import b64decode
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.audit import merkle, paths
from ledger.audit.paths import ProofRefused

CASES = Path(__file__).parents[2] / "golden" / "cases"


def cases(name: str) -> list[Any]:
    found = json.loads((CASES / f"{name}.json").read_text())["cases"]
    return [pytest.param(case, id=case["id"]) for case in found]


def decode_all(texts: list[str]) -> list[bytes]:
    return [b64decode(text) for text in texts]


@pytest.mark.parametrize("case", cases("crypto_merkle_hashes"))
def test_the_reference_trees_have_their_published_roots(case: Any) -> None:
    given, expected = case["inputs"], case["expected"]
    if given.get("op") == "leaf":
        leaf = paths.leaf_hash(given["data_utf8"].encode())
        assert leaf == b64decode(expected["hash_b64"])
        return
    if given.get("op") == "node":
        node = paths.node_hash(given["left_utf8"].encode(), given["right_utf8"].encode())
        assert node.hex() == expected["hash_hex"]
        return
    leaves = [paths.leaf_hash(bytes.fromhex(leaf)) for leaf in given["leaves_hex"]]
    assert merkle.root_of(leaves).hex() == case["expected"]["root_hex"]


@pytest.mark.parametrize("case", cases("crypto_merkle_inclusion"))
def test_a_published_inclusion_proof_is_judged_as_published(case: Any) -> None:
    given = case["inputs"]

    def check() -> None:
        paths.check_inclusion(
            index=given["leaf_index"],
            size=given["tree_size"],
            leaf=b64decode(given["leaf_hash_b64"]),
            root=b64decode(given["root_b64"]),
            path=decode_all(given["proof_b64"]),
        )

    _judge(check, valid=case["expected"]["valid"])


@pytest.mark.parametrize("case", cases("crypto_merkle_consistency"))
def test_a_published_consistency_proof_is_judged_as_published(case: Any) -> None:
    given = case["inputs"]

    def check() -> None:
        paths.check_consistency(
            size1=given["size1"],
            size2=given["size2"],
            root1=b64decode(given["root1_b64"]),
            root2=b64decode(given["root2_b64"]),
            path=decode_all(given["proof_b64"]),
        )

    _judge(check, valid=case["expected"]["valid"])


def _judge(check: Any, *, valid: bool) -> None:
    if valid:
        check()
        return
    with pytest.raises(ProofRefused):
        check()


def leaves_of(size: int) -> list[bytes]:
    return [paths.leaf_hash(str(i).encode()) for i in range(size)]


def slow_root(leaves: list[bytes]) -> bytes:
    """RFC 9162 2.1.1, word by word."""
    if len(leaves) < 2:
        return leaves[0] if leaves else paths.EMPTY_ROOT
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    return paths.node_hash(slow_root(leaves[:half]), slow_root(leaves[half:]))


@given(st.integers(0, 700))
def test_the_root_is_that_of_the_definition(size: int) -> None:
    assert merkle.root_of(leaves_of(size)) == slow_root(leaves_of(size))


@given(st.integers(1, 600), st.data())
def test_every_leaf_is_proved_and_another_leaf_is_refused(size: int, data: Any) -> None:
    index = data.draw(st.integers(0, size - 1))
    leaves = leaves_of(size)
    root = merkle.root_of(leaves)
    path = [merkle.root_of(leaves[a:b]) for a, b in merkle.inclusion_stretches(index, size)]

    paths.check_inclusion(index=index, size=size, leaf=leaves[index], root=root, path=path)
    with pytest.raises(ProofRefused):
        paths.check_inclusion(
            index=index, size=size, leaf=paths.leaf_hash(b"x"), root=root, path=path
        )


@given(st.integers(1, 400), st.integers(0, 300))
def test_a_tree_is_consistent_with_every_larger_one_and_with_no_other(size: int, more: int) -> None:
    leaves = leaves_of(size + more)
    stretches = merkle.consistency_stretches(size, size + more)
    path = [merkle.root_of(leaves[a:b]) for a, b in stretches]
    old, new = merkle.root_of(leaves[:size]), merkle.root_of(leaves)

    paths.check_consistency(size1=size, size2=size + more, root1=old, root2=new, path=path)
    with pytest.raises(ProofRefused):
        paths.check_consistency(
            size1=size, size2=size + more, root1=paths.leaf_hash(old), root2=new, path=path
        )


@settings(max_examples=15)
@given(st.lists(st.integers(1, 9000), min_size=1, max_size=12))
def test_growing_in_portions_gives_the_tiles_and_root_of_the_whole(portions: list[int]) -> None:
    total = sum(portions)
    leaves = [i.to_bytes(32, "big") for i in range(total)]
    grower, tiles, start = merkle.Grower(), {}, 0
    for portion in portions:
        for level, position, hashes in grower.add(leaves[start : start + portion]):
            tiles[level, position] = hashes
        start += portion
    tiles |= {(level, position): hashes for level, position, hashes in grower.unfinished()}

    assert grower.root() == merkle.root_of(leaves)
    below = b"".join(tiles[0, i] for i in range((total + 255) // 256))
    assert below == b"".join(leaves)
    nodes = merkle.nodes_of_stretch((0, total))
    known = [merkle.node_in_tile(node, tiles[merkle.tile_of(node)]) for node in nodes]
    assert known == [
        merkle.full_root(leaves[position << level : (position + 1) << level])
        for level, position in nodes
    ]
