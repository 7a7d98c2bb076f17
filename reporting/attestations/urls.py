from django.urls import path

from reporting.attestations import rest, views

api = [
    path("attestations/", rest.Attestations.as_view()),
    path("attestations/batch/", rest.ManyAttestations.as_view()),
    path("attestations/<uuid:attestation_id>/", rest.OneAttestation.as_view()),
    path("attestations/<uuid:attestation_id>/way/", rest.WayTo.as_view()),
    path("attestations/<uuid:attestation_id>/revocation/", rest.Revocations.as_view()),
]

# for strangers: no login, no cookie
urlpatterns = [
    path("verify/", views.verify, name="verify"),
    path("verify/d/<str:number>", views.verify, name="verify_by_seal"),
    path("verify/trust", views.trust, name="verify_trust"),
]
