"""Releases and captures that wait for a second pair of eyes; `config/wiring.py` registers them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from ledger.accounts import queries as accounts
from ledger.holds import operations, queries
from ledger.kernel.actors import Actor
from ledger.units import queries as units

Payload = Mapping[str, Any]

RELEASE = "holds.release_hold"
CAPTURE = "holds.capture_hold"


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
