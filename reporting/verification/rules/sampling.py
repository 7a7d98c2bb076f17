"""Drawing a sample that anybody can draw again: from a seed, by SHA-256, in whole numbers.

Every row of the population has a key, `SHA-256("seed:content hash:row")` in hex digits; the rows
are put in the order of their keys.

RANDOM     the first `size` rows of that order.
WEIGHTED   monetary-unit sampling, the unit being a tonne: the rows stand end to end in that order,
           each as long as its emission; the interval is the total divided by `size`, the start
           `SHA-256("seed:content hash:start") / 2^256` of it, and the rows on which start,
           start + interval, … fall are drawn. A row as long as the interval is drawn for certain.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from hashlib import sha256
from math import ceil

from ledger.kernel.canonical import digest
from ledger.kernel.errors import N_, DomainError
from reporting.verification.states import SamplingMethod

ZERO = Decimal(0)
SEED_DIGITS = 32
SPACE = 2**256


class SampleTooLarge(DomainError):
    code = "sample_too_large"
    message = N_("%(wanted)s rows are asked for, the inventory has %(left)s.")


class OddSeed(DomainError):
    code = "odd_seed"
    message = N_("A seed has 32 digits from 0 to 9 and a to f.")


class NothingToWeigh(DomainError):
    code = "nothing_to_weigh"
    message = N_("Without emissions no row weighs more than another; draw at random.")


@dataclass(frozen=True, slots=True)
class Row:
    """One row of activity in a frozen inventory, with all gases of it."""

    id: str
    source_code: str
    month: str
    emission_tco2e: Decimal


@dataclass(frozen=True, slots=True)
class Drawn:
    row: Row
    is_certain: bool = False


@dataclass(frozen=True, slots=True)
class Looked:
    """A drawn row that was looked at; `difference_tco2e` is what is stated less what is right."""

    emission_tco2e: Decimal
    difference_tco2e: Decimal
    is_certain: bool


def check_seed(seed: str) -> None:
    """:raises OddSeed: not 32 hexadecimal digits"""
    if len(seed) != SEED_DIGITS or set(seed) - set("0123456789abcdef"):
        raise OddSeed


def population_hash(rows: Sequence[Row]) -> str:
    """One hash over what was drawn from."""
    return digest(
        sorted([one.id, one.source_code, one.month, one.emission_tco2e] for one in rows)
    ).hex()


def key_of(*, seed: str, content_hash: str, name: str) -> str:
    return sha256(f"{seed}:{content_hash}:{name}".encode()).hexdigest()


def in_order(rows: Sequence[Row], *, seed: str, content_hash: str) -> list[Row]:
    return sorted(rows, key=lambda one: key_of(seed=seed, content_hash=content_hash, name=one.id))


def draw(
    rows: Sequence[Row], *, method: SamplingMethod, size: int, seed: str, content_hash: str
) -> list[Drawn]:
    """The rows that the seed draws, in the order in which they fall.

    Weighted, a row that would be hit twice is drawn once: there may be fewer rows than asked for.

    :raises OddSeed, SampleTooLarge, NothingToWeigh: as they say
    """
    check_seed(seed)
    if not 0 < size <= len(rows):
        raise SampleTooLarge(wanted=size, left=len(rows))
    ordered = in_order(rows, seed=seed, content_hash=content_hash)
    if method is SamplingMethod.RANDOM:
        return [Drawn(one) for one in ordered[:size]]
    return _by_tonne(ordered, size, key_of(seed=seed, content_hash=content_hash, name="start"))


def interval_of(rows: Sequence[Row], size: int) -> Fraction:
    """Tonnes from one hit to the next."""
    return sum((_length(one) for one in rows), Fraction(0)) / size


def _length(row: Row) -> Fraction:
    return Fraction(abs(row.emission_tco2e))


def _by_tonne(ordered: Sequence[Row], size: int, start_key: str) -> list[Drawn]:
    interval = interval_of(ordered, size)
    if not interval:
        raise NothingToWeigh
    hit, end, found = interval * Fraction(int(start_key, 16), SPACE), Fraction(0), []
    for row in ordered:
        end += _length(row)
        if hit < end:
            found.append(Drawn(row, _length(row) >= interval))
            hit += interval * ceil((end - hit) / interval)
    return found


def project(looked: Sequence[Looked], *, interval_tco2e: Decimal) -> Decimal:
    """What the differences of a weighted sample say of the whole, in tCO2e.

    Of a row drawn for certain, its own difference; of any other, its part of the row for every
    tonne of the interval.
    """
    total = ZERO
    for one in looked:
        if one.is_certain or not one.emission_tco2e:
            total += one.difference_tco2e
        else:
            total += one.difference_tco2e / abs(one.emission_tco2e) * interval_tco2e
    return total
