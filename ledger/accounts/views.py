"""The matrix of account types and transactions, every cell with its reason."""

from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from ledger.accounts import forms, queries
from ledger.accounts.forms import REACHES
from ledger.accounts.models import TYPES
from ledger.doors.admin import dressed, site


def matrix(request: HttpRequest) -> HttpResponse:
    """One table for a kind of movement: from, to, how far, what it is called, and why."""
    form = dressed(forms.MatrixFilter(request.GET or {"kind": queries.Kind.TRANSFER}))
    kind = form.cleaned_data["kind"] if form.is_valid() else queries.Kind.TRANSFER
    page: dict[str, Any] = {
        **site.each_context(request),
        "title": _("Account types and transactions"),
        "form": form,
        "headings": [_("from"), _("to"), _("how far"), _("transaction"), _("reason")],
        "rows": list(_rows(kind)),
    }
    return render(request, "ledger/accounts/matrix.html", page)


def _rows(kind: str) -> Iterator[list[str]]:
    is_chinese = (get_language() or "").startswith("zh")
    types, reaches, names = dict(TYPES), dict(REACHES), queries.transactions()
    for (found, source, target, reach), cell in queries.matrix().items():
        if found != kind:
            continue
        told = names.get(cell.transaction)
        called = (told.name_zh if is_chinese else told.name_en) if told else _("refused")
        if told and told.confidence == "C":
            called = _("%(name)s (unverified)") % {"name": called}
        reason = cell.reason_zh if is_chinese else cell.reason
        yield [str(types[source]), str(types[target]), str(reaches[reach]), called, reason]
