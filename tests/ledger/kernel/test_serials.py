"""Serial ranges: both ends inside, nothing lost in a split."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.kernel.serials import InvalidSerialRange, SerialOutsideRange, SerialRange

prefixes = st.sampled_from(["", "GEC-", "CEA-2024-", "VCS:", "1-CN-"])
pairs = st.tuples(st.integers(0, 10**12), st.integers(0, 10**6))
ranges = st.builds(lambda p, prefix: SerialRange(p[0], p[0] + p[1], prefix), pairs, prefixes)
small = st.builds(
    lambda first, more: SerialRange(first, first + more), st.integers(0, 40), st.integers(0, 40)
)


def numbers(*parts):
    return [serial for part in parts for serial in range(part.first, part.last + 1)]


def test_both_ends_are_inside():
    assert SerialRange(1, 100).count == 100
    assert SerialRange(7, 7).count == 1
    assert 100 in SerialRange(1, 100)
    assert 101 not in SerialRange(1, 100)


@given(ranges, st.data())
def test_a_split_conserves(whole, data):
    if whole.count == 1:
        return
    at = data.draw(st.integers(whole.first, whole.last - 1))
    left, right = whole.split_after(at)
    assert left.count + right.count == whole.count
    assert left.last == at
    assert left.touches(right)
    assert not left.overlaps(right)


@given(small, small)
def test_subtracting_leaves_exactly_the_others(one, other):
    rest = one.subtract(other)
    assert numbers(*rest) == [serial for serial in numbers(one) if serial not in other]
    common = one.intersection(other)
    assert one.overlaps(other) == (common is not None)
    assert sum(part.count for part in rest) + (common.count if common else 0) == one.count


@given(ranges, st.integers(1, 10**6))
def test_taking_gives_the_lowest_and_the_rest(whole, count):
    if count > whole.count:
        with pytest.raises(SerialOutsideRange):
            whole.take(count)
        return
    taken, rest = whole.take(count)
    assert (taken.first, taken.count) == (whole.first, count)
    assert taken.count + (rest.count if rest else 0) == whole.count


@given(ranges, st.integers(0, 15))
def test_a_range_reads_back_as_written(whole, width):
    assert SerialRange.parse(whole.format(width)) == whole


@pytest.mark.parametrize(
    ("text", "first", "last", "prefix"),
    [
        ("1-100", 1, 100, ""),
        ("GEC-000001 – GEC-000100", 1, 100, "GEC-"),
        ("GEC-000001-GEC-000100", 1, 100, "GEC-"),
        ("CEA-2024-0001..CEA-2024-0100", 1, 100, "CEA-2024-"),
        ("A100至199", 100, 199, "A"),
        ("A7", 7, 7, "A"),
    ],
)
def test_ranges_as_registries_write_them(text, first, last, prefix):
    assert SerialRange.parse(text) == SerialRange(first, last, prefix)


@pytest.mark.parametrize("text", ["", "abc", "100-1", "A1..B2"])
def test_what_is_no_range_is_refused(text):
    with pytest.raises(InvalidSerialRange):
        SerialRange.parse(text)


def test_two_prefixes_have_nothing_in_common():
    one, other = SerialRange(1, 10, "A"), SerialRange(5, 20, "B")
    assert not one.overlaps(other)
    assert not one.touches(other)
    assert one.subtract(other) == (one,)


def test_a_split_must_leave_something_on_both_sides():
    for serial in (0, 10, 11):
        with pytest.raises(SerialOutsideRange):
            SerialRange(1, 10).split_after(serial)


@pytest.mark.parametrize(("first", "last"), [(2, 1), (-1, 5)])
def test_a_range_runs_upwards_from_nought(first, last):
    with pytest.raises(InvalidSerialRange):
        SerialRange(first, last)
