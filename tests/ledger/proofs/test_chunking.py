"""What changed is cut anew and nothing else, whatever happens to the runs of a book."""

from collections.abc import Iterable, Sequence

from hypothesis import given
from hypothesis import strategies as st

from ledger.proofs import chunking
from ledger.proofs.building import Opened, place_in_rows, rows_over, salt_of
from ledger.proofs.chunking import Span, Standing, plan, size_of_pieces
from ledger.proofs.sumtree import FIELDS, PACKED_SIZE, Node, commitment, leaf, levels

numbers = st.sets(st.integers(0, 5000), max_size=400)


def mark_of(runs: Iterable[int]) -> str:
    return ",".join(map(str, sorted(runs)))


def cut(runs: Sequence[int], size: int) -> list[list[int]]:
    return [list(runs[start : start + size]) for start in range(0, len(runs), size)]


def told(runs: Iterable[int], lows: Sequence[int]) -> dict[int, tuple[int, str]]:
    """What `serial_marks` tells of a book with these runs."""
    found: dict[int, list[int]] = {}
    for run in runs:
        place = max(sum(low <= run for low in lows) - 1, 0)
        found.setdefault(place, []).append(run)
    return {place: (len(some), mark_of(some)) for place, some in found.items()}


def made_anew(chunks: Sequence[Sequence[int]], runs: set[int], size: int) -> list[list[int]]:
    """The chunks of the next version."""
    standing = [Standing(chunk[0], mark_of(chunk)) for chunk in chunks]
    next_ones: list[list[int]] = []
    for one in plan(standing, told(runs, [item.low for item in standing])):
        if isinstance(one, Span):
            inside = sorted(run for run in runs if one.low <= run <= one.last)
            assert one.run_count == len(inside)
            next_ones += cut(inside, size)
        else:
            next_ones.append(list(chunks[one]))
    return next_ones


@given(st.lists(numbers, min_size=1, max_size=6), st.integers(3, 40))
def test_after_any_changes_every_run_is_in_one_chunk_and_in_order(versions, size):
    chunks: list[list[int]] = []
    for runs in versions:
        chunks = made_anew(chunks, runs, size)
        assert [run for chunk in chunks for run in chunk] == sorted(runs)


@given(numbers.filter(lambda runs: len(runs) > 1), st.data())
def test_a_chunk_without_a_change_stays(runs, data):
    chunks = cut(sorted(runs), 100)
    gone = data.draw(st.sampled_from(sorted(runs)))
    after = made_anew(chunks, runs - {gone}, 100)
    untouched = [chunk for chunk in chunks if gone not in chunk]
    beside = 1  # a small chunk takes its right neighbour in
    assert len([chunk for chunk in untouched if chunk in after]) >= len(untouched) - beside


def test_the_first_version_is_one_span_of_everything_and_an_empty_book_has_none():
    assert plan([], {0: (7, "x")}) == [Span(0, chunking.END, 7)]
    assert plan([], {}) == []


def test_a_changed_chunk_with_few_runs_takes_its_neighbour_in():
    standing = [Standing(0, "a"), Standing(100, "b"), Standing(200, "c")]
    now = {0: (300, "a"), 1: (chunking.LEAST - 1, "other"), 2: (300, "c")}
    assert plan(standing, now) == [0, Span(100, chunking.END, chunking.LEAST - 1 + 300)]


def test_pieces_are_alike_and_never_more_than_twice_the_width():
    for count in (1, 256, 512, 513, 1000, 99_999):
        size = size_of_pieces(count)
        pieces = cut(range(count), size)
        assert len(pieces[0]) <= 2 * chunking.WIDTH
        assert len(pieces[-1]) > len(pieces[0]) - len(pieces) or len(pieces) == 1


def opened(number: int) -> Opened:
    return Opened(number, number + 3, "lot", "account", "FREE", "", None)


def test_a_leaf_made_quickly_is_the_leaf_that_a_stranger_reckons():
    one = Opened(7, 19, "lot-1", "account-1", "PLEDGED", "bank/hold", None)
    salt = salt_of(b"s" * 32, 5)
    told = [commitment(salt=salt, field=name, value=getattr(one, name)) for name in FIELDS]
    assert one.node(salt) == leaf(first=7, last=19, commitments=told)


@given(st.integers(1, 70))
def test_every_node_of_a_chunk_is_found_where_it_lies(count):
    leaves = [opened(10 * n).node(salt_of(b"s" * 32, n)) for n in range(count)]
    packed, root = rows_over(leaves)
    for level, row in enumerate(levels(leaves)):
        for at, node in enumerate(row):
            start = place_in_rows(level, at, count=count)
            assert Node.unpacked(packed[start : start + PACKED_SIZE]) == node
    assert Node.unpacked(packed[-PACKED_SIZE:]) == root
