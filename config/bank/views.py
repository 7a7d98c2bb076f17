"""The portal of a bank: my pledges, what waits for me, attestations, history, webhooks."""

import json
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from config.bank import forms
from config.bank.door import actor, bank_page, page
from finance.facilities import operations as loans
from finance.facilities import queries as facilities
from finance.pledges import operations, queries
from finance.pledges.approvable import part_said
from finance.pledges.models import Pledge
from finance.pledges.showing import history
from finance.pledges.showing import page as showing
from finance.pledges.states import CallState, Level, RequestKind, RequestState
from ledger.doors.admin import refusal_text
from ledger.doors.figures import amount, count, percent
from ledger.doors.wording import moment
from ledger.kernel.errors import DomainError, NotFound
from ledger.kernel.ids import new_id
from ledger.parties import queries as parties
from reporting.attestations import operations as attesting
from reporting.attestations import queries as attestations

AT_ONCE = 100
ALARMS = {Level.WARNING, Level.TOP_UP, Level.CLOSE_OUT}


@bank_page()
def overview(request: HttpRequest) -> HttpResponse:
    """My pledges, their value and LTV by the newest valuation, and what needs me today."""
    rows = list(_mine(request).annotate(**queries.newest_columns())[:AT_ONCE])
    _looked(request, rows, "list")
    names = parties.names_of({one.debtor_id for one in rows})
    told = [_row(one, names) for one in rows]
    context = {"pledges": told, "calls": _calls(rows), "requests": _waiting(request)}
    return page(request, "overview", context)


def _mine(request: HttpRequest) -> Any:
    return queries.pledges_of_creditor(actor(request).own_party)


def _looked(request: HttpRequest, rows: list[Pledge], what: str) -> None:
    operations.record_reads(rows, what=what, by=actor(request), at=timezone.now())


def _row(row: Any, names: Any) -> dict[str, Any]:
    level = row.newest_level
    return {
        "url": reverse("bank_pledge", args=[row.pk]),
        "number": row.number,
        "debtor": names.get(row.debtor_id, "–"),
        "facility": row.facility.code,
        "state": row.get_state_display(),
        "rank": row.rank,
        "value": f"{amount(row.newest_value)} {row.facility.currency}",
        "ltv": percent(row.newest_ltv),
        "level": Level(level).label if level else "–",
        "is_alarm": level in ALARMS,
        "on": row.newest_on,
        "is_stale": row.newest_stale,
    }


def _calls(rows: list[Any]) -> list[dict[str, Any]]:
    calls = (
        (row, call) for row in rows for call in row.calls.all() if call.state == CallState.OPEN
    )
    return [
        {
            "url": reverse("bank_pledge", args=[row.pk]),
            "number": row.number,
            "due_on": call.due_on,
            "units": count(call.unit_count),
            "ltv": percent(call.ltv),
        }
        for row, call in calls
    ]


def _waiting(request: HttpRequest) -> list[Any]:
    party_id = actor(request).own_party
    rows = queries.requests_seen_by(actor(request)).filter(pledge__creditor_id=party_id)
    return list(rows.filter(state=RequestState.WAITING).order_by("-id")[:AT_ONCE])


def _get(request: HttpRequest, pledge_id: UUID) -> Pledge:
    """:raises NotFound: not there, or not secured to this bank"""
    found = _mine(request).filter(pk=pledge_id).first()
    if found is None:
        raise NotFound
    row: Pledge = found
    return row


@bank_page()
def pledge(request: HttpRequest, pledge_id: UUID) -> HttpResponse:
    """One pledge: figures of today, the chart, units, registers, requests, history, documents."""
    row = _get(request, pledge_id)
    _looked(request, [row], "page")
    loans.record_reads([row.facility], what="page", by=actor(request), at=timezone.now())
    context = {
        "pledge": row,
        "debtor": parties.name_of(row.debtor_id),
        "facility": _facility(row),
        "attestations": _attested(request, queries.hold_ids_of(row)),
        "attestable": _attestable(request, row),
        "documents": _documents(row),
        "history": _told(history.history_of(row)[:AT_ONCE]),
        **_figures(row),
    }
    return page(request, "pledge", context)


