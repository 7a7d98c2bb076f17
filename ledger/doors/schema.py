"""The API's description (OpenAPI 3.1), drawn from what the views say of themselves."""

from functools import cache
from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter, inline_serializer
from rest_framework import serializers

from ledger.doors.rest import AskedFor, DetailView, Done, ListView, WriteView

PROBLEMS = {
    "400": "The request cannot be read; `errors` names the fields.",
    "401": "No valid credentials.",
    "403": "The role or the scope does not allow it.",
    "404": "Not there, or not yours.",
    "429": "Too many requests; `Retry-After` says when.",
    "503": "Not now; `Retry-After` says when.",
}
WRITING = {
    "409": "A rule refused; `code` names it.",
    "422": "The idempotency key was used with other content.",
}


class Fault(serializers.Serializer[Any]):
    field = serializers.CharField()
    code = serializers.CharField()
    message = serializers.CharField()


class Problem(serializers.Serializer[Any]):
    """Problem details (RFC 9457)."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    code = serializers.CharField(help_text="For machines; the same in every language.")
    detail = serializers.CharField(help_text="For people, in the language asked for.")
    errors = Fault(many=True, required=False)  # type: ignore[assignment]


class ApiSchema(AutoSchema):
    """One address and method."""

    def get_auth(self) -> list[dict[str, list[str]]]:
        scope = getattr(self.view, "scope", "")
        return [{"oauth": [scope]}] if scope else [{"secret": []}]

    def get_tags(self) -> list[str]:
        return [self._words()[0]]

    def _words(self) -> list[str]:
        """The address without `/api/v1/` or whatever stands before its first word."""
        return self.path.split("/v1/", maxsplit=1)[1].split("/")

    def get_operation_id(self) -> str:
        door = ["bank"] if "/bank/v1/" in self.path else []
        words = [*door, *(part.strip("{}") for part in self._words() if part)]
        return "_".join([self.method.lower(), *words]).replace("-", "_").replace(".", "_")

    def get_serializer_name(self, serializer: Any, direction: Any) -> str:
        return _name_with_room(type(serializer))

    def get_description(self) -> str:  # type: ignore[override]
        return (type(self.view).__doc__ or "").strip()

    def get_override_parameters(self) -> list[Any]:
        view: Any = self.view
        if isinstance(view, WriteView) and self.method == "POST":
            return [
                OpenApiParameter(
                    "Idempotency-Key",
                    str,
                    OpenApiParameter.HEADER,
                    required=True,
                    description="The same key with the same body is the same act, done once.",
                )
            ]
        kind = getattr(view, "filters", None)
        if kind is None or self.method != "GET":
            return []
        return [kind, *self._order(view)]

    @staticmethod
    def _order(view: Any) -> list[Any]:
        if not isinstance(view, ListView):
            return []
        return [
            OpenApiParameter(
                "order",
                str,
                OpenApiParameter.QUERY,
                enum=list(view.orders),
                default=view.default_order,
            )
        ]

    def get_request_serializer(self) -> Any:
        view = self.view
        return view.body if isinstance(view, WriteView) and self.method == "POST" else None

    def get_response_serializers(self) -> Any:
        view: Any = self.view
        told: dict[Any, Any] = {}
        if isinstance(view, WriteView) and self.method == "POST":
            told[str(view.gives_status)] = view.gives
            if view.gives is AskedFor:
                told["201"] = Done
        elif isinstance(view, ListView):
            told["200"] = _page_of(view.row)
        elif isinstance(view, DetailView):
            told["200"] = view.row
        else:
            told |= getattr(view, "responses", {})
        writing = WRITING if self.method == "POST" else {}
        for status in {**PROBLEMS, **writing}:
            told[(status, "application/problem+json")] = Problem
        return told


@cache
def _page_of(row: type[serializers.Serializer[Any]]) -> serializers.Serializer[Any]:
    """A page of a list; one for each kind of row, also where two addresses give the same."""
    more = serializers.CharField(
        allow_null=True, help_text="Address of the next page; null: this is the last."
    )
    fields = {"items": row(many=True), "next": more}
    return inline_serializer(f"{_name_with_room(row)}Page", fields=fields)


def _name_with_room(kind: type) -> str:
    """Several rooms have lines, settlements and reversals: each name begins with its room's."""
    room = kind.__module__.split(".")[1]
    shared = room in {"doors", "serializers"}  # those of all rooms, and those made on the way
    return kind.__name__ if shared else "".join(map(str.title, room.split("_"))) + kind.__name__


def whole_as_number_or_text(result: dict[str, Any], **_more: Any) -> dict[str, Any]:
    """Say of each whole number that beyond 2^53 - 1 it comes as a string."""
    schemas = result["components"]["schemas"]
    if "Quantity" not in schemas:
        return result
    schemas["Quantity"]["properties"]["amount"] = {
        "oneOf": [
            {"type": "integer", "maximum": 2**53 - 1, "minimum": -(2**53 - 1)},
            {"type": "string", "pattern": "^-?[0-9]+$"},
        ]
    }
    return result
