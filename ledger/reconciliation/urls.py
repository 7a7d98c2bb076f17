from django.urls import path

from ledger.reconciliation import rest

api = [
    path("statements/", rest.Statements.as_view()),
    path("statements/<uuid:statement_id>/", rest.OneStatement.as_view()),
    path("statements/<uuid:statement_id>/withdrawals/", rest.Withdrawals.as_view()),
    path("comparisons/", rest.Comparisons.as_view()),
    path("breaks/", rest.Breaks.as_view()),
    path("breaks/<uuid:break_id>/", rest.OneBreak.as_view()),
    path("breaks/<uuid:break_id>/notes/", rest.Notes.as_view()),
    path("breaks/<uuid:break_id>/assignments/", rest.Assignments.as_view()),
    path("breaks/<uuid:break_id>/explanations/", rest.Explanations.as_view()),
    path("breaks/<uuid:break_id>/corrections/", rest.Corrections.as_view()),
    path("breaks/<uuid:break_id>/closings/", rest.Closings.as_view()),
    path("overrides/", rest.Overrides.as_view()),
]
