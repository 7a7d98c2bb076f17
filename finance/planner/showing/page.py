"""A plan as a page shows it: tables, charts, and where each proposed act is done."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from finance.planner.rules.planning import Act, Line, Plan, Why
from finance.planner.rules.scenarios import Scenario
from finance.planner.rules.sources import Origin
from finance.planner.showing import charts, words
from ledger.doors.figures import count
from ledger.doors.wording import day


def _address(name: str, *args: str) -> str:
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""


def act_url(line: Line) -> str:
    """Where the act that a line proposes is done; the planner does nothing itself."""
    if line.act is Act.RELEASE:
        return _address("admin:ledger_holds_hold_act", line.hold_id, "release")
    if line.act is Act.USE and line.obligation_id:
        found = _address("admin:ledger_compliance_obligation_act", line.obligation_id, "surrender")
        if found:
            return found
    if line.act is Act.BUY or (line.act is Act.USE and line.origin == Origin.BOUGHT):
        return _address("admin:finance_planner_price_changelist")
    if line.act is Act.CARRY_OVER:
        found = _address("admin:ledger_compliance_entity_changelist")
        if found:
            return found
    if line.lot_id:
        positions = _address("admin:ledger_units_position_changelist")
        return f"{positions}?lot__id__exact={line.lot_id}"
    return ""


def shown(plan: Plan, grid: list[Scenario]) -> dict[str, Any]:
    """The context of a plan's tables and charts."""
    named = words.names()
    return {
        "plan": plan,
        "missing_said": count(plan.missing),
        "totals": [
            (title, f"{words.yuan(fen)} CNY", "#lines")
            for title, fen in (
                (_("To pay"), plan.paid_fen),
                (_("Sales given up"), plan.given_up_fen),
                (_("Gained by carrying over"), plan.gained_fen),
                (_("Cost in all"), plan.total_fen),
            )
        ],
        "headings": words.headings(),
        "lines": [_shown_line(line, named) for line in plan.lines],
        "year_notes": [(year, words.year_said(year)) for year in plan.years],
        "cover": charts.cover_chart(plan.years),
        "legend": _legend(),
        "what_if": _what_if(grid),
    }


def _shown_line(line: Line, named: Mapping[str, str]) -> dict[str, Any]:
    return {
        "act": words.act_said(line),
        "alarming": line.act in {Act.MISSING, Act.LOSE},
        "what": words.what_said(line, named),
        "year": line.year or "",
        "units": count(line.quantity),
        "each": words.yuan(line.unit_fen) if line.unit_fen else "",
        "fee": words.yuan(line.fee_fen) if line.fee_fen else "",
        "amount": words.yuan(line.amount_fen) if line.amount_fen else "",
        "by": day(line.by_on) if line.by_on else "",
        "why": words.why_said(line),
        "next": words.next_said(line, named),
        "url": act_url(line),
    }


def _legend() -> list[tuple[str, str]]:
    said = {
        "own": _("own units"),
        "released": _("released"),
        "bought": _("bought"),
        "missing": _("missing, t"),
    }
    return [(said[part], colour) for part, colour in charts.COLOURS.items()]


def percent(bps: int) -> str:
    text = f"{(Decimal(bps) / 100).normalize():+f} %"
    return text if bps else "0 %"


def _what_if(grid: list[Scenario]) -> dict[str, Any]:
    chart = charts.what_if_chart(grid)
    return {
        "chart": chart,
        "curves": [(curve, percent(curve.emission_bps)) for curve in chart.curves],
        "ticks": [(x, percent(price)) for x, price in chart.ticks],
        "low": words.yuan(chart.low_fen),
        "high": words.yuan(chart.high_fen),
        "rows": [
            [
                percent(one.emission_bps),
                percent(one.price_bps),
                count(one.open),
                count(one.bought),
                count(one.released),
                count(one.missing),
                words.yuan(one.paid_fen),
                words.yuan(one.total_fen),
            ]
            for one in grid
        ],
        "headings": [
            _("Emissions"),
            _("Prices"),
            _("To cover, t"),
            _("Bought"),
            _("Released"),
            words.act_said(Line(Act.MISSING, Why.USED_UP, 0)),
            _("To pay, CNY"),
            _("Cost in all, CNY"),
        ],
    }
