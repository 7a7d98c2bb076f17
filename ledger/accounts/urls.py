from django.urls import path

from ledger.accounts import rest, views
from ledger.doors.admin import site

api = [
    path("accounts/", rest.Accounts.as_view()),
    path("accounts/<uuid:account_id>/", rest.OneAccount.as_view()),
    path("trusted-accounts/", rest.TrustedAccounts.as_view()),
    path("trusted-accounts/<uuid:trusted_id>/removals/", rest.TrustRemovals.as_view()),
]

urlpatterns = [path("matrix/", site.admin_view(views.matrix), name="accounts_matrix")]
