"""The desk's pages of agreements: terms, settlements, and who got what."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms as django_forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext
from unfold.decorators import display

from finance.sharing import forms, operations, queries
from finance.sharing.approvable import measured
from finance.sharing.models import Agreement, Part, Settlement
from finance.sharing.states import AgreementKind
from ledger.approvals.proposing import ProposedAction
from ledger.doors.admin import (
    SEES_ALL,
    Choices,
    ConfirmedAction,
    ReadOnlyAdmin,
    actor_of,
    named,
    site,
)
from ledger.doors.figures import amount
from ledger.doors.wording import number_format
from ledger.kernel.actors import Actor, Role
from ledger.parties import queries as parties

MAKERS = frozenset({Role.CARBON_MANAGER, Role.FUND_MANAGER})
READERS = MAKERS | {Role.APPROVER, Role.BANK_OFFICER, *SEES_ALL}


def link(row: Any, text: Any) -> str:
    names = row._meta.app_label, row._meta.model_name
    url = reverse("admin:{}_{}_change".format(*names), args=[row.pk])
    return format_html('<a class="text-primary-600 underline" href="{}">{}</a>', url, text)


class EnterAgreement(ConfirmedAction):
    name = "enter"
    title = gettext_lazy("Enter an agreement")
    operation = "sharing.enter_agreement"
    form_class = forms.EnterAgreement
    icon = "handshake"

    def describe(self, request: HttpRequest, obj: Any, data: Mapping[str, Any]) -> list[str]:
        about = {
            "name": data["name_zh"],
            "kind": AgreementKind(data["kind"]).label,
            "day": date_format(data["starts_on"]),
        }
        return [
            _("%(name)s (%(kind)s) is entered, from %(day)s on.") % about,
            _("Terms say who shares with which weight; set them next."),
        ]

    def perform(self, request: HttpRequest, obj: Any, data: Mapping[str, Any], key: str) -> str:
        operations.enter_agreement(
            **data, by=actor_of(request), at=timezone.now(), idempotency_key=key
        )
        return _("The agreement is entered.")


class _OnAgreement(ProposedAction):
    makers = MAKERS

    def is_offered(self, request: HttpRequest, obj: Agreement) -> bool:
        return obj.party_id == actor_of(request).party_id

    def values(self, obj: Agreement, data: Mapping[str, Any]) -> Mapping[str, Any]:
        return {"agreement_id": obj.pk, **data}


class SetTerms(_OnAgreement):
    name = "terms"
    title = gettext_lazy("Set terms")
    operation = "sharing.set_terms"
    form_class = forms.SetTerms
    icon = "contract"

    def choices(self, request: HttpRequest, obj: Agreement) -> Mapping[str, Choices]:
        found = parties.party_choices(actor_of(request))
        return {f"party_{n}": found for n in range(1, forms.LINES + 1)}


class Settle(_OnAgreement):
    name = "settle"
    title = gettext_lazy("Share out a period")
    operation = "sharing.settle"
    form_class: ClassVar[type[django_forms.Form] | None] = forms.Settle
    icon = "call_split"
    is_by_savings: ClassVar[bool] = False

    def is_offered(self, request: HttpRequest, obj: Agreement) -> bool:
        by_savings = obj.kind == AgreementKind.PERFORMANCE
        return super().is_offered(request, obj) and by_savings == self.is_by_savings


class SettleSavings(Settle):
    name = "settle_savings"
    title = gettext_lazy("Share out what was saved")
    form_class: ClassVar[type[django_forms.Form] | None] = forms.SettleSavings
    is_by_savings: ClassVar[bool] = True

    def values(self, obj: Agreement, data: Mapping[str, Any]) -> Mapping[str, Any]:
        return {**super().values(obj, data), "revenue_amount": "0"}


@admin.register(Agreement, site=site)
class AgreementAdmin(ReadOnlyAdmin):
    list_display = ("code", "show_name", "kind", "starts_on", "ends_on", "evidence")
    list_filter = ("kind", "starts_on")
    search_fields = ("code", "name_zh", "name_en", "evidence")
    exclude = ("idempotency_key",)
    readers = READERS
    confirmed_actions = (Settle, SettleSavings, SetTerms)
    list_actions = (EnterAgreement,)

    def scope(self, queryset: QuerySet[Agreement], actor: Actor) -> QuerySet[Agreement]:
        return queryset.filter(pk__in=queries.agreements_seen_by(actor.own_party).values("pk"))

    @display(description=gettext_lazy("name"), ordering="name_zh")
    def show_name(self, obj: Agreement) -> str:
        return str(obj)

    def object_context(self, request: HttpRequest, obj: Agreement | None) -> dict[str, Any]:
        if obj is None:
            return {}
        tables = [_settlements(obj)]
        if queries.is_keeper(obj, actor_of(request)):
            tables.insert(0, _terms(obj))
        return {"related": tables}


def _terms(obj: Agreement) -> dict[str, Any]:
    """Every participant of every terms, the newest first."""
    found = list(obj.terms.prefetch_related("participants"))
    people = [one for terms in found for one in terms.participants.all()]
    names = parties.names_of(one.party_id for one in people)
    rows = []
    for terms in found:
        weights = sum(one.weight for one in terms.participants.all())
        rows += [
            [date_format(terms.valid_from), terms.basis, names[one.party_id],
             one.get_role_display(), f"{one.weight} / {weights}", one.contribution or "–"]
            for one in terms.participants.all()
        ]  # fmt: skip
    return {
        "title": _("Terms"),
        "headings": [_("valid from"), _("what is shared"), _("participant"), _("role"),
                     _("weight"), _("contribution")],
        "rows": rows,
    }  # fmt: skip


def _settlements(obj: Agreement) -> dict[str, Any]:
    return {
        "title": _("Settled periods, newest versions"),
        "headings": [_("from"), _("until before"), _("version"), _("revenue"), _("costs"),
                     _("to be shared out")],
        "rows": [
            [link(one, date_format(one.period_start)), date_format(one.period_end), one.version,
             amount(one.revenue), amount(one.costs), amount(one.distributable)]
            for one in queries.newest_settlements(obj)
        ],
    }  # fmt: skip


@admin.register(Settlement, site=site)
class SettlementAdmin(ReadOnlyAdmin):
    list_display = (
        "agreement", "period_start", "period_end", "version", "revenue", "costs", "distributable",
        "evidence",
    )  # fmt: skip
    list_filter = ("agreement", "period_start")
    list_select_related = ("agreement",)
    search_fields = ("agreement__code", "agreement__name_zh", "evidence", "note")
    exclude = ("idempotency_key", "terms")
    readers = READERS

    def scope(self, queryset: QuerySet[Settlement], actor: Actor) -> QuerySet[Settlement]:
        seen = queries.agreements_seen_by(actor.own_party).values("pk")
        return queryset.filter(agreement__in=seen)

    def object_context(self, request: HttpRequest, obj: Settlement | None) -> dict[str, Any]:
        if obj is None:
            return {}
        by = actor_of(request)
        return {
            "links": [(str(obj.agreement), link_of(obj.agreement))],
            "related": [*_savings(obj), _parts(obj, by)],
        }


def link_of(row: Agreement) -> str:
    return reverse("admin:finance_sharing_agreement_change", args=[row.pk])


def _savings(obj: Settlement) -> list[dict[str, Any]]:
    if obj.baseline_mwh is None:
        return []
    saved = max(obj.baseline_mwh - obj.measured_mwh, 0)
    return [
        {
            "title": _("What was saved"),
            "headings": [_("baseline, MWh"), _("measured, MWh"), _("saved, MWh"),
                         _("price of a MWh"), _("revenue")],
            "rows": [
                [*(measured(one) for one in (obj.baseline_mwh, obj.measured_mwh, saved,
                                             obj.price_per_mwh)),
                 format_html('<a class="text-primary-600 underline" href="#settlement_form">{}</a>',
                             amount(obj.revenue))]
            ],
        }
    ]  # fmt: skip


def _parts(obj: Settlement, by: Actor) -> dict[str, Any]:
    """All of them for who keeps the agreement, her own for a participant."""
    found = queries.visible_parts(by).filter(settlement=obj).select_related("participant")
    parts = list(found.order_by("participant__place"))
    names = parties.names_of(one.participant.party_id for one in parts)
    return {
        "title": _("Shared out"),
        "headings": [_("participant"), _("role"), _("weight"), pgettext("money", "amount")],
        "rows": [
            [names[one.participant.party_id], one.participant.get_role_display(),
             number_format(one.participant.weight, force_grouping=True),
             link(one, amount(one.amount))]
            for one in parts
        ],
    }  # fmt: skip


@admin.register(Part, site=site)
class PartAdmin(ReadOnlyAdmin):
    list_display = (
        "settlement",
        named("party_id", gettext_lazy("participant")),
        "show_role",
        "amount",
        "recorded_at",
    )
    list_filter = ("settlement__agreement", "participant__role")
    list_select_related = ("settlement", "settlement__agreement", "participant")
    search_fields = ("settlement__agreement__code", "settlement__agreement__name_zh")
    exclude = ("idempotency_key",)
    readers = READERS

    def scope(self, queryset: QuerySet[Part], actor: Actor) -> QuerySet[Part]:
        return queryset.filter(pk__in=queries.parts_seen_by(actor.own_party).values("pk"))

    @display(description=gettext_lazy("role"), ordering="participant__role")
    def show_role(self, obj: Part) -> str:
        return str(obj.participant.get_role_display())
