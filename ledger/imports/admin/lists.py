"""The imports to look at, and their problems to work through."""

from typing import Any

from django.contrib import admin
from django.db.models import F, Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from ledger.doors.admin import ReadOnlyAdmin, actor_of, site
from ledger.doors.wording import number_format
from ledger.imports import layouts, models, queries, showing
from ledger.imports.admin import acts
from ledger.imports.forms import ORDERS, TOLD_IN
from ledger.imports.rules import get_target
from ledger.imports.states import ImportState
from ledger.kernel.actors import Actor

COLOURS = {
    ImportState.UPLOADED: "info",
    ImportState.STAGING: "warning",
    ImportState.READY: "success",
    ImportState.FAULTY: "danger",
    ImportState.COMMITTING: "warning",
    ImportState.COMMITTED: "success",
    ImportState.UNDOING: "warning",
    ImportState.UNDONE: "",
    ImportState.DISCARDED: "",
}
WORKING = frozenset({ImportState.STAGING, ImportState.COMMITTING, ImportState.UNDOING})


@admin.register(models.Import, site=site)
class ImportAdmin(ReadOnlyAdmin):
    list_display = (
        "file_name", "show_target", "show_layout", "show_state", "lines", "problems", "uploaded_at",
    )  # fmt: skip
    list_filter = ("state", "target", "layout", "uploaded_at")
    search_fields = ("file_name", "sha256")
    ordering = ("-uploaded_at",)
    list_select_related = ("mapping",)
    fields = (
        "file_name", "show_target", "show_layout", "show_state", "show_account", "as_of", "lines",
        "records", "problems", "notice_count", "reason", "sha256", "uploaded_at", "uploaded_by",
        "moved_at", "moved_by",
    )  # fmt: skip
    confirmed_actions = (
        acts.TakeIn, acts.CheckAgain, acts.Tell, acts.SetAside, acts.Undo, acts.Discard,
    )  # fmt: skip
    list_actions = (acts.Upload,)
    change_form_template = "ledger/imports/import.html"

    def scope(self, queryset: QuerySet[Any], actor: Actor) -> QuerySet[Any]:
        return queryset.filter(party_id=actor.party_id)

    def act_on_list(self, request: HttpRequest, action: str) -> Any:
        from django.shortcuts import redirect

        return redirect(reverse("import_upload"))

    @display(description=gettext_lazy("goes into"), ordering="target")
    def show_target(self, row: models.Import) -> str:
        return _(get_target(row.target).title)

    @display(description=gettext_lazy("layout"), ordering="layout")
    def show_layout(self, row: models.Import) -> str:
        if row.mapping is not None:
            return row.mapping.name
        return _(layouts.get(row.layout).name) if row.layout else "–"

    @display(description=gettext_lazy("state"), label=COLOURS, ordering="state")
    def show_state(self, row: models.Import) -> tuple[str, str]:
        return row.state, row.get_state_display()

    @display(description=gettext_lazy("lines"), ordering="line_count")
    def lines(self, row: models.Import) -> str:
        return number_format(row.line_count)

    @display(description=gettext_lazy("records"), ordering="record_count")
    def records(self, row: models.Import) -> str:
        return number_format(row.record_count)

    @display(description=gettext_lazy("problems"), ordering="problem_count")
    def problems(self, row: models.Import) -> str:
        return number_format(row.problem_count)

    @display(description=gettext_lazy("account"))
    def show_account(self, row: models.Import) -> str:
        return queries.account_name(row) or "–"

    def object_context(self, request: HttpRequest, obj: models.Import | None) -> dict[str, Any]:
        if obj is None:
            return {}
        return {
            "row": obj,
            "job": queries.job_of(obj, by=actor_of(request)),
            "refresh_seconds": 2 if obj.state in WORKING else 0,
            "what_next": showing.what_next(obj),
            "is_kept_out": obj.state == ImportState.FAULTY,
            "links": showing.links(obj),
            "related": [
                showing.written(obj),
                showing.kinds_of_problems(obj),
                showing.first_problems(obj),
            ],
        }


