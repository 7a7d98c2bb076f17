from django.urls import path

from ledger.doors.admin import site
from ledger.imports import views
from ledger.imports.rest import deciding, files, reading, steps

api = [
    path("imports/", files.Imports.as_view()),
    path("imports/<uuid:import_id>/", files.OneImport.as_view()),
    path("imports/<uuid:import_id>/lines/", files.Lines.as_view()),
    path("imports/<uuid:import_id>/problems/", files.Problems.as_view()),
    path("imports/<uuid:import_id>/layouts/", reading.LayoutChoices.as_view()),
    path("imports/<uuid:import_id>/checks/", steps.Checks.as_view()),
    path("imports/<uuid:import_id>/set-asides/", steps.SetAsides.as_view()),
    path("imports/<uuid:import_id>/tellings/", steps.Tellings.as_view()),
    path("imports/<uuid:import_id>/discards/", steps.Discards.as_view()),
    path("imports/<uuid:import_id>/commits/", deciding.Commits.as_view()),
    path("imports/<uuid:import_id>/undoings/", deciding.Undoings.as_view()),
    path("import-layouts/", reading.KnownLayouts.as_view()),
    path("import-mappings/", reading.Mappings.as_view()),
]

urlpatterns = [
    path("upload/", site.admin_view(views.upload), name="import_upload"),
    path("<uuid:import_id>/columns/", site.admin_view(views.map_columns), name="import_mapping"),
]
