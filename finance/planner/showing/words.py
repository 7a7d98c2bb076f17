"""Lines of a plan in words of the reader's language."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from finance.planner.rules.planning import Act, Line, Plan, Why, YearOutcome
from finance.planner.rules.solving import CARRY
from finance.planner.rules.sources import Origin
from ledger.doors.figures import count
from ledger.doors.wording import number_format
from ledger.instruments import queries as instruments
from ledger.units.states import UnitState

Names = Mapping[str, str]


def names() -> Names:
    """Instruments by code, in the reader's language: one query for a page."""
    return {row.code: str(row) for row in instruments.schemes()}


def yuan(fen: int) -> str:
    return number_format(Decimal(fen).scaleb(-2), 2, force_grouping=True)


def act_said(line: Line) -> str:
    return {
        Act.RELEASE: _("Release from its hold"),
        Act.BUY: _("Buy"),
        Act.USE: _("Hand in"),
        Act.CARRY_OVER: _("Apply for carry-over"),
        Act.KEEP: _("Keep or sell"),
        Act.LOSE: _("Loses its use"),
        Act.BLOCKED: _("Cannot be used"),
        Act.MISSING: pgettext("of a plan", "Missing"),
    }[line.act]


def what_said(line: Line, named: Names) -> str:
    """Instrument, vintage, lot and account."""
    scheme = ", ".join(named.get(code, code) for code in line.scheme.split(", "))
    vintage = "" if line.vintage is None else str(line.vintage)
    return " · ".join(part for part in (scheme, vintage, line.label) if part)


def _why_use(line: Line) -> str:
    if line.origin == Origin.BOUGHT:
        return _("Bought for this year.")
    if line.why is Why.LOSES_USE:
        return _("Of no use after the deadlines of this plan: handing it in gives up nothing.")
    if line.why is Why.NO_PRICE:
        return _("No sell price is recorded: handing it in counts as giving up nothing.")
    price = {"price": yuan(line.unit_fen)}
    return _("Handing it in gives up a sale at %(price)s, less than any other cover.") % price


def _why_release(line: Line) -> str:
    if line.why is Why.ENDS_ITSELF:
        return _("The hold ends by itself before the deadline.")
    full = {"full": yuan(line.full_fen)}
    text = _("Released and handed in, a unit costs %(full)s: no other cover is cheaper.") % full
    if not line.unit_fen and not line.fee_fen:
        text += " " + _("No cost of the release was given: it counts as nothing.")
    if line.fee_fen:
        text += " " + _("The fee of %(fee)s is weighed in.") % {"fee": yuan(line.fee_fen)}
    return text


def _why_lost(line: Line) -> str:
    if line.by_on is None:
        text = _("Its vintage serves no year of this plan and none after it.")
    else:
        day = {"day": date_format(line.by_on, "Y-m-d")}
        text = _("Not needed, and of no use after %(day)s: sell it before, or carry it over.") % day
    if line.full_fen:
        text += " " + _("It could be sold at %(price)s.") % {"price": yuan(line.full_fen)}
    return text


def _why_missing(line: Line) -> str:
    about = {"vintages": line.label or "–"}
    if line.why is Why.NOTHING_OFFERED:
        text = _("No buy price is recorded for an allowance that may serve this year.")
    else:
        text = _("Everything that may serve this year is in the plan already.")
    return text + " " + _("Vintages that would serve: %(vintages)s.") % about


def _why_blocked(line: Line) -> str:
    if line.why is Why.TOO_LATE:
        return _("Its release would come after the deadline.")
    if line.why is Why.REFUSED:
        return _("The rules of the instrument do not let it be handed in.")
    state = {
        UnitState.FROZEN: _("It is frozen by order."),
        UnitState.LENT: _("It is lent."),
        UnitState.IN_TRANSIT: _("It is in transit."),
    }.get(UnitState(line.origin))
    return state or _("It is held.")


