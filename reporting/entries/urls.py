from django.urls import path

from ledger.doors.admin import site
from reporting.entries import rest, views

api = [path("entries/", rest.Entries.as_view())]

urlpatterns = [path("methods/", site.admin_view(views.entry_methods), name="entry_methods")]
