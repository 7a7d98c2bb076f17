from django.urls import path

from ledger.doors.admin import site
from ledger.notices import rest, views

api = [
    path("notices/", rest.Notices.as_view()),
    path("notices/<uuid:notice_id>/", rest.OneNotice.as_view()),
    path("notices/<uuid:notice_id>/read/", rest.ReadMark.as_view()),
]

urlpatterns = [
    path("", site.admin_view(views.inbox), name="notices_inbox"),
    path("preferences/", site.admin_view(views.preferences), name="notices_preferences"),
    path("read/", site.admin_view(views.read_all), name="notices_read_all"),
    path("<uuid:notice_id>/", site.admin_view(views.follow), name="notice"),
    path("<uuid:notice_id>/read/", site.admin_view(views.read), name="notice_read"),
    path("<uuid:notice_id>/dismiss/", site.admin_view(views.dismiss), name="notice_dismiss"),
    path("<uuid:notice_id>/snooze/", site.admin_view(views.snooze), name="notice_snooze"),
]
