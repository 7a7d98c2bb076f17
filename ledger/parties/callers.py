"""Who asks through the API: a machine by its secret, or the browser by its session."""

from typing import Any
from uuid import UUID

from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from ledger.doors.callers import BOTH, Caller
from ledger.parties import queries

SCHEME = "Bearer"


class BearerOfSecret(BaseAuthentication):
    """`Authorization: Bearer <client id>.<secret>`. Only the secret's hash is kept."""

    def authenticate(self, request: Request) -> tuple[Caller, None] | None:
        scheme, _blank, told = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != SCHEME.lower():
            return None
        client, _dot, secret = told.strip().partition(".")
        try:
            client_id = UUID(client)
        except ValueError as error:
            raise AuthenticationFailed from error
        at = request.at  # type: ignore[attr-defined]
        login = queries.find_api_login(client_id=client_id, secret=secret, at=at)
        if login is None:
            raise AuthenticationFailed
        return Caller(actor=login.actor, scopes=login.scopes), None

    def authenticate_header(self, request: Request) -> str:
        return SCHEME


class BearerOfToken(BaseAuthentication):
    """`Authorization: Bearer <access token>`, as the token endpoint gave it (RFC 6750)."""

    def authenticate(self, request: Request) -> tuple[Caller, None] | None:
        scheme, _blank, told = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != SCHEME.lower():
            return None
        at = request.at  # type: ignore[attr-defined]
        login = queries.find_token_login(token=told.strip(), at=at)
        if login is None:
            raise AuthenticationFailed
        return Caller(actor=login.actor, scopes=login.scopes), None

    def authenticate_header(self, request: Request) -> str:
        return f'{SCHEME} error="invalid_token"'


class SessionOfBrowser(SessionAuthentication):
    """Somebody signed in, as the pages know her; writes show the CSRF token."""

    def authenticate(self, request: Request) -> tuple[Any, None] | None:
        actor = getattr(request._request, "actor", None)
        if actor is None or super().authenticate(request) is None:
            return None
        return Caller(actor=actor, scopes=BOTH), None
