"""Sharing whole things out without loss."""

from collections.abc import Sequence

from ledger.kernel.errors import N_, DomainError


class NothingToShareBy(DomainError):
    code = "nothing_to_share_by"
    message = N_("Sharing out needs a whole amount and weights, none negative and not all zero.")


def share_out(total: int, weights: Sequence[int]) -> list[int]:
    """Share whole things by weight, largest remainder first; the earlier wins a tie.

    :raises NothingToShareBy: a negative total or weight, or weights that are all zero
    """
    whole = sum(weights)
    if total < 0 or whole <= 0 or min(weights) < 0:
        raise NothingToShareBy
    shares = [total * weight // whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda i: -(total * weights[i] % whole))
    for i in by_remainder[: total - sum(shares)]:
        shares[i] += 1
    return shares
