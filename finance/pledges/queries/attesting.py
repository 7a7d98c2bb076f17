"""What an attestation of a hold says of the pledge that it secures, as it was recorded."""

from contextlib import suppress
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from finance.pledges import models
from finance.pledges.queries.covering import cover_of
from finance.pledges.states import PartState, Register
from ledger.kernel.errors import DomainError


def told_of_hold(hold_id: UUID, on: date) -> dict[str, Any]:
    """Facility, contract, registrations and valuation of a hold's pledge; nothing of others.

    The valuation is the newest recorded one up to the day; before the first, it is that of the day.
    """
    parts = models.Part.objects.filter(hold_id=hold_id).exclude(state=PartState.GONE)
    part = parts.select_related("pledge__facility").first()
    if part is None:
        return {}
    pledge = part.pledge
    return {
        "facility": _facility(pledge.facility),
        "contract": _contract(pledge),
        "registrations": _registrations(pledge),
        "valuation": _recorded(pledge, on) or _of_the_day(pledge, on),
    }


def _plain(value: Decimal | None) -> str | None:
    return None if value is None else f"{value:f}"


def _facility(facility: Any) -> dict[str, Any]:
    return {
        "id": str(facility.pk),
        "number": facility.code,
        "state": facility.state,
        "currency": facility.currency,
        "limit": _plain(facility.limit_amount),
        "starts_on": facility.starts_on,
        "matures_on": facility.matures_on,
        "purpose": facility.purpose,
    }


def _contract(pledge: models.Pledge) -> dict[str, Any]:
    named = ("target_ltv", "warning_ltv", "top_up_ltv", "close_out_ltv", "loan_share")
    return {
        "id": str(pledge.pk),
        "number": pledge.number,
        "state": pledge.state,
        "rank": pledge.rank,
        "approved_on": pledge.approved_on,
        "ends_on": pledge.ends_on,
        "evidence": pledge.evidence,
        **{name: _plain(getattr(pledge, name)) for name in named},
    }


def _registrations(pledge: models.Pledge) -> list[dict[str, Any]] | None:
    """The newest entry of each register."""
    newest: dict[str, models.Registration] = {}
    for row in pledge.registrations.all():
        newest.setdefault(row.register, row)
    named = ("register", "number", "registered_on", "expires_on", "document")
    kept = [newest[one] for one in (Register.ZDW, Register.REGISTRY) if one in newest]
    return [{name: getattr(row, name) for name in named} for row in kept] or None


def _recorded(pledge: models.Pledge, on: date) -> dict[str, Any] | None:
    row = pledge.valuations.filter(valued_on__lte=on).first()
    if row is None:
        return None
    return {
        "valued_on": row.valued_on,
        "currency": pledge.facility.currency,
        "owed": _plain(row.owed_amount),
        "market": _plain(row.market_amount),
        "value": _plain(row.value_amount),
        "ltv": _plain(row.ltv),
        "level": row.level,
        "stale": row.is_stale,
        "marks": row.marks,
    }


def _of_the_day(pledge: models.Pledge, on: date) -> dict[str, Any] | None:
    with suppress(DomainError):
        cover = cover_of(pledge, on)
        return {
            "valued_on": cover.on,
            "currency": pledge.facility.currency,
            "owed": _plain(cover.owed),
            "market": _plain(cover.market),
            "value": _plain(cover.value),
            "ltv": _plain(cover.ltv),
            "level": cover.level,
            "stale": cover.is_stale,
            "marks": [one.plain() for one in cover.marks],
        }
    return None
