from django.urls import path

from finance.hedges import rest, views
from ledger.doors.admin import site

api = [
    path("hedges/", rest.Hedges.as_view()),
    path("hedges/<uuid:contract_id>/", rest.OneHedge.as_view()),
    path("hedges/<uuid:contract_id>/settlements/", rest.Settlements.as_view()),
]

urlpatterns = [path("ratio/", site.admin_view(views.ratio), name="hedges_ratio")]
