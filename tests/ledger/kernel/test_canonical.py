"""Canonical JSON: one value, one byte form, as RFC 8785 says."""

import json
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.kernel.canonical import canonical_json, digest

plain = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


def test_the_sorting_example_of_rfc_8785():
    """§3.2.3: by UTF-16 code units, so the emoji stands before U+FB33."""
    value = {
        "\u20ac": "Euro Sign", "\r": "Carriage Return", "\ufb33": "Hebrew Letter Dalet With Dagesh",
        "1": "One", "\U0001f600": "Emoji: Grinning Face", "\u0080": "Control",
        "\u00f6": "Latin Small Letter O With Diaeresis",
    }  # fmt: skip
    assert list(json.loads(canonical_json(value))) == [
        "\r", "1", "\u0080", "\u00f6", "\u20ac", "\U0001f600", "\ufb33",
    ]  # fmt: skip


def test_the_string_example_of_rfc_8785():
    """§3.2.2 and §3.2.4, without its floating numbers."""
    value = {
        "string": "\u20ac$\u000f\u000aA'\u0042\u0022\u005c\\\"/",
        "literals": [None, True, False],
    }
    wanted = '{"literals":[null,true,false],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'
    assert canonical_json(value) == wanted.encode()


def test_escapes_are_the_short_ones():
    assert canonical_json("\b\t\n\f\r\x00\x1f\x7f") == b'"\\b\\t\\n\\f\\r\\u0000\\u001f\x7f"'


@given(plain)
def test_it_reads_back_and_is_stable(value):
    text = canonical_json(value)
    assert json.loads(text) == value
    assert canonical_json(json.loads(text)) == text


@given(st.dictionaries(st.text(), st.integers(0, 9), min_size=2))
def test_the_order_of_keys_does_not_matter(value):
    assert canonical_json(dict(reversed(value.items()))) == canonical_json(value)


class Colour(StrEnum):
    RED = "RED"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Decimal("1.50"), '"1.50"'),
        (Decimal("1E+2"), '"100"'),
        (2**53, '"9007199254740992"'),
        (2**53 - 1, "9007199254740991"),
        (date(2026, 1, 2), '"2026-01-02"'),
        (datetime(2026, 1, 2, tzinfo=UTC), '"2026-01-02T00:00:00.000000Z"'),
        (
            datetime(2026, 1, 2, 8, tzinfo=timezone(timedelta(hours=8))),
            '"2026-01-02T00:00:00.000000Z"',
        ),
        (UUID(int=1), '"00000000-0000-0000-0000-000000000001"'),
        (Colour.RED, '"RED"'),
        ((1, [2]), "[1,[2]]"),
        ({Colour.RED: 1, UUID(int=2): 2}, '{"00000000-0000-0000-0000-000000000002":2,"RED":1}'),
    ],
)
def test_values_of_ours_have_one_form(value, text):
    assert canonical_json(value).decode() == text


@pytest.mark.parametrize(
    "value",
    [0.5, float("nan"), {"a": [1.0]}, {1, 2}, b"x", object(), Decimal("NaN"), datetime(2026, 1, 1)],  # noqa: DTZ001
)
def test_what_has_no_canonical_form_is_refused(value):
    with pytest.raises(TypeError):
        canonical_json(value)


def test_two_keys_written_alike_are_refused():
    with pytest.raises(TypeError, match="written the same"):
        canonical_json({1: "a", "1": "b"})


def test_half_a_surrogate_pair_is_refused():
    with pytest.raises(UnicodeEncodeError):
        canonical_json("\ud800")


def test_the_digest_is_of_the_canonical_bytes():
    assert digest({}).hex() == "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
