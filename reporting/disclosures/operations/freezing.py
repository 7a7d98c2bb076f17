"""Freezing statements."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from ledger.audit import operations as audit
from ledger.doors.operation import operation
from ledger.kernel.actors import Actor
from reporting.disclosures import queries
from reporting.disclosures.frameworks import get_framework
from reporting.disclosures.models import Statement
from reporting.disclosures.queries.composing import compose, period_of
from reporting.disclosures.rules import FrameworkOfAnotherYear
from reporting.inventories import queries as inventories
from reporting.verification import queries as verification

ISO14064_1 = "ISO14064-1"


@operation
def freeze_statement(
    *, frozen_inventory_id: UUID, by: Actor, at: datetime, framework: str = ISO14064_1
) -> Statement:
    """Freeze what a report of a frozen inventory says, in both languages at once.

    The same inputs give the same statement: inventory, opinion, what people told, what the ledger
    knew. Without a standing opinion, with unverified data, or with a required content missing it
    is a draft (R5.20, R5.21).

    :raises NotFound: the inventory is not there, or not the actor's
    :raises UnknownFramework, FrameworkOfAnotherYear, StatementDoesNotAddUp: as they say
    """
    # One at a time for an inventory: two jobs in two languages share one statement.
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))",
            [f"statement:{frozen_inventory_id}"],
        )
    frozen = inventories.get_frozen(frozen_inventory_id, None if by.is_machine else by)
    content = draft_statement(frozen=frozen, framework=framework, at=at)
    known = Statement.objects.filter(
        framework=framework,
        frozen_inventory_id=frozen_inventory_id,
        input_hash=content["input_hash"],
    ).first()
    return known or _write(content, frozen, by, at)


def draft_statement(*, frozen: Any, framework: str, at: datetime) -> dict[str, Any]:
    """What the statement of a frozen inventory would say now; nothing is written.

    :raises UnknownFramework, FrameworkOfAnotherYear, StatementDoesNotAddUp: as they say
    """
    asked = get_framework(framework)
    period = period_of(frozen)
    if not asked.fits(period):
        raise FrameworkOfAnotherYear(code=asked.short, start=period.start.isoformat())
    return compose(asked, frozen, verification.opinion_for(frozen.id), at)


def _write(content: dict[str, Any], frozen: Any, by: Actor, at: datetime) -> Statement:
    row = Statement.objects.create(
        framework=content["framework"]["code"],
        number=content["number"],
        party_id=frozen.party_id,
        park_id=frozen.park_id,
        period_start=content["period"]["start"],
        period_end=content["period"]["end"],
        frozen_inventory_id=frozen.id,
        inventory_hash=frozen.content_hash,
        opinion_key=content["inputs"]["opinion_id"] or "",
        content=content,
        content_hash=queries.hash_of(content),
        input_hash=content["input_hash"],
        is_draft=content["is_draft"],
        is_demonstration=content["is_demonstration"],
        supersedes=queries.find_latest(
            framework=content["framework"]["code"],
            park_id=frozen.park_id,
            period_start=content["period"]["start"],
        ),
        frozen_at=at,
        frozen_by=by.user_id,
    )
    row.refresh_from_db()
    audit.record(
        verb="statement.frozen",
        subject=f"disclosures.Statement:{row.pk}",
        by=by,
        at=at,
        data={"row": queries.row_facts(row)},
    )
    return row
