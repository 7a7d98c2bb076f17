"""The steps of a what-if: few, and none that leaves nothing."""

from collections.abc import Sequence

from ledger.kernel.errors import N_, DomainError

MOST = 9
SMALLEST, LARGEST = -10_000, 100_000  # basis points


class OddSteps(DomainError):
    code = "odd_steps"
    message = N_("At most %(limit)s steps each, between -100 %% and +1000 %%.")


def check_steps(*rows: Sequence[int]) -> None:
    """:raises OddSteps: none, too many, or beyond what makes sense"""
    for steps in rows:
        if not 0 < len(steps) <= MOST or not all(SMALLEST <= one <= LARGEST for one in steps):
            raise OddSteps(limit=MOST)
