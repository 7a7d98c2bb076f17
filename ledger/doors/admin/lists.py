"""Lists to look at, filter, search and export; and the pages of their objects, with their acts."""

from collections.abc import Callable
from typing import Any, ClassVar
from urllib.parse import quote

from django.contrib import admin
from django.contrib.admin.utils import get_fields_from_path
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy
from unfold.admin import ModelAdmin
from unfold.views import ChangeList

from ledger.doors import tabular
from ledger.doors.acts import ConfirmedAction, actor_of, confirmed
from ledger.doors.admin.columns import copied, ids_in, in_words, is_somebody
from ledger.doors.admin.staff_site import site
from ledger.kernel.actors import Actor, Role

EXPORT_LIMIT = 100_000
SEES_ALL = (Role.AUDITOR, Role.ADMINISTRATOR)

# Filled in by config/wiring.py: called with (subject, actor, at, what) at each export.
on_export: list[Callable[..., object]] = []


class _Page(ChangeList):
    """A page of a list, with what its rows share: asked once for all of them."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        rows: list[Any] = list(self.result_list)  # type: ignore[has-type]
        columns = [one.names for one in self.list_display if hasattr(one, "names")]
        if columns:
            known = site.names_of({getattr(row, column) for row in rows for column in columns})
            for row in rows:
                row.shown_names = known
        self.model_admin.ask_once(rows)
        self.result_list = rows


class ReadOnlyAdmin(ModelAdmin):
    """A list to look at, filter, search and export; acts are confirmed actions."""

    confirmed_actions: ClassVar[tuple[type[ConfirmedAction], ...]] = ()
    # Acts that need no object ("open an account"); shown above the list.
    list_actions: ClassVar[tuple[type[ConfirmedAction], ...]] = ()
    open_to_all: ClassVar[bool] = False
    # Roles that may open this list at all; None means every signed-in role.
    readers: ClassVar[frozenset[Role] | None] = None
    export_fields: ClassVar[tuple[str, ...]] = ()
    # What an empty list says: what fills it.
    empty_text: ClassVar[Any] = gettext_lazy("What is recorded is listed here, and stays.")
    list_filter_submit = True
    list_fullwidth = True
    list_per_page = 50
    show_full_result_count = False
    actions = None
    change_form_template = "ledger/doors/object.html"
    change_list_template = "ledger/doors/list.html"

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return _Page

    def ask_once(self, rows: list[Any]) -> None:
        """Put beside the rows of a page what their columns would otherwise ask for one by one."""

    # --- who sees what

    def _may_read(self, request: HttpRequest) -> bool:
        actor = getattr(request, "actor", None)
        if actor is None:
            return False
        return self.readers is None or actor.has(*self.readers)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self._may_read(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may_read(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def scope(self, queryset: models.QuerySet[Any], actor: Actor) -> models.QuerySet[Any]:
        """The rows that the actor's party may see. Denied unless a room says otherwise."""
        return queryset.none()

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        queryset: models.QuerySet[Any] = super().get_queryset(request)
        actor = actor_of(request)
        if self.open_to_all or actor.has(*SEES_ALL):
            return queryset
        return self.scope(queryset, actor)

    def get_list_filter(self, request: HttpRequest) -> list[Any]:
        """A filter offers what the reader's own rows name: others' parks are not hers to know."""
        return [self._of_own_rows(one) for one in super().get_list_filter(request)]

    def _of_own_rows(self, told: Any) -> Any:
        if isinstance(told, str) and get_fields_from_path(self.model, told)[-1].is_relation:
            return (told, admin.RelatedOnlyFieldListFilter)
        return told

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Whose id it is stands on the page by name; other ids stand at its end, to be copied."""
        ids = ids_in(self.model)
        found, others = [], list[str]()
        for title, options in super().get_fieldsets(request, obj):
            columns = [one for one in options["fields"] if one in ids and not is_somebody(one)]
            fields = [
                self._unlabelled(in_words(one, self.model))
                for one in options["fields"]
                if one not in columns and one != self.opts.pk.name
            ]
            others += columns
            found.append((title, {**options, "fields": fields}))
        at_end = [copied(self.opts.pk.name, gettext_lazy("id of this record"))]
        at_end += [copied(one, ids[one]) for one in others]
        return [*found, (gettext_lazy("Identifiers"), {"fields": at_end})]

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        return [in_words(one, self.model) for one in super().get_list_display(request)]

    def _unlabelled(self, field: Any) -> Any:
        """A list colours a state by its code; an object's page shows the words alone."""
        shown = getattr(self, field, None) if isinstance(field, str) else None
        if shown is None or getattr(shown, "label", None) is None:
            return field

        @admin.display(description=shown.short_description)
        def show(row: Any) -> Any:
            told = shown(row)
            return told[1] if isinstance(told, tuple) else told

        show.__name__ = f"words_of_{field}"
        return show

    # --- addresses

    def get_urls(self) -> list[URLPattern]:
        names = self.opts.app_label, self.opts.model_name
        own = [
            path(
                "export.<str:form>",
                self.admin_site.admin_view(self.export),
                name="{}_{}_export".format(*names),
            ),
            path(
                "do/<str:action>/",
                self.admin_site.admin_view(self.act_on_list),
                name="{}_{}_do".format(*names),
            ),
            path(
                "<path:object_id>/do/<str:action>/",
                self.admin_site.admin_view(self.act),
                name="{}_{}_act".format(*names),
            ),
        ]
        inherited: list[URLPattern] = super().get_urls()
        return own + inherited

    def address(self, name: str, *args: Any) -> str:
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_{name}", args=args)

    # --- lists and objects

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        buttons = [
            (one.title, one.icon, self.address("do", one.name))
            for one in (kind() for kind in self.list_actions)
            if one.may(actor_of(request))
        ]
        query = request.GET.urlencode()
        context = {
            "list_buttons": buttons,
            "save_view_url": reverse(site.save_view_name) if site.save_view_name else "",
            "export_links": [
                (form.upper(), f"{self.address('export', form)}?{query}")
                for form in ("csv", "xlsx")
            ],
        }
        return super().changelist_view(request, {**context, **(extra_context or {})})

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> Any:
        obj = self.get_object(request, object_id)
        buttons = [
            (one.title, one.icon, self.address("act", object_id, one.name), one.dangerous)
            for one in (kind() for kind in self.confirmed_actions)
            if obj is not None and one.may(actor_of(request)) and one.is_offered(request, obj)
        ]
        context = {"object_buttons": buttons, **self.object_context(request, obj)}
        return super().change_view(
            request, object_id, form_url, {**context, **(extra_context or {})}
        )

    def object_context(self, request: HttpRequest, obj: Any) -> dict[str, Any]:
        """More for an object's page: `links` [(title, url)], `related` tables."""
        return {}

    # --- export

    def export(self, request: HttpRequest, form: str) -> HttpResponse:
        """What the filter shows, as a file; the export itself is recorded."""
        if not self._may_read(request) or form not in {"csv", "xlsx"}:
            return HttpResponse(status=404)
        changelist = self.get_changelist_instance(request)
        names = self.export_fields or tuple(
            field.attname
            for field in self.opts.concrete_fields
            if not isinstance(field, models.BinaryField)
        )
        headings = [self._heading(name) for name in names]
        found = changelist.get_queryset(request)[:EXPORT_LIMIT]
        rows = ([getattr(row, name) for name in names] for row in found)
        title = str(self.opts.verbose_name_plural)
        for record in on_export:
            record(
                subject=f"{self.opts.app_label}.{self.opts.object_name}:*",
                by=actor_of(request),
                at=timezone.now(),
                what={"form": form, "filter": request.GET.urlencode()},
            )
        if form == "csv":
            return download(tabular.to_csv(headings, rows), "text/csv", f"{title}.csv")
        book = tabular.to_xlsx(headings, rows, title=title)
        kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
        return download(book, kind, f"{title}.xlsx")

    def _heading(self, name: str) -> str:
        for field in self.opts.concrete_fields:
            if name in {field.attname, field.name}:
                return str(field.verbose_name)
        return name

    # --- acts

    def act(self, request: HttpRequest, object_id: str, action: str) -> HttpResponse:
        obj = self.get_object(request, object_id)
        if obj is None:
            return HttpResponse(status=404)
        back = self.address("change", object_id)
        return self._run(request, self._named(self.confirmed_actions, action), obj, back)

    def act_on_list(self, request: HttpRequest, action: str) -> HttpResponse:
        if not self._may_read(request):
            return HttpResponse(status=404)
        back = self.address("changelist")
        return self._run(request, self._named(self.list_actions, action), None, back)

    @staticmethod
    def _named(kinds: tuple[type[ConfirmedAction], ...], name: str) -> ConfirmedAction | None:
        return next((kind() for kind in kinds if kind.name == name), None)

    def _run(
        self, request: HttpRequest, action: ConfirmedAction | None, obj: Any, back: str
    ) -> HttpResponse:
        if action is None or not action.may(actor_of(request)):
            return HttpResponse(status=404)
        context = {**self.admin_site.each_context(request), "opts": self.opts}
        return confirmed(request, action, obj, back, context)


def download(content: bytes, kind: str, name: str) -> HttpResponse:
    """A file to keep, never shown inline."""
    response = HttpResponse(content, content_type=kind)
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
