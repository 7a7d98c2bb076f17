"""Metered months, and the certificates issued from them."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from ledger.accounts import queries as accounts
from ledger.claims import approvable, forms, operations, queries
from ledger.claims.models import Generation, Issuance
from ledger.claims.states import IssuanceState
from ledger.doors.admin import Choices, ConfirmedAction, ReadOnlyAdmin, actor_of, site
from ledger.doors.wording import number_format
from ledger.instruments import queries as instruments
from ledger.kernel.actors import Actor, Role


class RecordGeneration(ConfirmedAction):
    name = "record"
    title = gettext_lazy("Record generation")
    operation = "claims.record_generation"
    form_class = forms.RecordGeneration
    icon = "bolt"

    def choices(self, request: HttpRequest, obj: Any) -> Mapping[str, Choices]:
        mine = instruments.plants_to_meter(actor_of(request).own_party)
        return {"plant": [(str(one.pk), str(one)) for one in mine]}

    def describe(self, request: HttpRequest, obj: Any, data: Mapping[str, Any]) -> list[str]:
        return [
            _("%(metered_mwh)s MWh are recorded for %(month)s; this is final.")
            % {"metered_mwh": data["metered_mwh"], "month": f"{data['month']:%Y-%m}"}
        ]

    def perform(self, request: HttpRequest, obj: Any, data: Mapping[str, Any], key: str) -> str:
        operations.record_generation(
            plant_id=UUID(data["plant"]),
            month=data["month"],
            metered_mwh=data["metered_mwh"],
            evidence=data["evidence"],
            by=actor_of(request),
            at=timezone.now(),
        )
        return _("The generation is recorded.")


class IssueCertificates(ConfirmedAction):
    name = "issue"
    title = gettext_lazy("Issue certificates")
    operation = "claims.issue_certificates"
    form_class = forms.IssueCertificates
    icon = "workspace_premium"

    def choices(self, request: HttpRequest, obj: Any) -> Mapping[str, Choices]:
        own = actor_of(request).own_party
        issuers = accounts.accounts().filter(type=accounts.AccountType.ISSUER)
        energy = instruments.schemes().filter(family="ENERGY_CERTIFICATE")
        return {
            "plant": [(str(one.pk), str(one)) for one in instruments.plants_of(own)],
            "issuer": [(str(one.pk), str(one)) for one in issuers],
            "account": [(str(one.pk), str(one)) for one in accounts.accounts_of(own)],
            "scheme": [(one.code, str(one)) for one in energy],
        }

    def describe(self, request: HttpRequest, obj: Any, data: Mapping[str, Any]) -> list[str]:
        month = f"{data['month']:%Y-%m}"
        return [
            _("The whole MWh of %(month)s are issued as certificates of %(scheme)s.")
            % {"month": month, "scheme": instruments.scheme_name(data["scheme"])},
            _(
                "What is below one MWh is carried to the next month. The issue can be taken back "
                "while all its certificates are free and no later month is issued."
            ),
        ]

    def perform(self, request: HttpRequest, obj: Any, data: Mapping[str, Any], key: str) -> str:
        made = operations.issue_certificates(
            plant_id=UUID(data["plant"]),
            month=data["month"].replace(day=1),
            issuer_account_id=UUID(data["issuer"]),
            to_account_id=UUID(data["account"]),
            scheme=data["scheme"],
            kind=data["kind"],
            basis_mwh=data["basis_mwh"],
            serial_prefix=data["serial_prefix"],
            first_serial=data["first_serial"],
            by=actor_of(request),
            at=timezone.now(),
        )
        return _("Issued: %(count)s; carried on: %(rest)s MWh.") % {
            "count": number_format(made.unit_count),
            "rest": f"{made.carried_out_mwh.normalize():f}",
        }


class ReverseIssue(ConfirmedAction):
    name = "reverse"
    title = gettext_lazy("Take the issue back")
    operation = "claims.reverse_issuance"
    form_class = forms.ReverseIssue
    icon = "undo"
    dangerous = True

    def is_offered(self, request: HttpRequest, obj: Issuance) -> bool:
        return obj.state == IssuanceState.STANDING

    def may(self, actor: Actor) -> bool:
        """A carbon manager may ask for what only an approver lets happen."""
        return actor.has(Role.CARBON_MANAGER) or super().may(actor)

    @staticmethod
    def payload(obj: Issuance, data: Mapping[str, Any], key: str) -> dict[str, Any]:
        return {"issuance_id": str(obj.pk), "reason": data["reason"], "key": key}

    def describe(self, request: HttpRequest, obj: Issuance, data: Mapping[str, Any]) -> list[str]:
        payload = self.payload(obj, data, "")
        said = approvable.describe_reverse_issue(payload)
        return [*said, site.who_decides(request, self.operation, payload)]

    def perform(
        self, request: HttpRequest, obj: Issuance, data: Mapping[str, Any], key: str
    ) -> str:
        payload = self.payload(obj, data, key)
        said = approvable.describe_reverse_issue(payload)
        return site.propose(request, self.operation, payload, said)


@admin.register(Issuance, site=site)
class IssuanceAdmin(ReadOnlyAdmin):
    list_display = (
        "generation",
        "scheme",
        "kind",
        "basis_mwh",
        "carried_in_mwh",
        "unit_count",
        "carried_out_mwh",
        "lot",
        "show_state",
    )
    list_filter = ("scheme", "kind", "state")
    list_select_related = ("generation", "lot")
    search_fields = ("lot__code",)
    confirmed_actions = (ReverseIssue,)
    list_actions = (IssueCertificates,)

    def scope(self, queryset: QuerySet[Issuance], actor: Actor) -> QuerySet[Issuance]:
        seen = queries.issuances_seen_by(actor.own_party)
        return queryset.filter(pk__in=seen.values("pk"))

    @display(
        description=gettext_lazy("state"),
        label={IssuanceState.STANDING: "success", IssuanceState.REVERSED: ""},
        ordering="state",
    )
    def show_state(self, obj: Issuance) -> tuple[str, str]:
        return obj.state, obj.get_state_display()


@admin.register(Generation, site=site)
class GenerationAdmin(ReadOnlyAdmin):
    list_display = ("plant", "month", "metered_mwh", "remaining_mwh", "evidence")
    list_filter = ("plant",)
    list_select_related = ("plant",)
    date_hierarchy = "month"
    list_actions = (RecordGeneration,)

    def scope(self, queryset: QuerySet[Generation], actor: Actor) -> QuerySet[Generation]:
        mine = Q(plant__owner_id=actor.own_party) | Q(slices__claim__claimant_id=actor.own_party)
        return queryset.filter(pk__in=Generation.objects.filter(mine).values("pk"))
