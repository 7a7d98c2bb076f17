"""What stands in a park within the park: placed, listed, taken out."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ledger.doors.admin import Choices, ConfirmedAction, actor_of
from reporting.parks import forms, models, operations, queries
from reporting.parks.states import BoundaryKind

LINK = '<a class="text-primary-600 underline" href="{}">{}</a>'


class PlaceWithin(ConfirmedAction):
    name, title = "place", gettext_lazy("Place a source or a tenant in it")
    operation = "parks.place_within"
    form_class = forms.PlaceWithin
    icon = "add_location_alt"

    def is_offered(self, request: HttpRequest, obj: models.Boundary) -> bool:
        mine = obj.park.operator_id == actor_of(request).party_id
        return mine and obj.kind == BoundaryKind.SUB_PARK and obj.valid_to is None

    def choices(self, request: HttpRequest, obj: models.Boundary) -> Mapping[str, Choices]:
        sources = queries.sources_of(obj.park_id)
        tenants = {one.code: one for one in queries.tenants_of(obj.park_id)}
        return {
            "source": [(str(one.id), _called(one)) for one in sources],
            "tenant": [(code, _called(one)) for code, one in tenants.items()],
        }

    def describe(
        self, request: HttpRequest, obj: models.Boundary, data: Mapping[str, Any]
    ) -> list[str]:
        said = _("%(what)s counts in “%(name)s” from %(day)s on, month by month.")
        chosen = dict(self.choices(request, obj)["source" if data["source"] else "tenant"])
        what = chosen[data["source"] or data["tenant"]]
        about = {"what": what, "name": obj.name, "day": data["valid_from"].isoformat()}
        return [said % about, _("The whole park counts it as before.")]

    def perform(
        self, request: HttpRequest, obj: models.Boundary, data: Mapping[str, Any], key: str
    ) -> str:
        operations.place_within(
            boundary_id=obj.pk,
            source_id=UUID(data["source"]) if data["source"] else None,
            tenant_code=data["tenant"],
            valid_from=data["valid_from"],
            by=actor_of(request),
            at=timezone.now(),
        )
        return _("It is placed.")


def _called(one: queries.SourceView | queries.TenantView) -> str:
    return f"{one.code} {queries.shown_name(one)}"


def members_table(boundary: models.Boundary) -> dict[str, Any]:
    """What stands in the boundary, and what stood in it."""
    members = boundary.members.select_related("source").order_by(
        "source__code", "tenant_code", "valid_from"
    )
    names = {one.code: _called(one) for one in queries.tenants_of(boundary.park_id)}
    return {
        "title": _("What stands in it"),
        "headings": [_("source or tenant"), _("valid from"), _("valid to (exclusive)"), ""],
        "rows": [
            [_of(one, names), one.valid_from, one.valid_to or "–", _page(one)] for one in members
        ],
    }


def _of(one: models.BoundaryMember, names: Mapping[str, str]) -> str:
    if one.source is None:
        return _("all of %(tenant)s") % {"tenant": names.get(one.tenant_code, one.tenant_code)}
    page = reverse("admin:reporting_parks_source_change", args=[one.source_id])
    return format_html(LINK, page, str(one.source))


def _page(one: models.BoundaryMember) -> str:
    page = reverse("admin:reporting_parks_boundarymember_change", args=[one.pk])
    return format_html(LINK, page, _("more"))
