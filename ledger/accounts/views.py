"""The matrix of account types and transactions, every cell with its reason."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from ledger.accounts import forms, queries
from ledger.accounts.forms import REACHES
from ledger.accounts.models import TYPES
from ledger.doors.admin import dressed, site
from ledger.doors.wording import in_language

FIRST = {"kind": queries.Kind.TRANSFER.value}


def matrix(request: HttpRequest) -> HttpResponse:
    """A kind of movement as a square of from and to; below, each cell with how far and why."""
    form = dressed(forms.MatrixFilter(request.GET or FIRST))
    asked = form.cleaned_data if form.is_valid() else FIRST
    page: dict[str, Any] = {
        **site.each_context(request),
        "title": _("Account types and transactions"),
        "form": form,
        "types": [str(name) for _code, name in TYPES],
        "square": list(_square(asked["kind"])),
        "headings": [
            pgettext("account", "from"),
            pgettext("account", "to"),
            _("how far"),
            pgettext("account", "transaction"),
            _("reason"),
        ],
        "rows": sorted(_rows(asked), key=lambda row: row[3] == _("refused")),
    }
    return render(request, "ledger/accounts/matrix.html", page)


def _called(cell: queries.Cell) -> str:
    told = queries.transactions().get(cell.transaction)
    if told is None:
        return _("refused")
    name = in_language(told.name_zh, told.name_en)
    return _("%(name)s (unverified)") % {"name": name} if told.confidence == "C" else name


def _square(kind: str) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """For each giving type its name, and what it is called towards each type, and why."""
    cells = queries.matrix()
    for source, name in TYPES:
        line = []
        for target, _target in TYPES:
            met = [
                cells[key] for one in queries.Reach if (key := (kind, source, target, one)) in cells
            ]
            possible = list(dict.fromkeys(_called(one) for one in met if one.allowed))
            why = dict.fromkeys(in_language(one.reason_zh, one.reason) for one in met)
            line.append((" / ".join(possible), "; ".join(why)))
        yield str(name), line


def _rows(asked: Mapping[str, str]) -> Iterator[list[str]]:
    types, reaches = dict(TYPES), dict(REACHES)
    wanted = (asked.get("source"), asked.get("target"))
    for (kind, source, target, reach), cell in queries.matrix().items():
        if kind != asked["kind"] or asked.get("answer") == ("no" if cell.allowed else "yes"):
            continue
        if any(want and want != is_ for want, is_ in zip(wanted, (source, target), strict=True)):
            continue
        reason = in_language(cell.reason_zh, cell.reason)
        yield [str(types[source]), str(types[target]), str(reaches[reach]), _called(cell), reason]
