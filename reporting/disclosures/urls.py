from django.urls import path

from ledger.doors.admin import site
from reporting.disclosures import views

urlpatterns = [
    path("", site.admin_view(views.overview), name="disclosures_overview"),
    path("<uuid:frozen_id>/", site.admin_view(views.completeness), name="disclosures_completeness"),
    path(
        "<uuid:frozen_id>/points.<str:form>",
        site.admin_view(views.export),
        name="disclosures_export",
    ),
]
