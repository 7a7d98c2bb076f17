"""Which address is served by which room."""

from django.urls import path

from ledger.doors.admin import site

urlpatterns = [
    path("admin/", site.urls),
]
