from django.urls import path

from ledger.claims.rest import claiming, issuing

api = [
    path("claims/", claiming.Claims.as_view()),
    path("claims/<uuid:claim_id>/", claiming.OneClaim.as_view()),
    path("claims/<uuid:claim_id>/reversals/", claiming.Reversals.as_view()),
    path("generation/", issuing.Generations.as_view()),
    path("issuances/", issuing.Issuances.as_view()),
    path("issuances/<uuid:issuance_id>/reversals/", issuing.IssuanceReversals.as_view()),
]
