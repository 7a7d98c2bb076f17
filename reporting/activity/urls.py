from django.urls import path

from ledger.doors.admin import site
from reporting.activity import rest, views

urlpatterns = [
    path(
        "mistakes/<int:year>.csv",
        site.admin_view(views.file_with_mistakes),
        name="activity_mistakes",
    ),
    path("upload/", site.admin_view(views.upload), name="activity_upload"),
    path(
        "template/<uuid:park_id>/<int:year>.<str:form>",
        site.admin_view(views.template),
        name="activity_template",
    ),
]

api = [
    path("activity-rows/", rest.ActivityRows.as_view()),
    path("activity-rows/from-readings/", rest.FromReadings.as_view()),
    path("data-checks/", rest.Checks.as_view()),
    path("data-findings/", rest.DataFindings.as_view()),
    path("data-findings/<uuid:finding_id>/answers/", rest.Answers.as_view()),
]
