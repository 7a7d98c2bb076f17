"""A sample follows from its seed alone, and by tonnes it falls where the tonnes are."""

import hashlib
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporting.verification.rules.sampling import (
    Drawn,
    Looked,
    NothingToWeigh,
    OddSeed,
    Row,
    SampleTooLarge,
    draw,
    interval_of,
    population_hash,
    project,
)
from reporting.verification.states import SamplingMethod

D = Decimal
SEED, HASH = "0123456789abcdef0123456789abcdef", "ab" * 32
ROWS = [Row(f"row-{n}", f"S{n % 3}", f"2025-{n:02d}-01", D(n * n)) for n in range(1, 13)]


def drawn(method, size, rows=ROWS, seed=SEED):
    return draw(rows, method=method, size=size, seed=seed, content_hash=HASH)


def test_a_random_sample_is_the_first_of_the_sha_256_order_as_anybody_computes_it():
    order = sorted(
        (hashlib.sha256(f"{SEED}:{HASH}:row-{n}".encode()).hexdigest(), f"row-{n}")
        for n in range(1, 13)
    )
    assert [one.row.id for one in drawn(SamplingMethod.RANDOM, 4)] == [row for _, row in order[:4]]


def test_a_sample_by_tonnes_is_what_the_rule_in_words_says():
    order = sorted(
        ROWS, key=lambda one: hashlib.sha256(f"{SEED}:{HASH}:{one.id}".encode()).hexdigest()
    )
    interval = Fraction(650, 5)
    start = int(hashlib.sha256(f"{SEED}:{HASH}:start".encode()).hexdigest(), 16)
    hits = [interval * Fraction(start, 2**256) + k * interval for k in range(5)]
    expected, end = [], Fraction(0)
    for row in order:
        begin, end = end, end + Fraction(row.emission_tco2e)
        if any(begin <= hit < end for hit in hits):
            expected.append(Drawn(row, Fraction(row.emission_tco2e) >= interval))
    assert drawn(SamplingMethod.WEIGHTED, 5) == expected
    assert interval_of(ROWS, 5) == interval


@pytest.mark.parametrize("method", list(SamplingMethod))
def test_the_order_in_which_rows_are_given_draws_nothing_else(method):
    assert drawn(method, 5, list(reversed(ROWS))) == drawn(method, 5)
    assert population_hash(list(reversed(ROWS))) == population_hash(ROWS)


def test_another_seed_draws_another_sample():
    samples = {
        tuple(one.row.id for one in drawn(SamplingMethod.RANDOM, 4, seed=f"{n:032x}"))
        for n in range(20)
    }
    assert len(samples) > 15


@given(
    st.lists(st.integers(0, 10_000), min_size=1, max_size=40),
    st.integers(1, 40),
    st.integers(0, 2**128 - 1),
)
def test_a_row_as_long_as_the_interval_is_always_drawn(tonnes, size, seed):
    rows = [Row(str(n), "S", "2025-01-01", D(amount)) for n, amount in enumerate(tonnes)]
    if size > len(rows) or not sum(tonnes):
        return
    found = drawn(SamplingMethod.WEIGHTED, size, rows, f"{seed:032x}")
    ids = [one.row.id for one in found]
    assert len(set(ids)) == len(ids) <= size
    for row in rows:
        is_certain = Fraction(row.emission_tco2e) >= interval_of(rows, size)
        assert not is_certain or Drawn(row, True) in found
        assert row.emission_tco2e or row.id not in ids


def test_a_removal_is_drawn_by_its_size():
    rows = [Row("a", "S", "2025-01-01", D(-100)), Row("b", "S", "2025-01-01", D(1))]
    assert [one.row.id for one in drawn(SamplingMethod.WEIGHTED, 1, rows)] == ["a"]


@pytest.mark.parametrize(
    ("size", "seed", "refusal"),
    [
        (0, SEED, SampleTooLarge),
        (13, SEED, SampleTooLarge),
        (3, SEED[:-1], OddSeed),
        (3, SEED.upper(), OddSeed),
        (3, "g" * 32, OddSeed),
    ],
)
def test_what_cannot_be_drawn_is_refused(size, seed, refusal):
    with pytest.raises(refusal):
        drawn(SamplingMethod.RANDOM, size, seed=seed)


def test_nothing_is_weighed_where_nothing_is_emitted():
    rows = [Row("a", "S", "2025-01-01", D(0))]
    with pytest.raises(NothingToWeigh):
        drawn(SamplingMethod.WEIGHTED, 1, rows)
    assert len(drawn(SamplingMethod.RANDOM, 1, rows)) == 1


def test_differences_are_projected_by_the_tonne_and_certain_rows_speak_for_themselves():
    looked = [
        Looked(D(200), D(20), is_certain=True),
        Looked(D(50), D(5), is_certain=False),  # a tenth of every tonne of the interval
        Looked(D(40), D(-10), is_certain=False),  # less a quarter
        Looked(D(30), D(0), is_certain=False),
    ]
    assert project(looked, interval_tco2e=D(100)) == 20 + 10 - 25
