from django.urls import path

from ledger.doors.admin import site
from reporting.disclosures.views import completeness, years

urlpatterns = [
    path("", site.admin_view(completeness.overview), name="disclosures_overview"),
    path("appraisal/", site.admin_view(years.appraisal), name="disclosures_appraisal"),
    path("enterprises/", site.admin_view(years.enterprises), name="disclosures_enterprises"),
    path("trading/", site.admin_view(years.trading), name="disclosures_trading"),
    path("entry/", site.admin_view(years.entry), name="disclosures_entry"),
    path(
        "<uuid:frozen_id>/",
        site.admin_view(completeness.completeness),
        name="disclosures_completeness",
    ),
    path(
        "<uuid:frozen_id>/points.<str:form>",
        site.admin_view(completeness.export),
        name="disclosures_export",
    ),
]
