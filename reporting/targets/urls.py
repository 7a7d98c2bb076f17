from django.urls import path

from reporting.targets import rest

api = [
    path("targets/", rest.Targets.as_view()),
    path("targets/<uuid:target_id>/", rest.OneTarget.as_view()),
]