def _figures(row: Pledge) -> dict[str, Any]:
    try:
        return showing.context(row, timezone.localdate(), to_creditor=True, link=_link)
    except DomainError as refusal:  # a price or a rule number is missing: say which
        return {"alerts": [refusal_text(refusal)]}


def _link(row: Any, text: Any = "") -> str:
    """Requests have pages here; everything else is said in words."""
    if row._meta.model_name == "request":
        url = reverse("bank_request", args=[row.pk])
        return format_html('<a href="{}">{}</a>', url, text or str(row))
    return str(text or row)


def _facility(row: Pledge) -> list[tuple[str, str]]:
    loan = row.facility
    now = facilities.standing_on(loan, timezone.localdate())
    return [
        (_("facility"), loan.code),
        (_("limit"), f"{amount(loan.limit_amount)} {loan.currency}"),
        (_("principal owed"), f"{amount(now.principal)} {loan.currency}"),
        (_("matures on"), date_format(loan.matures_on)),
        (_("use of proceeds"), loan.purpose),
    ]


def _documents(row: Pledge) -> list[tuple[str, str, Any]]:
    """What proves the pledge, by the name under which it was recorded."""
    found: list[tuple[str, str, Any]] = [
        (_("loan contract"), row.facility.evidence, row.facility.starts_on),
        (_("pledge contract"), row.evidence, row.approved_on),
    ]
    for one in row.registrations.all():
        found.append((one.get_register_display(), one.document, one.registered_on))
    for asked in row.requests.exclude(repayment=""):
        day = timezone.localdate(asked.decided_at) if asked.decided_at else None
        found += [
            (_("proof of repayment"), asked.repayment, day),
            (_("cancelled registration"), asked.cancellation, day),
            (_("lifted freeze"), asked.unfreezing, day),
        ]
    return found


def _told(rows: list[history.Happened]) -> list[list[str]]:
    names = parties.names_of({one.by for one in rows if one.by})
    return [[moment(one.at), one.what, names.get(one.by, "–") if one.by else "–"] for one in rows]


def _attestable(request: HttpRequest, row: Pledge) -> list[tuple[UUID, str]]:
    live = {one.pk for one in attestations.pledges_to_attest(actor(request))}
    parts = queries.parts_of(row)
    return [(one.hold_id, part_said(one)) for one in parts if one.hold_id and one.hold_id in live]


def _attested(request: HttpRequest, hold_ids: list[UUID] | None = None) -> list[dict[str, Any]]:
    rows = attestations.attestations_for(actor(request)).defer("document")
    if hold_ids is not None:
        rows = rows.filter(hold_id__in=hold_ids)
    found = list(rows.order_by("-issued_at")[:AT_ONCE])
    worth = attestations.states_of(found)
    return [
        {
            "id": one.pk,
            "number": one.number,
            "issued": moment(one.issued_at),
            "units": count(one.unit_count),
            "worth": worth[one.pk].label,
            "url": reverse("bank_attestation_file", args=[one.pk, "json"]),
            "pdfs": [
                (form, reverse("bank_attestation_file", args=[one.pk, form]))
                for form in ("zh-hans", "en")
                if attestations.find_print(one.pk, form)
            ],
            "print": reverse("bank_attestation_print", args=[one.pk]),
        }
        for one in found
    ]


@bank_page()
def attestation_list(request: HttpRequest) -> HttpResponse:
    """Every attestation of pledges to this bank, and what each is worth today."""
    rows = list(_mine(request)[:AT_ONCE])
    _looked(request, rows, "attestations")
    found = _attested(request)
    form = forms.Way(of=_named(found))
    return page(request, "attestations", {"attestations": found, "way_form": form})


def _named(found: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(str(one["id"]), one["number"]) for one in found]


@bank_page()
def attestation_way(request: HttpRequest) -> HttpResponse:
    """The proof that an attestation's log continues a checkpoint that the bank has kept."""
    found = _attested(request)
    form, refusal = forms.Way(request.GET, of=_named(found)), ""
    if form.is_valid():
        row = attestations.get_attestation(form.cleaned_data["attestation"], by=actor(request))
        previous = form.cleaned_data["previous"]
        try:
            return _as_file(
                json.dumps(attestations.way_to(row, previous=previous), indent=1).encode(),
                name=f"{row.number}-from-{previous}.json",
            )
        except NotFound:
            refusal = _("There is no checkpoint over %(count)s events.") % {"count": previous}
        except DomainError as error:
            refusal = refusal_text(error)
    context = {"attestations": found, "way_form": form, "refusal": refusal}
    return page(request, "attestations", context, status=422)


