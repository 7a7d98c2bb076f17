"""Which address is served by which room."""

from django.urls import include, path
from django.views.generic import RedirectView

from config import health
from ledger.accounts import urls as accounts
from ledger.doors.admin import site
from ledger.parties import urls as parties

# What machines ask; each room says what of its own.
api = [*accounts.api, *parties.api]

urlpatterns = [
    path("api/v1/", include(api)),
    path("", RedirectView.as_view(url="/admin/")),
    path("livez", health.livez),
    path("readyz", health.readyz),
    path("", include("ledger.parties.urls")),
    path("i18n/", include("django.conf.urls.i18n")),
    path("", include("config.start.urls")),
    path("admin/desk/", include("reporting.desk.urls")),
    path("admin/activity/", include("reporting.activity.urls")),
    path("", include("ledger.audit.urls")),
    path("admin/", site.urls),
]
