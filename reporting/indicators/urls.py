from django.urls import path

from ledger.doors.admin import site
from reporting.indicators import rest, views

api = [
    path("indicators/", rest.Assessments.as_view()),
    path("indicators/<uuid:assessment_id>/", rest.OneAssessment.as_view()),
]

urlpatterns = [
    path("today/", site.admin_view(views.park_indicators), name="park_indicators"),
    path("facts/upload/", site.admin_view(views.upload_facts), name="facts_upload"),
    path("facts/template/<str:kind>.xlsx", site.admin_view(views.template), name="facts_template"),
]
