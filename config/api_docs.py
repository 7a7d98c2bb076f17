"""The API's description: as a file for machines, as a plain page for people. No foreign script."""

from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import include, path
from django.utils import translation
from drf_spectacular.generators import SchemaGenerator
from rest_framework.request import Request
from rest_framework.response import Response

from ledger.doors.rest import READERS, ApiView
from ledger.webhooks import queries as webhooks


@cache
def description() -> dict[str, Any]:
    """OpenAPI 3.1; the same in every language, as checked in at docs/reference/openapi.json."""
    from config import urls

    return _drawn([path("api/v1/", include(urls.api))])


@cache
def bank_description() -> dict[str, Any]:
    """The same of the bank's API, as checked in at docs/reference/openapi-bank.json."""
    from config.bank import urls

    found = _drawn([path("api/bank/v1/", include(urls.described))])
    about = "What secures a bank's loans: pledges, LTV, attestations, consents, webhooks."
    found["info"] |= {"title": "Tanzhang for banks", "description": about}
    found["components"]["securitySchemes"] = {"oauth": OAUTH}
    found["security"] = [{"oauth": []}]
    found["webhooks"] = _webhooks()
    return found


OAUTH = {
    "type": "oauth2",
    "description": "Client credentials (RFC 6749, 4.4); tokens last ten minutes.",
    "flows": {
        "clientCredentials": {
            "tokenUrl": "/api/bank/v1/oauth/token",
            "scopes": {
                "pledges:read": "Pledges, their value and LTV, what debtors ask.",
                "pledges:decide": "Consent or refuse.",
                "attestations": "Have pledges attested, read attestations.",
                "webhooks": "Addresses that are told, and the log of deliveries.",
            },
        }
    },
}
MESSAGE = {
    "type": "object",
    "required": ["id", "type", "timestamp", "data"],
    "properties": {
        "id": {"type": "string", "format": "uuid"},
        "type": {"type": "string"},
        "timestamp": {"type": "string", "format": "date-time"},
        "data": {"type": "object"},
    },
}


def _webhooks() -> dict[str, Any]:
    """What is sent, and how it is signed (Standard Webhooks: HMAC-SHA256)."""
    signed = [
        {"name": name, "in": "header", "required": True, "schema": {"type": "string"},
         "description": about}
        for name, about in (
            ("webhook-id", "The same at every try: refuse what you have seen."),
            ("webhook-timestamp", "Seconds since 1970: refuse what is five minutes old."),
            ("webhook-signature", "v1,base64(HMAC-SHA256(secret, id.timestamp.body)); blanks "
             "between several, while two secrets hold."),
        )
    ]  # fmt: skip
    call = {
        "description": "Answer 2xx within ten seconds; anything else is tried again for a day.",
        "parameters": signed,
        "requestBody": {"content": {"application/json": {"schema": MESSAGE}}},
        "responses": {"204": {"description": "Taken."}},
    }
    return {kind: {"post": call} for kind in webhooks.known_kinds()}


def _drawn(patterns: list[Any]) -> dict[str, Any]:
    with translation.override("en"):
        generator = SchemaGenerator(patterns=patterns)  # type: ignore[no-untyped-call]
        found: dict[str, Any] = generator.get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    return found


class Description(ApiView):
    """The description itself."""

    may = {"GET": READERS}
    schema = None

    def get(self, request: Request) -> Response:
        return Response(description())


def page(request: HttpRequest) -> HttpResponse:
    """Every address and method, what it takes and what it gives."""
    told = description()
    calls = [
        _call(address, method.upper(), call)
        for address, methods in told["paths"].items()
        for method, call in methods.items()
    ]
    return render(request, "config/api_docs.html", {"calls": calls, "version": told["openapi"]})


def _call(address: str, method: str, call: dict[str, Any]) -> dict[str, Any]:
    body = call.get("requestBody", {}).get("content", {}).get("application/json", {})
    return {
        "path": address,
        "method": method,
        "about": call.get("description", ""),
        "parameters": [
            (one["name"], one["in"], one.get("required", False), _about(one))
            for one in call.get("parameters", [])
        ],
        "body": list(_fields(body.get("schema", {}))),
    }


def _about(parameter: dict[str, Any]) -> str:
    """What it means; a choice tells its values, which the schema repeats as a list of lines."""
    values = parameter.get("schema", {}).get("enum")
    told = str(parameter.get("description", ""))
    said = told.split("* `", maxsplit=1)[0].strip()
    return " ".join(filter(None, [said, ", ".join(map(str, values)) if values else ""]))


def _fields(schema: dict[str, Any]) -> list[tuple[str, str]]:
    name = schema.get("$ref", "").rsplit("/", 1)[-1]
    found = description()["components"]["schemas"].get(name, {})
    needed = found.get("required", [])
    return [(one, "*" if one in needed else "") for one in found.get("properties", {})]
