from django.urls import path

from finance.planner import views
from ledger.doors.admin import site

urlpatterns = [
    path("new/", site.admin_view(views.plan_cover), name="plan_cover"),
    path("<uuid:plan_id>/lines.<str:form>", site.admin_view(views.export_lines), name="plan_lines"),
]
