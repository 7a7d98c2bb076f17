"""How a message is signed and tried again, and where it may go; from values alone.

The signature is that of the Standard Webhooks: HMAC-SHA256 over id, moment and body, joined by
dots. A receiver refuses what is older than five minutes and what it has seen (`check_signature`).
"""

import base64
import hashlib
import hmac
from collections.abc import Collection, Iterable
from datetime import timedelta
from ipaddress import ip_address
from urllib.parse import urlsplit

from ledger.kernel.errors import N_, DomainError

SECRET_PREFIX = "whsec_"  # noqa: S105  says what kind of text it is
SECRET_OVERLAP = timedelta(days=1)
TOLERANCE = timedelta(minutes=5)
MOST_TRIES = 8
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=30), timedelta(hours=6)
LEASE = timedelta(minutes=2)  # a worker that says nothing for so long has died
MOST_ENDPOINTS = 20


class OddAddress(DomainError):
    code = "odd_webhook_address"
    message = N_("A webhook goes to an https address of a host that everybody can reach.")


class OddKind(DomainError):
    code = "odd_webhook_kind"
    message = N_("There is no message of the kind %(kind)s.")


class TooManyEndpoints(DomainError):
    code = "too_many_webhooks"
    message = N_("A party has %(most)s webhooks at most.")


class EndpointEnded(DomainError):
    code = "webhook_ended"
    message = N_("This webhook has ended.")


class SignatureWrong(Exception):
    """The message is not from us, or was altered, or is too old."""


def derived_secret(root: str, endpoint_id: str, round_: int) -> str:
    """The secret of an address, drawn from the server's own: no table holds it."""
    drawn = hmac.new(root.encode(), f"webhook:{endpoint_id}:{round_}".encode(), hashlib.sha256)
    return SECRET_PREFIX + base64.b64encode(drawn.digest()).decode()


def signature(secret: str, *, message_id: str, seconds: int, body: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(SECRET_PREFIX))
    told = f"{message_id}.{seconds}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, told, hashlib.sha256).digest()).decode()


def check_signature(
    secret: str, signatures: str, *, message_id: str, seconds: int, body: bytes, now: int
) -> None:
    """What a receiver does before it believes a message.

    :raises SignatureWrong: no signature fits, or the moment is more than five minutes away
    """
    if abs(now - seconds) > TOLERANCE.total_seconds():
        raise SignatureWrong("too old, or from the future")
    ours = signature(secret, message_id=message_id, seconds=seconds, body=body)
    if not any(hmac.compare_digest(ours, one) for one in signatures.split()):
        raise SignatureWrong("not signed with this secret")


def wait_after(attempt_count: int) -> timedelta:
    """Four times as long after each failure, up to a limit: half a minute to a day in all."""
    times: int = 4 ** (attempt_count - 1)
    return min(FIRST_WAIT * times, LONGEST_WAIT)


def check_address(url: str, *, private_hosts: Collection[str]) -> None:
    """:raises OddAddress: not https, with a login in it, or plainly inside a network"""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if host in private_hosts and parts.scheme in {"http", "https"}:
        return
    if parts.scheme != "https" or not host or parts.username or parts.fragment:
        raise OddAddress
    if host == "localhost" or host.endswith((".local", ".internal", ".localhost")):
        raise OddAddress
    try:
        address = ip_address(host)
    except ValueError:
        return
    if not address.is_global:
        raise OddAddress


def check_kinds(kinds: Iterable[str], known: Collection[str]) -> None:
    """:raises OddKind: nobody ever tells of it"""
    for kind in kinds:
        if kind not in known:
            raise OddKind(kind=kind)
