"""Idempotency keys: a key belongs to its party, and the same key is the same act, done once."""

from ledger.kernel.actors import Actor
from ledger.kernel.errors import N_, DomainError

# Columns hold 250: the party takes 37 of them, and an act adds a word to what it hands on.
LONGEST_TOLD = 200


class KeyUnfit(DomainError):
    code = "idempotency_key_unfit"
    message = N_("The field idempotency_key takes 1 to %(most)s printable characters.")


class KeyUsedOtherwise(DomainError):
    """I40: same key, other request."""

    code = "idempotency_key_reused"
    message = N_("This idempotency key was used before, for a request with other content.")


def check_told(key: str) -> None:
    """:raises KeyUnfit: empty, too long for its column, or with signs that no eye sees"""
    if not 1 <= len(key) <= LONGEST_TOLD or not key.isprintable():
        raise KeyUnfit(most=LONGEST_TOLD)


def key_of(by: Actor, key: str) -> str:
    """The key as it is kept: those of different parties never meet.

    :raises KeyUnfit: see `check_told`
    """
    check_told(key)
    return f"{by.party_id or 'system'}:{key}"