@admin.register(models.ImportProblem, site=site)
class ImportProblemAdmin(ReadOnlyAdmin):
    list_display = ("row_number", "line", "show_column", "reason", "is_blocking", "file_name")
    list_filter = ("code", "is_blocking", "column")
    search_fields = ("=row_number", "code", "column")
    list_select_related = ("import_of__mapping",)
    ordering = ("row_number", "line", "id")
    export_fields = ("row_number", "line", "shown_column", "code", "text")
    fields = ("file_name", "row_number", "line", "show_column", "code", "reason", "is_blocking")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Those found while reading, and those of the newest check."""
        rows: QuerySet[Any] = super().get_queryset(request)
        return rows.filter(Q(check_number=0) | Q(check_number=F("import_of__check_number")))

    def scope(self, queryset: QuerySet[Any], actor: Actor) -> QuerySet[Any]:
        return queryset.filter(import_of__party_id=actor.party_id)

    def _heading(self, name: str) -> str:
        named = {"text": _("Reason"), "shown_column": _("Column")}
        return named.get(name) or super()._heading(name)

    @admin.display(description=gettext_lazy("column"), ordering="column")
    def show_column(self, row: models.ImportProblem) -> str:
        return row.shown_column

    @admin.display(description=gettext_lazy("reason"))
    def reason(self, row: models.ImportProblem) -> str:
        return row.text

    @admin.display(description=gettext_lazy("file name"))
    def file_name(self, row: models.ImportProblem) -> str:
        return row.import_of.file_name


@admin.register(models.ImportRow, site=site)
class ImportRowAdmin(ReadOnlyAdmin):
    list_display = ("row_number", "line", "show_key", "show_raw")
    search_fields = ("=row_number",)
    ordering = ("import_id", "row_number", "line")
    export_fields = ("row_number", "line", "natural_key", "raw", "record")
    fields = ("row_number", "line", "show_key", "show_raw", "record")

    @admin.display(description=gettext_lazy("what the line says"), ordering="natural_key")
    def show_key(self, row: models.ImportRow) -> str:
        return showing.key_in_words(row.natural_key)

    @admin.display(description=gettext_lazy("cells"))
    def show_raw(self, row: models.ImportRow) -> str:
        return " · ".join(str(cell) for cell in row.raw if cell)

    def scope(self, queryset: QuerySet[Any], actor: Actor) -> QuerySet[Any]:
        own = models.Import.objects.filter(party_id=actor.own_party)
        return queryset.filter(import_id__in=own.values("pk"))


@admin.register(models.Mapping, site=site)
class MappingAdmin(ReadOnlyAdmin):
    list_display = ("name", "is_shared", "is_unconfirmed", "made_at", "made_by")
    list_filter = ("is_shared", "is_unconfirmed")
    search_fields = ("name",)
    ordering = ("name", "-made_at")
    fields = (
        "name", "show_act", "show_scheme", "show_told_in", "show_dates", "show_key", "is_shared",
        "is_unconfirmed", "made_at", "made_by",
    )  # fmt: skip
    export_fields = ("name", "content", "is_shared", "is_unconfirmed", "made_at")

    @admin.display(description=gettext_lazy("What a line says"))
    def show_act(self, row: models.Mapping) -> str:
        return queries.act_in_words(row.content["act"])

    @admin.display(description=gettext_lazy("Scheme of all lines"))
    def show_scheme(self, row: models.Mapping) -> str:
        return row.content["scheme"] or _("a column names it")

    @admin.display(description=gettext_lazy("Quantities are told in"))
    def show_told_in(self, row: models.Mapping) -> str:
        return str(dict(TOLD_IN)[row.content.get("told_in", "")])

    @admin.display(description=gettext_lazy("How the file writes days"))
    def show_dates(self, row: models.Mapping) -> str:
        return str(dict(ORDERS)[row.content["dates"]])

    @admin.display(description=gettext_lazy("Columns that name a line"))
    def show_key(self, row: models.Mapping) -> str:
        return ", ".join(row.content["key"]) or "–"

    def object_context(self, request: HttpRequest, obj: models.Mapping | None) -> dict[str, Any]:
        return {} if obj is None else {"related": [showing.fields_of(obj)]}

    def scope(self, queryset: QuerySet[Any], actor: Actor) -> QuerySet[Any]:
        return queryset.filter(Q(party_id=actor.own_party) | Q(is_shared=True))


@admin.register(models.SetAside, site=site)
class SetAsideAdmin(ReadOnlyAdmin):
    list_display = ("import_of", "row_number", "line", "reason", "set_at", "set_by")
    list_select_related = ("import_of",)
    ordering = ("-set_at", "row_number")

    def scope(self, queryset: QuerySet[Any], actor: Actor) -> QuerySet[Any]:
        return queryset.filter(import_of__party_id=actor.party_id)
