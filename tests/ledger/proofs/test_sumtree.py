"""Whatever can be followed to the root overlaps nothing else that can, and the sums are true."""

import copy
import json
from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.proofs.sumtree import (
    FIELDS,
    Book,
    Node,
    Proved,
    Spine,
    StateProofRefused,
    Step,
    check_document,
    climb,
    commitment,
    document,
    leaf,
    levels,
    parent,
    shelf_levels,
    siblings,
    state_root,
)

WANTED = ("account", "state", "pledgee")
HELD = {"lot": "lot-1", "account": "account-1", "state": "PLEDGED", "pledgee": "bank-1"}


def salt_of(first: int) -> bytes:
    return first.to_bytes(32, "big")


def opened(first: int, last: int) -> Node:
    told = [commitment(salt=salt_of(first), field=name, value=HELD[name]) for name in FIELDS]
    return leaf(first=first, last=last, commitments=told)


@st.composite
def some_ranges(draw: st.DrawFn) -> list[tuple[int, int]]:
    """Ranges that do not overlap, in order."""
    found, at = [], 0
    for gap, width in draw(
        st.lists(st.tuples(st.integers(0, 50), st.integers(1, 50)), min_size=1, max_size=40)
    ):
        found.append((at + gap, at + gap + width - 1))
        at += gap + width
    return found


def tree_over(ranges: Sequence[tuple[int, int]]) -> list[list[Node]]:
    return list(levels([opened(*one) for one in ranges]))


def path_of(rows: list[list[Node]], index: int) -> list[Step]:
    return [Step(rows[lv][at], left) for lv, at, left in siblings(index, len(rows[0]))]


@given(some_ranges())
def test_every_leaf_leads_to_the_root_and_the_root_holds_all_units(ranges):
    rows = tree_over(ranges)
    root = rows[-1][0]
    assert root.units == sum(last - first + 1 for first, last in ranges)
    assert (root.first, root.last) == (ranges[0][0], ranges[-1][1])
    for index in range(len(ranges)):
        assert climb(rows[0][index], path_of(rows, index)) == root


@given(some_ranges(), st.data())
def test_ranges_that_overlap_or_are_not_in_order_have_no_tree(ranges, data):
    leaves = [opened(*one) for one in ranges]
    twice = data.draw(st.sampled_from(leaves))
    with pytest.raises(StateProofRefused):
        list(levels([*leaves, twice]))
    wide = [Node(n.first, n.last + 60, n.units, n.hash) for n in leaves]
    if len(wide) > 1 and any(a.last >= b.first for a, b in pairwise(wide)):
        with pytest.raises(StateProofRefused):
            list(levels(wide))


def test_two_paths_to_one_root_never_overlap_even_when_the_tree_was_made_by_a_liar():
    """A liar builds a parent over a child whose bounds he hides: that child has no path."""
    mine, hidden = opened(1, 10), opened(5, 12)
    lying = hidden._replace(first=11, last=12, units=2)  # the same hash under other bounds
    root = parent(mine, lying)
    assert climb(mine, [Step(lying, is_left=False)]) == root
    with pytest.raises(StateProofRefused):
        climb(hidden, [Step(mine, is_left=True)])


@pytest.mark.parametrize(
    "node",
    [
        Node(5, 4, 1, bytes(32)),
        Node(1, 10, 11, bytes(32)),
        Node(1, 10, 0, bytes(32)),
        Node(1, 10, -3, bytes(32)),
        Node(-1, 10, 3, bytes(32)),
        Node(1, 2**63, 3, bytes(32)),
        Node(1, 10, 3, bytes(31)),
    ],
)
def test_a_neighbour_that_cannot_be_is_refused(node):
    with pytest.raises(StateProofRefused):
        climb(opened(100, 110), [Step(node, is_left=True)])


# --- the document


def shelf_of(books: list[Book]) -> list[list[Spine]]:
    return list(shelf_levels(sorted(book.spine() for book in books)))


