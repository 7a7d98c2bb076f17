from django.urls import path

from finance.repos import rest, views
from ledger.doors.admin import site

api = [
    path("unit-agreements/", rest.Agreements.as_view()),
    path("unit-agreements/<uuid:agreement_id>/", rest.OneAgreement.as_view()),
    path("unit-agreements/<uuid:agreement_id>/starts/", rest.Starts.as_view()),
    path("unit-agreements/<uuid:agreement_id>/returns/", rest.Returns.as_view()),
]

urlpatterns = [path("ours/", site.admin_view(views.ours), name="repos_ours")]
