from django.urls import path

from finance.sharing import rest

api = [
    path("sharing-agreements/", rest.Agreements.as_view()),
    path("sharing-agreements/<uuid:agreement_id>/settlements/", rest.ProposeSettlement.as_view()),
    path("agreement-parts/", rest.Parts.as_view()),
]
