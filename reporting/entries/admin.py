"""Calculated activity: one list, and an act for each method."""

from collections.abc import Mapping
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext
from unfold.decorators import display

from ledger.doors.admin import Choices, ConfirmedAction, ReadOnlyAdmin, actor_of, site
from ledger.doors.permissions import MAY
from ledger.doors.wording import number_format
from ledger.kernel.actors import Actor
from ledger.kernel.errors import NotFound
from reporting.entries import forms, models, operations, queries
from reporting.entries.rules import methods
from reporting.entries.showing import INPUTS
from reporting.entries.states import DataQuality, Method, Part
from reporting.factors import queries as factors
from reporting.parks import queries as parks


class Enter(ConfirmedAction):
    """Entering by one method; the classes of the methods are made below."""

    operation = "entries.record_entry"
    icon = "edit_note"
    method: Method

    def choices(self, request: HttpRequest, obj: Any) -> Mapping[str, Choices]:
        found: dict[str, Choices] = {"park_code": parks.park_choices(actor_of(request))}
        is_refrigerant = self.method in methods.REFRIGERANTS
        if methods.METHODS[self.method].takes_factor and not is_refrigerant:
            found["carrier"] = _carriers()
        return found

    def describe(self, request: HttpRequest, obj: Any, data: Mapping[str, Any]) -> list[str]:
        worked = methods.work(self.method, _inputs(data))
        lines = [
            _("%(formula)s = %(quantity)s %(gas)s")
            % {"formula": one.formula, "quantity": one.quantity, "gas": one.gas}
            for one in worked
        ]
        where = queries.part_names()[data["part"]]
        return [
            _("“%(title)s” of %(year)s will stand in: %(part)s.")
            % {"title": data["title"], "year": str(data["year"]), "part": where},
            *lines,
            _("The next inventory of the year takes it in; those that are frozen become stale."),
        ]

    def perform(self, request: HttpRequest, obj: Any, data: Mapping[str, Any], key: str) -> str:
        actor = actor_of(request)
        carrier, _at, place = data.get("carrier", "").partition("@")
        operations.record_entry(
            park_id=_park(data["park_code"], actor).id,
            year=data["year"],
            code=data["code"],
            title=data["title"],
            part=Part(data["part"]),
            method=self.method,
            inputs=_inputs(data),
            carrier=carrier,
            region=data.get("region", "") or place,
            given={name: data.get(f"given_{name}", "") for name in forms.GIVEN},
            supplier=data["supplier"],
            evidence=data["evidence"],
            quality=DataQuality(data["quality"]),
            reason=data["reason"],
            by=actor,
            at=timezone.now(),
            idempotency_key=key,
        )
        return _("Entered.")


def _carriers() -> list[tuple[str, str]]:
    """The library's things by name; what is told for another country alone names that country."""
    names, places = factors.carrier_names(), factors.places_of_carriers(operations.PURPOSE)
    found = []
    for carrier, regions in places.items():
        is_home = factors.NATION in regions
        value = carrier if is_home else f"{carrier}@{regions[0]}"
        label = names.get(carrier, carrier)
        found.append((value, label if is_home else f"{label} ({regions[0]})"))
    return sorted(found, key=lambda pair: pair[1])


def _inputs(data: Mapping[str, Any]) -> dict[str, str]:
    return {name[3:]: str(value) for name, value in data.items() if name.startswith("in_")}


def _park(code: str, actor: Actor) -> parks.ParkView:
    found = parks.find_park(code)
    if found is None:
        raise NotFound
    return parks.get_park(found.id, actor)


def _act_of(method: Method) -> type[Enter]:
    label = models.MethodChoice(method).label
    facts = {"method": method, "name": method.value.lower(), "title": label,
             "form_class": forms.form_of(method)}  # fmt: skip
    return type(f"Enter{method.title().replace('_', '')}", (Enter,), facts)


class Withdraw(ConfirmedAction):
    name, title, operation = "withdraw", gettext_lazy("Withdraw"), "entries.withdraw_entry"
    form_class = forms.WithdrawForm
    icon = "undo"
    dangerous = True

    def is_offered(self, request: HttpRequest, obj: models.Entry) -> bool:
        newest = queries.standing(obj.park_id, obj.year)
        return obj.pk in {one.pk for one in newest}

    def describe(
        self, request: HttpRequest, obj: models.Entry, data: Mapping[str, Any]
    ) -> list[str]:
        return [
            _("“%(title)s” no longer counts in %(year)s. What was entered stays to be read.")
            % {"title": obj.title, "year": str(obj.year)}
        ]

    def perform(
        self, request: HttpRequest, obj: models.Entry, data: Mapping[str, Any], key: str
    ) -> str:
        operations.withdraw_entry(
            entry_id=obj.pk, reason=data["reason"], by=actor_of(request), at=timezone.now(),
            idempotency_key=key,
        )  # fmt: skip
        return _("Withdrawn.")


@admin.register(models.Entry, site=site)
class EntryAdmin(ReadOnlyAdmin):
    list_display = (
        "code", "title", "year", "part", "method", "show_quantity", "quality", "version",
        "is_withdrawn",
    )  # fmt: skip
    list_filter = ("year", "part", "method", "quality", "is_withdrawn")
    search_fields = ("code", "title", "supplier", "evidence")
    list_select_related = ("park",)
    exclude = ("idempotency_key", "inputs", "given")
    list_actions = tuple(_act_of(method) for method in Method)
    confirmed_actions = (Withdraw,)

    def scope(self, queryset: QuerySet[models.Entry], actor: Actor) -> QuerySet[models.Entry]:
        return queries.seen_by(actor)

    @display(description=gettext_lazy("comes to"))
    def show_quantity(self, row: models.Entry) -> str:
        return "; ".join(_quantity(one) for one in queries.view(row).worked)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        may = not actor_of(request).roles.isdisjoint(MAY["entries.record_entry"])
        buttons = [
            (_("Enter activity"), "edit_note", reverse("entry_methods")),
            (_("Upload a file"), "upload_file", reverse("entries_upload")),
        ]
        context = {"list_buttons": buttons if may else []}
        return super().changelist_view(request, {**context, **(extra_context or {})})

    def object_context(self, request: HttpRequest, obj: models.Entry | None) -> dict[str, Any]:
        if obj is None:
            return {}
        told = [(str(INPUTS.get(name, name)), value) for name, value in obj.inputs.items()]
        worked = [(one.formula, _quantity(one)) for one in queries.view(obj).worked]
        given = [(name, value) for name, value in obj.given.items()]
        related = [
            {
                "title": pgettext("of an entry", "What was told"),
                "headings": ["", _("Amount")],
                "rows": told,
            },
            {"title": _("What it comes to"), "headings": [_("Formula"), ""], "rows": worked},
        ]
        if given:
            title = _("Factor that was given")
            related.append({"title": title, "headings": ["", ""], "rows": given})
        return {"related": related, "links": _lines(obj)}


def _quantity(one: queries.Worked) -> str:
    amount = one.quantity.amount.normalize()
    exponent = amount.as_tuple().exponent
    places = min(6, max(0, -exponent)) if isinstance(exponent, int) else 0
    return f"{number_format(amount, places)} {one.quantity.measure.value} {one.gas}".strip()


def _lines(obj: models.Entry) -> list[tuple[str, str]]:
    """Where it stands in inventories."""
    address = reverse("admin:reporting_inventories_inventoryline_changelist")
    return [(_("Lines of inventories made of it"), f"{address}?q={obj.pk}")]