def proof(*, own: Sequence[int] = (3, 4)) -> tuple[dict[str, object], bytes]:
    ranges = [(n * 10, n * 10 + 6) for n in range(1, 30)]
    rows = tree_over(ranges)
    books = [
        Book(f"book {n}", tree[-1][0].units, tree[-1][0])
        for n in range(5)
        for tree in [tree_over([(1, n + 1)])]
    ] + [Book("CCER/2024", 7 * 29, rows[-1][0])]
    shelf = shelf_of(books)
    at = shelf[0].index(books[-1].spine())
    told = document(
        book=books[-1],
        ranges=[
            {
                "first": ranges[n][0],
                "last": ranges[n][1],
                "salt": salt_of(ranges[n][0]),
                "path": path_of(rows, n),
                **HELD,
            }
            for n in own
        ],
        shelf=[(shelf[lv][pos], left) for lv, pos, left in siblings(at, len(books))],
        book_count=len(books),
    )
    return json.loads(json.dumps(told)), state_root(shelf[-1][0], book_count=len(books))


def checked(data: dict[str, object], **other: str) -> Proved:
    return check_document(data, **{**{name: HELD[name] for name in WANTED}, **other})


def test_a_document_shows_the_ranges_their_units_and_the_root_of_the_state():
    data, root = proof()
    found = checked(data)
    assert found.state_root == root
    assert (found.book, found.issued_units, found.units) == ("CCER/2024", 203, 14)
    assert found.ranges == (("lot-1", 40, 46), ("lot-1", 50, 56))


@pytest.mark.parametrize("name", sorted(WANTED))
def test_a_proof_for_somebody_else_is_refused(name):
    data, _ = proof()
    with pytest.raises(StateProofRefused):
        checked(data, **{name: "another"})
    for one in data["ranges"]:
        one[name] = "another"
    with pytest.raises(StateProofRefused):
        checked(data, **{name: "another"})


def test_a_range_told_twice_is_refused():
    data, _ = proof()
    data["ranges"].append(copy.deepcopy(data["ranges"][0]))
    with pytest.raises(StateProofRefused):
        checked(data)


def test_a_book_that_holds_another_sum_than_was_issued_is_refused():
    data, _ = proof()
    data["issued_units"] += 1
    with pytest.raises(StateProofRefused):
        checked(data)


def test_two_books_of_one_name_cannot_stand_on_a_shelf():
    book = Book("CCER/2024", 7, opened(1, 7))
    with pytest.raises(StateProofRefused):
        book.spine().beside(book.spine())


def places(data: object, path: tuple[object, ...] = ()) -> list[tuple[object, ...]]:
    if isinstance(data, dict):
        return [spot for key in data for spot in places(data[key], (*path, key))]
    if isinstance(data, list):
        return [spot for n, item in enumerate(data) for spot in places(item, (*path, n))]
    return [path]


def altered(value: object) -> list[object]:
    if isinstance(value, int):
        return [value + 1, value - 1, -value - 1, str(value), True, None]
    text = str(value)
    flipped = ("0" if text[-1:] != "0" else "1") if text else "x"
    return [text[:-1] + flipped, text + "00", "", 7, None]


def test_no_altered_value_of_a_document_leads_to_the_same_root():
    data, root = proof()
    count = 0
    for spot in places(data):
        *way, last = spot
        for value in altered(_at(data, spot)):
            forged = copy.deepcopy(data)
            _at(forged, way)[last] = value  # type: ignore[index]
            count += 1
            try:
                assert checked(forged).state_root != root, spot
            except StateProofRefused:
                continue
    assert count > 400


def _at(data: object, spot: Sequence[object]) -> object:
    for step in spot:
        data = data[step]  # type: ignore[index]
    return data


@given(st.binary(max_size=200))
def test_rubbish_is_refused_by_name(rubbish):
    with pytest.raises(StateProofRefused):
        check_document(
            {"type": rubbish.hex(), "ranges": rubbish.decode("latin-1")},
            account="a",
            state="s",
            pledgee="p",
        )
