from django.urls import path

from finance.planner import rest, views
from ledger.doors.admin import site

api = [
    path("planner/prices/", rest.Prices.as_view()),
    path("planner/plans/", rest.Plans.as_view()),
    path("planner/plans/<uuid:plan_id>/", rest.OnePlan.as_view()),
]

urlpatterns = [
    path("new/", site.admin_view(views.plan_cover), name="plan_cover"),
    path("<uuid:plan_id>/lines.<str:form>", site.admin_view(views.export_lines), name="plan_lines"),
]
