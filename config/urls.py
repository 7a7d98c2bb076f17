"""Which address is served by which room."""

from django.urls import include, path
from django.views.generic import RedirectView

from config import api_docs, health
from ledger.accounts import urls as accounts
from ledger.approvals import urls as approvals
from ledger.claims import urls as claims
from ledger.doors.admin import site
from ledger.doors.rest import NotThere
from ledger.holds import urls as holds
from ledger.instruments import urls as instruments
from ledger.parties import urls as parties
from ledger.units import urls as units

# What machines ask; each room says what of its own.
api = [
    *parties.api,
    *approvals.api,
    *instruments.api,
    *accounts.api,
    *units.api,
    *holds.api,
    *claims.api,
    path("openapi.json", api_docs.Description.as_view()),
    path("<path:elsewhere>", NotThere.as_view()),
]

urlpatterns = [
    path("api/v1/", include(api)),
    path("api/docs", site.admin_view(api_docs.page), name="api_docs"),
    path("", RedirectView.as_view(url="/admin/")),
    path("livez", health.livez),
    path("readyz", health.readyz),
    path("", include("ledger.parties.urls")),
    path("i18n/", include("django.conf.urls.i18n")),
    path("", include("config.start.urls")),
    path("admin/desk/", include("reporting.desk.urls")),
    path("admin/units/", include("ledger.units.urls")),
    path("admin/imports/", include("ledger.imports.urls")),
    path("admin/activity/", include("reporting.activity.urls")),
    path("admin/planner/", include("finance.planner.urls")),
    path("", include("ledger.audit.urls")),
    path("admin/", site.urls),
]
