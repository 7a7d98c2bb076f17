"""The inbox, what one does with a notice, and how one wants one's mail."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from ledger.doors.admin import EXPORT_LIMIT, actor_of, dressed, refusal_text, site
from ledger.doors.exporting import FORMS, as_file
from ledger.kernel.actors import Actor
from ledger.kernel.errors import DomainError
from ledger.notices import forms, mail, operations, queries
from ledger.notices.rules import beijing_day
from ledger.parties import queries as parties

ON_A_PAGE = 50


def inbox(request: HttpRequest) -> HttpResponse:
    """What stands for her at the present party, the newest first."""
    actor, on = actor_of(request), beijing_day(timezone.now())
    form = dressed(forms.InboxForm(request.GET))
    asked = form.cleaned_data if form.is_valid() else {}
    found: Any = queries.inbox(actor, on=on, show=asked.get("show") or "open")
    for name in ("kind", "severity"):
        if asked.get(name):
            found = found.filter(**{name: asked[name]})
    if request.GET.get("export") in FORMS:
        return _file(request, found)
    before = _id_or_none(request.GET.get("before", ""))
    rows = list((found.filter(pk__lt=before) if before else found)[: ON_A_PAGE + 1])
    query = request.GET.copy()
    for name in ("before", "export"):
        query.pop(name, None)
    page = {
        **site.each_context(request),
        "title": _("Notices"),
        "form": form,
        "rows": [queries.shown(row) for row in rows[:ON_A_PAGE]],
        "unread": queries.unread(actor, on=on).count,
        "next": rows[ON_A_PAGE - 1].pk if len(rows) > ON_A_PAGE else None,
        "q": query.urlencode(),
        "files": [(one.upper(), f"?{query.urlencode()}&export={one}") for one in FORMS],
        "tomorrow": on + timedelta(days=1),
        "here": request.get_full_path(),
    }
    return render(request, "ledger/notices/inbox.html", page)


def _id_or_none(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _file(request: HttpRequest, found: Any) -> HttpResponse:
    rows = [queries.shown(row) for row in found[:EXPORT_LIMIT]]
    columns = {
        "title": _("Kind"),
        "severity": _("Severity"),
        "sentence": _("Notice"),
        "due_on": _("due on"),
        "created_at": _("first seen"),
        "settled_at": _("settled at"),
    }
    return as_file(
        request,
        request.GET["export"],
        headings=list(columns.values()),
        rows=([row[name] for name in columns] for row in rows),
        title=_("Notices"),
        subject="notices.Notice:*",
    )


def follow(request: HttpRequest, notice_id: UUID) -> HttpResponse:
    """To the thing itself; whoever goes there has read the notice."""
    by = queries.reader(actor_of(request))
    try:
        operations.mark_read(notice_id=notice_id, by=by, at=timezone.now())
        address = queries.told(queries.get_notice(notice_id, by)).address
    except DomainError as error:
        messages.error(request, refusal_text(error))
        address = ""
    return redirect(address or "notices_inbox")


def _back(request: HttpRequest) -> HttpResponse:
    goal = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(goal, allowed_hosts=None):
        return redirect(goal)
    return redirect("notices_inbox")


def _reader(request: HttpRequest) -> Actor:
    return queries.reader(actor_of(request))


@require_POST
def read(request: HttpRequest, notice_id: UUID) -> HttpResponse:
    try:
        operations.mark_read(notice_id=notice_id, by=_reader(request), at=timezone.now())
    except DomainError as error:
        messages.error(request, refusal_text(error))
    return _back(request)


@require_POST
def read_all(request: HttpRequest) -> HttpResponse:
    count = operations.mark_all_read(by=_reader(request), at=timezone.now())
    said = ngettext("%(count)s notice is marked read.", "%(count)s notices are marked read.", count)
    messages.success(request, said % {"count": count})
    return _back(request)


@require_POST
def dismiss(request: HttpRequest, notice_id: UUID) -> HttpResponse:
    try:
        operations.dismiss(notice_id=notice_id, by=_reader(request), at=timezone.now())
        messages.success(request, _("The notice is away until its next reminder."))
    except DomainError as error:
        messages.error(request, refusal_text(error))
    return _back(request)


@require_POST
def snooze(request: HttpRequest, notice_id: UUID) -> HttpResponse:
    form = forms.SnoozeForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Say until which day."))
        return _back(request)
    until = form.cleaned_data["until"]
    try:
        operations.snooze(notice_id=notice_id, until=until, by=_reader(request), at=timezone.now())
        messages.success(request, _("The notice comes back on %(day)s.") % {"day": until})
    except DomainError as error:
        messages.error(request, refusal_text(error))
    return _back(request)


@require_http_methods(["GET", "POST"])
def preferences(request: HttpRequest) -> HttpResponse:
    """How she wants her mail, at every party."""
    user = parties.get_user(actor_of(request).user_id)
    given = forms.PreferencesForm.given(queries.wishes_of([user.pk])[user.pk])
    form = dressed(forms.PreferencesForm(request.POST or None, initial=given))
    if request.method == "POST" and form.is_valid():
        return _kept(request, form)
    page = {
        **site.each_context(request),
        "title": _("How you get notices by mail"),
        "form": form,
        "mail_is_on": mail.is_on(),
        "address": user.email,
        "back": reverse("notices_inbox"),
    }
    status = 422 if form.errors else 200
    return render(request, "ledger/notices/preferences.html", page, status=status)


def _kept(request: HttpRequest, form: forms.PreferencesForm) -> HttpResponse:
    data = form.cleaned_data
    operations.set_preferences(
        modes=form.modes(),
        digest_hour=data["digest_hour"],
        quiet_from=data["quiet_from"],
        quiet_to=data["quiet_to"],
        urgent_any_time=data["urgent_any_time"],
        by=_reader(request),
        at=timezone.now(),
    )
    messages.success(request, _("Your preferences are kept."))
    return redirect("notices_preferences")
