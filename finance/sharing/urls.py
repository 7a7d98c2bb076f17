from django.urls import path

from finance.sharing import rest

api = [
    path("agreements/", rest.Agreements.as_view()),
    path("agreements/<uuid:agreement_id>/settlements/", rest.ProposeSettlement.as_view()),
    path("agreement-parts/", rest.Parts.as_view()),
]
