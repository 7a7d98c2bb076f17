from django.urls import path

from ledger.doors.admin import site
from reporting.desk import views

urlpatterns = [
    path("views/save/", site.admin_view(views.save_view), name="save_view"),
    path("views/<uuid:view_id>/forget/", site.admin_view(views.forget_view), name="forget_view"),
]
