"""Thresholds are changed by two, as the acts that they govern; `config/wiring.py` registers it."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from ledger.approvals import operations, queries, rules
from ledger.doors.wording import day, number_format
from ledger.kernel.actors import Actor

Payload = Mapping[str, Any]

SET = "approvals.set_thresholds"


def execute(payload: Payload, *, by: Actor, at: datetime, approval_id: UUID) -> Mapping[str, Any]:
    row = operations.set_thresholds(
        operation=payload["operation"],
        tiers=payload["tiers"],
        # decided later than its first day: from the day of the decision on
        valid_from=max(date.fromisoformat(payload["valid_from"]), rules.beijing_day(at)),
        by=by,
        at=at,
        reason=payload["reason"],
        approval_id=approval_id,
    )
    return {"threshold": str(row.pk)}


def describe(payload: Payload) -> list[str]:
    operation = payload["operation"]
    act = (
        queries.title_of(operation)
        if operation
        else _("all moving acts without a line of their own")
    )
    said = [_("From %(day)s on, for %(act)s:") % {"day": day(payload["valid_from"]), "act": act}]
    words = [_("no approver"), _("one approver"), _("two approvers")]
    said += [
        _("from %(units)s units: %(approvers)s")
        % {"units": number_format(start), "approvers": words[count]}
        for start, count in payload["tiers"]
    ]
    said += _four_eyes(operation, payload["tiers"])
    return [*said, _("Reason: %(reason)s.") % {"reason": payload["reason"]}]


def _four_eyes(operation: str, tiers: Sequence[Sequence[int]]) -> list[str]:
    """What stays for two persons, although the line names none but the maker."""
    kept = sorted(set(queries.never_alone(operation)))
    if not kept or all(count for _start, count in tiers):
        return []
    told = {"acts": ", ".join(kept)}
    return [_("Whatever is set, another person always decides on: %(acts)s.") % told]


def fingerprint(payload: Payload) -> Mapping[str, Any]:
    """Nothing: lines are dated, and a later one does not undo an earlier one's past."""
    return {}
