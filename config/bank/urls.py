"""`/bank/` for people, `/api/bank/v1/` for machines."""

from typing import Any

from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response

from config.bank import door, rest, views, webhooks
from ledger.parties import urls as parties

pages = [
    path("", views.overview, name="bank"),
    path("pledges/<uuid:pledge_id>/", views.pledge, name="bank_pledge"),
    path("pledges/<uuid:pledge_id>/attest/", views.attest, name="bank_attest"),
    path("requests/<uuid:request_id>/", views.request_page, name="bank_request"),
    path("attestations/", views.attestation_list, name="bank_attestations"),
    path("attestations/way", views.attestation_way, name="bank_attestation_way"),
    path(
        "attestations/<uuid:attestation_id>/file.<str:form>",
        views.attestation_file,
        name="bank_attestation_file",
    ),
    path(
        "attestations/<uuid:attestation_id>/print/",
        views.print_attestation,
        name="bank_attestation_print",
    ),
    path("history/", views.history_page, name="bank_history"),
    path("webhooks/", webhooks.webhooks, name="bank_webhooks"),
    path("webhooks/<uuid:endpoint_id>/end/", webhooks.end, name="bank_webhook_end"),
    path("webhooks/<uuid:endpoint_id>/rotate/", webhooks.rotate, name="bank_webhook_rotate"),
    path("webhooks/deliveries/<uuid:delivery_id>/again/", webhooks.again, name="bank_again"),
    path("<path:elsewhere>", door.bank_page()(door.not_there)),
]

described = [
    path("pledges/", rest.BankPledges.as_view()),
    path("pledges/<uuid:pledge_id>/", rest.BankPledge.as_view()),
    path("pledges/<uuid:pledge_id>/ltv/", rest.LtvSeries.as_view()),
    path("pledges/<uuid:pledge_id>/attestations/", rest.BankAttestations.as_view()),
    path("attestations/<uuid:attestation_id>/", rest.BankAttestation.as_view()),
    path("attestations/<uuid:attestation_id>/way/", rest.BankWay.as_view()),
    path("requests/", rest.BankRequests.as_view()),
    path("requests/<uuid:request_id>/decision/", rest.BankDecision.as_view()),
    path("webhooks/", rest.Webhooks.as_view()),
    path("webhooks/<uuid:endpoint_id>/end/", rest.EndWebhook.as_view()),
    path("webhooks/<uuid:endpoint_id>/rotation/", rest.RotateWebhook.as_view()),
    path("deliveries/", rest.Deliveries.as_view()),
    path("deliveries/<uuid:delivery_id>/again/", rest.SendAgain.as_view()),
]


class BankDescription(rest.BankDoor):
    """The description itself (OpenAPI 3.1)."""

    schema = None

    def get(self, request: Request, **path: Any) -> Response:
        from config import api_docs

        return Response(api_docs.bank_description())


api = [
    *parties.tokens,
    *described,
    path("openapi.json", BankDescription.as_view()),
    path("<path:elsewhere>", rest.Elsewhere.as_view()),
]
