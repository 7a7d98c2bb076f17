from django.urls import path

from finance.ppas import rest, views
from ledger.doors.admin import site

urlpatterns = [
    path("rows/<uuid:point_id>/<str:month>/", site.admin_view(views.meter_rows), name="ppa_rows"),
    path(
        "rows/<uuid:point_id>/<str:month>/rows.<str:form>",
        site.admin_view(views.meter_rows_file),
        name="ppa_rows_file",
    ),
    path(
        "statements/<uuid:settlement_id>/rows/",
        site.admin_view(views.statement_rows),
        name="ppa_statement_rows",
    ),
]

api = [
    path("ppa-contracts/", rest.Contracts.as_view()),
    path("ppa-contracts/<uuid:contract_id>/", rest.OneContract.as_view()),
    path("ppa-contracts/<uuid:contract_id>/terms/", rest.Terms.as_view()),
    path("ppa-contracts/<uuid:contract_id>/meters/", rest.Meters.as_view()),
    path("ppa-contracts/<uuid:contract_id>/signing/", rest.Signing.as_view()),
    path("ppa-contracts/<uuid:contract_id>/amendments/", rest.Amendments.as_view()),
    path("ppa-contracts/<uuid:contract_id>/settling/", rest.Settling.as_view()),
    path("ppa-contracts/<uuid:contract_id>/finalising/", rest.Finalising.as_view()),
    path("metering-points/", rest.Points.as_view()),
    path("metering-points/<uuid:point_id>/months/", rest.Months.as_view()),
    path("meter-readings/", rest.Readings.as_view()),
    path("meter-readings/<uuid:upload_id>/", rest.OneUpload.as_view()),
    path("ppa-settlements/", rest.Settlements.as_view()),
    path("ppa-settlements/<uuid:settlement_id>/", rest.OneSettlement.as_view()),
    path("ppa-settlements/<uuid:settlement_id>/adjustments/", rest.Adjustments.as_view()),
    path("ppa-settlements/<uuid:settlement_id>/claims/", rest.Claims.as_view()),
]
