from django.urls import path

from ledger.reconciliation.rest import breaks, overrides, statements

api = [
    path("statements/", statements.Statements.as_view()),
    path("statements/<uuid:statement_id>/", statements.OneStatement.as_view()),
    path("statements/<uuid:statement_id>/withdrawals/", statements.Withdrawals.as_view()),
    path("comparisons/", statements.Comparisons.as_view()),
    path("breaks/", breaks.Breaks.as_view()),
    path("breaks/<uuid:break_id>/", breaks.OneBreak.as_view()),
    path("breaks/<uuid:break_id>/notes/", breaks.Notes.as_view()),
    path("breaks/<uuid:break_id>/assignments/", breaks.Assignments.as_view()),
    path("breaks/<uuid:break_id>/explanations/", breaks.Explanations.as_view()),
    path("breaks/<uuid:break_id>/corrections/", breaks.Corrections.as_view()),
    path("breaks/<uuid:break_id>/closings/", breaks.Closings.as_view()),
    path("overrides/", overrides.Overrides.as_view()),
]
