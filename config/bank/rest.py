"""The bank's API: its pledges, their series, attestations, decisions, webhooks.

Callers show an access token (`oauth/token`). Every view names the scope that the token must have;
every read of a pledge is an event that its debtor sees.
"""

from collections.abc import Mapping
from typing import Any, ClassVar
from uuid import UUID

from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from finance.pledges import operations as pledging
from finance.pledges import queries as pledges
from finance.pledges import rest as pledge_doors
from finance.pledges.models import Valuation
from finance.pledges.states import PledgeState, RequestState
from ledger.doors.idempotency import Answer
from ledger.doors.rest import (
    ApiView,
    DetailView,
    Listing,
    ListView,
    NotThere,
    Whole,
    WriteView,
    among,
)
from ledger.kernel.actors import Role
from ledger.kernel.errors import NotFound
from ledger.parties import queries as parties
from ledger.parties.callers import BearerOfToken
from ledger.webhooks import operations as hooking
from ledger.webhooks import queries as webhooks
from ledger.webhooks.states import DeliveryState
from reporting.attestations import queries as attestations
from reporting.attestations import rest as attestation_doors

BANKS = frozenset({Role.BANK_OFFICER})
READ, DECIDE, ATTEST, HOOKS = "pledges:read", "pledges:decide", "attestations", "webhooks"


class BankDoor(ApiView):
    """Machines of banks, by access token; no session of a browser counts here."""

    authentication_classes = (BearerOfToken,)
    scope = READ

    @classmethod
    def roles_for(cls, method: str | None) -> frozenset[Role]:
        name = "get" if method == "HEAD" else (method or "").lower()
        handled = name in {"get", "post"} and hasattr(cls, name)
        return BANKS if handled else frozenset()

    def mine(self) -> QuerySet[Any]:
        return pledges.pledges_of_creditor(self.actor.own_party)

    def get_mine(self, pledge_id: UUID) -> Any:
        """:raises NotFound: not there, or not secured to this bank"""
        found = self.mine().filter(pk=pledge_id).first()
        if found is None:
            raise NotFound
        return found

    def looked(self, rows: list[Any], what: str = "api") -> None:
        pledging.record_reads(rows, what=what, by=self.actor, at=self.at)


# --- pledges


class PledgeInList(serializers.Serializer[Any]):
    """A pledge with its newest valuation."""

    id = serializers.UUIDField()
    number = serializers.CharField()
    state = serializers.CharField()
    rank = serializers.IntegerField()
    debtor_id = serializers.UUIDField()
    debtor = serializers.CharField()
    facility = serializers.CharField()
    currency = serializers.CharField()
    value = serializers.DecimalField(max_digits=20, decimal_places=2, allow_null=True)
    ltv = serializers.DecimalField(max_digits=12, decimal_places=6, allow_null=True)
    level = serializers.CharField(allow_null=True)
    valued_on = serializers.DateField(allow_null=True)


class BankPledges(BankDoor, ListView):
    """Pledges that secure loans of your bank, newest first. Others do not exist here."""

    row = PledgeInList
    orders = {"-id": ("id",), "id": ("id",)}
    default_order = "-id"

    class BankPledgeFilters(Listing):
        state = serializers.ChoiceField(choices=PledgeState.values, required=False)

    filters = BankPledgeFilters

    def rows(self, asked: Mapping[str, Any]) -> QuerySet[Any]:
        return among(self.mine().annotate(**pledges.newest_columns()), asked, "state")

    def shown(self, rows: Any) -> Any:
        found = list(rows)
        self.looked(found)
        names = parties.names_of({one.debtor_id for one in found})
        return [
            {
                "id": one.pk,
                "number": one.number,
                "state": one.state,
                "rank": one.rank,
                "debtor_id": one.debtor_id,
                "debtor": names.get(one.debtor_id, ""),
                "facility": one.facility.code,
                "currency": one.facility.currency,
                "value": one.newest_value,
                "ltv": one.newest_ltv,
                "level": one.newest_level,
                "valued_on": one.newest_on,
            }
            for one in found
        ]


class PledgeSeen(pledge_doors.PledgeWhole):
    """A pledge with its units, registrations and the value of today."""

    cover = pledge_doors.CoverRow()


