"""The desk's pages of agreements on units."""

from collections.abc import Mapping
from decimal import Decimal
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
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy
from unfold.decorators import display

from finance.repos import approvable, forms, operations, queries
from finance.repos.models import Agreement, Handover
from finance.repos.showing import charts
from finance.repos.states import OWING, AgreementKind, AgreementState
from ledger.accounts import queries as accounts
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
from ledger.doors.figures import money, percent
from ledger.doors.wording import number_format
from ledger.kernel.actors import Actor, Role
from ledger.kernel.money import Money
from ledger.parties import queries as parties
from ledger.units import queries as units

MAKERS = frozenset({Role.CARBON_MANAGER})
READERS = MAKERS | {Role.APPROVER, Role.BANK_OFFICER, *SEES_ALL}
COLOURS = {
    AgreementState.AGREED: "info",
    AgreementState.OPEN: "warning",
    AgreementState.CLOSED: "success",
    AgreementState.DEFAULTED: "danger",
    AgreementState.WITHDRAWN: "",
}
FIELDS = (
    "number", "kind", "unit_count", "starts_on", "ends_on", "currency", "first_price",
    "second_price", "day_count", "fee", "deposit", "manager_share", "loss_floor",
    "usable_for_year", "may_reuse", "evidence",
)  # fmt: skip


class _MakeAgreement(ConfirmedAction):
    operation = "repos.make_agreement"

    def initial(self, request: HttpRequest, obj: Any) -> Mapping[str, Any]:
        return {"starts_on": timezone.localdate()}

    def describe(self, request: HttpRequest, obj: Any, data: Mapping[str, Any]) -> list[str]:
        places = self.places(data, by=actor_of(request))
        about = {
            "number": data["number"],
            "kind": AgreementKind(data["kind"]).label,
            "count": number_format(data["unit_count"], force_grouping=True),
            "giver": accounts.get_account(places["from_account_id"]).number,
            "taker": accounts.get_account(places["to_account_id"]).number,
            "day": date_format(data["ends_on"]),
        }
        return [
            _(
                "%(number)s (%(kind)s): %(count)s units go from account %(giver)s to account "
                "%(taker)s until %(day)s."
            )
            % about,
            _("Nothing moves yet: handing over is an act of its own, with an approval."),
        ]

    def places(self, data: Mapping[str, Any], *, by: Actor) -> dict[str, Any]:
        """Both accounts and the lot."""
        raise NotImplementedError

    def perform(self, request: HttpRequest, obj: Any, data: Mapping[str, Any], key: str) -> str:
        by = actor_of(request)
        told: dict[str, Any] = {name: data[name] for name in FIELDS}
        terms = operations.Terms(**self.places(data, by=by), **told)
        operations.make_agreement(terms=terms, by=by, at=timezone.now(), idempotency_key=key)
        return _("The agreement is entered.")


class GiveUnits(_MakeAgreement):
    name = "give"
    title = gettext_lazy("Enter an agreement: we give units")
    form_class = forms.GiveUnits
    icon = "output"

    def choices(self, request: HttpRequest, obj: Any) -> Mapping[str, Choices]:
        return {"place": units.place_choices(actor_of(request).own_party)}

    def places(self, data: Mapping[str, Any], *, by: Actor) -> dict[str, Any]:
        account_id, lot_id = map(UUID, data["place"].split(":"))
        return {
            "from_account_id": accounts.get_own_account(account_id, by=by).pk,
            "to_account_id": data["other_account_id"],
            "lot_id": lot_id,
        }


class TakeUnits(_MakeAgreement):
    name = "take"
    title = gettext_lazy("Enter an agreement: we take units")
    form_class = forms.TakeUnits
    icon = "input"

    def choices(self, request: HttpRequest, obj: Any) -> Mapping[str, Choices]:
        mine = accounts.owning_accounts_of(actor_of(request).own_party)
        return {"account": [(str(one.pk), str(one)) for one in mine]}

    def places(self, data: Mapping[str, Any], *, by: Actor) -> dict[str, Any]:
        return {
            "from_account_id": data["other_account_id"],
            "to_account_id": accounts.get_own_account(UUID(data["account"]), by=by).pk,
            "lot_id": data["lot_code"],
        }


class Start(ProposedAction):
    name = "start"
    title = gettext_lazy("Hand over")
    operation = approvable.START
    form_class = forms.Start
    icon = "output"
    makers = MAKERS

    def initial(self, request: HttpRequest, obj: Any) -> Mapping[str, Any]:
        return {"happened_on": timezone.localdate()}

    def is_offered(self, request: HttpRequest, obj: Agreement) -> bool:
        return obj.state == AgreementState.AGREED

    def values(self, obj: Agreement, data: Mapping[str, Any]) -> Mapping[str, Any]:
        return {"agreement_id": obj.pk, **data}


