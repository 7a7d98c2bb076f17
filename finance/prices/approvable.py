"""Tellings that wait for a second pair of eyes; `config/wiring.py` registers them."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from finance.prices import operations, queries
from finance.prices.operations import Told
from finance.prices.rules.facts import Fact, MarkFact, RateFact
from finance.prices.states import Mode
from ledger.doors.wording import day
from ledger.kernel.actors import Actor

Payload = Mapping[str, Any]

MARKS = "prices.tell_marks"
RATES = "prices.tell_rates"
TITLES = {
    MARKS: gettext_lazy("Record a mark"),
    RATES: gettext_lazy("Record an exchange rate"),
}


def payload_of(facts: Sequence[Fact], *, reason: str, key: str) -> dict[str, Any]:
    """What travels to the approver: the rows themselves."""
    return {"facts": [asdict(fact) for fact in facts], "reason": reason, "key": key}


def marks_of(payload: Payload) -> list[MarkFact]:
    return [
        MarkFact(
            **{
                **row,
                "marked_on": date.fromisoformat(str(row["marked_on"])),
                "price": Decimal(row["price"]),
            }
        )
        for row in payload["facts"]
    ]


def rates_of(payload: Payload) -> list[RateFact]:
    return [
        RateFact(
            **{
                **row,
                "rated_on": date.fromisoformat(str(row["rated_on"])),
                "rate": Decimal(row["rate"]),
            }
        )
        for row in payload["facts"]
    ]


def _came_of(told: Told) -> Mapping[str, Any]:
    return {"telling": str(told.telling_id), "rows": told.row_count}


def tell_marks(
    payload: Payload, *, by: Actor, at: datetime, approval_id: UUID | None
) -> Mapping[str, Any]:
    told = operations.tell_marks(
        facts=marks_of(payload), reason=payload["reason"], by=by, at=at,
        idempotency_key=payload["key"], approval_id=approval_id,
    )  # fmt: skip
    return _came_of(told)


def tell_rates(
    payload: Payload, *, by: Actor, at: datetime, approval_id: UUID | None
) -> Mapping[str, Any]:
    told = operations.tell_rates(
        facts=rates_of(payload), reason=payload["reason"], by=by, at=at,
        idempotency_key=payload["key"], approval_id=approval_id,
    )  # fmt: skip
    return _came_of(told)


def describe_marks(payload: Payload) -> list[str]:
    names, modes = queries.source_names(), dict(Mode.choices)
    known = queries.newest_versions(marks_of(payload))
    said = []
    for fact in marks_of(payload)[:20]:
        about = {
            "what": queries.what_said(fact.what),
            "day": day(fact.marked_on),
            "price": f"{fact.price:f} {fact.currency}",
            "source": names.get(fact.source, fact.source),
            "mode": modes.get(fact.mode, fact.mode),
        }
        said.append(_("%(what)s on %(day)s: %(price)s (%(mode)s); source: %(source)s.") % about)
        if old := known.get(fact):
            said.append(_replaces(old))
    return [*said, *_end(len(payload["facts"]), payload["reason"])]


def describe_rates(payload: Payload) -> list[str]:
    names = queries.source_names()
    known = queries.newest_versions(rates_of(payload))
    said = []
    for fact in rates_of(payload)[:20]:
        about = {
            "pair": fact.what,
            "day": day(fact.rated_on),
            "rate": f"{fact.rate:f}",
            "source": names.get(fact.source, fact.source),
        }
        said.append(_("%(pair)s on %(day)s: %(rate)s; source: %(source)s.") % about)
        if old := known.get(fact):
            said.append(_replaces(old))
    return [*said, *_end(len(payload["facts"]), payload["reason"])]


def _replaces(old: tuple[int, Decimal]) -> str:
    version, figure = old
    return _("It replaces version %(version)s, %(figure)s, which stays readable.") % {
        "version": version,
        "figure": f"{figure.normalize():f}",
    }


def _end(count: int, reason: str) -> list[str]:
    said = [_("And %(count)s more rows.") % {"count": count - 20}] if count > 20 else []
    if reason:
        said.append(_("Reason: %(reason)s") % {"reason": reason})
    return [*said, _("Values of holdings follow it from then on, for every party.")]


def fingerprint_marks(payload: Payload) -> Mapping[str, Any]:
    return _versions(marks_of(payload))


def fingerprint_rates(payload: Payload) -> Mapping[str, Any]:
    return _versions(rates_of(payload))


def _versions(facts: Sequence[Fact]) -> Mapping[str, Any]:
    """What is known of these days: whoever tells another version meanwhile makes it stale."""
    known = queries.newest_versions(facts)
    return {"known": sorted(f"{fact.series}{fact.day}: {known[fact][0]}" for fact in known)}


OPERATIONS: Mapping[str, tuple[Any, Any, Any]] = {
    MARKS: (tell_marks, describe_marks, fingerprint_marks),
    RATES: (tell_rates, describe_rates, fingerprint_rates),
}
