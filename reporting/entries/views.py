"""The page on which a method is chosen."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from ledger.doors.admin import site
from reporting.entries import queries
from reporting.entries.rules.standing import parts_of
from reporting.entries.states import Method


def entry_methods(request: HttpRequest) -> HttpResponse:
    """Each method with the places that it is for, and the way to its form."""
    parts, names = queries.part_names(), queries.method_names()
    rows = [
        {
            "name": names[method],
            "parts": [parts[part] for part in parts_of(method)],
            "address": reverse("admin:reporting_entries_entry_do", args=[method.value.lower()]),
        }
        for method in Method
    ]
    page = {**site.each_context(request), "title": _("Enter activity"), "methods": rows}
    return render(request, "reporting/entries/methods.html", page)
