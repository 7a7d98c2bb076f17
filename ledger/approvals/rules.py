"""Maker and checker (I34, I35): what an approval is bound to, and when it may not be given."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from ledger.kernel.canonical import digest
from ledger.kernel.errors import N_, DomainError

LIFETIME = timedelta(days=7)

Payload = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Approvable:
    """An operation that waits for a second pair of eyes; filled in by `config/wiring.py`.

    `execute` is called with the maker as `by`; `describe` says in the reader's language what
    will happen; `fingerprint` is the part of the world that the maker relied on.
    """

    name: str
    execute: Callable[..., Mapping[str, Any]]
    describe: Callable[[Any], list[str]]
    fingerprint: Callable[[Any], Mapping[str, Any]]


class UnknownOperation(DomainError):
    code = "unknown_operation"
    message = N_("%(operation)s is not an operation that can be approved.")


class NothingToRead(DomainError):
    code = "nothing_to_read"
    message = N_("A request for approval must say in words what will happen.")


class MakerIsChecker(DomainError):
    code = "maker_is_checker"
    message = N_("Whoever asked for an approval cannot give it.")


class OnlyTheMaker(DomainError):
    code = "only_the_maker"
    message = N_("Only whoever asked for an approval can withdraw it.")


class MakerHasLeft(DomainError):
    code = "maker_has_left"
    message = N_("Whoever asked for this approval has left; it must be asked for again.")


class ApprovalExpired(DomainError):
    code = "approval_expired"
    message = N_("This request for approval has expired; it must be made again.")


class PayloadChanged(DomainError):
    code = "payload_changed"
    message = N_("What would be done is not what was shown. Nothing was done.")


class StateChanged(DomainError):
    code = "state_changed"
    message = N_("Something has changed since the request was made; it must be made again.")


class NotApproved(DomainError):
    code = "not_approved"
    message = N_("This needs an approval that was given for exactly this.")


class ReasonMissing(DomainError):
    code = "reason_missing"
    message = N_("Say why.")


class OddExpiry(DomainError):
    code = "odd_expiry"
    message = N_("A request for approval cannot expire before it is made.")


def binding_digest(
    *, operation: str, party_id: UUID, payload: Payload, state_digest: bytes
) -> bytes:
    """What an approval is bound to: this operation, for this party, on this, as things stood."""
    return digest(
        {
            "operation": operation,
            "party": party_id,
            "payload": payload,
            "state": state_digest.hex(),
        }
    )


def check_checker(*, maker: UUID, checker: UUID) -> None:
    """Natural persons are compared, not logins: another role or a deputy's hat does not help (I34).

    :raises MakerIsChecker: one human being
    """
    if maker == checker:
        raise MakerIsChecker


def check_not_expired(*, expires_at: datetime, at: datetime) -> None:
    """:raises ApprovalExpired"""
    if at >= expires_at:
        raise ApprovalExpired


def check_digests(*, bound: bytes, now: bytes, seen: str) -> None:
    """The row still says what it was bound to, and the checker saw exactly that (I35).

    :raises PayloadChanged
    """
    if bound != now or (seen and seen != bound.hex()):
        raise PayloadChanged
