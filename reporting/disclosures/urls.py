from django.urls import path

from ledger.doors.admin import site
from reporting.disclosures import rest
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

api = [
    path("disclosures/frameworks/", rest.Frameworks.as_view()),
    path("disclosures/data-points/", rest.DataPoints.as_view()),
    path("disclosures/entries/", rest.Entries.as_view()),
    path("disclosures/entries/<uuid:entry_id>/", rest.OneEntry.as_view()),
    path("disclosures/<uuid:frozen_id>/", rest.OneInventory.as_view()),
    path("disclosures/<uuid:frozen_id>/<str:framework>/", rest.OneStatement.as_view()),
]
