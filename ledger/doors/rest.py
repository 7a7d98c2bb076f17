"""Doors for machines: denied unless a line allows it; lists with pages that stay put.

A view says which roles may use which method (`may`), what it takes and what it gives. The schema
(`ledger/doors/schema.py`) is drawn from the same lines.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from ledger.doors.idempotency import Answer, answer_once, check_key, digest_of
from ledger.doors.paging import Orders, Page, page_of
from ledger.doors.permissions import MAY
from ledger.kernel.actors import GRANTABLE, Actor, Role
from ledger.kernel.errors import NotFound

# Who keeps users and settings reads no holdings through a machine.
READERS = GRANTABLE - {Role.ADMINISTRATOR}
LARGEST_EXACT = 2**53 - 1  # above it, JSON readers that use doubles lose units
DEFAULT_LIMIT, LARGEST_LIMIT = 50, 500


class ApiView(APIView):
    """One address. What `may` does not list is denied."""

    may: ClassVar[Mapping[str, frozenset[Role]]] = {}
    http_method_names = ["get", "head", "post"]

    @classmethod
    def roles_for(cls, method: str | None) -> frozenset[Role]:
        return cls.may.get("GET" if method == "HEAD" else method or "", frozenset())

    @property
    def actor(self) -> Actor:
        actor: Actor = self.request.user.actor  # type: ignore[union-attr]
        return actor

    @property
    def at(self) -> datetime:
        at: datetime = self.request.at  # type: ignore[attr-defined]
        return at


def strict(kind: type[serializers.Serializer[Any]], given: Any) -> dict[str, Any]:
    """The checked content; a name that the serializer does not know is a fault, too.

    :raises ValidationError: by field
    """
    checked = kind(data=given)
    checked.is_valid(raise_exception=True)
    known = set(checked.fields)
    if strangers := sorted(set(given) - known):
        raise serializers.ValidationError(
            {name: [serializers.ErrorDetail("", code="unknown_field")] for name in strangers}
        )
    return dict(checked.validated_data)


class Listing(serializers.Serializer[Any]):
    """What every list takes; a list's own filters derive from it."""

    limit = serializers.IntegerField(
        required=False,
        default=DEFAULT_LIMIT,
        min_value=1,
        max_value=LARGEST_LIMIT,
        help_text="Rows on a page.",
    )
    after = serializers.CharField(
        required=False, max_length=400, help_text="Where the page before ended, as it was given."
    )
    order = serializers.CharField(required=False, max_length=40, help_text="Order of the rows.")


class ListView(ApiView):
    """Rows that the caller may see, filtered, ordered, a page at a time."""

    may = {"GET": READERS}
    filters: ClassVar[type[Listing]] = Listing
    row: ClassVar[type[serializers.Serializer[Any]]]
    orders: ClassVar[Orders] = {"id": ("id",), "-id": ("id",)}
    default_order: ClassVar[str] = "id"

    def rows(self, asked: Mapping[str, Any]) -> QuerySet[Any]:
        """What there is to see, before the page is cut."""
        raise NotImplementedError

    def page(self, asked: Mapping[str, Any]) -> Page:
        return page_of(
            self.rows(asked),
            order=asked["order"],
            columns=self.orders[asked["order"]],
            after=asked.get("after"),
            limit=asked["limit"],
        )

    def get(self, request: Request) -> Response:
        asked = strict(self.filters, request.query_params.dict())
        asked.setdefault("order", self.default_order)
        if asked["order"] not in self.orders:
            known = ", ".join(self.orders)
            raise serializers.ValidationError(
                {"order": [serializers.ErrorDetail(known, code="unknown_order")]}
            )
        page = self.page(asked)
        return Response(
            {
                "items": self.row(self.shown(page.rows), many=True).data,
                "next": self._address(page.after) if page.after else None,
            }
        )

    def shown(self, rows: Any) -> Any:
        """The rows as the serializer wants them; a place for look-ups, one for the whole page."""
        return rows

    def _address(self, after: str) -> str:
        query = self.request.query_params.copy()
        query["after"] = after
        return f"{self.request.path}?{query.urlencode()}"


