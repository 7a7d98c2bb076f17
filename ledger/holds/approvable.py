"""Releases and captures that wait for a second pair of eyes; `config/wiring.py` registers them."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ledger.accounts import queries as accounts
from ledger.doors.wording import number_format
from ledger.holds import operations, queries
from ledger.kernel.actors import Actor
from ledger.kernel.periods import Period
from ledger.units import queries as units
from ledger.units.approvable import asked_of, describe_with

Payload = Mapping[str, Any]

RELEASE = "holds.release_hold"
CAPTURE = "holds.capture_hold"
CANCEL_CERTIFICATES = "holds.cancel_certificates"
TITLES = {
    RELEASE: gettext_lazy("Release a hold"),
    CAPTURE: gettext_lazy("Enforce a hold"),
    CANCEL_CERTIFICATES: gettext_lazy("Cancel certificates of registered reductions"),
}


def _asked(payload: Payload) -> dict[str, Any]:
    return {
        "hold_id": UUID(payload["hold_id"]),
        "unit_count": payload["unit_count"],
        "order_number": payload["order_number"],
        "reason": payload["reason"],
        "idempotency_key": payload["key"],
    }


def release(payload: Payload, *, by: Actor, at: datetime, approval_id: UUID) -> Mapping[str, Any]:
    hold = operations.release_hold(**_asked(payload), by=by, at=at, approval_id=approval_id)
    return {"hold": str(hold.pk)}


def capture(payload: Payload, *, by: Actor, at: datetime, approval_id: UUID) -> Mapping[str, Any]:
    hold = operations.capture_hold(
        **_asked(payload),
        to_account_id=UUID(payload["to_account_id"]),
        by=by,
        at=at,
        approval_id=approval_id,
    )
    return {"hold": str(hold.pk)}


def size(payload: Payload) -> int:
    """How many units a release or capture moves."""
    if payload["unit_count"]:
        return int(payload["unit_count"])
    return queries.get_hold(UUID(payload["hold_id"])).remaining_count


def send(payload: Payload, *, by: Actor, at: datetime, approval_id: UUID) -> Mapping[str, Any]:
    """An approved transfer: at once, or after the days that a new counterparty waits."""
    sent = operations.send_units(**asked_of(payload), by=by, at=at, approval_id=approval_id)
    if sent.transfer_id is not None:
        return {"transfer": str(sent.transfer_id)}
    return {"entry": str(sent.entry_id)}


def describe_send(payload: Payload) -> list[str]:
    said = describe_with("units.transfer_units")(payload)
    waits = accounts.working_days_to_wait(
        UUID(payload["from_account_id"]),
        UUID(payload["to_account_id"]),
        on=date.fromisoformat(payload["happened_on"]),
    )
    if waits:
        said.append(
            _(
                "The receiving account is not on the list of trusted accounts: the units are "
                "reserved and go out %(days)s working days after the approval. Until then the "
                "transfer can be cancelled."
            )
            % {"days": waits}
        )
    return said


def cancel_for_reductions(
    payload: Payload, *, by: Actor, at: datetime, approval_id: UUID
) -> Mapping[str, Any]:
    cancelled = operations.cancel_certificates(
        project_id=UUID(payload["project_id"]),
        period=_period(payload),
        reason=payload["reason"],
        by=by,
        at=at,
    )
    return {"holds": [str(hold.pk) for hold in cancelled]}


def _period(payload: Payload) -> Period:
    first, last = (date.fromisoformat(payload[name]) for name in ("first_day", "last_day"))
    return Period.through(first, last)


def describe_cancelling(payload: Payload) -> list[str]:
    found = queries.certificates_kept(UUID(payload["project_id"]), _period(payload))
    return [
        _("Reductions of %(first_day)s to %(last_day)s are registered as credits.") % payload,
        _("%(count)s frozen certificates of these months are cancelled, for good.")
        % {"count": number_format(sum(hold.controlled_count for hold in found))},
        _("Reason: %(reason)s.") % payload,
    ]


def fingerprint_of_certificates(payload: Payload) -> Mapping[str, Any]:
    found = queries.certificates_kept(UUID(payload["project_id"]), _period(payload))
    return {str(hold.pk): hold.controlled_count for hold in found}


def size_of_certificates(payload: Payload) -> int:
    found = queries.certificates_kept(UUID(payload["project_id"]), _period(payload))
    return sum(hold.controlled_count for hold in found)


def describe_release(payload: Payload) -> list[str]:
    hold = queries.get_hold(UUID(payload["hold_id"]))
    about = {
        "count": number_format(payload["unit_count"] or hold.remaining_count),
        "held": number_format(hold.remaining_count),
        "lot": units.get_lot(hold.lot_id).code,
        "account": hold.account.number,
    }
    return [
        _("%(count)s of %(held)s held units of %(lot)s in account %(account)s are released.")
        % about,
        _("They go to the next hold in rank; what no hold waits for becomes free."),
        _reason(payload),
    ]


def describe_capture(payload: Payload) -> list[str]:
    hold = queries.get_hold(UUID(payload["hold_id"]))
    about = {
        "count": number_format(payload["unit_count"] or hold.controlled_count),
        "lot": units.get_lot(hold.lot_id).code,
        "account": hold.account.number,
        "target": accounts.get_account(UUID(payload["to_account_id"])).number,
    }
    return [
        _(
            "%(count)s held units of %(lot)s go from account %(account)s to account %(target)s "
            "for good."
        )
        % about,
        _("Holds that waited for them lapse by as much."),
        _reason(payload),
    ]


def _reason(payload: Payload) -> str:
    about = {"reason": payload["reason"], "order": payload["order_number"] or "—"}
    return _("Reason: %(reason)s. Order or document: %(order)s.") % about


def fingerprint(payload: Payload) -> Mapping[str, Any]:
    """What the hold has left."""
    hold = queries.get_hold(UUID(payload["hold_id"]))
    return {
        "state": str(hold.state),
        "remaining": hold.remaining_count,
        "controlled": hold.controlled_count,
    }
