"""The imports to look at, their problems to work through, and the acts on them."""

from collections.abc import Mapping
from typing import Any

from django.contrib import admin
from django.db.models import F, Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from ledger.approvals import operations as approvals
from ledger.approvals import queries as asked
from ledger.doors.admin import ConfirmedAction, ReadOnlyAdmin, actor_of, site
from ledger.imports import approvable, forms, layouts, models, operations, queries
from ledger.imports.operations.deciding import check_may_commit
from ledger.imports.rules import get_target
from ledger.imports.states import TRANSITIONS, ImportState
from ledger.kernel.actors import Actor, Role
from ledger.kernel.transitions import allows, check_transition

SHOWN = 50
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


class _Step(ConfirmedAction):
    """An act that the table of moves allows now."""

    to: ImportState
    sentence: Any = ""

    def is_offered(self, request: HttpRequest, obj: models.Import) -> bool:
        return allows(check_transition, TRANSITIONS, obj.state, self.to)

    def describe(
        self, request: HttpRequest, obj: models.Import, data: Mapping[str, Any]
    ) -> list[str]:
        return [obj.file_name, str(self.sentence)]


def _decided(
    request: HttpRequest, name: str, row: models.Import, payload: dict[str, Any], said: list[str]
) -> str | None:
    """None: nobody else need be asked. Otherwise the approvers are, once."""
    actor = actor_of(request)
    if not get_target(row.target).needs_approval(row.pk, actor):
        return None
    waits = _("The request waits for an approver. Nothing has been written yet.")
    if not asked.find_asked(operation=name, key=payload["key"], by=actor):
        approvals.request_approval(
            operation=name, payload=payload, summary=said, party_id=actor.own_party, by=actor,
            at=timezone.now(),
        )  # fmt: skip
    return waits


class TakeIn(_Step):
    name, title, operation = "take-in", gettext_lazy("Take into the books"), approvable.COMMIT
    to = ImportState.COMMITTING
    icon = "download_done"

    def describe(
        self, request: HttpRequest, obj: models.Import, data: Mapping[str, Any]
    ) -> list[str]:
        check_may_commit(obj)
        said = approvable.sentences_of(obj)
        if get_target(obj.target).needs_approval(obj.pk, actor_of(request)):
            said.append(_("This asks for an approval: another person decides."))
        return said

    def perform(
        self, request: HttpRequest, obj: models.Import, data: Mapping[str, Any], key: str
    ) -> str:
        check_may_commit(obj)
        payload = approvable.payload_of(obj, key=key)
        waits = _decided(request, self.operation, obj, payload, approvable.sentences_of(obj))
        if waits is not None:
            return waits
        operations.commit_import(import_id=obj.pk, by=actor_of(request), at=timezone.now())
        return _("The file is being taken in.")


class Undo(_Step):
    name, title, operation = "undo", gettext_lazy("Undo"), approvable.UNDO
    to = ImportState.UNDOING
    icon = "undo"
    dangerous = True
    form_class = forms.ReasonForm

    def may(self, actor: Actor) -> bool:
        """A carbon manager may ask for what only an approver lets happen."""
        return actor.has(Role.CARBON_MANAGER) or super().may(actor)

    def describe(
        self, request: HttpRequest, obj: models.Import, data: Mapping[str, Any]
    ) -> list[str]:
        return approvable.describe_undo(approvable.payload_of(obj, reason=data["reason"]))

    def perform(
        self, request: HttpRequest, obj: models.Import, data: Mapping[str, Any], key: str
    ) -> str:
        payload = approvable.payload_of(obj, key=key, reason=data["reason"])
        said = approvable.describe_undo(payload)
        waits = _decided(request, self.operation, obj, payload, said)
        if waits is not None:
            return waits
        operations.undo_import(
            import_id=obj.pk, reason=data["reason"], by=actor_of(request), at=timezone.now()
        )
        return _("The import is being undone.")