class DetailView(ApiView):
    """One thing; not there and not yours look the same (404)."""

    may = {"GET": READERS}
    row: ClassVar[type[serializers.Serializer[Any]]]

    def find(self, **path: Any) -> Any:
        """:raises NotFound: not there, or not yours"""
        raise NotImplementedError

    def get(self, request: Request, **path: Any) -> Response:
        return Response(self.row(self.find(**path)).data)


class WriteView(ApiView):
    """An act asked for with an idempotency key: the same key is the same act, done once."""

    operation: ClassVar[str]
    also: ClassVar[frozenset[Role]] = frozenset()  # who may ask for what others let happen
    body: ClassVar[type[serializers.Serializer[Any]]]
    gives: ClassVar[type[serializers.Serializer[Any]]]
    gives_status: ClassVar[int] = 202

    @classmethod
    def roles_for(cls, method: str | None) -> frozenset[Role]:
        if method != "POST":
            return super().roles_for(method)
        return (MAY.get(cls.operation, frozenset()) & GRANTABLE) | cls.also

    def act(self, asked: Mapping[str, Any], *, key: str, **path: Any) -> Answer:
        """Do it, or ask for it.

        :raises DomainError: refused
        """
        raise NotImplementedError

    def post(self, request: Request, **path: Any) -> Response:
        key = check_key(request.headers.get("Idempotency-Key"))
        asked = strict(self.body, request.data)
        answer = answer_once(
            key=key,
            digest=digest_of("POST", request.path, request.data),
            by=self.actor,
            at=self.at,
            act=lambda: self.act(asked, key=key, **path),
        )
        headers = {"Location": answer.location} if answer.location else {}
        return Response(answer.body, status=answer.status, headers=headers)


class NotThere(ApiView):
    """Any other address of the API: said as everything else is said."""

    may = {"GET": GRANTABLE, "POST": GRANTABLE}
    schema = None

    def get(self, request: Request, **path: Any) -> Response:
        raise NotFound

    post = get


# --- values


class Whole(serializers.IntegerField):
    """A whole number; beyond 2^53 - 1 as a string, where other readers would round it."""

    def to_internal_value(self, data: Any) -> int:
        if isinstance(data, bool) or not isinstance(
            data, int | str
        ):  # 1.0 may have been 1.0000000000000001
            self.fail("invalid")
        return super().to_internal_value(data)

    def to_representation(self, value: int) -> Any:
        return value if abs(value) <= LARGEST_EXACT else str(value)


class Quantity(serializers.Serializer[Any]):
    """So much of what: a count of units, and what one unit is."""

    amount = Whole()
    measure = serializers.CharField(help_text="What one unit stands for: t, MWh or kg.")


def quantity(amount: int, measure: str) -> dict[str, Any]:
    return {"amount": amount, "measure": measure}


class AskedFor(serializers.Serializer[Any]):
    """A request that waits for a person; nothing has happened yet."""

    approval_id = serializers.UUIDField()
    href = serializers.CharField(help_text="Where to ask what became of it.")
    operation = serializers.CharField()
    will_happen = serializers.ListField(child=serializers.CharField())
    requested_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()


class Done(serializers.Serializer[Any]):
    """Carried out at once: the party's thresholds ask for no second person."""

    operation = serializers.CharField()
    result = serializers.JSONField(help_text="What came of it: ids.")


def carried_out(operation: str, result: Mapping[str, Any]) -> Answer:
    """201, and what came of it."""
    told = Done({"operation": operation, "result": dict(result)})
    return Answer(status=201, body=dict(told.data))


def waits_for_approval(approval: Any) -> Answer:
    """202, and the address of the request. Only what never changes is told: a repeated request
    gets the same answer, whatever has become of it.
    """
    address = f"/api/v1/approvals/{approval.pk}/"
    told = AskedFor(
        {
            "approval_id": approval.pk,
            "href": address,
            "operation": approval.operation,
            "will_happen": approval.summary,
            "requested_at": approval.requested_at,
            "expires_at": approval.expires_at,
        }
    )
    return Answer(status=202, body=dict(told.data), location=address)
