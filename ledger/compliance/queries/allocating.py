"""The numbers of a year's free allocation, out of the rule book, with the rows they came from."""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet

from ledger.compliance import models
from ledger.compliance.queries.regimes import is_draft
from ledger.compliance.rules.allocation import (
    Allocated,
    Entitlement,
    IndustryNumbers,
    LoadForm,
    LoadRule,
    OddLoadRule,
    PowerNumbers,
    classify,
)
from ledger.compliance.states import AllocationStep
from ledger.parameters import queries as parameters
from ledger.parameters.queries import ParameterValue

Used = list[ParameterValue]


def _take(used: Used, key: str, year: int, scope: str = "") -> ParameterValue:
    """:raises NoParameter: the rule book has no such number for the year"""
    number = parameters.get_parameter(key, on=date(year, 12, 31), scope=scope)
    used.append(number)
    return number


def _load_rule(used: Used, year: int) -> LoadRule:
    form = _take(used, "alloc.power.load.form", year).value
    if form not in set(LoadForm):
        raise OddLoadRule(key=str(form))
    kind = LoadForm(str(form))
    names = "ABC" if kind is LoadForm.POWER else "ABCDE"
    numbers = {n: _take(used, "alloc.power.load.number", year, n).number for n in names}
    return LoadRule(kind, _take(used, "alloc.power.load.threshold", year).number, numbers)


def power_numbers(year: int, unit_class: str, fuel: str) -> tuple[PowerNumbers, Used]:
    """Benchmarks, load correction and gap cap of a class (I–IV) and fuel (COAL, GAS) in a year.

    :raises NoParameter: the rule book has none for that year
    """
    used: Used = []
    return (
        PowerNumbers(
            power_benchmark=_take(used, "alloc.power.benchmark", year, unit_class).number,
            heat_benchmark=_take(used, "alloc.heat.benchmark", year, fuel).number,
            load_rule=_load_rule(used, year),
            gap_cap=_take(used, "alloc.power.gap_cap", year).number,
        ),
        used,
    )


def industry_numbers(year: int) -> tuple[IndustryNumbers, Used]:
    """The α curve of steel, cement and aluminium in a year (R2.18).

    :raises NoParameter: the rule book has none for that year
    """
    used: Used = []
    slope, knee, most = (
        _take(used, f"alloc.industry.{name}", year).number for name in ("slope", "knee", "most")
    )
    return IndustryNumbers(slope, knee, most), used


def equals_verified(year: int) -> tuple[bool, Used]:
    """R2.17: whether allowances are simply what was verified.

    :raises NoParameter: the rule book says nothing of that year
    """
    used: Used = []
    return bool(_take(used, "alloc.industry.as_verified", year).value), used


def pre_share(year: int) -> tuple[Decimal, Used]:
    """R2.16.

    :raises NoParameter: the rule book has none for that year
    """
    used: Used = []
    return _take(used, "alloc.pre.share", year, "POWER").number, used


def has_draft(used: Iterable[ParameterValue]) -> bool:
    """Whether any of these numbers stands in a draft only."""
    return any(is_draft(number) for number in used)


def traces(used: Iterable[ParameterValue]) -> list[dict[str, Any]]:
    """What a calculation keeps of the rows it used, so that it can be done again."""
    return [
        {
            "key": number.key,
            "scope": number.scope,
            "value": str(number.value),
            "digest": number.digest,
            "confidence": number.confidence,
            "is_draft": is_draft(number),
        }
        for number in used
    ]


# --- what was given


def allocations_of(entity_id: Any) -> QuerySet[models.Allocation]:
    rows = models.Allocation.objects.filter(entity_id=entity_id)
    return rows.order_by("year", "recorded_at", "id")


def entitlements_of(rows: Iterable[models.Allocation]) -> list[Entitlement]:
    """Steps added up by year and table."""
    sums: dict[tuple[int, str], dict[str, int]] = {}
    for row in rows:
        steps = sums.setdefault((row.year, row.table), dict.fromkeys(AllocationStep, 0))
        steps[AllocationStep(row.step)] += row.unit_count
    return [_entitlement(year, table, steps) for (year, table), steps in sorted(sums.items())]


def _entitlement(year: int, table: str, steps: Mapping[str, int]) -> Entitlement:
    return Entitlement(
        year=year,
        table=table,
        entitlement=steps[AllocationStep.ENTITLED],
        allocated=steps[AllocationStep.ALLOCATED],
        returned=steps[AllocationStep.RETURNED],
        reversed=steps[AllocationStep.REVERSED],
    )


def classification_of(entity_id: Any, *, current_year: int) -> Allocated:
    return classify(entitlements_of(allocations_of(entity_id)), current_year=current_year)
