from django.urls import path

from ledger.claims import rest

api = [
    path("claims/", rest.Claims.as_view()),
    path("claims/<uuid:claim_id>/", rest.OneClaim.as_view()),
    path("claims/<uuid:claim_id>/reversals/", rest.Reversals.as_view()),
    path("issuances/", rest.Issuances.as_view()),
    path("issuances/<uuid:issuance_id>/reversals/", rest.IssuanceReversals.as_view()),
]
