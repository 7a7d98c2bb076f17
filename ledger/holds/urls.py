from django.urls import path

from ledger.holds import rest

api = [
    path("holds/", rest.Holds.as_view()),
    path("holds/<uuid:hold_id>/", rest.OneHold.as_view()),
    path("holds/<uuid:hold_id>/releases/", rest.Releases.as_view()),
]
