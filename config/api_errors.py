"""Refusals of the API as problem details (RFC 9457), in the caller's language.

`code` is for machines and never changes with the language; `detail` is for people; `errors` names
each field that was at fault.
"""

import logging
from collections.abc import Iterator, Mapping
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import OperationalError
from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.exceptions import ErrorDetail
from rest_framework.response import Response

from ledger.doors.operation import RETRYABLE
from ledger.doors.wording import refusal_text
from ledger.kernel.errors import DomainError, NotAllowed, NotFound

PROBLEM = "application/problem+json"
# A rule refused: 409, unless the code says more.
STATUS = {
    "not_found": 404,
    "not_allowed": 403,
    "idempotency_key_missing": 400,
    "idempotency_key_unfit": 400,
    "idempotency_key_reused": 422,
    "odd_cursor": 400,
    "too_busy": 503,
    "overtaken": 503,
}


def problem(
    *,
    status: int,
    code: str,
    detail: str,
    errors: list[dict[str, str]] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    body: dict[str, Any] = {
        "type": f"urn:tanzhang:problem:{code}",
        "title": _titles(status),
        "status": status,
        "code": code,
        "detail": detail,
    }
    if errors:
        body["errors"] = errors
    return Response(body, status=status, headers=dict(headers or {}), content_type=PROBLEM)


def _titles(status: int) -> str:
    return {
        400: _("The request cannot be read"),
        401: _("Who are you?"),
        403: _("Not allowed"),
        404: _("Not found"),
        405: _("Not done here"),
        406: _("Only JSON is given"),
        409: _("Refused by a rule"),
        415: _("Only JSON is taken"),
        422: _("Refused"),
        429: _("Too many requests"),
        503: _("Not now"),
    }.get(status, _("Refused"))


def handle(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """What the framework calls with whatever a view raised; None: a fault of the server."""
    if isinstance(error, Http404):
        error = NotFound()
    if isinstance(error, PermissionDenied):
        error = NotAllowed()
    if isinstance(error, DomainError):
        return _refused(error)
    if isinstance(error, exceptions.ValidationError):
        return problem(
            status=400,
            code="invalid",
            detail=_("The content is not as it should be; each field says why."),
            errors=list(_faults(error.detail)),
        )
    if isinstance(error, exceptions.APIException):
        return _by_the_framework(error)
    if getattr(error.__cause__, "sqlstate", None) in RETRYABLE and isinstance(
        error, OperationalError
    ):
        logging.getLogger(__name__).warning("a request of the API met a deadlock")
        return problem(
            status=503,
            code="too_busy",
            detail=_("The ledger is busy. Please try again."),
            headers={"Retry-After": "1"},
        )
    return None


def _refused(error: DomainError) -> Response:
    status = STATUS.get(error.code, 409)
    headers = {"Retry-After": "1"} if status == 503 else {}
    return problem(status=status, code=error.code, detail=refusal_text(error), headers=headers)


def _by_the_framework(error: exceptions.APIException) -> Response:
    headers = {}
    if challenge := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = challenge
    wait = getattr(error, "wait", None)
    if wait is not None or error.status_code == 503:
        headers["Retry-After"] = str(int(wait or 1))
    code = {
        "not_authenticated": "not_authenticated",
        "authentication_failed": "not_authenticated",
        "permission_denied": "not_allowed",
    }.get(error.default_code, error.default_code)
    detail = str(error.detail)
    if code == "not_allowed":
        detail = refusal_text(NotAllowed())
    if code == "not_authenticated":
        detail = _("Send a valid client id and secret, or sign in.")
    return problem(status=error.status_code, code=code, detail=detail, headers=headers)


def _faults(detail: Any, path: str = "") -> Iterator[dict[str, str]]:
    """Every fault with the field it is about, "to.number" for one inside another."""
    if isinstance(detail, Mapping):
        for name, inner in detail.items():
            here = "" if name == "non_field_errors" else str(name)
            yield from _faults(inner, ".".join(part for part in (path, here) if part))
    elif isinstance(detail, list):
        for index, inner in enumerate(detail):
            inside = path if isinstance(inner, ErrorDetail) else f"{path}.{index}"
            yield from _faults(inner, inside)
    else:
        code = getattr(detail, "code", "invalid")
        yield {"field": path, "code": str(code), "message": _said(str(code), str(detail))}


def _said(code: str, text: str) -> str:
    if code == "unknown_field":
        return _("There is no such field.")
    if code == "unknown_order":
        return _("Orders are: %(orders)s.") % {"orders": text}
    return text
