from django.urls import path

from finance.proceeds import rest

api = [
    path("raisings/", rest.Raisings.as_view()),
    path("raisings/<uuid:raising_id>/use/", rest.UseOfProceeds.as_view()),
    path("raisings/<uuid:raising_id>/allocations/", rest.ProposeAllocation.as_view()),
    path("raisings/<uuid:raising_id>/spendings/", rest.Spendings.as_view()),
    path("financed-projects/", rest.FinancedProjects.as_view()),
]
