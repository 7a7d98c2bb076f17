"""Which address is served by which room."""

from django.urls import include, path
from django.views.generic import RedirectView

from config import api_docs, health
from finance.funds import urls as funds
from finance.hedges import urls as hedges
from finance.planner import urls as planner
from finance.prices import urls as prices
from finance.repos import urls as repos
from finance.trades import urls as trades
from ledger.accounts import urls as accounts
from ledger.approvals import urls as approvals
from ledger.claims import urls as claims
from ledger.compliance import urls as compliance
from ledger.doors.admin import site
from ledger.doors.rest import NotThere
from ledger.holds import urls as holds
from ledger.imports import urls as imports
from ledger.instruments import urls as instruments
from ledger.notices import urls as notices
from ledger.parties import urls as parties
from ledger.reconciliation import urls as reconciliation
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
    *prices.api,
    *repos.api,
    *hedges.api,
    *notices.api,
    *funds.api,
    *imports.api,
    *reconciliation.api,
    *compliance.api,
    *planner.api,
    *trades.api,
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
    path("admin/documents/", include("reporting.documents.urls")),
    path("admin/notices/", include("ledger.notices.urls")),
    path("admin/imports/", include("ledger.imports.urls")),
    path("admin/activity/", include("reporting.activity.urls")),
    path("admin/prices/", include("finance.prices.urls")),
    path("admin/repos/", include("finance.repos.urls")),
    path("admin/hedges/", include("finance.hedges.urls")),
    path("admin/trades/", include("finance.trades.urls")),
    path("admin/planner/", include("finance.planner.urls")),
    path("admin/funds/", include("finance.funds.urls")),
    path("", include("ledger.audit.urls")),
    path("admin/", site.urls),
]
