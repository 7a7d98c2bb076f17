from django.urls import path

from ledger.doors.admin import site
from ledger.units import views
from ledger.units.rest import exporting, proposing, reading, searching

api = [
    path("positions/", reading.Positions.as_view()),
    path("lots/", reading.Lots.as_view()),
    path("lots/<uuid:lot_id>/", reading.OneLot.as_view()),
    path("movements/", reading.Movements.as_view()),
    path("entries/", reading.Entries.as_view()),
    path("entries/<uuid:entry_id>/", reading.OneEntry.as_view()),
    path("entries/<uuid:entry_id>/reversals/", proposing.Reversals.as_view()),
    path("serials/", searching.Serials.as_view()),
    path("transfers/", proposing.Transfers.as_view()),
    path("retirements/", proposing.Retirements.as_view()),
    path("surrenders/", proposing.Surrenders.as_view()),
    path("cancellations/", proposing.Cancellations.as_view()),
    path("exports/cad-trust-units.csv", exporting.CadTrustCsv.as_view(), name="cad_trust_csv"),
    path("exports/cad-trust-units.json", exporting.CadTrustJson.as_view(), name="cad_trust_json"),
]

urlpatterns = [
    path("holdings/", site.admin_view(views.holdings), name="units_holdings"),
    path("history/", site.admin_view(views.history), name="units_history"),
    path("serials/", site.admin_view(views.serials), name="units_serials"),
]
