from django.urls import path

from ledger.doors.admin import site
from reporting.activity import views

urlpatterns = [
    path(
        "mistakes/<int:year>.csv",
        site.admin_view(views.file_with_mistakes),
        name="activity_mistakes",
    ),
    path("upload/", site.admin_view(views.upload), name="activity_upload"),
    path(
        "template/<uuid:park_id>/<int:year>.xlsx",
        site.admin_view(views.template),
        name="activity_template",
    ),
]
