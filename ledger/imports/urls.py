from django.urls import path

from ledger.doors.admin import site
from ledger.imports import views

urlpatterns = [
    path("upload/", site.admin_view(views.upload), name="import_upload"),
    path("<uuid:import_id>/columns/", site.admin_view(views.map_columns), name="import_mapping"),
]
