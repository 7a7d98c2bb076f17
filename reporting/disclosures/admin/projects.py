"""The register of sink and CCUS projects, with what each removed as a memo."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from ledger.approvals.proposing import ProposedAction
from ledger.doors.admin import Choices, ReadOnlyAdmin, actor_of, site
from ledger.doors.wording import in_language, number_format
from ledger.files import queries as files
from ledger.instruments import queries as instruments
from ledger.kernel.actors import Actor, Role
from reporting.disclosures import forms, models
from reporting.disclosures.admin.telling import MOST_FILES, READERS
from reporting.disclosures.queries import projects
from reporting.parks import queries as parks

MAKERS = frozenset({Role.CARBON_MANAGER, Role.DATA_OFFICER})
NONE = ("", "–")


def _files(by: Actor) -> Choices:
    known = files.files_of(by).values_list("pk", "name", "stored_at")[:MOST_FILES]
    return [(str(pk), f"{name} · {at:%Y-%m-%d}") for pk, name, at in known]


def _tonnes(amount: Any) -> str:
    return number_format(amount, 2, force_grouping=True)


class _Project(ProposedAction):
    operation = "disclosures.enter_project"
    form_class = forms.ProjectForm
    icon = "forest"
    makers = MAKERS

    def choices(self, request: HttpRequest, obj: Any) -> Mapping[str, Choices]:
        by = actor_of(request)
        registered = [
            (str(one.pk), f"{one.scheme_id} {one}") for one in instruments.projects()[:MOST_FILES]
        ]
        return {
            "park_id": [(str(one.id), parks.shown_name(one)) for one in _own_parks(by)],
            "credit_project_id": [NONE, *registered],
            "evidence_id": [NONE, *_files(by)],
        }

    def values(self, obj: Any, data: Mapping[str, Any]) -> Mapping[str, Any]:
        ids = {
            name: UUID(data[name]) if data[name] else None
            for name in ("park_id", "credit_project_id", "evidence_id")
        }
        return {**data, **ids}


def _own_parks(by: Actor) -> list[Any]:
    return list(parks.parks_of(by.own_party))


class EnterProject(_Project):
    name, title = "enter", gettext_lazy("Enter a project")


class CorrectProject(_Project):
    name, title = "correct", gettext_lazy("Correct the project")

    def initial(self, request: HttpRequest, obj: models.Project) -> Mapping[str, Any]:
        return {name: getattr(obj, name) for name in forms.ProjectForm.base_fields}


class TellRemoval(ProposedAction):
    name, title = "removal", gettext_lazy("Tell a removal")
    operation = "disclosures.tell_removal"
    form_class = forms.RemovalForm
    icon = "compost"
    makers = MAKERS

    def choices(self, request: HttpRequest, obj: Any) -> Mapping[str, Choices]:
        return {"evidence_id": _files(actor_of(request))}

    def values(self, obj: models.Project, data: Mapping[str, Any]) -> Mapping[str, Any]:
        return {**data, "project_id": obj.pk, "evidence_id": UUID(data["evidence_id"])}


@admin.register(models.Project, site=site)
class ProjectAdmin(ReadOnlyAdmin):
    readers = READERS
    list_display = (
        "code", "show_name", "kind", "stage", "show_expected", "show_removed", "starts_on",
    )  # fmt: skip
    list_filter = ("kind", "stage")
    search_fields = ("code", "name_zh", "name_en", "methodology")
    list_actions = (EnterProject,)
    confirmed_actions = (CorrectProject, TellRemoval)
    fields = (
        "code", "show_name", "show_park", "kind", "stage", "methodology", "show_expected",
        "show_removed", "starts_on", "ends_on", "show_credits", "note", "evidence_sha256",
        "version", "recorded_at",
    )  # fmt: skip
    export_fields = (
        "code", "name_zh", "name_en", "kind", "stage", "methodology", "expected_tco2e",
        "starts_on", "ends_on", "credit_project_id", "evidence_sha256", "version", "recorded_at",
    )  # fmt: skip

    def scope(self, queryset: QuerySet[models.Project], actor: Actor) -> QuerySet[models.Project]:
        own = queryset.filter(pk__in=projects.projects_for(actor).values("pk"))
        return projects.with_removed(own)

    @display(description=gettext_lazy("name"))
    def show_name(self, row: models.Project) -> str:
        return in_language(row.name_zh, row.name_en)

    @display(description=gettext_lazy("park"))
    def show_park(self, row: models.Project) -> str:
        return parks.shown_name(parks.get_park(row.park_id))

    @display(description=gettext_lazy("expected in a year, tCO2e"), ordering="expected_tco2e")
    def show_expected(self, row: models.Project) -> str:
        return _tonnes(row.expected_tco2e)

    @display(description=gettext_lazy("removed so far, tCO2e"))
    def show_removed(self, row: models.Project) -> str:
        return _tonnes(row.removed)  # type: ignore[attr-defined]

    @display(description=gettext_lazy("registered with a scheme as"))
    def show_credits(self, row: models.Project) -> str:
        if row.credit_project_id is None:
            return "–"
        found = instruments.projects().filter(pk=row.credit_project_id).first()
        return f"{found.scheme_id} {found}" if found else "–"

    def object_context(self, request: HttpRequest, obj: models.Project | None) -> dict[str, Any]:
        if obj is None:
            return {}
        return {"related": [_removals(obj), _versions(obj)]}


def _removals(project: models.Project) -> dict[str, Any]:
    return {
        "title": _("Removals by year: a memo, in no total and no credit"),
        "headings": [_("year"), _("removed, tCO2e"), _("how it was reckoned"), _("version"),
                     _("SHA-256 of the evidence")],
        "rows": [
            (str(one.year), _tonnes(one.removed_tco2e), one.method, one.version,
             one.evidence_sha256)
            for one in projects.removals_of(project)
        ],
    }  # fmt: skip


def _versions(project: models.Project) -> dict[str, Any]:
    return {
        "title": _("What was entered before"),
        "headings": [_("version"), _("stage"), _("expected in a year, tCO2e"), _("recorded at")],
        "rows": [
            (one.version, one.get_stage_display(), _tonnes(one.expected_tco2e),
             date_format(one.recorded_at, "Y-m-d"))
            for one in projects.versions_of(project)
        ],
    }  # fmt: skip


@admin.register(models.Removal, site=site)
class RemovalAdmin(ReadOnlyAdmin):
    readers = READERS
    list_display = ("year", "code", "show_name", "show_removed", "method", "recorded_at")
    list_filter = ("year",)
    search_fields = ("code", "method", "project__name_zh", "project__name_en", "evidence_sha256")
    list_select_related = ("project",)
    export_fields = (
        "year", "code", "removed_tco2e", "method", "evidence_sha256", "version", "recorded_at",
    )  # fmt: skip

    def scope(self, queryset: QuerySet[models.Removal], actor: Actor) -> QuerySet[models.Removal]:
        return queryset.filter(pk__in=projects.removals_for(actor).values("pk"))

    @display(description=gettext_lazy("project"))
    def show_name(self, row: models.Removal) -> str:
        return in_language(row.project.name_zh, row.project.name_en)

    @display(description=gettext_lazy("removed, tCO2e"), ordering="removed_tco2e")
    def show_removed(self, row: models.Removal) -> str:
        return _tonnes(row.removed_tco2e)
