"""One POST to an address of a stranger: checked where it leads, short, and without redirects."""

import http.client
import socket
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

from django.conf import settings

SECONDS = 10
READ_AT_MOST = 1024


class NowhereToGo(OSError):
    """The name leads into a private network, or nowhere."""


@dataclass(frozen=True, slots=True)
class Outcome:
    status: int | None
    error: str
    milliseconds: int


def post(url: str, headers: Mapping[str, str], body: bytes) -> Outcome:
    """Never raises for what the other side does: the outcome says it."""
    began, status, error = time.monotonic(), None, ""
    try:
        status = _post(url, headers, body)
    except (OSError, http.client.HTTPException, ssl.SSLError) as problem:
        error = f"{type(problem).__name__}: {problem}"
    if status is not None and not 200 <= status < 300:
        error = f"HTTP {status}"
    return Outcome(status, error, int((time.monotonic() - began) * 1000))


def _post(url: str, headers: Mapping[str, str], body: bytes) -> int:
    parts = urlsplit(url)
    host = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    line = _connect(host, port, is_tls=parts.scheme == "https")
    try:
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        line.request("POST", path, body=body, headers={**headers, "Host": parts.netloc})
        answer = line.getresponse()
        answer.read(READ_AT_MOST)
        return answer.status
    finally:
        line.close()


def _connect(host: str, port: int, *, is_tls: bool) -> http.client.HTTPConnection:
    """To the very address that was looked at, so that the name cannot lead elsewhere meanwhile."""
    plain = socket.create_connection((_address_of(host, port), port), timeout=SECONDS)
    line = http.client.HTTPConnection(host, port, timeout=SECONDS)
    line.sock = (
        ssl.create_default_context().wrap_socket(plain, server_hostname=host) if is_tls else plain
    )
    return line


def _address_of(host: str, port: int) -> str:
    """:raises NowhereToGo: it is not an address that everybody can reach"""
    found = [str(one[4][0]) for one in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    if host in settings.WEBHOOK_PRIVATE_HOSTS:
        return found[0]
    if not found or any(not ip_address(one).is_global for one in found):
        raise NowhereToGo(host)
    return found[0]
