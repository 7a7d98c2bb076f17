"""The range algebra against the plainest model: a set of (prefix, number)."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.kernel.serials import InvalidSerialRange, SerialOutsideRange, SerialRange

PREFIXES = st.sampled_from(["", "A-", "B-", "2025-"])
ranges = st.builds(
    lambda first, more, prefix: SerialRange(first, first + more, prefix),
    st.integers(0, 30),
    st.integers(0, 30),
    PREFIXES,
)


def model(*parts):
    return {(part.prefix, n) for part in parts for n in range(part.first, part.last + 1)}


def is_one_run(numbers):
    """A set of numbers under one prefix without a gap."""
    prefixes = {prefix for prefix, _ in numbers}
    values = sorted(n for _, n in numbers)
    return len(prefixes) == 1 and values == list(range(values[0], values[-1] + 1))


@given(ranges, ranges)
def test_comparisons_are_those_of_sets(one, other):
    assert one.overlaps(other) == bool(model(one) & model(other))
    assert one.contains(other) == (model(other) <= model(one))
    apart = not model(one) & model(other)
    assert one.touches(other) == (apart and is_one_run(model(one, other)))
    assert (one == other) == (model(one) == model(other))


@given(ranges, ranges)
def test_intersection_and_difference_are_those_of_sets(one, other):
    common = one.intersection(other)
    assert (model(common) if common else set()) == model(one) & model(other)
    rest = one.subtract(other)
    assert model(*rest) == model(one) - model(other)
    assert sum(part.count for part in rest) == len(model(one) - model(other))
    assert list(rest) == sorted(rest)
    assert not any(part.touches(more) for part, more in pairwise(rest))


@given(ranges, st.lists(ranges, max_size=6))
def test_taking_many_ranges_away_one_after_the_other_is_taking_their_union(whole, parts):
    rest = [whole]
    for part in parts:
        rest = [left for piece in rest for left in piece.subtract(part)]
    assert model(*rest) == model(whole) - model(*parts)
    assert sum(piece.count for piece in rest) == len(model(*rest))


@given(ranges, st.integers(0, 70))
def test_a_split_is_the_partition_at_its_serial_or_a_refusal(whole, serial):
    below = {item for item in model(whole) if item[1] <= serial}
    above = model(whole) - below
    if not below or not above:
        with pytest.raises(SerialOutsideRange):
            whole.split_after(serial)
        return
    left, right = whole.split_after(serial)
    assert (model(left), model(right)) == (below, above)


@given(ranges, st.lists(st.integers(1, 12), max_size=8))
def test_taking_counts_in_turn_hands_out_each_number_once(whole, counts):
    rest, taken = whole, []
    for count in counts:
        if rest is None or count > rest.count:
            break
        part, rest = rest.take(count)
        taken.append(part)
        assert part.count == count
    left = [rest] if rest else []
    assert model(*taken, *left) == model(whole)
    assert sum(part.count for part in [*taken, *left]) == whole.count


@given(ranges, st.integers(0, 6))
def test_what_is_written_is_read_back(one, width):
    assert SerialRange.parse(one.format(width)) == one
    for joint in ("..", "–", "~", "～", "至", " to ", " - "):
        text = f"{one.prefix}{one.first}{joint}{one.prefix}{one.last}"
        if joint != " - " or one.prefix != "2025-":
            assert SerialRange.parse(text) == one


@given(st.text(max_size=12))
def test_any_text_is_a_range_or_refused_by_name(text):
    try:
        found = SerialRange.parse(text)
    except InvalidSerialRange:
        return
    assert 0 <= found.first <= found.last
