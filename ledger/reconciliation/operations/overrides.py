"""Near a deadline two persons let a blocked vintage move, for a few days, and it shows."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from ledger.accounts import queries as accounts
from ledger.approvals import operations as approvals
from ledger.approvals import queries as approval_queries
from ledger.audit import operations as audit
from ledger.doors.operation import operation
from ledger.kernel.actors import Actor
from ledger.kernel.errors import NotFound
from ledger.parameters import queries as parameters
from ledger.reconciliation import queries, rules
from ledger.reconciliation.models import Override

OVERRIDE = "reconciliation.override_block"
MOST_DAYS = "reconciliation.override.days"
MOST_AHEAD = "reconciliation.override.days_before_deadline"


def payload_of(
    *, account_id: UUID, expires_on: date, deadline_on: date, **more: Any
) -> dict[str, Any]:
    """What the approval is bound to: account, scheme, vintage_year, both days, reason and key."""
    days = {"expires_on": expires_on.isoformat(), "deadline_on": deadline_on.isoformat()}
    return {**more, "account_id": str(account_id), **days}


@operation
def request_override(
    *,
    account_id: UUID,
    scheme: str,
    vintage_year: int,
    expires_on: date,
    deadline_on: date,
    reason: str,
    summary: Sequence[str],
    by: Actor,
    at: datetime,
    idempotency_key: str,
) -> UUID:
    """Ask a second person to lift the block of a vintage; the approval's id.

    `expires_on` is the first day on which it blocks again; `deadline_on` what it is needed for.

    :raises NothingToOverride, OverrideTooLong, NoDeadlineNear, OverrideOutlastsDeadline: what
        `override_block` would refuse
    :raises NotFound: not the actor's account
    """
    asked = approval_queries.find_asked(operation=OVERRIDE, key=idempotency_key, by=by)
    if asked is not None:
        return asked.id
    vintage = account_id, scheme, vintage_year
    check_liftable(vintage, expires_on=expires_on, deadline_on=deadline_on, by=by, at=at)
    approval = approvals.request_approval(
        operation=OVERRIDE,
        payload=payload_of(
            account_id=account_id,
            scheme=scheme,
            vintage_year=vintage_year,
            expires_on=expires_on,
            deadline_on=deadline_on,
            reason=reason,
            key=idempotency_key,
        ),
        summary=summary,
        party_id=by.own_party,
        by=by,
        at=at,
    )
    return approval.id


def check_liftable(
    vintage: tuple[UUID, str, int],
    *,
    expires_on: date,
    deadline_on: date,
    by: Actor,
    at: datetime,
) -> list[UUID]:
    """The breaks that block a scheme's vintage in an account now.

    :raises NothingToOverride, OverrideTooLong, NoDeadlineNear, OverrideOutlastsDeadline: refused
    :raises NotFound: not the actor's account
    """
    accounts.get_own_account(vintage[0], by=by)
    today = rules.beijing_day(at)
    most, ahead = (
        int(parameters.get_parameter(key, on=today).number) for key in (MOST_DAYS, MOST_AHEAD)
    )
    rules.check_override(on=today, expires_on=expires_on, most_days=most)
    rules.check_deadline(on=today, expires_on=expires_on, deadline_on=deadline_on, most_ahead=ahead)
    found = queries.blocking_breaks(*vintage).order_by("id")
    ids = list(found.values_list("pk", flat=True))
    if not ids:
        raise rules.NothingToOverride
    return ids


@operation
def override_block(
    *,
    account_id: UUID,
    scheme: str,
    vintage_year: int,
    expires_on: date,
    deadline_on: date,
    reason: str,
    approval_id: UUID,
    by: Actor,
    at: datetime,
) -> Override:
    """Let a vintage of an account move until a day, in spite of its open breaks.

    It shows in `queries.overrides_touching`, and so in whatever went through meanwhile.

    :raises NothingToOverride: nothing blocks it
    :raises OverrideTooLong: longer than the parameter allows
    :raises NoDeadlineNear, OverrideOutlastsDeadline: it is not for a deadline that is near
    :raises NotFound: not the actor's account, or no approval of this
    """
    approval = approval_queries.get_approval(approval_id, by)
    if approval.operation != OVERRIDE or approval.decided_by is None:
        raise NotFound
    vintage = account_id, scheme, vintage_year
    ids = check_liftable(vintage, expires_on=expires_on, deadline_on=deadline_on, by=by, at=at)
    made = Override.objects.create(
        account_id=account_id,
        scheme=scheme,
        vintage_year=vintage_year,
        reason=reason,
        break_ids=[str(one) for one in ids],
        valid_from=rules.beijing_day(at),
        expires_on=expires_on,
        deadline_on=deadline_on,
        approval_id=approval_id,
        asked_by=approval.requested_by,
        granted_at=at,
        granted_by=approval.decided_by,
    )
    audit.record(
        verb="break.overridden",
        subject=f"reconciliation.Override:{made.pk}",
        by=by,
        at=at,
        data={"row": queries.content_of(made)},
        reason=reason,
    )
    return made
