from django.urls import path

from config.start import views
from ledger.doors.admin import site

urlpatterns = [
    path("start/", views.found, name="found"),
    path("admin/start/", site.admin_view(views.steps), name="guided_start"),
    path("admin/start/<str:kind>/", site.admin_view(views.take_in), name="take_in"),
    path("admin/start/<str:kind>.csv", site.admin_view(views.template), name="start_template"),
]
