"""Breaks: the list with its filters, the page of one with its history, and every move."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.decorators import display

from ledger.accounts import queries as accounts
from ledger.audit import queries as audit
from ledger.doors.admin import Choices, ConfirmedAction, ReadOnlyAdmin, actor_of, site
from ledger.files import operations as files
from ledger.instruments import queries as instruments
from ledger.kernel.actors import Actor, Role
from ledger.kernel.transitions import allows, check_transition
from ledger.parties import queries as parties
from ledger.reconciliation import approvable, forms, models, operations, queries
from ledger.reconciliation.admin.statements import own, state_said
from ledger.reconciliation.operations.corrections import payload_of
from ledger.reconciliation.states import TRANSITIONS, BreakKind, BreakState

COLOURS = {
    BreakState.OPEN: "danger",
    BreakState.ASSIGNED: "warning",
    BreakState.EXPLAINED: "info",
    BreakState.CORRECTING: "warning",
    BreakState.CLOSED: "success",
}
OWNERS = (Role.CARBON_MANAGER, Role.APPROVER, Role.DATA_OFFICER)


def owner_choices(request: HttpRequest) -> Choices:
    """Who can look after a break: the party's own people."""
    actor, today = actor_of(request), timezone.localdate()
    ids = {
        row.user_id
        for role in OWNERS
        for row in parties.holders_of(role, on=today).filter(party_id=actor.own_party)
    }
    return sorted(((str(one), name) for one, name in parties.names_of(ids).items()), key=_name)


def _name(choice: tuple[str, str]) -> str:
    return choice[1]


class Assign(ConfirmedAction):
    name = "assign"
    title = gettext_lazy("Assign")
    operation = "reconciliation.assign_breaks"
    form_class = forms.Assign
    icon = "person_add"

    def is_offered(self, request: HttpRequest, obj: models.Break) -> bool:
        return obj.state != BreakState.CLOSED

    def choices(self, request: HttpRequest, obj: Any) -> Mapping[str, Choices]:
        return {"owner": owner_choices(request)}

    def describe(
        self, request: HttpRequest, obj: models.Break, data: Mapping[str, Any]
    ) -> list[str]:
        name = parties.name_of(data["owner"])
        return [
            approvable.sentence_of(obj),
            _("%(name)s looks after it from now on.") % {"name": name},
        ]

    def perform(
        self, request: HttpRequest, obj: models.Break, data: Mapping[str, Any], key: str
    ) -> str:
        operations.assign_breaks(
            break_ids=[obj.pk],
            owner_id=UUID(data["owner"]),
            by=actor_of(request),
            at=timezone.now(),
        )
        return _("Assigned.")


class AssignMany(Assign):
    name = "assign_many"
    title = gettext_lazy("Assign many")
    form_class = forms.AssignMany

    def choices(self, request: HttpRequest, obj: Any) -> Mapping[str, Choices]:
        mine = accounts.accounts_of(actor_of(request).own_party)
        schemes = models.Break.objects.filter(account__in=mine).values_list("scheme", flat=True)
        return {
            "owner": owner_choices(request),
            "account": [(str(one.pk), str(one)) for one in mine],
            "scheme": [(one, instruments.scheme_name(one)) for one in sorted(set(schemes))],
        }

    @staticmethod
    def _meant(request: HttpRequest, data: Mapping[str, Any]) -> QuerySet[models.Break]:
        asked = {
            "kind": data["kind"],
            "account_id": data["account"],
            "scheme": data["scheme"],
            "vintage_year": data["vintage_year"],
        }
        mine = queries.breaks_of(actor_of(request).own_party).filter(state=BreakState.OPEN)
        return mine.filter(**{name: value for name, value in asked.items() if value})

    def describe(self, request: HttpRequest, obj: Any, data: Mapping[str, Any]) -> list[str]:
        count = self._meant(request, data).count()
        about = {"count": count, "name": parties.name_of(data["owner"])}
        return [
            ngettext(
                "%(count)s open break is assigned to %(name)s.",
                "%(count)s open breaks are assigned to %(name)s.",
                count,
            )
            % about
        ]

    def perform(self, request: HttpRequest, obj: Any, data: Mapping[str, Any], key: str) -> str:
        operations.assign_breaks(
            break_ids=list(self._meant(request, data).values_list("pk", flat=True)),
            owner_id=UUID(data["owner"]),
            by=actor_of(request),
            at=timezone.now(),
        )
        return _("Assigned.")


class _Note(ConfirmedAction):
    form_class = forms.Note

    def describe(
        self, request: HttpRequest, obj: models.Break, data: Mapping[str, Any]
    ) -> list[str]:
        return [approvable.sentence_of(obj), data["text"]]


class Comment(_Note):
    name = "comment"
    title = gettext_lazy("Comment")
    operation = "reconciliation.add_note"
    icon = "comment"

    def perform(
        self, request: HttpRequest, obj: models.Break, data: Mapping[str, Any], key: str
    ) -> str:
        operations.add_note(
            break_id=obj.pk, text=data["text"], by=actor_of(request), at=timezone.now()
        )
        return _("The comment is kept.")


