"""Boundaries and tenants: drawn and admitted, dated anew, ended. Nothing is edited in place."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ledger.doors.admin import Choices, ConfirmedAction, actor_of
from ledger.doors.wording import number_format
from reporting.parks import forms, models, operations, queries
from reporting.parks.states import BoundaryKind


def _parks(request: HttpRequest) -> list[tuple[str, str]]:
    return [
        (str(one.id), f"{one.code} {queries.shown_name(one)}")
        for one in queries.parks_of(actor_of(request).own_party)
    ]


def _park_name(park_id: str) -> str:
    return queries.shown_name(queries.get_park(UUID(park_id)))


def _days(request: HttpRequest, data: Mapping[str, Any]) -> dict[str, Any]:
    return {"valid_from": data["valid_from"], "by": actor_of(request), "at": timezone.now()}


class DrawBoundary(ConfirmedAction):
    name, title = "draw", gettext_lazy("Draw a boundary")
    operation = "parks.draw_boundary"
    form_class = forms.DrawBoundary
    icon = "select_all"

    def choices(self, request: HttpRequest, obj: Any) -> Mapping[str, Choices]:
        return {"park": _parks(request)}

    def describe(self, request: HttpRequest, obj: Any, data: Mapping[str, Any]) -> list[str]:
        kind = str(models.BoundaryKindChoice(data["kind"]).label)
        about = {"park": _park_name(data["park"]), "kind": kind, "name": data["name"]}
        said = _("%(park)s: %(kind)s “%(name)s” stands from %(day)s.")
        return [said % {**about, "day": date_format(data["valid_from"])}]

    def perform(self, request: HttpRequest, obj: Any, data: Mapping[str, Any], key: str) -> str:
        operations.draw_boundary(
            park_id=UUID(data["park"]),
            kind=BoundaryKind(data["kind"]),
            name=data["name"],
            description_zh=data["description_zh"],
            description_en=data["description_en"],
            **_days(request, data),
        )
        return _("The boundary is drawn.")


class _Standing(ConfirmedAction):
    """An act on a version that has not ended."""

    def is_offered(self, request: HttpRequest, obj: Any) -> bool:
        return obj.valid_to is None and obj.park.operator_id == actor_of(request).party_id


class RedrawBoundary(_Standing):
    name, title = "redraw", gettext_lazy("Draw anew from a day")
    operation = "parks.redraw_boundary"
    form_class = forms.RedrawBoundary
    icon = "edit_calendar"

    def initial(self, request: HttpRequest, obj: models.Boundary) -> Mapping[str, Any]:
        names = ("name", "description_zh", "description_en")
        return {name: getattr(obj, name) for name in names}

    def describe(
        self, request: HttpRequest, obj: models.Boundary, data: Mapping[str, Any]
    ) -> list[str]:
        return _turn(obj.name, obj.valid_from, data["valid_from"])

    def perform(
        self, request: HttpRequest, obj: models.Boundary, data: Mapping[str, Any], key: str
    ) -> str:
        told = {name: data[name] for name in ("name", "description_zh", "description_en")}
        operations.redraw_boundary(boundary_id=obj.pk, **told, **_days(request, data))
        return _("The boundary is drawn anew.")


def _turn(name: str, since: date, day: date) -> list[str]:
    """What happens to the version that stands."""
    about = {"name": name, "since": date_format(since), "day": date_format(day)}
    return [
        _("“%(name)s” as it stands since %(since)s ends on %(day)s (exclusive); it stays to be "
          "read.") % about,
        _("The new version stands from %(day)s.") % about,
    ]  # fmt: skip


class _End(_Standing):
    name, title = "end", gettext_lazy("End on a day")
    operation = "parks.end_validity"
    form_class = forms.End
    icon = "event_busy"
    dangerous = True
    kind: str

    def describe(self, request: HttpRequest, obj: Any, data: Mapping[str, Any]) -> list[str]:
        said = _("“%(name)s” no longer stands from %(day)s on; it stays to be read.")
        return [said % {"name": str(obj), "day": date_format(data["valid_to"])}]

    def perform(self, request: HttpRequest, obj: Any, data: Mapping[str, Any], key: str) -> str:
        operations.end_validity(
            kind=self.kind, item_id=obj.pk, valid_to=data["valid_to"], by=actor_of(request),
            at=timezone.now(),
        )  # fmt: skip
        return _("It is ended.")


class EndBoundary(_End):
    kind = "boundary"


class EndMember(_End):
    kind = "boundary_member"


class EndTenant(_End):
    kind = "tenant"


class EndSource(_End):
    kind = "source"


class AdmitTenant(ConfirmedAction):
    name, title = "admit", gettext_lazy("Admit a tenant")
    operation = "parks.admit_tenant"
    form_class = forms.AdmitTenant
    icon = "domain_add"

    def choices(self, request: HttpRequest, obj: Any) -> Mapping[str, Choices]:
        return {"park": _parks(request)}

    def describe(self, request: HttpRequest, obj: Any, data: Mapping[str, Any]) -> list[str]:
        said = _("%(tenant)s is a tenant of %(park)s from %(day)s.")
        about = {"tenant": f"{data['code']} {data['name_zh']}", "park": _park_name(data["park"])}
        return [said % {**about, "day": date_format(data["valid_from"])}, *_terms(data)]

    def perform(self, request: HttpRequest, obj: Any, data: Mapping[str, Any], key: str) -> str:
        operations.admit_tenant(
            park_id=UUID(data["park"]),
            **{name: data[name] for name in ("code", "name_zh", "name_en", *TERMS)},
            **_days(request, data),
        )
        return _("The tenant is admitted.")


TERMS = ("equity_share", "has_operational_control", "has_financial_control")


def percent(share: Decimal) -> str:
    return f"{number_format((share * 100).normalize())} %"


def _terms(data: Mapping[str, Any]) -> list[str]:
    """How much counts under each way of consolidating."""
    yes, no = _("counts whole"), _("does not count")
    return [
        _("By equity share: %(share)s counts.") % {"share": percent(data["equity_share"])},
        _("By operational control: it %(counts)s.")
        % {"counts": yes if data["has_operational_control"] else no},
        _("By financial control: it %(counts)s.")
        % {"counts": yes if data["has_financial_control"] else no},
    ]


class ChangeTerms(_Standing):
    name, title = "terms", gettext_lazy("Other terms from a day")
    operation = "parks.change_terms"
    form_class = forms.ChangeTerms
    icon = "edit_calendar"

    def initial(self, request: HttpRequest, obj: models.Tenant) -> Mapping[str, Any]:
        return {name: getattr(obj, name) for name in TERMS}

    def describe(
        self, request: HttpRequest, obj: models.Tenant, data: Mapping[str, Any]
    ) -> list[str]:
        return [*_turn(str(obj), obj.valid_from, data["valid_from"]), *_terms(data)]

    def perform(
        self, request: HttpRequest, obj: models.Tenant, data: Mapping[str, Any], key: str
    ) -> str:
        told = {name: data[name] for name in TERMS}
        operations.change_terms(tenant_id=obj.pk, **told, **_days(request, data))
        return _("The new terms are recorded.")
