"""Taking back the word, not the file."""

from datetime import datetime
from uuid import UUID

from ledger.audit import keeping
from ledger.doors.operation import operation
from ledger.kernel.actors import Actor
from reporting.packages import queries
from reporting.packages.models import Withdrawal
from reporting.packages.rules import AlreadyWithdrawn, ReasonMissing


@operation
def withdraw_report(
    *,
    report_id: UUID,
    reason: str,
    by: Actor,
    at: datetime,
    idempotency_key: str,
    approval_id: UUID | None = None,
) -> Withdrawal:
    """The issuer no longer stands by the report; whoever checks it is told so and when.

    :raises NotFound: not there, or not of the actor's party
    :raises AlreadyWithdrawn, ReasonMissing: as they say
    """
    if known := keeping.find_kept(Withdrawal, idempotency_key, by=by):
        return known
    report = queries.get_own_report(report_id=report_id, by=by)
    if not reason.strip():
        raise ReasonMissing
    if Withdrawal.objects.filter(report=report).exists():
        raise AlreadyWithdrawn
    row = Withdrawal(report=report, reason=reason.strip(), approval_id=approval_id)
    keeping.keep(row, "report.withdrawn", key=idempotency_key, by=by, at=at, reason=reason)
    return row
