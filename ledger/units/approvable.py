"""Acts on units that wait for a second pair of eyes; `config/wiring.py` registers them.

A payload is plain JSON: ids and days as text. Its `key` is the maker's, so that what was asked
for twice is posted once.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ledger.accounts import queries as accounts
from ledger.doors.wording import day, number_format
from ledger.instruments import queries as instruments
from ledger.kernel.actors import Actor
from ledger.parties import queries as parties
from ledger.units import operations, queries
from ledger.units.models import Entry
from ledger.units.rules import SurrenderedInItsYear

Payload = Mapping[str, Any]

MOVES: Mapping[str, Callable[..., operations.Receipt]] = {
    "units.transfer_units": operations.transfer_units,
    "units.retire_units": operations.retire_units,
    "units.surrender_units": operations.surrender_units,
    "units.cancel_units": operations.cancel_units,
}
REVERSE = "units.reverse_entry"
SURRENDER = "units.surrender_units"
# Filled in by config/wiring.py: whether units of a scheme answer for a compliance year.
answers_in_a_year: list[Callable[[str], bool]] = []
SENTENCES = {
    "units.transfer_units": gettext_lazy(
        "%(units)s units of %(lot)s go from account %(account)s to account %(target)s."
    ),
    "units.retire_units": gettext_lazy(
        "%(units)s units of %(lot)s in account %(account)s are used up for %(beneficiary)s "
        "(%(purpose)s); they never move again."
    ),
    "units.surrender_units": gettext_lazy(
        "%(units)s units of %(lot)s in account %(account)s are handed in against the obligation "
        "%(obligation)s."
    ),
    "units.cancel_units": gettext_lazy(
        "%(units)s units of %(lot)s in account %(account)s are destroyed without a claim."
    ),
}
TITLES = {
    "units.transfer_units": gettext_lazy("Transfer"),
    "units.retire_units": gettext_lazy("Retire"),
    "units.surrender_units": gettext_lazy("Surrender"),
    "units.cancel_units": gettext_lazy("Cancel units"),
    REVERSE: gettext_lazy("Reverse"),
}
# Units handed in against an obligation never come back: four eyes, whatever the thresholds say.
FEWEST = {SURRENDER: 1}
_IDS = ("lot_id", "account_id", "from_account_id", "to_account_id", "beneficiary_id", "entry_id")


def source_of(payload: Payload) -> UUID:
    """The account that gives."""
    return UUID(payload.get("from_account_id") or payload["account_id"])


def size(payload: Payload) -> int:
    """How many units a move moves."""
    return int(payload["unit_count"])


def size_of_reversal(payload: Payload) -> int:
    return sum(leg.unit_count for leg in queries.get_entry_legs(UUID(payload["entry_id"])))


def asked_of(payload: Payload) -> dict[str, Any]:
    asked = {name: value for name, value in payload.items() if name != "key"}
    asked |= {name: UUID(asked[name]) for name in _IDS if name in asked}
    if "ranges" in asked:
        asked["ranges"] = [(first, last) for first, last in asked["ranges"]]
    return {
        **asked,
        "happened_on": date.fromisoformat(payload["happened_on"]),
        "idempotency_key": payload["key"],
    }


def _check_door(payload: Payload) -> None:
    """:raises SurrenderedInItsYear: caps and vintages are looked at where the year is known"""
    scheme = queries.get_lot(UUID(payload["lot_id"])).scheme
    if any(answers(scheme) for answers in answers_in_a_year):
        raise SurrenderedInItsYear(scheme=scheme)


def execute_with(operate: Callable[..., operations.Receipt]) -> Callable[..., Mapping[str, Any]]:
    """How an approved act is carried out: by its maker, under its approval."""

    def execute(
        payload: Payload, *, by: Actor, at: datetime, approval_id: UUID
    ) -> Mapping[str, Any]:
        if operate is operations.surrender_units:
            _check_door(payload)
        receipt = operate(**asked_of(payload), by=by, at=at, approval_id=approval_id)
        return {"entry": str(receipt.entry_id)}

    return execute


def describe_with(name: str) -> Callable[[Payload], list[str]]:
    """The sentences of a move, in the reader's language."""

    def describe(payload: Payload) -> list[str]:
        if name == SURRENDER:
            _check_door(payload)
        target, beneficiary = payload.get("to_account_id"), payload.get("beneficiary_id")
        about = {
            "units": number_format(payload["unit_count"]),
            "lot": queries.get_lot(UUID(payload["lot_id"])).code,
            "account": accounts.get_account(source_of(payload)).number,
            "target": accounts.get_account(UUID(target)).number if target else "",
            "beneficiary": parties.name_of(UUID(beneficiary)) if beneficiary else "",
            "purpose": payload.get("purpose", ""),
            "obligation": payload.get("obligation", ""),
        }
        runs = ", ".join(f"{first}–{last}" for first, last in payload["ranges"])
        return [
            str(SENTENCES[name]) % about,
            _("Serial numbers: %(runs)s.") % {"runs": runs or _("the lowest, if there are any")},
            _("Day: %(day)s. Reason: %(reason)s.")
            % {"day": day(payload["happened_on"]), "reason": payload["reason"]},
        ]

    return describe


def fingerprint(payload: Payload) -> Mapping[str, Any]:
    """What the account has of the lot, by state."""
    lot_id = UUID(payload["lot_id"])
    found = queries.positions_in([source_of(payload)])
    return {view.state.value: view.unit_count for view in found if view.lot_id == lot_id}


def describe_reversal(payload: Payload) -> list[str]:
    """Every movement that is taken back, with its accounts by number."""
    legs = queries.get_entry_legs(UUID(payload["entry_id"]))
    said = [
        _("%(units)s units of %(lot)s go back from account %(target)s to account %(account)s.")
        % {
            "units": number_format(leg.unit_count),
            "lot": queries.get_lot(leg.lot_id).code,
            "account": accounts.get_account(leg.from_account_id).number,
            "target": accounts.get_account(leg.to_account_id).number,
        }
        for leg in legs
    ]
    said.append(_("This is a new, linked entry. An entry can be reversed once."))
    said += _window_of(queries.get_entry(UUID(payload["entry_id"])), legs)
    said.append(
        _("Day: %(day)s. Reason: %(reason)s.")
        % {"day": day(payload["happened_on"]), "reason": payload["reason"]}
    )
    return said


def _window_of(entry: Entry, legs: Sequence[operations.Leg]) -> list[str]:
    """In how many days the scheme allows it; that no source says so is said, too."""
    said = []
    for scheme in sorted({queries.get_lot(leg.lot_id).scheme for leg in legs}):
        days = instruments.get_scheme(scheme).reversal_window(entry.kind)
        sentence = _("%(scheme)s: within %(days)s days of %(day)s.")
        if days is None:
            sentence = _("%(scheme)s: no source names a window for this; unlimited, unverified.")
        said.append(sentence % {"scheme": scheme, "days": days, "day": day(entry.happened_on)})
    return said


def fingerprint_reversal(payload: Payload) -> Mapping[str, Any]:
    """Whether it is reversed, and what stands where its units went."""
    entry_id = UUID(payload["entry_id"])
    legs = queries.get_entry_legs(entry_id)
    places = {(leg.to_account_id, leg.lot_id, leg.to_state) for leg in legs}
    return {
        "reversed": str(queries.find_reversal(entry_id) or ""),
        "positions": sorted(
            [str(view.account_id), str(view.lot_id), view.state.value, view.unit_count]
            for view in queries.positions_in({place[0] for place in places})
            if (view.account_id, view.lot_id, view.state) in places
        ),
    }
