from django.urls import path

from ledger.doors.admin import site
from reporting.entries import rest, views

api = [path("inventory-entries/", rest.Entries.as_view())]

urlpatterns = [
    path("methods/", site.admin_view(views.entry_methods), name="entry_methods"),
    path("upload/", site.admin_view(views.upload_entries), name="entries_upload"),
    path("template/<str:method>.xlsx", site.admin_view(views.template), name="entries_template"),
]
