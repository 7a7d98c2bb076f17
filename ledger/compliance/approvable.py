"""Surrenders and carry-overs that wait for an approval; `config/wiring.py` registers them.

A payload is plain JSON: ids and days as text. Its `key` is the maker's.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ledger.accounts import queries as accounts
from ledger.compliance import operations
from ledger.compliance.queries import find_carry_over, find_obligation
from ledger.kernel.actors import Actor
from ledger.kernel.errors import NotFound
from ledger.units import queries as units

Payload = Mapping[str, Any]

SURRENDER = "compliance.surrender"
CARRY_OVER = "compliance.complete_carry_over"
TITLES = {
    SURRENDER: gettext_lazy("Surrender against an obligation"),
    CARRY_OVER: gettext_lazy("Carry over allowances"),
}


def size(payload: Payload) -> int:
    """How many units a surrender hands in, for the party's thresholds."""
    return sum(one["unit_count"] for one in payload["lines"])


def size_of_carry_over(payload: Payload) -> int:
    return sum(count for name in ("parts", "destroyed") for _lot, count in payload[name])


def lines_of(payload: Payload) -> list[operations.Line]:
    return [
        operations.Line(UUID(one["account_id"]), UUID(one["lot_id"]), one["unit_count"])
        for one in payload["lines"]
    ]


def surrender(payload: Payload, *, by: Actor, at: datetime, approval_id: UUID) -> Mapping[str, Any]:
    made = operations.surrender(
        obligation_id=UUID(payload["obligation_id"]),
        lines=lines_of(payload),
        happened_on=date.fromisoformat(payload["happened_on"]),
        reason=payload["reason"],
        by=by,
        at=at,
        idempotency_key=payload["key"],
        approval_id=approval_id,
    )
    return {"entries": [str(row.entry_id) for row in made]}


def describe(payload: Payload) -> list[str]:
    """Every line, then what stays owed.

    :raises NotFound: no such compliance year
    """
    found = find_obligation(UUID(payload["obligation_id"]))
    if found is None:
        raise NotFound
    total = sum(line.unit_count for line in lines_of(payload))
    said = [
        _("%(units)s units of %(lot)s in account %(account)s are handed in for %(year)s.")
        % {
            "units": number_format(line.unit_count),
            "lot": units.get_lot(line.lot_id).code,
            "account": accounts.get_account(line.account_id).number,
            "year": str(found),
        }
        for line in lines_of(payload)
    ]
    said.append(
        _("Of %(open)s t still owed, %(rest)s t stay owed afterwards.")
        % {
            "open": number_format(found.open_t),
            "rest": number_format(max(0, found.open_t - total)),
        }
    )
    said.append(_("Surrendered units never come back, but by a linked reversal."))
    return said


def fingerprint(payload: Payload) -> Mapping[str, Any]:
    """What is owed, and what the accounts have of these lots."""
    found = find_obligation(UUID(payload["obligation_id"]))
    places = {(line.account_id, line.lot_id) for line in lines_of(payload)}
    held = units.positions_in({account_id for account_id, _lot in places})
    return {
        "owed": [found.owed_t, found.open_t, found.offsets_t] if found else [],
        "positions": sorted(
            [str(one.account_id), str(one.lot_id), one.state.value, one.unit_count]
            for one in held
            if (one.account_id, one.lot_id) in places
        ),
    }


# --- carry-over


def _parts(payload: Payload, name: str) -> list[tuple[UUID, int]]:
    return [(UUID(lot_id), count) for lot_id, count in payload[name]]


def carry_over(
    payload: Payload, *, by: Actor, at: datetime, approval_id: UUID
) -> Mapping[str, Any]:
    made = operations.complete_carry_over(
        carry_over_id=UUID(payload["carry_over_id"]),
        account_id=UUID(payload["account_id"]),
        issuer_account_id=UUID(payload["issuer_account_id"]),
        into_lot_id=UUID(payload["into_lot_id"]),
        parts=_parts(payload, "parts"),
        destroyed=_parts(payload, "destroyed"),
        happened_on=date.fromisoformat(payload["happened_on"]),
        by=by,
        at=at,
        idempotency_key=payload["key"],
        approval_id=approval_id,
    )
    return {"entry": str(made.entry_id)}


def describe_carry_over(payload: Payload) -> list[str]:
    """What ends, what begins, and what is given up."""
    account = accounts.get_account(UUID(payload["account_id"])).number
    into = units.get_lot(UUID(payload["into_lot_id"])).code
    ended = [(_("%(units)s units of %(lot)s in account %(account)s become units of %(into)s."), one)
             for one in _parts(payload, "parts")]  # fmt: skip
    given_up = [
        (_("%(units)s units of %(lot)s in account %(account)s are given up for nothing."), one)
        for one in _parts(payload, "destroyed")
    ]
    return [
        sentence
        % {
            "units": number_format(count),
            "lot": units.get_lot(lot_id).code,
            "account": account,
            "into": into,
        }
        for sentence, (lot_id, count) in [*ended, *given_up]
    ]


def fingerprint_carry_over(payload: Payload) -> Mapping[str, Any]:
    found = find_carry_over(UUID(payload["carry_over_id"]))
    held = units.positions_in([UUID(payload["account_id"])])
    lots = {lot_id for name in ("parts", "destroyed") for lot_id, _n in _parts(payload, name)}
    return {
        "state": found.state if found else "",
        "positions": sorted(
            [str(one.lot_id), one.state.value, one.unit_count] for one in held if one.lot_id in lots
        ),
    }
