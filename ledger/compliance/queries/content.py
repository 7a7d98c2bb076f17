"""Rows as their events tell them."""

from typing import Any

from django.db import models as django_models


def content_of(row: django_models.Model) -> dict[str, Any]:
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


def subject_of(row: django_models.Model) -> str:
    return f"compliance.{type(row).__name__}:{row.pk}"
