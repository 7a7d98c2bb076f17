"""Breaks: the list with its filters, the page of one with its history, and every move."""

from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from ledger.audit import queries as audit
from ledger.doors.admin import ReadOnlyAdmin, actor_of, site
from ledger.doors.wording import number_format
from ledger.kernel.actors import Actor
from ledger.parties import queries as parties
from ledger.reconciliation import approvable, models, queries
from ledger.reconciliation.admin import break_acts
from ledger.reconciliation.admin.statements import own, state_said
from ledger.reconciliation.states import BreakState

COLOURS = {
    BreakState.OPEN: "danger",
    BreakState.ASSIGNED: "warning",
    BreakState.EXPLAINED: "info",
    BreakState.CORRECTING: "warning",
    BreakState.CLOSED: "success",
}


class GoneFilter(admin.SimpleListFilter):
    """Proposed for closure: the newest comparison saw them no more."""

    title = gettext_lazy("proposed for closure")
    parameter_name = "gone"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", _("Yes")), ("no", _("No"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() is None:
            return queryset
        gone = queryset.filter(vanished_at__isnull=self.value() == "no")
        return gone.exclude(state=BreakState.CLOSED)


class MineFilter(admin.SimpleListFilter):
    title = gettext_lazy("in charge")
    parameter_name = "owner"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("me", _("Mine")), ("nobody", _("Nobody's"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "me":
            return queryset.filter(owner_id=actor_of(request).user_id)
        return queryset.filter(owner_id=None) if self.value() == "nobody" else queryset


@admin.register(models.Break, site=site)
class BreakAdmin(ReadOnlyAdmin):
    list_display = (
        "show_kind",
        "account",
        "scheme",
        "vintage_year",
        "first_serial",
        "last_serial",
        "show_size",
        "show_age",
        "owner_id",
        "show_state",
    )
    list_filter = (
        "state",
        "kind",
        "scheme",
        "vintage_year",
        ("account", admin.RelatedOnlyFieldListFilter),
        MineFilter,
        GoneFilter,
    )
    list_select_related = ("account",)
    search_fields = ("account__number", "=first_serial", "=last_serial")
    ordering = ("-opened_at", "-id")
    exclude = ("identity",)
    fields = (
        "show_sentence",
        "show_kind",
        "show_state",
        "show_age",
        "account",
        "scheme",
        "vintage_year",
        "project_code",
        "show_our_state",
        "show_their_state",
        "first_serial",
        "last_serial",
        "our_count",
        "their_count",
        "unit_count",
        "owner_id",
        "opened_at",
        "vanished_at",
        "entry_id",
        "closed_at",
        "closed_by",
        "reopened_count",
    )
    confirmed_actions = (
        break_acts.Assign,
        break_acts.Comment,
        break_acts.Attach,
        break_acts.Explain,
        break_acts.Correct,
        break_acts.Close,
    )
    list_actions = (break_acts.AssignMany,)

    def scope(self, queryset: QuerySet[models.Break], actor: Actor) -> QuerySet[models.Break]:
        return queryset.filter(account_id__in=own(actor))

    @display(description=gettext_lazy("kind"), ordering="kind")
    def show_kind(self, row: models.Break) -> str:
        return row.get_kind_display()

    @display(description=gettext_lazy("size"), ordering="unit_count")
    def show_size(self, row: models.Break) -> str:
        return number_format(row.unit_count)

    @display(description=gettext_lazy("age in days"), ordering="opened_at")
    def show_age(self, row: models.Break) -> int:
        until = row.closed_at or timezone.now()
        return max((until - row.opened_at).days, 0)

    @display(description=gettext_lazy("state"), label=COLOURS, ordering="state")
    def show_state(self, row: models.Break) -> tuple[str, str]:
        return row.state, row.get_state_display()

    @display(description=gettext_lazy("what differs"))
    def show_sentence(self, row: models.Break) -> str:
        return approvable.sentence_of(row)

    @display(description=gettext_lazy("our state of the units"))
    def show_our_state(self, row: models.Break) -> str:
        return state_said(row.our_state)

    @display(description=gettext_lazy("their state of the units"))
    def show_their_state(self, row: models.Break) -> str:
        return state_said(row.their_state)

    def object_context(self, request: HttpRequest, obj: models.Break | None) -> dict[str, Any]:
        if obj is None:
            return {}
        place = reverse("admin:ledger_reconciliation_statement_change", args=[obj.statement_id])
        links = [(_("Statement"), place)]
        if obj.entry_id:
            entry = reverse("admin:ledger_units_entry_change", args=[obj.entry_id])
            links.append((_("Correcting entry"), entry))
        return {"links": links, "related": [_notes(obj), _overrides(obj), _history(obj)]}


def _notes(obj: models.Break) -> dict[str, Any]:
    rows = list(obj.notes.order_by("written_at", "id"))
    names = parties.names_of(row.written_by for row in rows)
    return {
        "title": _("Comments and evidence"),
        "headings": [_("time"), _("who"), _("text"), _("file")],
        "rows": [
            [_moment(row.written_at), names[row.written_by], row.text, _file(row.file_id)]
            for row in rows
        ],
    }


def _file(file_id: UUID | None) -> Any:
    if file_id is None:
        return "–"
    address = reverse("admin:file_download", args=[file_id])
    return format_html('<a href="{}">{}</a>', address, _("Download"))


def _moment(at: Any) -> str:
    return date_format(timezone.localtime(at), "DATETIME_FORMAT")


def _overrides(obj: models.Break) -> dict[str, Any]:
    rows = queries.overrides_touching(
        account_ids=[obj.account_id], scheme=obj.scheme, vintage_year=obj.vintage_year
    )
    names = parties.names_of(who for row in rows for who in (row.asked_by, row.granted_by))
    return {
        "title": _("Overrides of its block"),
        "headings": [
            _("valid from"),
            _("first day without it"),
            _("deadline"),
            _("reason"),
            _("asked for by"),
            _("granted by"),
            _("entries meanwhile"),
        ],
        "rows": [
            [
                date_format(row.valid_from),
                date_format(row.expires_on),
                "–" if row.deadline_on is None else date_format(row.deadline_on),
                row.reason,
                names[row.asked_by],
                names[row.granted_by],
                len(row.entry_ids),
            ]
            for row in rows
        ],
    }


HAPPENED = {
    "break.opened": gettext_lazy("break opened"),
    "break.assigned": gettext_lazy("assigned"),
    "break.explained": gettext_lazy("explained"),
    "break.in_correction": gettext_lazy("correction asked for"),
    "break.corrected": gettext_lazy("closed by correction"),
    "break.closed": gettext_lazy("closed"),
    "break.seen": gettext_lazy("seen on a newer statement"),
    "break.reopened": gettext_lazy("seen again and reopened"),
    "break.vanished": gettext_lazy("seen no more"),
    "units.correction": gettext_lazy("correcting entry posted"),
}


def _history(obj: models.Break) -> dict[str, Any]:
    events = list(audit.events_of(f"reconciliation.Break:{obj.pk}"))
    names = parties.names_of(event.actor_id for event in events)
    return {
        "title": _("History"),
        "headings": [_("time"), _("what happened"), _("who")],
        "rows": [
            [
                _moment(event.happened_at),
                HAPPENED.get(event.verb, event.verb),
                names.get(event.actor_id, ""),
            ]
            for event in events
        ],
    }