class BankPledge(BankDoor, DetailView):
    """One pledge: terms, units with serial ranges, registrations, value and LTV of today."""

    row = PledgeSeen

    def find(self, **path: Any) -> Any:
        found = self.get_mine(path["pledge_id"])
        self.looked([found])
        cover = pledge_doors.cover_today(found, by=self.actor, at=self.at)
        return {**pledge_doors.whole_of(found), "cover": cover}


class LtvSeries(BankDoor, ListView):
    """Value and loan to value, day by day."""

    row = pledge_doors.ValuationRow
    orders = {"-valued_on": ("valued_on", "id"), "valued_on": ("valued_on", "id")}
    default_order = "-valued_on"

    class SeriesFilters(Listing):
        since = serializers.DateField(required=False, help_text="The first day wanted.")

    filters = SeriesFilters

    def rows(self, asked: Mapping[str, Any]) -> QuerySet[Any]:
        pledge = self.get_mine(self.kwargs["pledge_id"])
        self.looked([pledge], "api/ltv")
        rows = Valuation.objects.filter(pledge=pledge)
        return rows.filter(valued_on__gte=asked["since"]) if "since" in asked else rows

    def shown(self, rows: Any) -> Any:
        found = list(rows)
        for one in found:
            one.alerts = pledges.shown_to(one.alerts, creditor=True)
        return found


class BankRequests(BankDoor, ListView):
    """What debtors ask of your bank."""

    row = pledge_doors.RequestRow
    orders = {"-id": ("id",), "id": ("id",)}
    default_order = "-id"

    class BankRequestFilters(Listing):
        pledge_id = serializers.UUIDField(required=False)
        state = serializers.ChoiceField(choices=RequestState.values, required=False)

    filters = BankRequestFilters

    def rows(self, asked: Mapping[str, Any]) -> QuerySet[Any]:
        rows = pledges.requests_seen_by(self.actor).filter(pledge__creditor_id=self.actor.own_party)
        return among(rows, asked, "pledge_id", "state")

    def shown(self, rows: Any) -> Any:
        found = list(rows)
        self.looked([one.pledge for one in found])
        return found


class BankDecision(BankDoor, pledge_doors.Decide):
    """Consent or refuse. What you consent to is carried out in the same transaction."""

    scope = DECIDE


# --- attestations


class BankAttestations(BankDoor, attestation_doors.Attestations):
    """Attestations of a pledge; or have one made now. Each hold is attested by itself."""

    scope = ATTEST

    class AttestNow(serializers.Serializer[Any]):
        hold_id = serializers.UUIDField(help_text="Of a part of the pledge (`parts[].hold_id`).")
        previous = Whole(
            required=False, min_value=1, max_value=attestation_doors.MOST,
            help_text=attestation_doors.KEPT,
        )  # fmt: skip

    body: ClassVar[type[serializers.Serializer[Any]]] = AttestNow  # type: ignore[assignment]
    filters: ClassVar[type[Listing]] = Listing  # type: ignore[assignment]

    def rows(self, asked: Mapping[str, Any]) -> QuerySet[Any]:
        pledge = self.get_mine(self.kwargs["pledge_id"])
        self.looked([pledge], "attestations")
        holds = pledge.parts.exclude(hold_id=None).values("hold_id")
        return attestations.attestations_for(self.actor).defer("document").filter(hold_id__in=holds)

    def post(self, request: Request, **path: Any) -> Response:
        pledge = self.get_mine(path["pledge_id"])
        wanted = str(request.data.get("hold_id", "")) if isinstance(request.data, dict) else ""
        known = {str(one) for one in pledges.hold_ids_of(pledge)}
        if wanted and wanted.lower() not in known:
            raise NotFound
        return super().post(request, **path)

    def act(self, asked: Mapping[str, Any], *, key: str, **path: Any) -> Answer:
        answer = super().act(asked, key=key)
        address = f"/api/bank/v1/attestations/{answer.body['id']}/"
        return Answer(answer.status, answer.body, address)


class BankAttestation(BankDoor, attestation_doors.OneAttestation):
    """An attestation with its document. That you took it is on record."""

    scope = ATTEST


class BankWay(BankDoor, attestation_doors.WayTo):
    """The proof that an attestation's log continues a checkpoint that you have kept: `--way`."""

    scope = ATTEST


# --- webhooks


class WebhookRow(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    url = serializers.CharField()
    kinds = serializers.ListField(child=serializers.CharField(), help_text="Empty: everything.")
    made_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)


