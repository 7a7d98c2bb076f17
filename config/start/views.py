"""The pages of the start."""

import hmac
import secrets
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from config.start import operations
from config.start.forms import FoundForm, PositionsForm, SheetForm
from config.start.rules import SHEETS, RowsRefused, WrongSetupCode
from ledger.accounts import queries as accounts
from ledger.approvals import operations as approvals
from ledger.doors import tabular
from ledger.doors.admin import actor_of, download, dressed, refusal_text, site
from ledger.files import operations as files
from ledger.kernel.errors import DomainError
from ledger.parties import queries as parties
from reporting.parks import queries as parks

OPENING = "start.take_opening_positions"


def _code_file() -> Path:
    return settings.DATA_DIR / "setup_code.txt"


def setup_code() -> str:
    """The code that proves that whoever founds the operator has the server; made once."""
    file = _code_file()
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch(mode=0o600)
        file.write_text(secrets.token_urlsafe(9))
    return file.read_text().strip()


def is_founded() -> bool:
    return parties.parties(kind="PARK_OPERATOR").exists()


def found(request: HttpRequest) -> HttpResponse:
    """Before anybody can sign in: the operator and its first person."""
    if is_founded():
        return redirect("/sign-in/")
    form = FoundForm(request.POST or None, initial={"code": request.GET.get("code", "")})
    refusal = ""
    if request.method == "POST" and form.is_valid():
        facts = dict(form.cleaned_data)
        try:
            if not hmac.compare_digest(facts.pop("code").strip(), setup_code()):
                raise WrongSetupCode
            operations.found(**facts, at=timezone.now(), on=timezone.localdate())
        except DomainError as error:
            refusal = refusal_text(error)
        else:
            _code_file().unlink(missing_ok=True)
            messages.success(request, _("The operator is founded. Sign in to go on."))
            return redirect("/sign-in/?next=/admin/start/")
    page = {"form": form, "refusal": refusal}
    return render(request, "config/found.html", page, status=409 if refusal else 200)


def steps(request: HttpRequest) -> HttpResponse:
    """The list of what to take in, and how far it has come."""
    actor = actor_of(request)
    own = parks.parks_of(actor.own_party)
    sources = sum(len(parks.sources_of(park.id)) for park in own)
    tenants = sum(len(parks.tenants_of(park.id)) for park in own)
    counts = {
        "parties": parties.parties().count(),
        "parks": len(own),
        "tenants": tenants,
        "sources": sources,
        "accounts": accounts.accounts_of(actor.own_party).count(),
        "positions": "",
    }
    page = {
        **site.each_context(request),
        "title": _("Guided start"),
        "steps": [(kind, _(sheet.title), counts[kind]) for kind, sheet in SHEETS.items()],
    }
    return render(request, "config/steps.html", page)


def template(request: HttpRequest, kind: str) -> HttpResponse:
    """An example file of a kind."""
    if kind not in SHEETS:
        raise Http404
    sheet = SHEETS[kind]
    return download(tabular.to_csv(sheet.columns, [sheet.example]), "text/csv", f"{kind}.csv")


def take_in(request: HttpRequest, kind: str) -> HttpResponse:
    """Upload one file of the start."""
    if kind not in SHEETS:
        raise Http404
    form_class = PositionsForm if kind == "positions" else SheetForm
    form = dressed(form_class(request.POST or None, request.FILES or None))
    page: dict[str, Any] = {
        **site.each_context(request),
        "title": _(SHEETS[kind].title),
        "form": form,
        "kind": kind,
        "columns": SHEETS[kind].columns,
    }
    if request.method != "POST" or not form.is_valid():
        return render(request, "config/take_in.html", page)
    try:
        text = _take(request, kind, form.cleaned_data)
    except DomainError as error:
        page["refusal"] = refusal_text(error)
        page["problems"] = error.problems if isinstance(error, RowsRefused) else []
        return render(request, "config/take_in.html", page, status=422)
    messages.success(request, text)
    return redirect("guided_start")


def _take(request: HttpRequest, kind: str, data: dict[str, Any]) -> str:
    actor, at = actor_of(request), timezone.now()
    content = files.read_limited(data["file"])
    if kind != "positions":
        count = operations.import_sheet(kind=kind, content=content, by=actor, at=at)
        return _("%(count)s rows were taken in.") % {"count": count}
    positions = operations.read_positions(content, by=actor)
    evidence = files.store_file(
        content=data["evidence"],
        name=data["evidence"].name,
        purpose="opening",
        party_id=actor.own_party,
        by=actor,
        at=at,
    )
    payload = {"positions": positions, "evidence": evidence.sha256}
    approvals.request_approval(
        operation=OPENING,
        payload=payload,
        summary=describe(payload),
        party_id=actor.own_party,
        by=actor,
        at=at,
    )
    return _("The opening positions wait for their approval.")


def describe(payload: Any) -> list[str]:
    """What the approver reads."""
    text = _("%(units)s units of %(scheme)s, vintage %(year)s, as lot %(lot)s, become ours.")
    lines = [
        text % {"units": one["units"], "scheme": one["scheme"], "year": one["vintage_year"],
                "lot": one["lot"]}
        for one in payload["positions"]
    ]  # fmt: skip
    return [*lines, _("Evidence: file %(hash)s") % {"hash": payload["evidence"]}]


def execute(payload: Any, *, by: Any, at: Any, approval_id: Any) -> dict[str, Any]:
    """Carried out by the approval."""
    count = operations.take_opening_positions(
        positions=payload["positions"],
        evidence=payload["evidence"],
        by=by,
        at=at,
        on=timezone.localdate(at),
    )
    return {"positions": count}