def _why_bought(line: Line) -> str:
    text = _("The cheapest that is left for this year. Source of the price: %(source)s.")
    return text % {"source": line.label or "–"}


def _why_carried(line: Line) -> str:
    about = {"year": line.year, "price": yuan(line.full_fen)}
    return _("As vintage %(year)s a unit fetches %(price)s.") % about


def _why_kept(line: Line) -> str:
    return _("Not needed; worth %(price)s each.") % {"price": yuan(line.full_fen)}


WHY: Mapping[Act, Callable[[Line], str]] = {
    Act.RELEASE: _why_release,
    Act.BUY: _why_bought,
    Act.USE: _why_use,
    Act.CARRY_OVER: _why_carried,
    Act.KEEP: _why_kept,
    Act.LOSE: _why_lost,
    Act.BLOCKED: _why_blocked,
    Act.MISSING: _why_missing,
}


def why_said(line: Line) -> str:
    """Why this line is in the plan, in a sentence."""
    return WHY[line.act](line)


def _has_next(line: Line) -> bool:
    """Units that come out of a hold or are bought say it once, where they come from."""
    if line.act is Act.USE:
        return line.origin == Origin.OWN
    return line.act in {Act.BUY, Act.RELEASE} and line.why is not Why.ENDS_ITSELF


def next_said(line: Line, named: Names) -> str:
    """What would stand in for a unit of this line, and what that would cost."""
    if not _has_next(line):
        return ""
    if line.next_fen is None:
        return _("Nothing else: a tonne would be missing.")
    other = Line(Act.USE, Why.CHEAPEST, 1, scheme=line.next_scheme, vintage=line.next_vintage)
    about = {"what": what_said(other, named), "price": yuan(line.next_fen)}
    sentence = {
        CARRY: _("Carrying over one unit less, %(price)s."),
        Origin.BOUGHT: _("Buying %(what)s, %(price)s."),
        Origin.PLEDGED: _("Releasing %(what)s, %(price)s."),
        Origin.OWN: _("Own %(what)s, %(price)s."),
    }[line.next_origin]
    return sentence % about


def year_said(year: YearOutcome) -> list[str]:
    """What an obligation year's result means."""
    about: dict[str, Any] = {
        "offsets": count(year.offsets),
        "room": count(year.offset_room),
        "price": yuan(year.next_tonne_fen or 0),
        "saved": yuan(year.cap_fen),
    }
    said = [_("Offsets: %(offsets)s t of at most %(room)s t.") % about]
    if year.cap_fen:
        said.append(_("The cap binds: one more tonne of it would save %(saved)s CNY.") % about)
    elif year.cap_binds:
        said.append(_("The cap binds: one more tonne of it would cover a missing tonne."))
    if year.missing:
        said.append(_("One more tonne owed would be missing too."))
    elif year.next_tonne_fen is None:
        said.append(_("Just enough: one more tonne owed would be missing."))
    else:
        said.append(_("One more tonne owed would cost %(price)s CNY.") % about)
    if year.draft:
        said.append(_("Which vintage serves which year rests on a draft: unverified."))
    return said


def headings() -> list[str]:
    return [
        pgettext("of a plan", "Act"),
        _("What"),
        _("Obligation year"),
        _("Units"),
        _("Each, CNY"),
        _("Fee, CNY"),
        _("Amount, CNY"),
        _("By"),
        _("Why"),
        _("Next best, each in CNY"),
    ]


def table(plan: Plan) -> list[list[Any]]:
    """The lines for a file: numbers stay numbers."""
    named = names()
    return [
        [
            act_said(line),
            what_said(line, named),
            line.year,
            line.quantity,
            Decimal(line.unit_fen).scaleb(-2),
            Decimal(line.fee_fen).scaleb(-2),
            Decimal(line.amount_fen).scaleb(-2),
            line.by_on.isoformat() if line.by_on else "",
            why_said(line),
            next_said(line, named),
        ]
        for line in plan.lines
    ]
