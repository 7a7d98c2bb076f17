from django.urls import path

from finance.prices import rest, views
from ledger.doors.admin import site

api = [
    path("marks/", rest.Marks.as_view()),
    path("marks/<uuid:mark_id>/", rest.OneMark.as_view()),
    path("exchange-rates/", rest.Rates.as_view()),
    path("valuations/", rest.Valuation.as_view()),
]

urlpatterns = [
    path("valuation/", site.admin_view(views.valuation), name="prices_valuation"),
    path("history/", site.admin_view(views.history), name="prices_history"),
    path("template.<str:kind>.csv", site.admin_view(views.template), name="prices_template"),
]
