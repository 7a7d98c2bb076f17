from django.urls import path

from ledger.files import rest

api = [
    path("files/", rest.Files.as_view()),
    path("files/<uuid:file_id>/", rest.OneFile.as_view()),
    path("files/<uuid:file_id>/content/", rest.Content.as_view()),
]
