"""The site for staff, in the theme's clothes; what rooms above put in place stands on it."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy
from unfold.sites import UnfoldAdminSite


class TanzhangAdminSite(UnfoldAdminSite):
    """One site for staff. Signing in happens at our own door, with the second factor."""

    site_title = gettext_lazy("Tanzhang")
    site_header = gettext_lazy("Tanzhang")
    index_title = gettext_lazy("Home")
    empty_value_display = "–"  # as everywhere else on our pages
    # The home page and where a view is kept: the desk's, put in place by config/wiring.py.
    home: Callable[[HttpRequest], HttpResponseBase] | None = None
    # Names for ids of parties, users and machines: put in place by config/wiring.py.
    names_of: Callable[[Iterable[Any]], Mapping[Any, str]] = staticmethod(lambda ids: {})
    # Asking the approvers of the actor's own party, (request, operation, payload, summary) → what
    # came of it; and who would decide, (request, operation, payload) → a sentence. Likewise.
    propose: Callable[[HttpRequest, str, Mapping[str, Any], list[str]], str]
    who_decides: Callable[[HttpRequest, str, Mapping[str, Any]], str]
    save_view_name = ""

    def has_permission(self, request: HttpRequest) -> bool:
        return getattr(request, "actor", None) is not None

    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        goal = request.GET.get("next", "/admin/")
        return redirect(f"/sign-in/?{urlencode({'next': goal})}")

    def logout(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        return redirect("/sign-out/", preserve_request=True)

    def get_app_list(
        self, request: HttpRequest, app_label: str | None = None
    ) -> list[dict[str, Any]]:
        """Of one room. The side bar is the desk's own: to draw up all of them, as the theme does
        for each page, took a tenth of a page's time.
        """
        return super().get_app_list(request, app_label) if app_label else []

    def index(self, request: HttpRequest, extra_context: Any = None) -> Any:
        if self.home is not None:
            return self.home(request)
        return super().index(request, extra_context)


site = TanzhangAdminSite()


def link_to(subject: str) -> str:
    """The page of what an event's subject ("pledges.Pledge:<id>") means, called by its kind."""
    kind, _colon, key = subject.partition(":")
    for model in site._registry:
        if kind == f"{model.__module__.split('.')[1]}.{model.__name__}":
            page = reverse(f"admin:{model._meta.label_lower.replace('.', '_')}_change", args=[key])
            return format_html('<a href="{}">{}</a>', page, model._meta.verbose_name)
    return kind or "–"


def worded(words: Callable[[], Callable[[str], Any]]) -> type[admin.AllValuesFieldListFilter]:
    """A filter over the values that stand in a column, each in words; unknown ones as they are.

    `words` is asked once for a page.
    """

    class Worded(admin.AllValuesFieldListFilter):
        def choices(self, changelist: Any) -> Iterator[Any]:
            word = words()
            for one in super().choices(changelist):
                yield {**one, "display": word(str(one["display"]))}

    return Worded
