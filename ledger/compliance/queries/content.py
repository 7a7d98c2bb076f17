"""Rows as their events tell them."""

from typing import Any

from django.db import models as django_models

LATER = frozenset({"name_en"})  # columns that came later: older events do not tell them


def content_of(row: django_models.Model) -> dict[str, Any]:
    """Every column; one that came later is told once it is filled in."""
    columns = {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}
    return {name: value for name, value in columns.items() if value or name not in LATER}


def subject_of(row: django_models.Model) -> str:
    return f"compliance.{type(row).__name__}:{row.pk}"
