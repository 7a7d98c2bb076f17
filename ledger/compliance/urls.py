from django.urls import path

from ledger.compliance import rest

api = [
    path("compliance/entities/", rest.Entities.as_view()),
    path("compliance/entities/<uuid:entity_id>/", rest.OneEntity.as_view()),
    path("compliance/years/", rest.Years.as_view()),
    path("compliance/years/<uuid:year_id>/", rest.OneYear.as_view()),
    path("compliance/years/<uuid:year_id>/allocations/", rest.Allocations.as_view()),
    path("compliance/years/<uuid:year_id>/surrenders/", rest.Surrenders.as_view()),
    path("compliance/due-dates/", rest.DueDates.as_view()),
]
