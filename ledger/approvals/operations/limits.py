"""From how many units a party's acts need one approver, or two: dated, and themselves approved."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from ledger.approvals import rules
from ledger.approvals.models import Threshold
from ledger.approvals.operations.recording import threshold_row
from ledger.audit import operations as audit
from ledger.doors.operation import operation
from ledger.kernel.actors import Actor


@operation
def set_thresholds(
    *,
    operation: str,
    tiers: Sequence[Sequence[int]],
    valid_from: date,
    by: Actor,
    at: datetime,
    reason: str,
    approval_id: UUID | None = None,
) -> Threshold:
    """From how many units an act of the actor's party needs how many approvers, from a day on.

    `tiers`: (units from, approvers), the first from 0 units. An empty operation: all moving acts
    without a line of their own. Earlier lines stay as they are.

    :raises OddThresholds: not rising from 0, or not between none and two approvers
    :raises OddStart: it would change what is past
    """
    rules.check_tiers(tiers)
    if valid_from < rules.beijing_day(at):
        raise rules.OddStart
    row = Threshold.objects.create(
        party_id=by.own_party,
        operation=operation,
        tiers=[list(tier) for tier in tiers],
        valid_from=valid_from,
        reason=reason,
        approval_id=approval_id,
        set_at=at,
        set_by=by.user_id,
    )
    audit.record(
        verb="approval.thresholds_set",
        subject=f"approvals.Threshold:{row.pk}",
        by=by,
        at=at,
        data={"row": threshold_row(row)},
        reason=reason,
    )
    return row
