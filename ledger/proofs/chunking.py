"""Which chunks of a book stay, and which stretches of it are cut anew. Values alone."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from ledger.proofs.sumtree import LARGEST

WIDTH = 256  # leaves of a new chunk, about; twice as many are cut
LEAST = WIDTH // 4  # a changed chunk of fewer takes its neighbour in
END = LARGEST - 1  # the last serial there can be: a range of the server ends before its bound
Mark = tuple[int, str]  # how many runs, and what changes with them


class Standing(NamedTuple):
    """A chunk as it was made: its first number, and its mark then."""

    low: int
    mark: str


class Span(NamedTuple):
    """Numbers `low` to `last` are read and hashed anew: so many runs, unless some are no units."""

    low: int
    last: int
    run_count: int


def plan(standing: Sequence[Standing], now: Mapping[int, Mark]) -> list[int | Span]:
    """The places of the chunks that stay, and between them what is cut anew, in order.

    `now`: by place, how many runs begin in a chunk and their mark; nothing where none is left.
    """
    if not standing:
        return [Span(0, END, now[0][0])] if now else []
    changed = _changed(standing, now)
    planned: list[int | Span] = []
    for place in range(len(standing)):
        if place not in changed:
            planned.append(place)
            continue
        low = standing[place].low if place else 0
        last = standing[place + 1].low - 1 if place + 1 < len(standing) else END
        count = now[place][0] if place in now else 0
        before = planned[-1] if planned else None
        if isinstance(before, Span):
            planned[-1] = Span(before.low, last, before.run_count + count)
        else:
            planned.append(Span(low, last, count))
    return planned


def _changed(standing: Sequence[Standing], now: Mapping[int, Mark]) -> set[int]:
    found = {
        place for place, one in enumerate(standing) if place not in now or now[place][1] != one.mark
    }
    small = {place for place in found if place in now and now[place][0] < LEAST}
    beside = {place + 1 for place in small if place + 1 < len(standing)}
    return found | beside


def size_of_pieces(run_count: int) -> int:
    """How many leaves a new chunk of such a stretch gets: all alike, none more than twice WIDTH."""
    if run_count <= 2 * WIDTH:
        return 2 * WIDTH
    pieces = -(-run_count // WIDTH)
    return -(-run_count // pieces)
