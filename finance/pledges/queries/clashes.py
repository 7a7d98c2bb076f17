"""R7.21, R7.22: what stands against a pledge at its approval and on every day after."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from finance.pledges import models
from finance.pledges.queries.covering import Cover
from finance.pledges.states import PartState, Register
from ledger.compliance import queries as compliance
from ledger.doors.wording import number_format
from ledger.holds import queries as holds
from ledger.kernel.actors import Actor
from ledger.parameters import queries as parameters
from ledger.parameters.queries import NoParameter


@dataclass(frozen=True, slots=True)
class Alert:
    """One thing that somebody should look at: its code and the facts of its sentence."""

    code: str
    facts: dict[str, Any]

    def plain(self) -> dict[str, Any]:
        return {"code": self.code, **self.facts}

    def said(self) -> str:
        return say(self.plain())


# what a surrender asks of the debtor tells of units that are not pledged: hers alone to know
DEBTORS_OWN = frozenset({"SHORT", "MATURES_LATE"})


def shown_to(alerts: list[dict[str, Any]], *, creditor: bool) -> list[dict[str, Any]]:
    """The alerts that a side of the pledge may read."""
    return [one for one in alerts if not creditor or one["code"] not in DEBTORS_OWN]


def is_creditors_view(pledge: models.Pledge, actor: Actor) -> bool:
    """Whether the actor looks at a pledge from the creditor's side alone."""
    return actor.party_id == pledge.creditor_id


def say(alert: dict[str, Any]) -> str:
    """The sentence of an alert, in the reader's language."""
    known = {
        "SHORT": _(
            "Of %(year)s, %(open)s t are to be surrendered by %(day)s; only %(free)s t are free."
        ),
        "MATURES_LATE": _("The loan matures on %(end)s, too close to the surrender day %(day)s."),
        "REGISTRATION_ENDS": _("The registration ends on %(day)s, before %(end)s."),
        "REGISTRATION_OVER": _("The registration ended on %(day)s."),
        "STALE": _("The newest price of %(what)s is of %(day)s."),
        "NO_PRICE": _("There is no price of %(what)s."),
        "CONCENTRATED": _("%(what)s is %(share)s %% of the value."),
        "FROZEN": _("A freeze by order stands on these units (%(number)s, rank %(rank)s)."),
        "INSOLVENT": _("A court has opened proceedings over the debtor (%(number)s)."),
    }
    facts = {name: _in_words(name, value) for name, value in alert.items()}
    return known[alert["code"]] % facts


def _in_words(name: str, value: Any) -> Any:
    if name in {"day", "end"}:
        return date_format(date.fromisoformat(value))
    if name in {"open", "free"}:
        return number_format(value, force_grouping=True)
    return value


def alerts_of(pledge: models.Pledge, cover: Cover, on: date) -> list[Alert]:
    """What is to be said of a pledge on a day; nothing where nothing is."""
    return [
        *_of_prices(cover),
        *_of_registration(pledge, on),
        *_of_compliance(pledge, on),
        *_of_courts(pledge),
    ]


def _number(key: str, on: date) -> Decimal | None:
    try:
        return parameters.get_parameter(key, on).number
    except NoParameter:
        return None


def _of_prices(cover: Cover) -> Iterator[Alert]:
    for one in cover.marks:
        if one.price is None:
            yield Alert("NO_PRICE", {"what": f"{one.scheme} {one.vintage_year}"})
        elif one.is_stale and one.marked_on:
            facts = {"what": f"{one.scheme} {one.vintage_year}", "day": one.marked_on.isoformat()}
            yield Alert("STALE", facts)
    most = _number("pledge.concentration.most", cover.on)
    lead, part = cover.leading, cover.concentration
    if most is not None and len(cover.marks) > 1 and lead and part is not None and part > most:
        share = f"{part * 100:.1f}"
        yield Alert("CONCENTRATED", {"what": f"{lead.scheme} {lead.vintage_year}", "share": share})


def _of_registration(pledge: models.Pledge, on: date) -> Iterator[Alert]:
    """R7.22: the entry must outlast the loan by a buffer."""
    row = pledge.registrations.filter(register=Register.ZDW).first()
    if row is None or row.expires_on is None:
        return
    if row.expires_on <= on:
        yield Alert("REGISTRATION_OVER", {"day": row.expires_on.isoformat()})
        return
    days = _number("pledge.registration.buffer", on)
    needed = pledge.facility.matures_on + timedelta(days=int(days or 0))
    if row.expires_on < needed:
        facts = {"day": row.expires_on.isoformat(), "end": needed.isoformat()}
        yield Alert("REGISTRATION_ENDS", facts)


def _of_compliance(pledge: models.Pledge, on: date) -> Iterator[Alert]:
    """R7.21: collateral that is needed for a surrender must be back before its day."""
    pledged = {part.scheme for part in pledge.parts.exclude(state=PartState.GONE)}
    buffer = int(_number("pledge.compliance.buffer", on) or 0)
    for row in compliance.obligations_of(pledge.debtor_id).select_related("entity"):
        if not row.open_t or row.due_on is None or row.due_on < on:
            continue
        held = [one for one in compliance.holdings_for(row, on) if one.is_eligible]
        if not any(one.scheme in pledged for one in held):
            continue
        gap = compliance.gap_of(row, held)
        day = row.due_on.isoformat()
        if gap.to_acquire:
            free = gap.free_allowances + gap.usable_offsets
            yield Alert("SHORT", {"year": row.year, "open": gap.open_t, "free": free, "day": day})
        if gap.to_acquire and pledge.facility.matures_on > row.due_on - timedelta(days=buffer):
            end = pledge.facility.matures_on.isoformat()
            yield Alert("MATURES_LATE", {"end": end, "day": day})


def _of_courts(pledge: models.Pledge) -> Iterator[Alert]:
    for part in pledge.parts.exclude(state=PartState.GONE).exclude(hold_id=None):
        mine = holds.get_hold(part.hold_id)  # type: ignore[arg-type]
        for one in holds.live_holds_on(part.account_id, part.lot_id):
            if one.stack_id == mine.stack_id and one.kind == "FREEZE":
                yield Alert("FROZEN", {"number": one.order_number, "rank": one.rank})
    row = pledge.proceedings.first()
    if row is not None:
        yield Alert("INSOLVENT", {"number": row.number})
