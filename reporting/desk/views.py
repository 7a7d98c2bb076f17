"""The first screen."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from ledger.audit import queries as audit
from ledger.doors.admin import actor_of, site
from ledger.instruments import queries as instruments
from ledger.kernel.shares import share_out
from ledger.units.states import UnitState
from reporting.desk import operations, queries

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
    page: dict[str, Any] = {
        **site.each_context(request),
        "title": _("Home"),
        "schemes": [_scheme(line) for line in lines],
        "legend": [(state_label(state), colour) for state, colour in STATE_COLOURS.items()],
        "data_lines": queries.data_lines(actor.party_id, on=today) if actor.party_id else [],
        "open_approvals": queries.open_approvals(actor),
        "approvals_url": _address("admin:ledger_approvals_approval_changelist"),
        "troubles": [_sentence(one) for one in queries.troubles(actor)],
        "seal": audit.seal_state(),
        "checkpoints_url": _address("admin:ledger_audit_checkpoint_changelist"),
        "saved_views": queries.saved_views(actor.user_id),
        "deadlines": _deadlines(today),
    }
    return render(request, "reporting/desk/home.html", page)


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


def _deadlines(today: Any) -> list[tuple[Any, str, int]]:
    """What the calendar of the national market asks for next (rule R2.22, R2.39)."""
    surrender = today.replace(month=12, day=31)
    report = today.replace(year=today.year + 1, month=3, day=31)
    return [
        (surrender, _("Surrender of allowances for last year"), (surrender - today).days),
        (report, _("Annual emission report of the key emitters"), (report - today).days),
    ]


@require_POST
def save_view(request: HttpRequest) -> HttpResponse:
    address = request.POST.get("address", "")
    name = request.POST.get("name", "").strip()[:80] or _("View")
    operations.save_view(name=name, address=address, by=actor_of(request), at=timezone.now())
    return redirect(address)


@require_POST
def forget_view(request: HttpRequest, view_id: Any) -> HttpResponse:
    operations.forget_view(view_id=view_id, by=actor_of(request), at=timezone.now())
    return redirect("admin:index")
