from django.urls import path

from ledger.doors.admin import site
from reporting.readings import rest, views

urlpatterns = [
    path(
        "template/<uuid:park_id>.<str:form>",
        site.admin_view(views.template),
        name="readings_template",
    ),
    path("<uuid:meter_id>/<str:day>/", site.admin_view(views.meter_day), name="readings_day"),
    path(
        "<uuid:meter_id>/<str:day>/proof.json", site.admin_view(views.proof), name="readings_proof"
    ),
    path(
        "<uuid:meter_id>/<str:day>/readings.<str:form>",
        site.admin_view(views.day_file),
        name="readings_file",
    ),
]

api = [
    path("park-readings/", rest.Readings.as_view()),
    path("park-readings/<uuid:upload_id>/", rest.OneUpload.as_view()),
    path("park-readings/months/", rest.Months.as_view()),
    path("park-readings/days/", rest.Days.as_view()),
    path("park-readings/<uuid:meter_id>/<str:day>/proof/", rest.Proof.as_view()),
]
