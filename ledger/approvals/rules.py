"""Maker and checker (I34, I35): what an approval is bound to, and when it may not be given."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

from ledger.kernel.canonical import digest
from ledger.kernel.errors import N_, DomainError

BEIJING = timezone(timedelta(hours=8))
LIFETIME = timedelta(days=7)

Payload = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Approvable:
    """An operation that waits for a second pair of eyes; filled in by `config/wiring.py`.

    `execute` is called with the maker as `by`; `describe` says in the reader's language what
    will happen; `fingerprint` is the part of the world that the maker relied on; `size` says how
    many units it moves (None: unknown, so the most approvers), and is absent where it moves none;
    `fewest` approvers are needed whatever a party's thresholds say.
    """

    name: str
    execute: Callable[..., Mapping[str, Any]]
    describe: Callable[[Any], list[str]]
    fingerprint: Callable[[Any], Mapping[str, Any]]
    size: Callable[[Any], int | None] | None = None
    title: Any = ""
    fewest: int = 0


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


class AlreadyAgreed(DomainError):
    """Two approvers are two human beings."""

    code = "already_agreed"
    message = N_("You have agreed already; another approver is needed.")


class OddThresholds(DomainError):
    code = "odd_thresholds"
    message = N_("Thresholds rise from 0 units, each with none, one or two approvers.")


class OddStart(DomainError):
    code = "odd_start"
    message = N_("A threshold cannot begin in the past.")


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


MOST_APPROVERS = 2
# Where a party has set nothing: one pair of eyes more for every act.
USUAL: Sequence[Sequence[int]] = [[0, 1]]


def beijing_day(at: datetime) -> date:
    """I31: a day is a Beijing day."""
    return at.astimezone(BEIJING).date()


def check_tiers(tiers: Sequence[Sequence[int]]) -> None:
    """:raises OddThresholds: not rising from 0 units, or not between none and two approvers"""
    starts = [tier[0] for tier in tiers]
    if not starts or starts[0] != 0 or starts != sorted(set(starts)):
        raise OddThresholds
    if any(not 0 <= tier[1] <= MOST_APPROVERS for tier in tiers):
        raise OddThresholds


def approvers_from(tiers: Sequence[Sequence[int]], unit_count: int | None) -> int:
    """How many approvers so many units need; where the number is unknown, the most."""
    if unit_count is None:
        return max(count for _start, count in tiers)
    return [count for start, count in tiers if start <= unit_count][-1]
