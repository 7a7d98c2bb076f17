"""Frozen statements, and whether their rows are as the log says."""

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from ledger.audit import keeping
from ledger.audit import queries as audit
from ledger.kernel.canonical import digest
from ledger.kernel.errors import NotFound
from reporting.disclosures.models import Comment, Entry, Project, Removal, Statement

KEPT: dict[Any, list[str]] = {
    Entry: ["disclosure.told"],
    Comment: ["disclosure.commented"],
    Project: ["project.entered"],
    Removal: ["project.removal_told"],
}


def get_statement(statement_id: UUID) -> Statement:
    """:raises NotFound: there is no such statement"""
    found = Statement.objects.filter(pk=statement_id).first()
    if found is None:
        raise NotFound
    return found


def statements_of(party_id: UUID) -> QuerySet[Statement]:
    return Statement.objects.filter(party_id=party_id)


def find_latest(*, framework: str, park_id: UUID, period_start: Any) -> Statement | None:
    """The newest statement of a park and period, whether draft or final."""
    same = Statement.objects.filter(framework=framework, park_id=park_id, period_start=period_start)
    return same.order_by("-frozen_at", "-pk").first()


def is_superseded(statement: Statement) -> bool:
    """Whether a later statement took its place; a draft never takes the place of a final one."""
    later = Statement.objects.filter(
        framework=statement.framework,
        park_id=statement.park_id,
        period_start=statement.period_start,
        frozen_at__gt=statement.frozen_at,
    )
    return later.exists() if statement.is_draft else later.filter(is_draft=False).exists()


def hash_of(content: Mapping[str, Any]) -> str:
    """What is printed on the document, and stands behind its seal."""
    return digest(dict(content)).hex()


def row_facts(row: Statement) -> dict[str, Any]:
    """Every column of a statement, as its event tells it."""
    return {field.attname: getattr(row, field.attname) for field in Statement._meta.concrete_fields}


def check_rows() -> Iterator[audit.Fault]:
    """Each statement, entry, comment, project and removal is as its event says."""
    rows = Statement.objects.order_by("pk").iterator()
    yield from audit.compare_rows_with_events(
        ((f"disclosures.Statement:{row.pk}", row_facts(row)) for row in rows),
        kind="disclosures.Statement",
        verbs=["statement.frozen"],
    )
    yield from keeping.rows_match_events(KEPT)