class Explain(_Note):
    name = "explain"
    title = gettext_lazy("Explain")
    operation = "reconciliation.explain_break"
    icon = "help"

    def is_offered(self, request: HttpRequest, obj: models.Break) -> bool:
        return allows(check_transition, TRANSITIONS, obj.state, BreakState.EXPLAINED)

    def perform(
        self, request: HttpRequest, obj: models.Break, data: Mapping[str, Any], key: str
    ) -> str:
        operations.explain_break(
            break_id=obj.pk, text=data["text"], by=actor_of(request), at=timezone.now()
        )
        return _("Explained. It blocks until the difference is gone.")


class Attach(ConfirmedAction):
    name = "attach"
    title = gettext_lazy("Attach evidence")
    operation = "reconciliation.add_note"
    form_class = forms.Evidence
    icon = "attach_file"
    asks_first = False

    def perform(
        self, request: HttpRequest, obj: models.Break, data: Mapping[str, Any], key: str
    ) -> str:
        by, at = actor_of(request), timezone.now()
        stored = files.store_file(
            content=data["file"].file,
            name=data["file"].name,
            purpose="break",
            party_id=by.own_party,
            by=by,
            at=at,
        )
        operations.add_note(break_id=obj.pk, text=data["text"], file_id=stored.pk, by=by, at=at)
        return _("The file is kept with the break.")


class Correct(ConfirmedAction):
    name = "correct"
    title = gettext_lazy("Correct by an entry")
    operation = "reconciliation.propose_correction"
    form_class = forms.Correct
    icon = "edit_note"

    def is_offered(self, request: HttpRequest, obj: models.Break) -> bool:
        ready = obj.state in {BreakState.ASSIGNED, BreakState.EXPLAINED, BreakState.CORRECTING}
        return ready and obj.kind != BreakKind.ATTRIBUTE

    def choices(self, request: HttpRequest, obj: models.Break) -> Mapping[str, Choices]:
        return {
            "counter_account": queries.counter_choices(obj),
            "lot": queries.lot_choices(obj),
        }

    @staticmethod
    def _asked(data: Mapping[str, Any]) -> dict[str, UUID | None]:
        return {
            "counter_account_id": UUID(data["counter_account"])
            if data["counter_account"]
            else None,
            "lot_id": UUID(data["lot"]) if data["lot"] else None,
        }

    def _sentences(self, obj: models.Break, data: Mapping[str, Any], key: str) -> list[str]:
        payload = payload_of(obj.pk, data["reason"], key, **self._asked(data))
        return approvable.describe_correction(payload)

    def describe(
        self, request: HttpRequest, obj: models.Break, data: Mapping[str, Any]
    ) -> list[str]:
        operations.check_correction(break_id=obj.pk, by=actor_of(request), **self._asked(data))
        said = self._sentences(obj, data, "")
        return [
            *said,
            _("Nothing moves yet: this asks for an approval, and another person decides."),
        ]

    def perform(
        self, request: HttpRequest, obj: models.Break, data: Mapping[str, Any], key: str
    ) -> str:
        operations.propose_correction(
            break_id=obj.pk,
            reason=data["reason"],
            summary=self._sentences(obj, data, key),
            by=actor_of(request),
            at=timezone.now(),
            idempotency_key=key,
            **self._asked(data),
        )
        return _("The request waits for an approver. Nothing has moved yet.")


class Close(ConfirmedAction):
    name = "close"
    title = gettext_lazy("Close")
    operation = "reconciliation.close_break"
    form_class = forms.Reason
    icon = "check"

    def is_offered(self, request: HttpRequest, obj: models.Break) -> bool:
        return obj.state != BreakState.CLOSED and obj.vanished_at is not None

    def describe(
        self, request: HttpRequest, obj: models.Break, data: Mapping[str, Any]
    ) -> list[str]:
        return [
            approvable.sentence_of(obj),
            _("The newest comparison sees the difference no more. The break is closed."),
            _("It opens again by itself when the difference is seen again."),
        ]

    def perform(
        self, request: HttpRequest, obj: models.Break, data: Mapping[str, Any], key: str
    ) -> str:
        operations.close_break(
            break_id=obj.pk, reason=data["reason"], by=actor_of(request), at=timezone.now()
        )
        return _("The break is closed.")


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
    title = gettext_lazy("owner")
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
    confirmed_actions = (Assign, Comment, Attach, Explain, Correct, Close)
    list_actions = (AssignMany,)

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
            _("reason"),
            _("asked for by"),
            _("granted by"),
            _("entries meanwhile"),
        ],
        "rows": [
            [
                date_format(row.valid_from),
                date_format(row.expires_on),
                row.reason,
                names[row.asked_by],
                names[row.granted_by],
                len(row.entry_ids),
            ]
            for row in rows
        ],
    }


HAPPENED = {
    "break.opened": gettext_lazy("opened"),
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
