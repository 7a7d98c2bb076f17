"""The API's description: as a file for machines, as a plain page for people. No foreign script."""

from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from drf_spectacular.generators import SchemaGenerator
from rest_framework.request import Request
from rest_framework.response import Response

from ledger.doors.rest import READERS, ApiView


@cache
def description() -> dict[str, Any]:
    """OpenAPI 3.1; the same in every language, as checked in at docs/reference/openapi.json."""
    with translation.override("en"):
        found: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
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
        _call(path, method.upper(), call)
        for path, methods in told["paths"].items()
        for method, call in methods.items()
    ]
    return render(request, "config/api_docs.html", {"calls": calls, "version": told["openapi"]})


def _call(path: str, method: str, call: dict[str, Any]) -> dict[str, Any]:
    body = call.get("requestBody", {}).get("content", {}).get("application/json", {})
    return {
        "path": path,
        "method": method,
        "about": call.get("description", ""),
        "parameters": [
            (one["name"], one["in"], one.get("required", False), one.get("description", ""))
            for one in call.get("parameters", [])
        ],
        "body": list(_fields(body.get("schema", {}))),
    }


def _fields(schema: dict[str, Any]) -> list[tuple[str, str]]:
    name = schema.get("$ref", "").rsplit("/", 1)[-1]
    found = description()["components"]["schemas"].get(name, {})
    needed = found.get("required", [])
    return [(one, "*" if one in needed else "") for one in found.get("properties", {})]
