"""Refusals about entities and what is told of them."""

import re

from ledger.kernel.errors import N_, DomainError

SHA256 = re.compile(r"[0-9a-f]{64}")


class NumberTaken(DomainError):
    code = "entity_number_taken"
    message = N_("The trading system has an entity %(code)s already.")


class SectorUnknown(DomainError):
    code = "sector_unknown"
    message = N_("%(regime)s has no sector %(sector)s.")


class NotAHash(DomainError):
    code = "not_a_hash"
    message = N_("The hash of what was verified is a SHA-256 of 64 hexadecimal digits.")


def check_hash(text: str) -> None:
    """:raises NotAHash: not a SHA-256 in small hexadecimal letters"""
    if not SHA256.fullmatch(text):
        raise NotAHash
