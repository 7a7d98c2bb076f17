"""Columns as people read them: whom an id means, a year without a comma."""

from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import admin
from django.db import models
from django.utils.html import format_html

from ledger.doors.admin.staff_site import site

# Columns without a foreign key that hold the id of a party, user or machine.
SOMEBODY = frozenset(
    {
        "party_id", "holder_id", "claimant_id", "beneficiary_id", "in_favour_of", "user_id",
        "person_id", "owner_id", "actor_id", "requested_person", "operator_id",
    }
)  # fmt: skip


def named(column: str, title: Any) -> Callable[[Any], str]:
    """A column of ids (party, user, machine) that shows whom they mean: one query for a page."""

    @admin.display(description=title, ordering=column)
    def show(row: Any) -> str:
        identifier = getattr(row, column)
        if identifier is None:
            return "–"
        if "shown_names" not in row.__dict__:
            row.shown_names = site.names_of({getattr(row, one) for one in ids_in(row)})
        return str(row.shown_names.get(identifier, identifier))

    show.__name__ = f"name_of_{column}"
    show.names = column  # type: ignore[attr-defined]
    return show


def ids_in(row: models.Model | type[models.Model]) -> dict[str, Any]:
    """Columns of ids of others, which no foreign key leads to: column → its title."""
    return {
        field.name: field.verbose_name
        for field in row._meta.concrete_fields
        if isinstance(field, models.UUIDField) and not field.is_relation and not field.primary_key
    }


def years_in(row: models.Model | type[models.Model]) -> dict[str, Any]:
    """Columns that number a year, which has no thousands: column → its title."""
    return {
        field.name: field.verbose_name
        for field in row._meta.concrete_fields
        if isinstance(field, models.IntegerField) and field.name.split("_")[-1] == "year"
    }


def in_words(field: Any, ids: Mapping[str, Any], years: Mapping[str, Any]) -> Any:
    """A column as people read it: whom an id means, a year without a comma."""
    if not isinstance(field, str):
        return field
    if field in ids:
        return named(field, ids[field])
    return _plain_year(field, years[field]) if field in years else field


def _plain_year(column: str, title: Any) -> Callable[[Any], str]:
    @admin.display(description=title, ordering=column)
    def show(row: Any) -> str:
        year = getattr(row, column)
        return "–" if year is None else str(year)

    show.__name__ = f"plain_{column}"
    return show


def is_somebody(column: str) -> bool:
    """Whether an id is of a party, user or machine, which have names."""
    return column.endswith("_by") or column in SOMEBODY


def copied(column: str, title: Any) -> Callable[[Any], str]:
    """An id as a small text that one click selects."""

    @admin.display(description=title)
    def show(row: Any) -> str:
        identifier = getattr(row, column)
        if identifier is None:
            return "–"
        return format_html('<code class="select-all text-xs">{}</code>', identifier)

    show.__name__ = f"id_in_{column}"
    return show
