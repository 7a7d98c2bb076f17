"""Asking a witness to cosign, over HTTP."""

import http.client
import ssl
from collections.abc import Callable, Sequence
from urllib.parse import urlsplit

from ledger.audit.cosigning import WitnessKey
from ledger.audit.notes import Signature, open_note, parse_note
from ledger.audit.witnessing.protocol import (
    LONGEST,
    PATH,
    SIZE_TYPE,
    Reply,
    Submission,
    size_of,
)
from ledger.kernel.errors import N_, DomainError

SECONDS = 3
PathFrom = Callable[[int], Sequence[bytes]]


class WitnessRefused(DomainError):
    """It saw another log, or one that is longer."""

    code = "witness_refused"
    message = N_("The witness did not cosign: it saw another log than this one.")


class WitnessNotReached(DomainError):
    code = "witness_not_reached"
    message = N_("The witness did not answer.")


def ask(
    address: str, key: WitnessKey, *, note: str, size: int, old_size: int, path_from: PathFrom
) -> Signature:
    """The witness's cosignature of the note, which covers `size` events.

    `old_size`: what we believe it saw last; it says so if it saw something else.

    :raises WitnessNotReached: no answer, or none of the protocol's
    :raises WitnessRefused: what it saw is not continued by this note
    """
    answer = _hand_in(address, note, old_size, path_from)
    if answer.status == 409 and answer.kind == SIZE_TYPE:
        seen = _told_size(answer.text)
        if seen > size or seen == old_size:
            raise WitnessRefused(f"it saw {seen} events, this checkpoint covers {size}")
        answer = _hand_in(address, note, seen, path_from)
    if answer.status == 200:
        return _signature(note, answer.text, key)
    if answer.status in {409, 422}:
        raise WitnessRefused(f"HTTP {answer.status}")
    raise WitnessNotReached(f"HTTP {answer.status}")


def _hand_in(address: str, note: str, old_size: int, path_from: PathFrom) -> Reply:
    path = path_from(old_size) if old_size else ()
    return _post(address, Submission(old_size, path, note))


def _told_size(text: str) -> int:
    try:
        return size_of(text.removesuffix("\n"))
    except DomainError as wrong:
        raise WitnessNotReached("not a size") from wrong


def _signature(note: str, text: str, key: WitnessKey) -> Signature:
    """:raises WitnessNotReached: it is not the cosignature of this witness under this note"""
    try:
        open_note(note + text, [key])
        told = parse_note(note + text).signatures
    except DomainError as wrong:
        raise WitnessNotReached(wrong.sentence()) from wrong
    return next(one for one in told if (one.name, one.key_id) == (key.name, key.key_id))


def _post(address: str, asked: Submission) -> Reply:
    parts = urlsplit(address)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise WitnessNotReached("its address is not http(s)://…")
    try:
        link = _link(parts.scheme, parts.hostname, parts.port)
        try:
            link.request("POST", parts.path.rstrip("/") + PATH, asked.body())
            answer = link.getresponse()
            text = answer.read(LONGEST).decode()
        finally:
            link.close()
    except (OSError, http.client.HTTPException, UnicodeDecodeError) as wrong:
        raise WitnessNotReached(type(wrong).__name__) from wrong
    return Reply(answer.status, text, answer.headers.get_content_type())


def _link(scheme: str, host: str, port: int | None) -> http.client.HTTPConnection:
    if scheme == "https":
        context = ssl.create_default_context()
        return http.client.HTTPSConnection(host, port, timeout=SECONDS, context=context)
    return http.client.HTTPConnection(host, port, timeout=SECONDS)