class CheckAgain(_Step):
    name, title = "check", gettext_lazy("Check again")
    operation = "imports.check_again"
    to = ImportState.STAGING
    icon = "refresh"
    sentence = gettext_lazy("The lines are compared with the books as they are now.")

    def is_offered(self, request: HttpRequest, obj: models.Import) -> bool:
        return obj.is_staged and super().is_offered(request, obj)

    def perform(
        self, request: HttpRequest, obj: models.Import, data: Mapping[str, Any], key: str
    ) -> str:
        operations.check_again(import_id=obj.pk, by=actor_of(request), at=timezone.now())
        return _("The file is being checked.")


class SetAside(CheckAgain):
    name, title = "set-aside", gettext_lazy("Set lines aside")
    operation = "imports.set_aside_lines"
    icon = "playlist_remove"
    form_class = forms.SetAsideForm

    def describe(
        self, request: HttpRequest, obj: models.Import, data: Mapping[str, Any]
    ) -> list[str]:
        chosen = self._lines(obj, data)
        count = len(chosen) or queries.standing_problems(obj).filter(is_blocking=True).count()
        return [
            _("%(count)s lines are left out; they stay in the import, with their problems.")
            % {"count": number_format(count)},
            _("Reason: %(reason)s.") % {"reason": data["reason"]},
            _("The rest is checked again."),
        ]

    @staticmethod
    def _lines(obj: models.Import, data: Mapping[str, Any]) -> list[tuple[int, int]]:
        wanted = Q()
        for first, last in data["rows"]:
            wanted |= Q(row_number__gte=first, row_number__lte=last)
        if not data["rows"]:
            return []
        rows = models.ImportRow.objects.filter(wanted, import_id=obj.pk)
        return list(rows.order_by("row_number", "line").values_list("row_number", "line"))

    def perform(
        self, request: HttpRequest, obj: models.Import, data: Mapping[str, Any], key: str
    ) -> str:
        count = operations.set_aside_lines(
            import_id=obj.pk, lines=self._lines(obj, data), reason=data["reason"],
            by=actor_of(request), at=timezone.now(),
        )  # fmt: skip
        return _("%(count)s lines are set aside.") % {"count": count}


class Discard(_Step):
    name, title = "discard", gettext_lazy("Discard")
    operation = "imports.discard_import"
    to = ImportState.DISCARDED
    icon = "delete"
    dangerous = True
    form_class = forms.ReasonForm
    sentence = gettext_lazy("The file is put aside; nothing of it is in the books.")

    def perform(
        self, request: HttpRequest, obj: models.Import, data: Mapping[str, Any], key: str
    ) -> str:
        operations.discard_import(
            import_id=obj.pk, reason=data["reason"], by=actor_of(request), at=timezone.now()
        )
        return _("The import is discarded.")


class Upload(ConfirmedAction):
    """A link above the list: the upload has a page of its own."""

    name, title, operation = "upload", gettext_lazy("Import a file"), "imports.upload_file"
    icon = "upload_file"


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
    confirmed_actions = (TakeIn, CheckAgain, SetAside, Undo, Discard)
    list_actions = (Upload,)
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
            "links": _links(obj),
            "related": [_written(obj), _kinds_of_problems(obj), _first_problems(obj)],
        }


def _links(obj: models.Import) -> list[tuple[str, str]]:
    problems = reverse("admin:ledger_imports_importproblem_changelist")
    wanted = f"import_of__id__exact={obj.pk}"
    found = [
        (_("All problems"), f"{problems}?{wanted}"),
        (_("Problems as CSV"), f"{problems}export.csv?{wanted}"),
        (_("Problems as XLSX"), f"{problems}export.xlsx?{wanted}"),
        (
            _("Lines as they came"),
            f"{reverse('admin:ledger_imports_importrow_changelist')}?import_id={obj.pk}",
        ),
    ]
    if obj.job_id:
        found.append((_("The job"), reverse("admin:ledger_jobs_job_change", args=[obj.job_id])))
    if obj.state == ImportState.UPLOADED:
        found.insert(0, (_("Map the columns"), reverse("import_mapping", args=[obj.pk])))
    return found