class Return(ProposedAction):
    name = "return"
    title = gettext_lazy("Return units")
    operation = approvable.RETURN
    form_class = forms.Return
    icon = "input"
    makers = MAKERS

    def initial(self, request: HttpRequest, obj: Agreement) -> Mapping[str, Any]:
        return {
            "happened_on": timezone.localdate(),
            "lot": str(obj.lot_id),
            "unit_count": obj.outstanding_count,
        }

    def choices(self, request: HttpRequest, obj: Agreement) -> Mapping[str, Choices]:
        held = units.positions_in([obj.to_account_id])
        found = {str(one.lot_id): one.lot_code for one in held if one.scheme == obj.scheme}
        return {"lot": {str(obj.lot_id): obj.lot.code, **found}.items()}

    def is_offered(self, request: HttpRequest, obj: Agreement) -> bool:
        return obj.state in OWING

    def values(self, obj: Agreement, data: Mapping[str, Any]) -> Mapping[str, Any]:
        given = {name: value for name, value in data.items() if name != "lot"}
        return {"agreement_id": obj.pk, "lot_id": UUID(data["lot"]), **given}


class _End(ConfirmedAction):
    form_class = forms.Reason
    dangerous = True

    def describe(self, request: HttpRequest, obj: Agreement, data: Mapping[str, Any]) -> list[str]:
        return [f"{obj.number}: {self.title}", _("Reason: %(reason)s") % data]


class Withdraw(_End):
    name = "withdraw"
    title = gettext_lazy("Withdraw the agreement")
    operation = "repos.withdraw_agreement"
    icon = "undo"

    def is_offered(self, request: HttpRequest, obj: Agreement) -> bool:
        return obj.state == AgreementState.AGREED

    def perform(
        self, request: HttpRequest, obj: Agreement, data: Mapping[str, Any], key: str
    ) -> str:
        operations.withdraw_agreement(
            agreement_id=obj.pk, reason=data["reason"], by=actor_of(request), at=timezone.now()
        )
        return _("The agreement is withdrawn.")


class Default(_End):
    name = "default"
    title = gettext_lazy("Declare a default")
    operation = "repos.declare_default"
    icon = "gavel"

    def is_offered(self, request: HttpRequest, obj: Agreement) -> bool:
        return obj.state == AgreementState.OPEN

    def perform(
        self, request: HttpRequest, obj: Agreement, data: Mapping[str, Any], key: str
    ) -> str:
        operations.declare_default(
            agreement_id=obj.pk, reason=data["reason"], by=actor_of(request), at=timezone.now()
        )
        return _("The default is recorded; the units stay owed.")


