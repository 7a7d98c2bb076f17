from django.urls import path

from ledger.holds.rest import holding, ordering, sending

api = [
    path("holds/", holding.Holds.as_view()),
    path("holds/<uuid:hold_id>/", holding.OneHold.as_view()),
    path("holds/<uuid:hold_id>/releases/", holding.Releases.as_view()),
    path("holds/<uuid:hold_id>/captures/", holding.Captures.as_view()),
    path("holds/<uuid:hold_id>/renewals/", ordering.Renewals.as_view()),
    path("freezes/", ordering.Freezes.as_view()),
    path("pending-transfers/", sending.PendingTransfers.as_view()),
    path("pending-transfers/<uuid:transfer_id>/", sending.OnePendingTransfer.as_view()),
    path("pending-transfers/<uuid:transfer_id>/cancellations/", sending.Cancellations.as_view()),
]
