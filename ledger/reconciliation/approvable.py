"""Corrections and overrides wait for a second pair of eyes; `config/wiring.py` registers them."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from ledger.accounts import queries as accounts
from ledger.doors.wording import number_format
from ledger.instruments import queries as instruments
from ledger.kernel.actors import SYSTEM, Actor
from ledger.reconciliation import operations, queries
from ledger.reconciliation.models import Break
from ledger.reconciliation.operations.corrections import CORRECT, plan_of
from ledger.reconciliation.operations.overrides import OVERRIDE

Payload = Mapping[str, Any]
__all__ = ["CORRECT", "OVERRIDE"]


def _reason(payload: Payload) -> str:
    return _("Reason: %(reason)s") % {"reason": payload["reason"]}


def about(row: Break) -> dict[str, Any]:
    """The words for a break in a sentence."""
    return {
        "count": number_format(row.unit_count),
        "scheme": instruments.scheme_name(row.scheme),
        "vintage": row.vintage_year,
        "account": accounts.get_account(row.account_id).number,
        "first": row.first_serial,
        "last": row.last_serial,
        "here": number_format(row.our_count),
        "there": number_format(row.their_count),
    }


def sentence_of(row: Break) -> str:
    """What differs, in words."""
    if row.first_serial is None:
        text = _(
            "%(scheme)s %(vintage)s in account %(account)s: "
            "%(here)s units here, %(there)s by the registry."
        )
    elif not row.our_state:
        text = _(
            "%(scheme)s %(vintage)s in account %(account)s: serials %(first)s to %(last)s "
            "are there by the registry, not by our books."
        )
    elif not row.their_state:
        text = _(
            "%(scheme)s %(vintage)s in account %(account)s: serials %(first)s to %(last)s "
            "are there by our books, not by the registry."
        )
    else:
        text = _(
            "%(scheme)s %(vintage)s in account %(account)s: serials %(first)s to %(last)s "
            "are told otherwise by the registry."
        )
    return text % about(row)


# --- correction


def correct(payload: Payload, *, by: Actor, at: datetime, approval_id: UUID) -> Mapping[str, Any]:
    row = operations.correct_break(
        break_id=UUID(payload["break_id"]),
        plan=plan_of(payload),
        approval_id=approval_id,
        reason=payload["reason"],
        by=by,
        at=at,
    )
    return {"break": str(row.pk), "entry": str(row.entry_id)}


def describe_correction(payload: Payload) -> list[str]:
    row = queries.get_break(UUID(payload["break_id"]), by=SYSTEM)
    said = [sentence_of(row)]
    day = {"day": date_format(row.statement.as_of_on)}
    if row.our_state and row.their_state and row.space is not None:
        said.append(_("An entry of %(day)s brings the units into the registry's state.") % day)
    else:
        counter = accounts.get_account(UUID(payload["counter_account_id"]))
        about = {**day, "count": number_format(row.unit_count), "other": counter.number}
        if row.our_count > row.their_count:
            said.append(
                _("An entry of %(day)s moves %(count)s units to account %(other)s.") % about
            )
        else:
            said.append(
                _("An entry of %(day)s brings %(count)s units from account %(other)s.") % about
            )
    return [*said, _("The break is closed with it."), _reason(payload)]


def fingerprint_correction(payload: Payload) -> Mapping[str, Any]:
    row = queries.get_break(UUID(payload["break_id"]), by=SYSTEM)
    return {"counts": [row.our_count, row.their_count], "closed": row.closed_at is not None}


# --- override


def override(payload: Payload, *, by: Actor, at: datetime, approval_id: UUID) -> Mapping[str, Any]:
    made = operations.override_block(
        account_id=UUID(payload["account_id"]),
        scheme=payload["scheme"],
        vintage_year=payload["vintage_year"],
        expires_on=date.fromisoformat(payload["expires_on"]),
        deadline_on=date.fromisoformat(payload["deadline_on"]),
        reason=payload["reason"],
        approval_id=approval_id,
        by=by,
        at=at,
    )
    return {"override": str(made.pk)}


def describe_override(payload: Payload) -> list[str]:
    account_id, vintage = UUID(payload["account_id"]), payload["vintage_year"]
    about = {
        "scheme": instruments.scheme_name(payload["scheme"]),
        "vintage": vintage,
        "account": accounts.get_account(account_id).number,
        "day": date_format(date.fromisoformat(payload["expires_on"])),
        "deadline": date_format(date.fromisoformat(payload["deadline_on"])),
        "count": queries.blocking_breaks(account_id, payload["scheme"], vintage).count(),
    }
    return [
        _(
            "%(scheme)s %(vintage)s of account %(account)s may be transferred, surrendered and "
            "pledged until %(day)s, in spite of %(count)s open breaks."
        )
        % about,
        _("The deadline that it is needed for: %(deadline)s.") % about,
        _("The override shows in every attestation and report that it touches."),
        _reason(payload),
    ]


def fingerprint_override(payload: Payload) -> Mapping[str, Any]:
    """Other breaks than those that were shown want another look."""
    found = queries.blocking_breaks(
        UUID(payload["account_id"]), payload["scheme"], payload["vintage_year"]
    )
    return {"breaks": sorted(str(one) for one in found.values_list("pk", flat=True))}