@admin.register(Agreement, site=site)
class AgreementAdmin(ReadOnlyAdmin):
    list_display = (
        "number", "kind", "scheme", "vintage_year", "show_units", "show_owed",
        named("giver_id", gettext_lazy("giver (beneficial owner)")),
        named("taker_id", gettext_lazy("taker (legal holder)")), "ends_on", "show_state",
    )  # fmt: skip
    list_filter = ("kind", "state", "scheme", "ends_on")
    search_fields = ("number", "evidence", "lot__code")
    exclude = (
        "idempotency_key", "request_digest", "first_price", "second_price", "manager_share",
        "fee", "deposit", "loss_floor",
    )  # fmt: skip
    readonly_fields = (
        "show_first_price", "show_second_price", "show_fee", "show_deposit", "show_share",
        "show_floor",
    )  # fmt: skip
    change_form_template = "finance/repos/agreement.html"
    list_actions = (GiveUnits, TakeUnits)
    confirmed_actions = (Start, Return, Withdraw, Default)
    readers = READERS

    def scope(self, queryset: QuerySet[Agreement], actor: Actor) -> QuerySet[Agreement]:
        return queryset.filter(pk__in=queries.agreements_of(actor.own_party).values("pk"))

    @display(description=gettext_lazy("units"), ordering="unit_count")
    def show_units(self, obj: Agreement) -> str:
        return number_format(obj.unit_count, force_grouping=True)

    @display(description=gettext_lazy("price of the sale"))
    def show_first_price(self, obj: Agreement) -> str:
        return _amount(obj, obj.first_price)

    @display(description=gettext_lazy("price of the buy-back"))
    def show_second_price(self, obj: Agreement) -> str:
        return _amount(obj, obj.second_price)

    @display(description=gettext_lazy("fee"))
    def show_fee(self, obj: Agreement) -> str:
        return _amount(obj, obj.fee)

    @display(description=gettext_lazy("deposit"))
    def show_deposit(self, obj: Agreement) -> str:
        return _amount(obj, obj.deposit)

    @display(description=gettext_lazy("manager's share of a gain"))
    def show_share(self, obj: Agreement) -> str:
        return "–" if obj.manager_share is None else percent(obj.manager_share)

    @display(description=gettext_lazy("loss that the owner bears at most"))
    def show_floor(self, obj: Agreement) -> str:
        return _amount(obj, obj.loss_floor)

    @display(description=pgettext_lazy("of units lent", "still owed"))
    def show_owed(self, obj: Agreement) -> str:
        return number_format(obj.outstanding_count if obj.state in OWING else 0)

    @display(description=gettext_lazy("state"), label=COLOURS, ordering="state")
    def show_state(self, obj: Agreement) -> tuple[str, str]:
        return obj.state, obj.get_state_display()

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        response = super().changelist_view(request, extra_context)
        if hasattr(response, "context_data") and response.context_data:
            button = (_("Held and ours"), "balance", reverse("repos_ours"))
            response.context_data.setdefault("list_buttons", []).append(button)
        return response

    def object_context(self, request: HttpRequest, obj: Agreement | None) -> dict[str, Any]:
        if obj is None:
            return {}
        rows = [
            (one.get_kind_display(), date_format(one.happened_on),
             _anchor(reverse("admin:ledger_units_lot_change", args=[one.lot_id]), one.lot.code),
             _anchor(reverse("admin:ledger_units_entry_change", args=[one.entry_id]),
                     number_format(one.unit_count, force_grouping=True)),
             "–" if one.amount is None
             else f"{number_format(one.amount, 2, force_grouping=True)} {one.currency}",
             one.evidence or "–")
            for one in obj.handovers.select_related("lot").order_by("happened_on", "id")
        ]  # fmt: skip
        entries = [
            (f"{_('Entry of the ledger')}: {one.get_kind_display()}",
             reverse("admin:ledger_units_entry_change", args=[one.entry_id]))
            for one in obj.handovers.order_by("happened_on", "id")
        ]  # fmt: skip
        if obj.hold_id:
            hold = reverse("admin:ledger_holds_hold_change", args=[obj.hold_id])
            entries.append((_("Hold in favour of the owner"), hold))
        lot = reverse("admin:ledger_units_lot_change", args=[obj.lot_id])
        table = {
            "id": "handovers",
            "title": _("Handovers"),
            "headings": [_("kind"), _("day"), _("lot"), _("units"), _("money"), _("evidence")],
            "rows": rows,
        }
        return {
            "figures": [*_units_of(obj), *_money_of(obj)],
            "chart": charts.still_owed(obj),
            "links": [(_("Lot"), lot), (_("Held and ours"), reverse("repos_ours")), *entries],
            "related": [table],
        }


def _anchor(url: str, text: str) -> str:
    return format_html('<a class="text-primary-600 underline" href="{}">{}</a>', url, text)


def _amount(obj: Agreement, amount: Decimal | None) -> str:
    return "–" if amount is None else money(Money(amount, obj.currency))


HANDOVERS, TERMS = "#handovers", "#agreement_form"  # of the page


def _units_of(obj: Agreement) -> list[tuple[str, str, str]]:
    """Who holds, who owns, and what is still owed: two parties, two words (R7.4)."""
    owed = obj.outstanding_count if obj.state in OWING else 0
    return [
        (_("giver (beneficial owner)"), parties.name_of(obj.giver_id), TERMS),
        (_("taker (legal holder)"), parties.name_of(obj.taker_id), TERMS),
        (
            pgettext("of units lent", "still owed"),
            number_format(owed, force_grouping=True),
            HANDOVERS,
        ),
    ]


def _money_of(obj: Agreement) -> list[tuple[str, str, str]]:
    """What a repo costs."""
    cash, rate = queries.cash_of(obj), queries.rate_of(obj)
    if cash is None or rate is None:
        return []
    return [
        (_("paid at the start"), money(cash[0]), TERMS),
        (_("paid at the buy-back"), money(cash[1]), TERMS),
        (_("interest"), money(cash[1] - cash[0]), TERMS),
        (_("implied rate a year"), f"{percent(rate)} · {obj.day_count}", TERMS),
    ]


@admin.register(Handover, site=site)
class HandoverAdmin(ReadOnlyAdmin):
    list_display = ("agreement", "kind", "lot", "unit_count", "amount", "currency", "happened_on")
    list_filter = ("kind", "happened_on")
    list_select_related = ("agreement", "lot")
    search_fields = ("agreement__number", "evidence")
    exclude = ("idempotency_key", "request_digest")
    readers = READERS

    def scope(self, queryset: QuerySet[Handover], actor: Actor) -> QuerySet[Handover]:
        mine = queries.agreements_of(actor.own_party).values("pk")
        return queryset.filter(agreement__in=mine)
