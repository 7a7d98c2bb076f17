from django.urls import path

from ledger.approvals import rest

api = [
    path("approvals/", rest.Approvals.as_view()),
    path("approvals/<uuid:approval_id>/", rest.OneApproval.as_view()),
]