def _as_file(content: bytes, *, name: str, kind: str = "application/json") -> HttpResponse:
    answer = HttpResponse(content, content_type=kind)
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@bank_page(("POST",))
def attest(request: HttpRequest, pledge_id: UUID) -> HttpResponse:
    """Have the units of a pledge attested now."""
    row = _get(request, pledge_id)
    form = forms.Attest(request.POST)
    if not form.is_valid() or form.cleaned_data["hold_id"] not in queries.hold_ids_of(row):
        raise NotFound
    try:
        made = attesting.attest(
            hold_id=form.cleaned_data["hold_id"],
            by=actor(request),
            at=timezone.now(),
            idempotency_key=str(new_id()),
        )
        messages.success(request, _("Attestation %(number)s was issued.") % {"number": made.number})
    except NotFound:
        raise
    except DomainError as refusal:
        messages.error(request, refusal_text(refusal))
    return redirect("bank_pledge", pledge_id=row.pk)


@bank_page(("POST",))
def print_attestation(request: HttpRequest, attestation_id: UUID) -> HttpResponse:
    """Ask for the signed PDF in the reader's language."""
    language = "en" if get_language() == "en" else "zh-hans"
    attesting.request_print(
        attestation_id=attestation_id, language=language, by=actor(request), at=timezone.now()
    )
    messages.success(request, _("The PDF is being made; it will stand here in a moment."))
    return redirect("bank_attestations")


@bank_page()
def attestation_file(request: HttpRequest, attestation_id: UUID, form: str) -> HttpResponse:
    """The JSON or a PDF; that she took it is on record."""
    name, content = attesting.take_away(
        attestation_id=attestation_id, form=form, by=actor(request), at=timezone.now()
    )
    kind = "application/json" if form == "json" else "application/pdf"
    return _as_file(content, name=name, kind=kind)


@bank_page(("GET", "HEAD", "POST"))
def request_page(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """What the debtor asks; consent or refusal, which is carried out at once."""
    row = _get_request(request, request_id)
    given = request.POST if request.method == "POST" else None
    form = forms.Decision(given, is_release=row.kind == RequestKind.RELEASE)
    refusal = ""
    if given is not None and form.is_valid():
        try:
            operations.decide(
                request_id=row.pk,
                consents="consent" in given,
                **form.cleaned_data,
                by=actor(request),
                at=timezone.now(),
                idempotency_key=str(new_id()),
            )
        except NotFound:
            raise
        except DomainError as error:
            refusal = refusal_text(error)
        else:
            messages.success(request, _("Your decision is recorded."))
            return redirect("bank_request", request_id=row.pk)
    _looked(request, [row.pledge], "request")
    units = [
        (title, part_said(part))
        for title, part in ((_("goes"), row.part), (_("comes"), row.new_part))
        if part is not None
    ]
    context = {
        "asked": row,
        "units": units,
        "form": form,
        "refusal": refusal,
        "is_open": row.state == RequestState.WAITING,
        "pledge_url": reverse("bank_pledge", args=[row.pledge_id]),
    }
    return page(request, "request", context, status=422 if refusal or form.errors else 200)


def _get_request(request: HttpRequest, request_id: UUID) -> Any:
    row = queries.get_request(request_id, by=actor(request))
    if row.pledge.creditor_id != actor(request).party_id:
        raise NotFound
    return row


@bank_page()
def history_page(request: HttpRequest) -> HttpResponse:
    """What happened to my pledges, the newest first."""
    rows = list(_mine(request)[:AT_ONCE])
    _looked(request, rows, "list")
    found = [(one, row) for row in rows for one in history.history_of(row)]
    found.sort(key=lambda pair: pair[0].at, reverse=True)
    names = parties.names_of({one.by for one, _row in found if one.by})
    told = [
        (
            moment(one.at),
            row.number,
            reverse("bank_pledge", args=[row.pk]),
            one.what,
            names.get(one.by, "–") if one.by else "–",
        )
        for one, row in found[:200]
    ]
    return page(request, "history", {"happened": told})
