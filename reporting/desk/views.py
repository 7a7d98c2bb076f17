"""The first screen."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from ledger.audit import queries as audit
from ledger.doors.admin import actor_of, site
from ledger.doors.wording import number_format, refusal_text
from ledger.instruments import queries as instruments
from ledger.kernel.actors import Actor, Role
from ledger.kernel.errors import DomainError, NotFound
from ledger.kernel.shares import share_out
from ledger.parties import queries as parties
from ledger.units.states import UnitState
from reporting.desk import operations, queries

DUE_SHOWN = 8
MONEY_READERS = (Role.CARBON_MANAGER, Role.APPROVER, Role.FUND_MANAGER)
STATE_COLOURS = {
    UnitState.FREE: "#058058",
    UnitState.RESERVED: "#e0a100",
    UnitState.PLEDGED: "#3b6fd4",
    UnitState.FROZEN: "#6b7280",
    UnitState.LENT: "#8b5cf6",
    UnitState.IN_TRANSIT: "#0ea5b7",
}


def state_label(state: UnitState) -> str:
    return {
        UnitState.FREE: _("free"),
        UnitState.RESERVED: _("reserved"),
        UnitState.PLEDGED: _("pledged"),
        UnitState.FROZEN: _("frozen"),
        UnitState.LENT: _("lent"),
        UnitState.IN_TRANSIT: _("in transit"),
        UnitState.RETIRED: _("retired"),
        UnitState.SURRENDERED: _("surrendered"),
        UnitState.CANCELLED: _("cancelled"),
        UnitState.EXPIRED: _("expired"),
        UnitState.CARRIED_OVER: _("carried over"),
    }.get(state, str(state))


def home(request: HttpRequest) -> HttpResponse:
    """Four questions, each answered with numbers that lead to what they are made of."""
    actor, today = actor_of(request), timezone.localdate()
    lines = queries.holdings(actor.party_id) if actor.party_id else []
    due = queries.due_next(actor.party_id, on=today) if actor.party_id else []
    page: dict[str, Any] = {
        **site.each_context(request),
        "title": _("Home"),
        "schemes": [_scheme(line) for line in lines],
        "worth": queries.worth(actor.party_id, on=today) if actor.party_id and lines else None,
        "commitments": [_commitment(one) for one in _promised(actor, today)],
        "legend": [(state_label(state), colour) for state, colour in STATE_COLOURS.items()],
        "data_lines": queries.data_lines(actor.party_id, on=today) if actor.party_id else [],
        "open_approvals": queries.open_approvals(actor),
        "approvals_url": _address("admin:ledger_approvals_approval_changelist"),
        "troubles": [_sentence(one) for one in queries.troubles(actor)],
        "seal": audit.seal_state(),
        "checkpoints_url": _address("admin:ledger_audit_checkpoint_changelist"),
        "saved_views": queries.saved_views(actor.user_id),
        "due": [_due(line, today) for line in due[:DUE_SHOWN]],
        "due_more": max(0, len(due) - DUE_SHOWN),
        "years_url": _address("admin:ledger_compliance_obligation_changelist"),
    }
    return render(request, "reporting/desk/home.html", page)


def _promised(actor: Actor, today: date) -> list[queries.Commitment]:
    """Money is not for every reader of a party."""
    if actor.party_id is None or not actor.has(*MONEY_READERS):
        return []
    return queries.commitments(actor.party_id, on=today)


COMMITMENT_PAGES = {
    "trades": "admin:finance_trades_trade_changelist",
    "margin": "hedges_ratio",
    "units": "repos_ours",
    "funds": "fund_positions",
    "proceeds": "admin:finance_proceeds_raising_changelist",
}


def _commitment(one: queries.Commitment) -> dict[str, Any]:
    amounts = " · ".join(
        f"{number_format(sum_.amount, 2, force_grouping=True)} {sum_.currency}"
        for sum_ in one.amounts
    )
    return {
        "text": _commitment_text(one),
        "amounts": amounts or "–",
        "url": _address(COMMITMENT_PAGES[one.kind]),
    }


def _commitment_text(one: queries.Commitment) -> str:
    count = {"count": number_format(one.count, force_grouping=True)}
    return {
        "trades": _("Trades agreed and not settled: %(count)s"),
        "margin": _("Margin called on running hedges: %(count)s"),
        "units": _("Borrowed units to be returned: %(count)s"),
        "funds": _("Committed to funds and not paid in yet: %(count)s"),
        "proceeds": _("Raised for projects and not spent yet: %(count)s"),
    }[one.kind] % count


def _address(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


def _scheme(line: queries.SchemeLine) -> dict[str, Any]:
    positions = _address("admin:ledger_units_position_changelist")
    present = [state for state in STATE_COLOURS if line.by_state.get(state)]
    widths = share_out(100, [line.by_state[state] for state in present]) if present else []
    parts = [
        {
            "label": state_label(state),
            "count": line.by_state[state],
            "start": sum(widths[:at]),
            "percent": widths[at],
            "colour": STATE_COLOURS[state],
            "url": f"{positions}?lot__scheme={line.scheme}&state__exact={state.value}",
        }
        for at, state in enumerate(present)
    ]
    ended = [
        (state_label(state), count)
        for state, count in line.by_state.items()
        if state not in STATE_COLOURS
    ]
    scheme = instruments.get_scheme(line.scheme)
    return {
        "line": line,
        "name_zh": scheme.name_zh,
        "name_en": scheme.name_en,
        "measure": scheme.measure,
        "parts": parts,
        "ended": ended,
        "vintages": sorted(line.vintages.items()),
        "url": f"{positions}?lot__scheme={line.scheme}",
    }


def _sentence(trouble: queries.Trouble) -> tuple[str, str]:
    count = {"count": trouble.count}
    if trouble.kind == "behind_outside":
        text = _("A checkpoint outside is ahead of this database: nothing is sealed or signed.")
        return text, _address("admin:ledger_audit_checkpoint_changelist")
    if trouble.kind == "unsealed":
        text = ngettext(
            "%(count)s event waits for its seal.", "%(count)s events wait for their seal.",
            trouble.count,
        )  # fmt: skip
        return text % count, _address("admin:ledger_audit_event_changelist")
    if trouble.kind == "open_breaks":
        text = ngettext(
            "%(count)s difference from a registry's statement is not closed.",
            "%(count)s differences from registries' statements are not closed.",
            trouble.count,
        )
        breaks = _address("admin:ledger_reconciliation_break_changelist")
        return text % count, breaks
    text = ngettext("%(count)s job has failed.", "%(count)s jobs have failed.", trouble.count)
    jobs = _address("admin:ledger_jobs_job_changelist")
    return text % count, f"{jobs}?state__exact=FAILED"


DUE_PAGES = {
    "compliance": "admin:ledger_compliance_obligation_change",
    "expiry": "admin:ledger_units_lot_change",
    "transfer": "admin:ledger_holds_pendingtransfer_change",
}


def _due(line: queries.DueLine, today: date) -> dict[str, Any]:
    """A day with its sentence, and how far it is; below nought: so many days too late."""
    return {
        "day": line.day,
        "text": _due_text(line),
        "days": abs((line.day - today).days),
        "is_late": line.day < today,
        "is_unverified": line.is_unverified,
        "url": reverse(DUE_PAGES[line.kind], args=[line.subject_id]),
    }


def _due_text(line: queries.DueLine) -> str:
    about = {
        name: number_format(value) if isinstance(value, int) and name != "year" else value
        for name, value in line.about.items()
    }
    if line.kind == "expiry":
        return _("Last day to use %(units)s units of %(lot)s") % about
    if line.kind == "transfer":
        return _("%(units)s units of %(lot)s go out to account %(target)s") % about
    if line.about["open"]:
        return _("%(entity)s, %(year)s: %(name)s, %(open)s t still owed") % about
    return _("%(entity)s, %(year)s: %(name)s") % about


@require_POST
def save_view(request: HttpRequest) -> HttpResponse:
    address = request.POST.get("address", "")
    name = request.POST.get("name", "").strip()[:80] or _("View")
    oneself = parties.oneself(actor_of(request).user_id)
    try:
        operations.save_view(name=name, address=address, by=oneself, at=timezone.now())
    except DomainError as error:
        messages.error(request, refusal_text(error))
        return redirect("admin:index")
    return redirect(address)


@require_POST
def forget_view(request: HttpRequest, view_id: Any) -> HttpResponse:
    oneself = parties.oneself(actor_of(request).user_id)
    try:
        operations.forget_view(view_id=view_id, by=oneself, at=timezone.now())
    except NotFound as error:
        raise Http404 from error
    return redirect("admin:index")
