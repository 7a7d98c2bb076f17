from django.urls import path

from ledger.claims import rest

api = [
    path("claims/", rest.Claims.as_view()),
    path("claims/<uuid:claim_id>/", rest.OneClaim.as_view()),
]
