"""Which address is served by which room."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import include, path

from config import api_docs, health
from config.bank import urls as bank
from config.verifier import urls as verifier
from finance.facilities import urls as facilities
from finance.funds import urls as funds
from finance.hedges import urls as hedges
from finance.planner import urls as planner
from finance.pledges import urls as pledges
from finance.ppas import urls as ppas
from finance.prices import urls as prices
from finance.proceeds import urls as proceeds
from finance.repos import urls as repos
from finance.sharing import urls as sharing
from finance.trades import urls as trades
from ledger.accounts import urls as accounts
from ledger.approvals import urls as approvals
from ledger.claims import urls as claims
from ledger.compliance import urls as compliance
from ledger.doors.admin import site
from ledger.doors.rest import NotThere
from ledger.files import urls as files
from ledger.holds import urls as holds
from ledger.imports import urls as imports
from ledger.instruments import urls as instruments
from ledger.kernel.actors import Actor, Role
from ledger.notices import urls as notices
from ledger.parties import urls as parties
from ledger.reconciliation import urls as reconciliation
from ledger.units import urls as units
from reporting.activity import urls as activity
from reporting.attestations import urls as attestations
from reporting.disclosures import urls as disclosures
from reporting.entries import urls as entries
from reporting.indicators import urls as indicators
from reporting.inventories import urls as inventories
from reporting.packages import urls as packages
from reporting.readings import urls as readings
from reporting.targets import urls as targets
from reporting.verification import urls as verification

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
    *proceeds.api,
    *sharing.api,
    *facilities.api,
    *pledges.api,
    *files.api,
    *imports.api,
    *reconciliation.api,
    *compliance.api,
    *planner.api,
    *attestations.api,
    *entries.api,
    *inventories.api,
    *indicators.api,
    *targets.api,
    *verification.api,
    *disclosures.api,
    *packages.api,
    *ppas.api,
    *readings.api,
    *activity.api,
    *trades.api,
    path("openapi.json", api_docs.Description.as_view()),
    path("<path:elsewhere>", NotThere.as_view()),
]


def start(request: HttpRequest) -> HttpResponse:
    """Everybody begins at the desk; who comes for a bank or a verification body, at its door."""
    actor: Actor | None = getattr(request, "actor", None)
    if actor is not None and actor.roles == {Role.BANK_OFFICER}:
        return redirect("/bank/")
    if actor is not None and actor.roles == {Role.VERIFIER}:
        return redirect("/verifier/")
    return redirect("/admin/")


urlpatterns = [
    path("api/v1/", include(api)),
    path("api/bank/v1/", include(bank.api)),
    path("bank/", include(bank.pages)),
    path("verifier/", include(verifier.pages)),
    path("api/docs", site.admin_view(api_docs.page), name="api_docs"),
    path("", start),
    path("livez", health.livez),
    path("readyz", health.readyz),
    path("", include("ledger.parties.urls")),
    path("i18n/", include("django.conf.urls.i18n")),
    path("", include("config.start.urls")),
    path("", include("config.handbooks.urls")),
    path("admin/desk/", include("reporting.desk.urls")),
    path("admin/units/", include("ledger.units.urls")),
    path("admin/accounts/", include("ledger.accounts.urls")),
    path("admin/disclosures/", include("reporting.disclosures.urls")),
    path("admin/documents/", include("reporting.documents.urls")),
    path("admin/notices/", include("ledger.notices.urls")),
    path("admin/imports/", include("ledger.imports.urls")),
    path("admin/activity/", include("reporting.activity.urls")),
    path("admin/entries/", include("reporting.entries.urls")),
    path("admin/inventories/", include("reporting.inventories.urls")),
    path("admin/indicators/", include("reporting.indicators.urls")),
    path("admin/verification/", include("reporting.verification.urls")),
    path("admin/prices/", include("finance.prices.urls")),
    path("admin/repos/", include("finance.repos.urls")),
    path("admin/hedges/", include("finance.hedges.urls")),
    path("admin/trades/", include("finance.trades.urls")),
    path("admin/planner/", include("finance.planner.urls")),
    path("admin/funds/", include("finance.funds.urls")),
    path("", include("reporting.attestations.urls")),
    path("admin/ppas/", include("finance.ppas.urls")),
    path("admin/readings/", include("reporting.readings.urls")),
    path("", include("ledger.audit.urls")),
    path("admin/", site.urls),
]
