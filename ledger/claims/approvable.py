"""Claims that wait for a second pair of eyes; `config/wiring.py` registers them."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ledger.accounts import queries as accounts
from ledger.claims import operations, queries
from ledger.claims.rules import check_country
from ledger.doors.wording import day, number_format
from ledger.instruments import queries as instruments
from ledger.kernel.actors import Actor
from ledger.kernel.periods import Period
from ledger.parties import queries as parties
from ledger.units import queries as units

Payload = Mapping[str, Any]

CLAIM = "claims.claim_units"
REVERSE = "claims.reverse_claim"
REVERSE_ISSUE = "claims.reverse_issuance"
TITLES = {
    CLAIM: gettext_lazy("Claim units"),
    REVERSE: gettext_lazy("Take the claim back"),
    REVERSE_ISSUE: gettext_lazy("Take the issue of certificates back"),
}


def size(payload: Payload) -> int:
    """How many units a claim retires."""
    return int(payload["unit_count"])


def size_of_reversal(payload: Payload) -> int:
    return queries.get_claim(UUID(payload["claim_id"])).unit_count or 0


def claim(payload: Payload, *, by: Actor, at: datetime, approval_id: UUID) -> Mapping[str, Any]:
    first, last = (date.fromisoformat(payload[name]) for name in ("first_day", "last_day"))
    made = operations.claim_units(
        lot_id=UUID(payload["lot_id"]),
        account_id=UUID(payload["account_id"]),
        unit_count=payload["unit_count"],
        claimant_id=UUID(payload["claimant_id"]),
        use=payload["use"],
        purpose=payload["purpose"],
        country=payload.get("country", ""),
        period=Period.through(first, last),
        by=by,
        at=at,
        idempotency_key=payload["key"],
        approval_id=approval_id,
    )
    return {"claim": str(made.pk)}


def describe(payload: Payload) -> list[str]:
    """What will happen, in words.

    :raises CountryNeeded: the scheme redeems, and no country of use is named (R3.20)
    """
    lot = units.get_lot(UUID(payload["lot_id"]))
    if instruments.get_scheme(lot.scheme).is_redeemed:
        check_country(payload.get("country", ""))
    about = {
        "count": number_format(payload["unit_count"]),
        "lot": lot.code,
        "account": accounts.get_account(UUID(payload["account_id"])).number,
        "claimant": parties.name_of(UUID(payload["claimant_id"])),
    }
    served = {"purpose": payload["purpose"]}
    served |= {name: day(payload[name]) for name in ("first_day", "last_day")}
    return [
        _("%(count)s units of %(lot)s in account %(account)s are retired for %(claimant)s.")
        % about,
        _(
            "They serve this purpose and period only, and never move again: %(purpose)s, "
            "%(first_day)s to %(last_day)s."
        )
        % served,
        *([_("Country of use: %(country)s.") % payload] if payload.get("country") else []),
    ]


def fingerprint(payload: Payload) -> Mapping[str, Any]:
    """What the account has of the lot, by state."""
    lot_id = UUID(payload["lot_id"])
    found = units.positions_in([UUID(payload["account_id"])])
    return {view.state.value: view.unit_count for view in found if view.lot_id == lot_id}


def reverse(payload: Payload, *, by: Actor, at: datetime, approval_id: UUID) -> Mapping[str, Any]:
    made = operations.reverse_claim(
        claim_id=UUID(payload["claim_id"]),
        reason=payload["reason"],
        by=by,
        at=at,
        idempotency_key=payload["key"],
        approval_id=approval_id,
    )
    return {"claim": str(made.pk)}


def describe_reversal(payload: Payload) -> list[str]:
    found = queries.get_claim(UUID(payload["claim_id"]))
    about = {"claimant": parties.name_of(found.claimant_id), "purpose": found.purpose}
    return [
        _("The claim of %(claimant)s (%(purpose)s) is taken back by a linked reversal.") % about,
        _("Its units, %(count)s, become free.") % {"count": number_format(found.unit_count or 0)},
        _("Reason: %(reason)s.") % {"reason": payload["reason"]},
    ]


def fingerprint_reversal(payload: Payload) -> Mapping[str, Any]:
    return {"state": str(queries.get_claim(UUID(payload["claim_id"])).state)}


# --- the issue of certificates, taken back


def size_of_issue(payload: Payload) -> int:
    return queries.get_issuance(UUID(payload["issuance_id"])).unit_count


def reverse_issue(
    payload: Payload, *, by: Actor, at: datetime, approval_id: UUID | None
) -> Mapping[str, Any]:
    made = operations.reverse_issuance(
        issuance_id=UUID(payload["issuance_id"]),
        reason=payload["reason"],
        by=by,
        at=at,
        idempotency_key=payload["key"],
        approval_id=approval_id,
    )
    return {"issuance": str(made.pk)}


def describe_reverse_issue(payload: Payload) -> list[str]:
    row = queries.get_issuance(UUID(payload["issuance_id"]))
    about = {
        "count": number_format(row.unit_count),
        "scheme": instruments.scheme_name(row.scheme),
        "plant": str(row.generation.plant),
        "month": f"{row.generation.month:%Y-%m}",
    }
    said = [
        _(
            "The issue of %(count)s certificates (%(scheme)s) of %(plant)s, %(month)s, is taken "
            "back by a linked reversal. All of them must still be free where they were issued."
        )
        % about
    ]
    if row.carried_in_mwh:
        carried = {"mwh": number_format(row.carried_in_mwh.normalize())}
        said.append(_("%(mwh)s MWh go back to what the month before carries on.") % carried)
    window = instruments.get_scheme(row.scheme).reversal_window("ISSUE")
    if window is None and row.unit_count:
        named = {"scheme": instruments.scheme_name(row.scheme)}
        sentence = _("%(scheme)s: no source names a window for this; unlimited, unverified.")
        said.append(sentence % named)
    return [*said, _("Reason: %(reason)s.") % {"reason": payload["reason"]}]


def fingerprint_issue(payload: Payload) -> Mapping[str, Any]:
    row = queries.get_issuance(UUID(payload["issuance_id"]))
    return {"state": str(row.state), "free": queries.free_of_issuance(row)}
