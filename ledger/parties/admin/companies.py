"""Legal persons."""

from collections.abc import Mapping
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ledger.doors.admin import ReadOnlyAdmin, actor_of, site
from ledger.kernel.actors import Actor
from ledger.parties import operations, queries
from ledger.parties.admin.acts import KEEPERS, Act
from ledger.parties.forms import PartyForm
from ledger.parties.models import Party


class RegisterParty(Act):
    name, title, icon = "register", gettext_lazy("Register a party"), "domain_add"
    operation = "parties.register_party"
    form_class = PartyForm

    def describe(self, request: HttpRequest, obj: None, data: Mapping[str, Any]) -> list[str]:
        kind = Party.Kind(data["kind"]).label
        line = _("“%(name)s” (%(kind)s) is taken into the books.")
        return [line % {"name": data["name_zh"], "kind": kind}]

    def perform(self, request: HttpRequest, obj: None, data: Mapping[str, Any], key: str) -> str:
        party = operations.register_party(**data, **self.who_and_when(request))
        return _("“%(name)s” is registered.") % {"name": party.name_zh}


class ChangeParty(Act):
    name, title, icon = "change", gettext_lazy("Correct names and codes"), "edit"
    operation = "parties.change_party"
    form_class = PartyForm

    def initial(self, request: HttpRequest, obj: Party) -> Mapping[str, Any]:
        return {name: getattr(obj, name) for name in PartyForm.base_fields}

    def describe(self, request: HttpRequest, obj: Party, data: Mapping[str, Any]) -> list[str]:
        labels = PartyForm.base_fields
        line = _("%(field)s: from “%(old)s” to “%(new)s”")
        return [
            line % {"field": labels[name].label, "old": getattr(obj, name), "new": value}
            for name, value in data.items()
            if name != "kind" and getattr(obj, name) != value
        ] or [_("Nothing changes.")]

    def perform(self, request: HttpRequest, obj: Party, data: Mapping[str, Any], key: str) -> str:
        new = {name: value for name, value in data.items() if name != "kind"}
        operations.change_party(party_id=obj.id, **new, **self.who_and_when(request))
        return _("Changed; the former entry stays in the log.")


@admin.register(Party, site=site)
class PartyAdmin(ReadOnlyAdmin):
    list_actions = (RegisterParty,)
    confirmed_actions = (ChangeParty,)
    list_display = ("name_zh", "name_en", "kind", "uscc", "region")
    list_filter = ("kind",)
    search_fields = ("name_zh", "name_en", "uscc")
    ordering = ("name_zh",)
    fields = ("name_zh", "name_en", "kind", "uscc", "region")

    def scope(self, queryset: QuerySet[Party], actor: Actor) -> QuerySet[Party]:
        return queryset.filter(pk__in=queries.parties_seen_by(actor).values("pk"))

    def object_context(self, request: HttpRequest, obj: Party | None) -> dict[str, Any]:
        if obj is None or not actor_of(request).has(*KEEPERS):
            return {}
        rows = [
            (one.user.name, one.get_role_display(), one.valid_from, one.valid_to or "–")
            for one in obj.memberships.select_related("user").order_by("valid_from", "id")
        ]
        headings = [_("User"), _("Role"), _("From"), _("Until before")]
        return {"related": [{"title": _("Roles"), "headings": headings, "rows": rows}]}
