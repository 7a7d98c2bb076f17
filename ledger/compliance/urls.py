from django.urls import path

from ledger.compliance.rest import allocating, carrying, reading, surrendering, telling

ENTITY, YEAR = "compliance/entities/<uuid:entity_id>/", "compliance/years/<uuid:year_id>/"
CARRY_OVER = "compliance/carry-overs/<uuid:carry_over_id>/"

api = [
    path("compliance/entities/", telling.Entities.as_view()),
    path(ENTITY, telling.OneEntity.as_view()),
    path(f"{ENTITY}facts/", telling.Facts.as_view()),
    path(f"{ENTITY}emissions/", telling.Emissions.as_view()),
    path("compliance/years/", reading.Years.as_view()),
    path(YEAR, reading.OneYear.as_view()),
    path(f"{YEAR}penalty/", reading.PenaltyOfYear.as_view()),
    path(f"{YEAR}allocations/", allocating.Allocations.as_view()),
    path(f"{YEAR}allocations/of-power-unit/", allocating.OfPowerUnit.as_view()),
    path(f"{YEAR}allocations/of-industry/", allocating.OfIndustry.as_view()),
    path(f"{YEAR}allocations/pre-allocation/", allocating.PreAllocation.as_view()),
    path(f"{YEAR}allocations/cuts/", allocating.Cuts.as_view()),
    path(f"{YEAR}surrenders/", surrendering.Surrenders.as_view()),
    path("compliance/carry-over-limit/", carrying.CarryOverLimit.as_view()),
    path("compliance/carry-overs/", carrying.CarryOvers.as_view()),
    path(CARRY_OVER, carrying.OneCarryOver.as_view()),
    path(f"{CARRY_OVER}withdrawals/", carrying.Withdrawals.as_view()),
    path(f"{CARRY_OVER}completions/", carrying.Completions.as_view()),
    path("compliance/due-dates/", reading.DueDates.as_view()),
]
