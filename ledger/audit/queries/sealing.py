"""How far the sealing has come."""

from dataclasses import dataclass
from datetime import timedelta

from django.db import connection

from ledger.audit import tree
from ledger.audit.models import Checkpoint
from ledger.audit.queries.checkpoints import (
    check_not_behind_outside_checkpoint,
    latest_checkpoint,
)
from ledger.audit.rules import OutsideCheckpointAhead, OutsideCheckpointDiffers


@dataclass(frozen=True, slots=True)
class SealState:
    """How far the sealing has come; for `/readyz`, the desk and the metrics.

    `oldest_unsealed_age`: of what could be sealed now, and so tells whether the sequencer works.
    `oldest_held_back_age`: of what waits for an older transaction to end, a large import say.
    """

    sealed_count: int
    unsealed_count: int
    held_back_count: int
    oldest_unsealed_age: timedelta
    oldest_held_back_age: timedelta
    latest_checkpoint: Checkpoint | None
    is_behind_outside: bool


UNSEALED = """
WITH last AS (
    SELECT e.xid, e.id FROM ledger_audit_seal s JOIN ledger_audit_event e ON e.id = s.event_row
    ORDER BY s.seq DESC LIMIT 1
), horizon AS (
    SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint
           + coalesce((SELECT max(xid_offset) FROM ledger_audit_era), 0) AS xid
), waiting AS (
    SELECT e.happened_at, e.xid >= h.xid AS is_held_back
    FROM ledger_audit_event AS e, horizon AS h
    WHERE (e.xid, e.id) > (coalesce((SELECT xid FROM last), 0), coalesce((SELECT id FROM last), 0))
)
SELECT count(*), count(*) FILTER (WHERE is_held_back),
       greatest(coalesce(now() - min(happened_at) FILTER (WHERE NOT is_held_back), '0'), '0'),
       greatest(coalesce(now() - min(happened_at) FILTER (WHERE is_held_back), '0'), '0')
FROM waiting
"""


def seal_state() -> SealState:
    """Counts, lag and whether a checkpoint outside contradicts the database."""
    with connection.cursor() as cursor:
        cursor.execute(UNSEALED)
        unsealed, held_back, age, held_back_age = cursor.fetchone()
    try:
        check_not_behind_outside_checkpoint()
        behind = False
    except (OutsideCheckpointAhead, OutsideCheckpointDiffers):
        behind = True
    return SealState(
        sealed_count=tree.sealed_size(),
        unsealed_count=unsealed,
        held_back_count=held_back,
        oldest_unsealed_age=age,
        oldest_held_back_age=held_back_age,
        latest_checkpoint=latest_checkpoint(),
        is_behind_outside=behind,
    )
