"""The ledger to look at, and the acts on it. Nothing is edited here."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from ledger.accounts import queries as accounts
from ledger.approvals import operations as approvals
from ledger.approvals import queries as asked
from ledger.doors.admin import Choices, ConfirmedAction, ReadOnlyAdmin, actor_of, site
from ledger.instruments import queries as instruments
from ledger.kernel.actors import Actor, Role
from ledger.parties import queries as parties
from ledger.units import approvable, forms, models, queries
from ledger.units.rules import NotEnoughUnits
from ledger.units.states import UnitState


def _number_of(column: str) -> Subquery:
    return Subquery(accounts.accounts().filter(pk=OuterRef(column)).values("number")[:1])


def _own(actor: Actor) -> list[Any]:
    return accounts.account_ids_of(actor.party_id) if actor.party_id else []


def _ask(
    request: HttpRequest, operation: str, payload: Mapping[str, Any], summary: list[str]
) -> str:
    by = actor_of(request)
    made = approvals.propose(
        operation=operation,
        payload=payload,
        summary=summary,
        party_id=by.own_party,
        by=by,
        at=request.at,  # type: ignore[attr-defined]
    )
    return asked.what_came_of(made.approval is None)


def _who_decides(request: HttpRequest, operation: str, payload: Mapping[str, Any]) -> str:
    by = actor_of(request)
    return asked.who_decides(operation, payload, by=by, at=request.at)  # type: ignore[attr-defined]


class _Move(ConfirmedAction):
    """What the four acts on a free position share."""

    form_class = forms.MoveForm

    def is_offered(self, request: HttpRequest, obj: models.Position) -> bool:
        return obj.state == UnitState.FREE.value and obj.quantity > 0

    def initial(self, request: HttpRequest, obj: models.Position) -> Mapping[str, Any]:
        return {"happened_on": obj.last_on}

    def asked(self, obj: models.Position, data: Mapping[str, Any]) -> dict[str, str]:
        return {"account_id": str(obj.account_id)}

    @staticmethod
    def check_free(obj: models.Position, data: Mapping[str, Any]) -> None:
        """:raises NotEnoughUnits: nobody need be asked"""
        if data["unit_count"] > obj.quantity:
            raise NotEnoughUnits(wanted=data["unit_count"], free=obj.quantity)

    def payload(self, obj: models.Position, data: Mapping[str, Any], key: str) -> dict[str, Any]:
        return {
            "lot_id": str(obj.lot_id),
            "unit_count": data["unit_count"],
            "ranges": [list(run) for run in data["ranges"]],
            "happened_on": data["happened_on"].isoformat(),
            "reason": data["reason"],
            "key": key,
            **self.asked(obj, data),
        }

    def describe(
        self, request: HttpRequest, obj: models.Position, data: Mapping[str, Any]
    ) -> list[str]:
        self.check_free(obj, data)
        left = obj.quantity - data["unit_count"]
        payload = self.payload(obj, data, "")
        return [
            *asked.describe(self.operation, payload),
            _("Left free afterwards: %(left)s.") % {"left": number_format(left)},
            _who_decides(request, self.operation, payload),
        ]

    def perform(
        self, request: HttpRequest, obj: models.Position, data: Mapping[str, Any], key: str
    ) -> str:
        self.check_free(obj, data)
        payload = self.payload(obj, data, key)
        summary = asked.describe(self.operation, payload)
        return _ask(request, self.operation, payload, summary)


class TransferAction(_Move):
    name = "transfer"
    title = gettext_lazy("Transfer")
    operation = "units.transfer_units"
    form_class = forms.TransferForm
    icon = "swap_horiz"

    def choices(self, request: HttpRequest, obj: models.Position) -> Mapping[str, Choices]:
        return {"registry": instruments.registry_choices()}

    def asked(self, obj: models.Position, data: Mapping[str, Any]) -> dict[str, str]:
        return {
            "from_account_id": str(obj.account_id),
            "to_account_id": str(data["to_account_id"]),
        }


class RetireAction(_Move):
    name = "retire"
    title = gettext_lazy("Retire")
    operation = "units.retire_units"
    form_class = forms.RetireForm
    icon = "task_alt"
    dangerous = True

    def choices(self, request: HttpRequest, obj: models.Position) -> Mapping[str, Choices]:
        return {"beneficiary_id": parties.party_choices(actor_of(request))}

    def asked(self, obj: models.Position, data: Mapping[str, Any]) -> dict[str, str]:
        return {
            "account_id": str(obj.account_id),
            "beneficiary_id": data["beneficiary_id"],
            "purpose": data["purpose"],
        }


class SurrenderAction(_Move):
    name = "surrender"
    title = gettext_lazy("Surrender")
    operation = "units.surrender_units"
    form_class = forms.SurrenderForm
    icon = "assignment_turned_in"
    dangerous = True

    def asked(self, obj: models.Position, data: Mapping[str, Any]) -> dict[str, str]:
        return {"account_id": str(obj.account_id), "obligation": data["obligation"]}


class CancelAction(_Move):
    name = "cancel"
    title = gettext_lazy("Cancel units")
    operation = "units.cancel_units"
    icon = "block"
    dangerous = True


class ReverseAction(ConfirmedAction):
    name = "reverse"
    title = gettext_lazy("Reverse")
    operation = "units.reverse_entry"
    form_class = forms.ReverseForm
    icon = "undo"
    dangerous = True

    def is_offered(self, request: HttpRequest, obj: models.Entry) -> bool:
        return obj.reverses_id is None and queries.find_reversal(obj.pk) is None

    def initial(self, request: HttpRequest, obj: models.Entry) -> Mapping[str, Any]:
        return {"happened_on": obj.happened_on}

    def may(self, actor: Actor) -> bool:
        """A carbon manager may ask for what only an approver lets happen."""
        return actor.has(Role.CARBON_MANAGER) or super().may(actor)

    @staticmethod
    def payload(obj: models.Entry, data: Mapping[str, Any], key: str) -> dict[str, Any]:
        return {
            "entry_id": str(obj.pk),
            "happened_on": data["happened_on"].isoformat(),
            "reason": data["reason"],
            "key": key,
        }

    def describe(
        self, request: HttpRequest, obj: models.Entry, data: Mapping[str, Any]
    ) -> list[str]:
        payload = self.payload(obj, data, "")
        said = approvable.describe_reversal(payload)
        return [*said, _who_decides(request, self.operation, payload)]

    def perform(
        self, request: HttpRequest, obj: models.Entry, data: Mapping[str, Any], key: str
    ) -> str:
        payload = self.payload(obj, data, key)
        return _ask(request, self.operation, payload, approvable.describe_reversal(payload))


@admin.register(models.Lot, site=site)
class LotAdmin(ReadOnlyAdmin):
    list_display = ("code", "scheme", "vintage_year", "space", "generated_from", "expires_on")
    fields = (
        "code", "show_scheme", "show_vintage", "show_project", "show_plant", "generated_from",
        "generated_to", "expires_on", "space", "opened_at", "opened_by", "project_id", "plant_id",
    )  # fmt: skip
    list_filter = ("scheme", "vintage_year")
    search_fields = ("code",)
    list_select_related = ("space",)
    ordering = ("-opened_at",)
    open_to_all = True

    @admin.display(description=gettext_lazy("scheme"))
    def show_scheme(self, row: models.Lot) -> str:
        return instruments.scheme_name(row.scheme)

    @admin.display(description=gettext_lazy("vintage year"))
    def show_vintage(self, row: models.Lot) -> str:
        return str(row.vintage_year)

    @admin.display(description=gettext_lazy("project"))
    def show_project(self, row: models.Lot) -> str:
        return str(instruments.get_project(row.project_id)) if row.project_id else "–"

    @admin.display(description=gettext_lazy("plant"))
    def show_plant(self, row: models.Lot) -> str:
        return str(instruments.get_plant(row.plant_id)) if row.plant_id else "–"


class EmptiedFilter(admin.SimpleListFilter):
    """A position that everything has left stays in the books; the list shows it on demand."""

    title = gettext_lazy("emptied positions")
    parameter_name = "emptied"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", _("shown"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset if self.value() == "yes" else queryset.exclude(quantity=0)


class EndingFilter(admin.SimpleListFilter):
    """What can be used only so many days more: the advance warning of expiry (R3.14)."""

    title = gettext_lazy("validity ends")
    parameter_name = "ends_within"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        days = sorted({30, 365, *queries.find_warning_days(timezone.localdate())})
        return [(str(one), _("within %(days)s days") % {"days": one}) for one in days]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if not (self.value() or "").isdecimal():
            return queryset
        found = queries.expiring(on=timezone.localdate(), within_days=int(str(self.value())))
        chosen = Q(pk=None)
        for one in found:
            chosen |= Q(account_id=one.account_id, lot_id=one.lot_id, state=one.state.value)
        return queryset.filter(chosen)


@admin.register(models.Position, site=site)
class PositionAdmin(ReadOnlyAdmin):
    list_display = (
        "lot", "scheme", "vintage_year", "number", "state", "units", "usable_until", "last_on",
    )  # fmt: skip
    list_filter = ("state", "lot__scheme", "lot__vintage_year", EndingFilter, EmptiedFilter)
    search_fields = ("lot__code",)
    list_select_related = ("lot",)
    ordering = ("lot__scheme", "lot__vintage_year", "lot__code", "state")
    confirmed_actions = (TransferAction, RetireAction, SurrenderAction, CancelAction)
    fields = (
        "lot", "scheme", "vintage_year", "number", "state", "units", "usable_until", "last_on",
    )  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows = super().get_queryset(request)
        named: QuerySet[Any] = rows.annotate(account_number=_number_of("account_id"))
        return named

    def scope(self, queryset: QuerySet[Any], actor: Actor) -> QuerySet[Any]:
        return queryset.filter(account_id__in=_own(actor))

    @admin.display(description=gettext_lazy("scheme"), ordering="lot__scheme")
    def scheme(self, row: models.Position) -> str:
        return row.lot.scheme

    @admin.display(description=gettext_lazy("vintage year"), ordering="lot__vintage_year")
    def vintage_year(self, row: models.Position) -> str:
        return str(row.lot.vintage_year)

    @admin.display(description=gettext_lazy("account"), ordering="account_number")
    def number(self, row: Any) -> str:
        return row.account_number or "—"

    @admin.display(description=gettext_lazy("usable until"), ordering="lot__expires_on")
    def usable_until(self, row: models.Position) -> str:
        return f"{row.lot.expires_on - timedelta(days=1):%Y-%m-%d}" if row.lot.expires_on else "–"

    @admin.display(description=gettext_lazy("units"), ordering="quantity")
    def units(self, row: models.Position) -> str:
        return number_format(row.quantity)


@admin.register(models.Entry, site=site)
class EntryAdmin(ReadOnlyAdmin):
    list_display = ("kind", "happened_on", "recorded_at", "reverses")
    list_filter = ("kind", "happened_on")
    date_hierarchy = "happened_on"
    search_fields = ("=id",)
    ordering = ("-id",)
    confirmed_actions = (ReverseAction,)
    export_fields = ("id", "kind", "happened_on", "recorded_at", "reverses_id", "approval_id")
    exclude = ("idempotency_key", "request_digest", "xid")

    def object_context(self, request: HttpRequest, obj: models.Entry | None) -> dict[str, Any]:
        if obj is None:
            return {}
        listed = reverse("admin:ledger_units_movement_changelist")
        return {"links": [(_("Movements of this entry"), f"{listed}?q={obj.pk}")]}

    def scope(self, queryset: QuerySet[Any], actor: Actor) -> QuerySet[Any]:
        own = _own(actor)
        mine = models.Movement.objects.filter(
            Q(from_position__account_id__in=own) | Q(to_position__account_id__in=own)
        )
        return queryset.filter(pk__in=mine.values("entry_id"))


@admin.register(models.Movement, site=site)
class MovementAdmin(ReadOnlyAdmin):
    list_display = (
        "happened_on", "kind", "lot", "from_side", "to_side", "units", "first_serial",
        "last_serial",
    )  # fmt: skip
    list_filter = ("entry__kind", "happened_on", "lot__scheme")
    exclude = ("from_hold_id", "to_hold_id", "from_late")
    search_fields = ("lot__code", "=entry__id")
    list_select_related = ("entry", "lot", "from_position", "to_position")
    ordering = ("-id",)
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows = super().get_queryset(request)
        named: QuerySet[Any] = rows.annotate(
            from_number=_number_of("from_position__account_id"),
            to_number=_number_of("to_position__account_id"),
        )
        return named

    def scope(self, queryset: QuerySet[Any], actor: Actor) -> QuerySet[Any]:
        own = _own(actor)
        return queryset.filter(
            Q(from_position__account_id__in=own) | Q(to_position__account_id__in=own)
        )

    @admin.display(description=gettext_lazy("kind"))
    def kind(self, row: Any) -> str:
        return str(row.entry.get_kind_display())

    @admin.display(description=pgettext_lazy("movement", "from"))
    def from_side(self, row: Any) -> str:
        return f"{row.from_number or '—'} · {row.from_position.get_state_display()}"

    @admin.display(description=gettext_lazy("to"))
    def to_side(self, row: Any) -> str:
        return f"{row.to_number or '—'} · {row.to_position.get_state_display()}"

    @admin.display(description=gettext_lazy("units"), ordering="unit_count")
    def units(self, row: models.Movement) -> str:
        return number_format(row.unit_count)


@admin.register(models.Block, site=site)
class BlockAdmin(ReadOnlyAdmin):
    list_display = (
        "space", "first_serial", "last_serial", "lot", "number", "state", "transfer_count",
    )  # fmt: skip
    list_filter = ("position__state", "position__lot__scheme")
    search_fields = ("=first_serial", "=last_serial", "position__lot__code")
    list_select_related = ("space", "position", "position__lot")
    ordering = ("space_id", "first_serial")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows = super().get_queryset(request)
        named: QuerySet[Any] = rows.annotate(account_number=_number_of("position__account_id"))
        return named

    def scope(self, queryset: QuerySet[Any], actor: Actor) -> QuerySet[Any]:
        return queryset.filter(position__account_id__in=_own(actor))

    @admin.display(description=gettext_lazy("lot"))
    def lot(self, row: models.Block) -> str:
        return row.position.lot.code

    @admin.display(description=gettext_lazy("account"))
    def number(self, row: Any) -> str:
        return row.account_number or "—"

    @admin.display(description=gettext_lazy("state"))
    def state(self, row: models.Block) -> str:
        return row.position.get_state_display()
