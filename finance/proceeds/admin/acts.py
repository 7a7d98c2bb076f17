"""Acts on raised money, projects and ratings."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from finance.proceeds import forms, operations, queries
from finance.proceeds.models import Project, Raising, Spending
from finance.proceeds.states import Category, RaisingKind, Stance
from ledger.approvals.proposing import ProposedAction, payload_of
from ledger.doors.admin import Choices, ConfirmedAction, actor_of
from ledger.doors.figures import amount
from ledger.kernel.actors import Role
from ledger.parties import queries as parties

MAKERS = frozenset({Role.CARBON_MANAGER, Role.FUND_MANAGER})


def _is_own(request: HttpRequest, party_id: Any) -> bool:
    return bool(party_id == actor_of(request).party_id)


def _projects(request: HttpRequest) -> Choices:
    found = queries.projects_of(actor_of(request).own_party)
    return [(str(one.pk), f"{one.code} · {one}") for one in found]


class RegisterRaising(ConfirmedAction):
    name = "register"
    title = gettext_lazy("Register raised money")
    operation = "proceeds.register_raising"
    form_class = forms.RegisterRaising
    icon = "request_quote"

    def describe(self, request: HttpRequest, obj: Any, data: Mapping[str, Any]) -> list[str]:
        about = {
            "name": data["name_zh"],
            "kind": RaisingKind(data["kind"]).label,
            "amount": f"{amount(data['raised_amount'])} {data['currency']}",
            "day": date_format(data["raised_on"]),
        }
        said = [_("%(name)s (%(kind)s), %(amount)s, is registered as of %(day)s.") % about]
        if data["stance"] == Stance.HELD:
            said.append(_("What is only held is a position: nothing is allocated of it."))
        return [*said, _("The entry is final.")]

    def perform(self, request: HttpRequest, obj: Any, data: Mapping[str, Any], key: str) -> str:
        operations.register_raising(
            **data, by=actor_of(request), at=timezone.now(), idempotency_key=key
        )
        return _("It is registered.")


class RegisterProject(ConfirmedAction):
    name = "register"
    title = gettext_lazy("Register a project")
    operation = "proceeds.register_project"
    form_class = forms.RegisterProject
    icon = "solar_power"

    def describe(self, request: HttpRequest, obj: Any, data: Mapping[str, Any]) -> list[str]:
        about = {
            "name": data["name_zh"],
            "category": Category(data["category"]).label,
            "amount": amount(data["investment_amount"]),
        }
        said = [_("%(name)s (%(category)s), investment %(amount)s, is registered.") % about]
        return [*said, _("The entry is final.")]

    def perform(self, request: HttpRequest, obj: Any, data: Mapping[str, Any], key: str) -> str:
        operations.register_project(
            **data, by=actor_of(request), at=timezone.now(), idempotency_key=key
        )
        return _("The project is registered.")


class _OnRaising(ProposedAction):
    makers = MAKERS

    def is_offered(self, request: HttpRequest, obj: Raising) -> bool:
        return obj.stance == Stance.RAISED and _is_own(request, obj.party_id)

    def values(self, obj: Raising, data: Mapping[str, Any]) -> Mapping[str, Any]:
        return {"raising_id": obj.pk, **data}


class Allocate(_OnRaising):
    name = "allocate"
    title = gettext_lazy("Allocate to a project")
    operation = "proceeds.allocate"
    form_class = forms.Allocate
    icon = "call_split"

    def initial(self, request: HttpRequest, obj: Raising) -> Mapping[str, Any]:
        return {"allocated_on": timezone.localdate(), "tag": obj.tag}

    def choices(self, request: HttpRequest, obj: Raising) -> Mapping[str, Choices]:
        return {"project_id": _projects(request)}


class GrantSubsidy(_OnRaising):
    name = "subsidise"
    title = gettext_lazy("Grant an interest subsidy")
    operation = "proceeds.grant_subsidy"
    form_class = forms.GrantSubsidy
    icon = "percent"

    def choices(self, request: HttpRequest, obj: Raising) -> Mapping[str, Choices]:
        return {"beneficiary_id": parties.party_choices(actor_of(request))}


class Spend(ConfirmedAction):
    name = "spend"
    title = gettext_lazy("Tell a spending")
    operation = "proceeds.spend"
    form_class = forms.Spend
    icon = "receipt_long"

    def is_offered(self, request: HttpRequest, obj: Raising) -> bool:
        return obj.stance == Stance.RAISED and _is_own(request, obj.party_id)

    def choices(self, request: HttpRequest, obj: Raising) -> Mapping[str, Choices]:
        return {"project_id": _projects(request)}

    def describe(self, request: HttpRequest, obj: Raising, data: Mapping[str, Any]) -> list[str]:
        project = queries.get_project(data["project_id"], by=actor_of(request))
        about = {
            "amount": f"{amount(data['amount'])} {obj.currency}",
            "payee": data["payee"],
            "project": str(project),
            "money": str(obj),
            "left": amount(queries.left_for(obj.pk, project.pk)),
        }
        return [
            _("%(amount)s of %(money)s was paid to %(payee)s for %(project)s.") % about,
            _("Allocated and not spent before: %(left)s.") % about,
            _("Evidence: %(evidence)s.") % data,
        ]

    def perform(self, request: HttpRequest, obj: Raising, data: Mapping[str, Any], key: str) -> str:
        project = queries.get_project(data["project_id"], by=actor_of(request))
        operations.spend(
            raising_id=obj.pk,
            **{**data, "project_id": project.pk},
            by=actor_of(request),
            at=timezone.now(),
            idempotency_key=key,
        )
        return _("The spending is recorded.")


class TakeBackSpending(ProposedAction):
    name = "take_back"
    title = gettext_lazy("Take back")
    operation = "proceeds.take_back_spending"
    form_class = forms.TakeBack
    icon = "undo"
    dangerous = True
    makers = MAKERS

    def is_offered(self, request: HttpRequest, obj: Spending) -> bool:
        taken = Spending.objects.filter(reverses=obj).exists()
        return _is_own(request, obj.raising.party_id) and not obj.reverses_id and not taken

    def values(self, obj: Spending, data: Mapping[str, Any]) -> Mapping[str, Any]:
        return {"spending_id": obj.pk, **data}


class RecordImpact(ConfirmedAction):
    name = "impact"
    title = gettext_lazy("Record an impact")
    operation = "proceeds.record_impact"
    form_class = forms.RecordImpact
    icon = "eco"

    def is_offered(self, request: HttpRequest, obj: Project) -> bool:
        return _is_own(request, obj.party_id)

    def describe(self, request: HttpRequest, obj: Project, data: Mapping[str, Any]) -> list[str]:
        about = {
            "project": str(obj),
            "first": date_format(data["period_start"]),
            "last": date_format(data["period_end"]),
            "tco2e": payload_of(data, "")["reduced_tco2e"],
            "tce": payload_of(data, "")["saved_tce"],
        }
        said = _(
            "%(project)s, from %(first)s until before %(last)s: %(tco2e)s tCO2e reduced, %(tce)s "
            "tce saved."
        )
        return [said % about, _("What was told of the same period before counts no longer.")]

    def perform(self, request: HttpRequest, obj: Project, data: Mapping[str, Any], key: str) -> str:
        operations.record_impact(
            project_id=obj.pk, **data, by=actor_of(request), at=timezone.now(),
            idempotency_key=key,
        )  # fmt: skip
        return _("The impact is recorded.")


class RecordRating(ConfirmedAction):
    name = "record"
    title = gettext_lazy("Record a rating")
    operation = "proceeds.record_rating"
    form_class = forms.RecordRating
    icon = "grade"

    def describe(self, request: HttpRequest, obj: Any, data: Mapping[str, Any]) -> list[str]:
        said = _("%(agency)s rates your party %(grade)s (%(scale)s), document %(document)s.")
        return [said % data, _("A rating is kept as it was given; the product scores nothing.")]

    def perform(self, request: HttpRequest, obj: Any, data: Mapping[str, Any], key: str) -> str:
        operations.record_rating(
            **data, by=actor_of(request), at=timezone.now(), idempotency_key=key
        )
        return _("The rating is recorded.")
