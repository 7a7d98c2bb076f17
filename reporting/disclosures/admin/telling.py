"""What people told of data points, their comments, and the statements that were frozen."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from ledger.approvals.proposing import ProposedAction
from ledger.doors.admin import Choices, ReadOnlyAdmin, actor_of, site, worded
from ledger.doors.wording import in_language
from ledger.files import queries as files
from ledger.kernel.actors import Actor, Role
from ledger.kernel.errors import NotFound
from reporting.disclosures import forms, models, queries
from reporting.disclosures.queries.composing import period_of
from reporting.disclosures.states import EntryKind
from reporting.inventories import queries as inventories

READERS = frozenset({Role.CARBON_MANAGER, Role.APPROVER, Role.DATA_OFFICER, Role.AUDITOR})
READERS |= {Role.ADMINISTRATOR}
MOST_FILES = 500


def point_name(key: str) -> str:
    """A data point in the reader's language; as it stands if the seeds no longer know it."""
    found = queries.data_points().get(key)
    return in_language(found.heading["zh"], found.heading["en"]) if found else key


def framework_name(code: str) -> str:
    found = queries.frameworks().get(code)
    return found.short if found else code


class Tell(ProposedAction):
    name, title = "tell", gettext_lazy("Tell a data point")
    operation = "disclosures.tell_point"
    form_class = forms.TellForm
    icon = "edit_note"
    makers = frozenset({Role.CARBON_MANAGER, Role.DATA_OFFICER})

    def choices(self, request: HttpRequest, obj: Any) -> Mapping[str, Choices]:
        by = actor_of(request)
        known = files.files_of(by).values_list("pk", "name", "stored_at")[:MOST_FILES]
        return {
            "frozen_inventory_id": inventories.frozen_choices(by),
            "point": [(key, _choice(key)) for key in queries.data_points()],
            "evidence_id": [(str(pk), f"{name} · {at:%Y-%m-%d}") for pk, name, at in known],
        }

    def initial(self, request: HttpRequest, obj: Any) -> Mapping[str, Any]:
        """What is told now, else what was told last year."""
        point, frozen_id = request.GET.get("point", ""), request.GET.get("frozen", "")
        found: dict[str, Any] = {"point": point, "frozen_inventory_id": frozen_id}
        before = _told_before(frozen_id, point, by=actor_of(request))
        figure = point in queries.data_points() and queries.get_data_point(point).is_figure
        found["kind"] = EntryKind.FIGURE if figure else EntryKind.TEXT
        if before is not None:
            found |= {"text_zh": before.text_zh, "text_en": before.text_en, "kind": before.kind}
        return found

    def values(self, obj: Any, data: Mapping[str, Any]) -> Mapping[str, Any]:
        frozen = inventories.get_frozen(UUID(data["frozen_inventory_id"]))
        period = period_of(frozen)
        is_figure = data["kind"] == EntryKind.FIGURE
        return {
            "park_id": frozen.park_id,
            "period_start": period.start,
            "period_end": period.end,
            "point": data["point"],
            "kind": data["kind"],
            "amount": data["amount"] if is_figure else None,
            "text_zh": data["text_zh"],
            "text_en": data["text_en"],
            "evidence_id": UUID(data["evidence_id"]) if data["evidence_id"] else None,
        }


def _choice(key: str) -> str:
    point = queries.get_data_point(key)
    name = in_language(point.heading["zh"], point.heading["en"])
    number = f"{point.number}. " if point.number else ""
    return f"{number}{name}{f' ({point.unit})' if point.unit else ''}"


def _told_before(frozen_id: str, point: str, *, by: Actor) -> models.Entry | None:
    try:
        frozen = inventories.get_frozen(UUID(frozen_id), by)
    except (ValueError, NotFound):
        return None
    period = period_of(frozen)
    now = queries.find_entry(frozen.park_id, period.start, point)
    return now or queries.find_last_years(frozen.park_id, period, point)


def _worded(name: Callable[[str], str]) -> Any:
    return worded(lambda: name)


@admin.register(models.Entry, site=site)
class EntryAdmin(ReadOnlyAdmin):
    readers = READERS
    list_display = ("show_point", "period_start", "version", "kind", "show_amount", "recorded_by",
                    "recorded_at")  # fmt: skip
    list_filter = (("point", _worded(point_name)), "kind", "period_start")
    search_fields = ("point", "text_zh", "text_en", "evidence_sha256")
    list_actions = (Tell,)

    def scope(self, queryset: QuerySet[models.Entry], actor: Actor) -> QuerySet[models.Entry]:
        return queryset.filter(pk__in=queries.entries_for(actor).values("pk"))

    @display(description=gettext_lazy("data point"), ordering="point")
    def show_point(self, row: models.Entry) -> str:
        return point_name(row.point)

    @display(description=gettext_lazy("figure"))
    def show_amount(self, row: models.Entry) -> str:
        if row.amount is None:
            return "–"
        known = queries.data_points().get(row.point)
        return f"{row.amount.normalize():,f} {known.unit if known else ''}".strip()


@admin.register(models.Comment, site=site)
class CommentAdmin(ReadOnlyAdmin):
    readers = READERS
    list_display = ("show_point", "period_start", "text", "recorded_by", "recorded_at")
    list_filter = (("point", _worded(point_name)), "period_start")
    search_fields = ("text",)

    def scope(self, queryset: QuerySet[models.Comment], actor: Actor) -> QuerySet[models.Comment]:
        return queryset.filter(pk__in=queries.comments_for(actor).values("pk"))

    @display(description=gettext_lazy("data point"), ordering="point")
    def show_point(self, row: models.Comment) -> str:
        return point_name(row.point)


@admin.register(models.Statement, site=site)
class StatementAdmin(ReadOnlyAdmin):
    readers = READERS
    list_display = ("number", "show_framework", "period_start", "is_draft", "frozen_at")
    list_filter = (("framework", _worded(framework_name)), "is_draft", "period_start")
    search_fields = ("number", "content_hash", "input_hash")
    fields = (
        "number", "show_framework", "period_start", "period_end", "is_draft", "content_hash",
        "input_hash", "inventory_hash", "supersedes", "frozen_at", "frozen_by",
    )  # fmt: skip
    export_fields = (
        "number", "framework", "period_start", "period_end", "is_draft", "content_hash",
        "input_hash", "inventory_hash", "frozen_at",
    )  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[models.Statement]:
        found: QuerySet[models.Statement] = super().get_queryset(request)
        return found.defer("content")

    def scope(
        self, queryset: QuerySet[models.Statement], actor: Actor
    ) -> QuerySet[models.Statement]:
        return queryset.filter(party_id=actor.own_party)

    @display(description=gettext_lazy("framework"), ordering="framework")
    def show_framework(self, row: models.Statement) -> str:
        return framework_name(row.framework)

    def object_context(self, request: HttpRequest, obj: models.Statement | None) -> dict[str, Any]:
        if obj is None:
            return {}
        page = reverse("disclosures_completeness", args=[obj.frozen_inventory_id])
        links = [(_("Completeness"), f"{page}?framework={obj.framework}")]
        return {"links": links}