class WebhookMade(WebhookRow):
    secret = serializers.CharField(help_text="What messages are signed with; shown only now.")


def _hook(row: Any) -> dict[str, Any]:
    return {str(name): getattr(row, str(name)) for name in WebhookRow().fields}


class Webhooks(BankDoor, ListView, WriteView):
    """Addresses of yours that are told; or a new one. Its secret is in the answer."""

    scope = HOOKS
    row = WebhookRow
    gives = WebhookMade
    gives_status = 201
    operation: ClassVar[str] = "webhooks.make_endpoint"
    orders = {"-id": ("id",), "id": ("id",)}
    default_order = "-id"

    class NewWebhook(serializers.Serializer[Any]):
        url = serializers.CharField(max_length=500)
        kinds = serializers.ListField(
            child=serializers.CharField(max_length=60), required=False, default=list
        )

    body = NewWebhook

    def rows(self, asked: Mapping[str, Any]) -> QuerySet[Any]:
        return webhooks.endpoints_of(self.actor)

    def act(self, asked: Mapping[str, Any], *, key: str, **path: Any) -> Answer:
        row, secret = hooking.make_endpoint(**asked, by=self.actor, at=self.at)
        told = WebhookMade({**_hook(row), "secret": secret})
        return Answer(201, dict(told.data))


class _OnWebhook(BankDoor, WriteView):
    scope = HOOKS
    gives: ClassVar[type[serializers.Serializer[Any]]] = WebhookRow
    gives_status = 200

    class Nothing(serializers.Serializer[Any]):
        """No content: `{}`."""

    body = Nothing


class EndWebhook(_OnWebhook):
    """Nothing more goes to the address."""

    operation: ClassVar[str] = "webhooks.end_endpoint"

    def act(self, asked: Mapping[str, Any], *, key: str, **path: Any) -> Answer:
        row = hooking.end_endpoint(endpoint_id=path["endpoint_id"], by=self.actor, at=self.at)
        return Answer(200, dict(WebhookRow(_hook(row)).data))


class RotateWebhook(_OnWebhook):
    """A new secret. For a day messages carry the signatures of both."""

    operation: ClassVar[str] = "webhooks.rotate_secret"
    gives = WebhookMade

    def act(self, asked: Mapping[str, Any], *, key: str, **path: Any) -> Answer:
        row, secret = hooking.rotate_secret(
            endpoint_id=path["endpoint_id"], by=self.actor, at=self.at
        )
        return Answer(200, dict(WebhookMade({**_hook(row), "secret": secret}).data))


class TryRow(serializers.Serializer[Any]):
    sent_at = serializers.DateTimeField()
    status = serializers.IntegerField(allow_null=True)
    error = serializers.CharField()
    milliseconds = serializers.IntegerField()


class DeliveryRow(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    webhook_id = serializers.UUIDField(source="endpoint_id")
    message_id = serializers.UUIDField(help_text="The header `webhook-id`.")
    kind = serializers.CharField(source="message.kind")
    content = serializers.JSONField(source="message.data", help_text="What it tells: `data`.")
    state = serializers.ChoiceField(choices=DeliveryState.values)
    next_try_at = serializers.DateTimeField()
    settled_at = serializers.DateTimeField(allow_null=True)
    tries = TryRow(many=True, source="attempts")


class Deliveries(BankDoor, ListView):
    """The log: every message, every try, what your side answered."""

    scope = HOOKS
    row = DeliveryRow
    orders = {"-id": ("id",), "id": ("id",)}
    default_order = "-id"

    class DeliveryFilters(Listing):
        state = serializers.ChoiceField(choices=DeliveryState.values, required=False)

    filters = DeliveryFilters

    def rows(self, asked: Mapping[str, Any]) -> QuerySet[Any]:
        return among(webhooks.deliveries_of(self.actor), asked, "state")


class SendAgain(_OnWebhook):
    """Have a message sent once more, with its own id."""

    operation: ClassVar[str] = "webhooks.send_again"
    gives = DeliveryRow

    def act(self, asked: Mapping[str, Any], *, key: str, **path: Any) -> Answer:
        row = hooking.send_again(delivery_id=path["delivery_id"], by=self.actor, at=self.at)
        return Answer(200, dict(DeliveryRow(row).data))


class Elsewhere(BankDoor, NotThere):
    """Any other address: said as everything else is said."""

    schema = None
