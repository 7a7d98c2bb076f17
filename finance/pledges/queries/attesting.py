"""What an attestation of a hold says of its pledge, as it was recorded."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from finance.pledges import models
from finance.pledges.queries.covering import cover_of
from finance.pledges.states import PartState, Register, RequestState
from ledger.audit.keeping import subject_of
from ledger.kernel.errors import DomainError


def told_of_holds(hold_ids: Sequence[UUID], on: date) -> dict[UUID, dict[str, Any]]:
    """Facility, contract, registrations and valuation of each hold's pledge; nothing of others.

    The valuation is the newest recorded one up to the day; before the first, it is that of the day.
    """
    found = models.Part.objects.filter(hold_id__in=hold_ids).exclude(state=PartState.GONE)
    parts = list(found.select_related("pledge__facility"))
    pledge_ids = {part.pledge_id for part in parts}
    registered, valued = _registered(pledge_ids), _valued(pledge_ids, on)
    return {
        part.hold_id: {
            "facility": _facility(part.pledge.facility),
            "contract": _contract(part.pledge),
            "registrations": _registrations(registered.get(part.pledge_id, ())),
            "valuation": _recorded(valued.get(part.pledge_id), part.pledge)
            or _of_the_day(part.pledge, on),
        }
        for part in parts
        if part.hold_id is not None
    }


def subjects_of_holds(hold_ids: Sequence[UUID]) -> dict[UUID, list[str]]:
    """Under which names the log tells of each hold's pledge, its units, registrations and consents.

    What is asked and not decided, and values with their alerts, are not among them.
    """
    found = models.Part.objects.filter(hold_id__in=hold_ids).exclude(state=PartState.GONE)
    of = dict(found.values_list("hold_id", "pledge_id"))
    belongs = defaultdict[UUID, list[str]](list)
    pledge_ids = set(of.values())
    for rows in (
        models.Part.objects.filter(pledge_id__in=pledge_ids).exclude(state=PartState.RESERVED),
        models.Registration.objects.filter(pledge_id__in=pledge_ids),
        models.Request.objects.filter(pledge_id__in=pledge_ids, state=RequestState.CONSENTED),
    ):
        for row in rows:
            belongs[row.pledge_id].append(subject_of(row))
    return {
        hold_id: [f"pledges.Pledge:{pledge_id}", *belongs[pledge_id]]
        for hold_id, pledge_id in of.items()
        if hold_id is not None
    }


def _registered(pledge_ids: Iterable[UUID]) -> dict[UUID, list[models.Registration]]:
    found = defaultdict[UUID, list[models.Registration]](list)
    for row in models.Registration.objects.filter(pledge_id__in=pledge_ids):
        found[row.pledge_id].append(row)
    return found


def _valued(pledge_ids: Iterable[UUID], on: date) -> dict[UUID, models.Valuation]:
    """The newest recorded one of each."""
    rows = models.Valuation.objects.filter(pledge_id__in=pledge_ids, valued_on__lte=on)
    newest = rows.order_by("pledge_id", "-valued_on", "-id").distinct("pledge_id")
    return {row.pledge_id: row for row in newest}


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


def _registrations(rows: Iterable[models.Registration]) -> list[dict[str, Any]] | None:
    """The newest entry of each register; they come newest first."""
    newest: dict[str, models.Registration] = {}
    for row in rows:
        newest.setdefault(row.register, row)
    named = ("register", "number", "registered_on", "expires_on", "document")
    kept = [newest[one] for one in (Register.ZDW, Register.REGISTRY) if one in newest]
    return [{name: getattr(row, name) for name in named} for row in kept] or None


def _recorded(row: models.Valuation | None, pledge: models.Pledge) -> dict[str, Any] | None:
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
