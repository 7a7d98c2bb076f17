"""Where is unit 1,234,567, and where was it on 31 December?"""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from ledger.accounts import queries as accounts
from ledger.doors.admin import actor_of, dressed, site
from ledger.kernel.actors import Actor
from ledger.units import forms, queries
from ledger.units.models import STATES
from ledger.units.views.seeing import steps


def serials(request: HttpRequest) -> HttpResponse:
    """One field, one answer for each series that knows the number."""
    form = dressed(forms.SerialForm(request.GET if "serial" in request.GET else None))
    page: dict[str, Any] = {
        **site.each_context(request),
        "title": _("Serial search"),
        "form": form,
    }
    if form.is_bound and form.is_valid():
        page["units"] = _found(actor_of(request), form.cleaned_data)
        page["day"] = form.cleaned_data["day"]
    return render(request, "ledger/units/serials.html", page)


def _found(actor: Actor, data: dict[str, Any]) -> list[dict[str, Any]]:
    ids = accounts.account_ids_seen_by(actor)
    prefix, serial = data["serial"]
    units = queries.find_units(serial, account_ids=ids, prefix=prefix)
    return [_shown(queries.trace(one, account_ids=ids, day=data["day"])) for one in units]


def _shown(trace: queries.Trace) -> dict[str, Any]:
    return {
        "unit": trace.unit,
        "series": " ".join(part for part in trace.unit.space if part),
        "now": _where(trace.now),
        "then": _where(trace.then) if trace.then else None,
        "steps": steps(trace.steps),
        "hidden_count": trace.hidden_count,
    }


def _where(spot: queries.Spot) -> str:
    if not spot.known:
        return _("with others: it had left your accounts")
    if spot.account_id is None or spot.state is None:
        return _("not issued yet")
    number = accounts.numbers_of([spot.account_id]).get(spot.account_id, "—")
    return f"{number} · {dict(STATES)[spot.state]}"
