"""Every telling and source as its event tells it, and every row as its telling's digest has it."""

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

from django.db import models as django_models

from finance.prices import models
from finance.prices.states import TellingKind
from ledger.audit.queries import Fault, compare_rows_with_events
from ledger.kernel.canonical import digest

LOADED, TOLD = "price_source.loaded", "prices.told"


def content_of(row: django_models.Model) -> dict[str, Any]:
    """Every column; `is_withdrawn` came later, and is told where it holds."""
    skipped = () if getattr(row, "is_withdrawn", True) else ("is_withdrawn",)
    return {
        field.attname: getattr(row, field.attname)
        for field in row._meta.concrete_fields
        if field.attname not in skipped
    }


def subject_of(row: django_models.Model) -> str:
    return f"prices.{type(row).__name__}:{row.pk}"


def digest_of(rows: Iterable[django_models.Model]) -> str:
    """One hash over a telling's rows, every column of each, in their order."""
    return digest([content_of(row) for row in rows]).hex()


def check_rows_match_events() -> Iterator[Fault]:
    """Sources and tellings against the log; marks and rates against their telling."""
    yield from compare_rows_with_events(
        ((subject_of(row), content_of(row)) for row in models.PriceSource.objects.iterator()),
        kind="prices.source",
        verbs=[LOADED],
    )
    yield from compare_rows_with_events(
        ((subject_of(row), content_of(row)) for row in models.Telling.objects.iterator()),
        kind="prices.telling",
        verbs=[TOLD],
    )
    yield from _check_rows(models.Mark, TellingKind.MARKS)
    yield from _check_rows(models.ExchangeRate, TellingKind.RATES)


def _check_rows(table: type[Any], kind: TellingKind) -> Iterator[Fault]:
    told = dict(models.Telling.objects.filter(kind=kind).values_list("pk", "rows_digest"))
    rows = table.objects.order_by("telling_id", "position", "pk").iterator()
    for telling_id, group in groupby(rows, key=lambda row: row.telling_id):
        if told.pop(telling_id, None) != digest_of(group):
            yield Fault(
                "prices.rows", f"prices.Telling:{telling_id}", "its rows are not those it told"
            )
    for telling_id, rows_digest in told.items():
        if rows_digest != digest_of(()):
            yield Fault("prices.rows", f"prices.Telling:{telling_id}", "its rows are gone")
