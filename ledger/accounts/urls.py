from django.urls import path

from ledger.accounts import rest

api = [
    path("accounts/", rest.Accounts.as_view()),
    path("accounts/<uuid:account_id>/", rest.OneAccount.as_view()),
]