def _written(obj: models.Import) -> dict[str, Any]:
    rows = [
        (
            approvable.kind_name(one["kind"]), one["scheme"], one["vintage"] or "–",
            number_format(one["movements"]), number_format(one["units"]),
        )
        for one in obj.summary.get("written", [])[:200]
    ]  # fmt: skip
    done = obj.state in {ImportState.COMMITTED, ImportState.UNDOING, ImportState.UNDONE}
    return {
        "title": _("What was written") if done else _("What will be written"),
        "headings": [_("Movement"), _("Scheme"), _("Vintage"), _("Records"), _("Units")],
        "rows": rows,
    }


def _kinds_of_problems(obj: models.Import) -> dict[str, Any]:
    rows = [
        (code, _("keeps the file out") if blocks else _("notice"), number_format(count))
        for code, blocks, count in queries.problem_counts(obj)
    ]
    return {"title": _("Problems by kind"), "headings": [_("Code"), _("Effect"), _("How many")],
            "rows": rows}  # fmt: skip


def _first_problems(obj: models.Import) -> dict[str, Any]:
    found = queries.standing_problems(obj)[:SHOWN]
    rows = [(one.row_number or "–", one.column, one.text) for one in found]
    return {
        "title": _("The first problems"),
        "headings": [_("Row"), _("Column"), _("Reason")],
        "rows": rows,
    }


@admin.register(models.ImportProblem, site=site)
class ImportProblemAdmin(ReadOnlyAdmin):
    list_display = ("row_number", "line", "column", "reason", "is_blocking", "file_name")
    list_filter = ("code", "is_blocking", "column")
    search_fields = ("=row_number", "code", "column")
    list_select_related = ("import_of",)
    ordering = ("row_number", "line", "id")
    export_fields = ("row_number", "line", "column", "code", "text")
    fields = ("file_name", "row_number", "line", "column", "code", "reason", "is_blocking")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Those found while reading, and those of the newest check."""
        rows: QuerySet[Any] = super().get_queryset(request)
        return rows.filter(Q(check_number=0) | Q(check_number=F("import_of__check_number")))

    def scope(self, queryset: QuerySet[Any], actor: Actor) -> QuerySet[Any]:
        return queryset.filter(import_of__party_id=actor.party_id)

    def _heading(self, name: str) -> str:
        return _("Reason") if name == "text" else super()._heading(name)

    @admin.display(description=gettext_lazy("reason"))
    def reason(self, row: models.ImportProblem) -> str:
        return row.text

    @admin.display(description=gettext_lazy("file name"))
    def file_name(self, row: models.ImportProblem) -> str:
        return row.import_of.file_name


@admin.register(models.ImportRow, site=site)
class ImportRowAdmin(ReadOnlyAdmin):
    list_display = ("row_number", "line", "natural_key", "raw")
    search_fields = ("=row_number",)
    ordering = ("import_id", "row_number", "line")
    export_fields = ("row_number", "line", "natural_key", "raw", "record")
    fields = ("row_number", "line", "natural_key", "raw", "record")

    def scope(self, queryset: QuerySet[Any], actor: Actor) -> QuerySet[Any]:
        own = models.Import.objects.filter(party_id=actor.own_party)
        return queryset.filter(import_id__in=own.values("pk"))


@admin.register(models.Mapping, site=site)
class MappingAdmin(ReadOnlyAdmin):
    list_display = ("name", "is_shared", "is_unconfirmed", "made_at", "made_by")
    list_filter = ("is_shared", "is_unconfirmed")
    search_fields = ("name",)
    ordering = ("name", "-made_at")

    def scope(self, queryset: QuerySet[Any], actor: Actor) -> QuerySet[Any]:
        return queryset.filter(Q(party_id=actor.own_party) | Q(is_shared=True))


@admin.register(models.SetAside, site=site)
class SetAsideAdmin(ReadOnlyAdmin):
    list_display = ("import_of", "row_number", "line", "reason", "set_at", "set_by")
    list_select_related = ("import_of",)
    ordering = ("-set_at", "row_number")

    def scope(self, queryset: QuerySet[Any], actor: Actor) -> QuerySet[Any]:
        return queryset.filter(import_of__party_id=actor.party_id)
