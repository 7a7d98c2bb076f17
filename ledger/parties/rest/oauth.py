"""The token endpoint: client credentials (RFC 6749, 4.4) and revocation (RFC 7009).

These two speak the language of the standard, not that of our other addresses: forms come in, and
refusals are `{"error": …}` with the codes of RFC 6749, 5.2.
"""

import base64
import binascii
from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import unquote_plus
from uuid import UUID

from django.http import HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from ledger.doors import limits
from ledger.parties import operations, queries
from ledger.parties.rules import InvalidClient, InvalidScope

CHALLENGE = 'Basic realm="oauth", charset="UTF-8"'


class OauthRefusal(Exception):
    """An answer of RFC 6749, 5.2."""

    def __init__(self, error: str, status: int = 400, wait: int = 0) -> None:
        super().__init__(error)
        self.error, self.status, self.wait = error, status, wait


class Credentials(NamedTuple):
    client_id: UUID
    secret: str


@csrf_exempt  # no cookie counts here
@require_POST
def token(request: HttpRequest) -> JsonResponse:
    """An access token for a client's id and secret."""
    return _answered(request, _token)


@csrf_exempt
@require_POST
def revoke(request: HttpRequest) -> JsonResponse:
    """Take an access token back; unknown ones are answered alike."""
    return _answered(request, _revoke)


def _answered(request: Any, act: Any) -> JsonResponse:
    at: datetime = request.at
    try:
        answer = JsonResponse(act(request, at))
    except InvalidScope:
        answer = _refused(OauthRefusal("invalid_scope"))
    except limits.LimitsUnknown:
        answer = _refused(OauthRefusal("temporarily_unavailable", 503, 1))
    except OauthRefusal as refusal:
        answer = _refused(refusal)
    answer["Cache-Control"], answer["Pragma"] = "no-store", "no-cache"
    return answer


def _refused(refusal: OauthRefusal) -> JsonResponse:
    answer = JsonResponse({"error": refusal.error}, status=refusal.status)
    if refusal.status == 401:
        answer["WWW-Authenticate"] = CHALLENGE
    if refusal.wait:
        answer["Retry-After"] = str(refusal.wait)
    return answer


def _token(request: HttpRequest, at: datetime) -> dict[str, Any]:
    said = _credentials(request, at)
    kind = _one(request, "grant_type")
    if kind != "client_credentials":
        raise OauthRefusal("unsupported_grant_type" if kind else "invalid_request")
    asked = (_one(request, "scope") or "").split()
    try:
        made, text = operations.give_token(
            client_id=said.client_id, secret=said.secret, scopes=asked, at=at
        )
    except InvalidClient:
        raise _stranger(request, at) from None
    return {
        "access_token": text,
        "token_type": "Bearer",
        "expires_in": int((made.expires_at - at).total_seconds()),
        "scope": " ".join(made.scopes),
    }


def _revoke(request: HttpRequest, at: datetime) -> dict[str, Any]:
    said = _credentials(request, at)
    login = queries.find_api_login(client_id=said.client_id, secret=said.secret, at=at)
    if login is None:
        raise _stranger(request, at)
    text = _one(request, "token")
    if not text:
        raise OauthRefusal("invalid_request")
    operations.revoke_token(token=text, by=login.actor, at=at)
    return {}


def _stranger(request: HttpRequest, at: datetime) -> OauthRefusal:
    """Wrong secrets are counted by address, so that they cannot be tried by the thousand."""
    if wait := limits.count_visit(request, at=at):
        return OauthRefusal("temporarily_unavailable", 429, wait)
    return OauthRefusal("invalid_client", 401)


def _one(request: HttpRequest, name: str) -> str | None:
    """A parameter; twice the same one is a fault (RFC 6749, 3.2)."""
    found = request.POST.getlist(name)
    if len(found) > 1:
        raise OauthRefusal("invalid_request")
    return found[0] if found else None


def _credentials(request: HttpRequest, at: datetime) -> Credentials:
    """By HTTP Basic, or in the form; not both (RFC 6749, 2.3.1)."""
    header = request.headers.get("Authorization", "")
    client, secret = _one(request, "client_id"), _one(request, "client_secret")
    if header:
        if secret is not None:
            raise OauthRefusal("invalid_request")
        client, secret = _basic(header)
    try:
        return Credentials(UUID(client or ""), secret or "")
    except ValueError:
        raise _stranger(request, at) from None


def _basic(header: str) -> tuple[str, str]:
    scheme, _blank, told = header.partition(" ")
    try:
        plain = base64.b64decode(told.strip(), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    client, _colon, secret = plain.partition(":")
    return (unquote_plus(client), unquote_plus(secret)) if scheme.lower() == "basic" else ("", "")
