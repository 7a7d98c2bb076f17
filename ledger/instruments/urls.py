from django.urls import path

from ledger.instruments import rest

api = [
    path("schemes/", rest.Schemes.as_view()),
    path("projects/", rest.Projects.as_view()),
    path("plants/", rest.Plants.as_view()),
]
