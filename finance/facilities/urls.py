from django.urls import path

from finance.facilities import rest

api = [
    path("facilities/", rest.Facilities.as_view()),
    path("facilities/<uuid:facility_id>/", rest.OneFacility.as_view()),
    path("facilities/<uuid:facility_id>/standing/", rest.Stands.as_view()),
    path("facilities/<uuid:facility_id>/drawdowns/", rest.ProposeDrawdown.as_view()),
    path("facilities/<uuid:facility_id>/lines/", rest.RecordLine.as_view()),
    path("facility-lines/", rest.Lines.as_view()),
]
