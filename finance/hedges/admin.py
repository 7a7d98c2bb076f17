"""The desk's pages of hedges."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

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

from finance.hedges import approvable, forms, operations, queries
from finance.hedges.approvable import figure
from finance.hedges.models import Contract, DailySettlement, MarginPayment
from finance.hedges.showing import charts
from finance.hedges.states import ContractState, MarginKind
from finance.prices import queries as prices
from ledger.approvals.proposing import ProposedAction
from ledger.doors.admin import SEES_ALL, ConfirmedAction, ReadOnlyAdmin, actor_of, site
from ledger.doors.figures import money
from ledger.doors.wording import number_format
from ledger.kernel.actors import Actor, Role
from ledger.kernel.money import Money

MAKERS = frozenset({Role.CARBON_MANAGER})
READERS = MAKERS | {Role.APPROVER, *SEES_ALL}
COLOURS = {
    ContractState.OPEN: "warning",
    ContractState.CLOSED: "success",
    ContractState.EXPIRED: "",
    ContractState.EXERCISED: "info",
}


class OpenContract(ProposedAction):
    name = "open"
    title = approvable.ACTS[approvable.OPEN].title
    operation = approvable.OPEN
    form_class = forms.OpenContract
    icon = "trending_up"
    makers = MAKERS

    def initial(self, request: HttpRequest, obj: Any) -> Mapping[str, Any]:
        return {"opened_on": timezone.localdate()}

    def values(self, obj: Any, data: Mapping[str, Any]) -> Mapping[str, Any]:
        return {**data, "margin_rate": data["margin_rate"] or Decimal(0)}


class _OnOpen(ProposedAction):
    form_class = forms.EndContract
    makers = MAKERS

    def is_offered(self, request: HttpRequest, obj: Contract) -> bool:
        return obj.state == ContractState.OPEN

    def values(self, obj: Contract, data: Mapping[str, Any]) -> Mapping[str, Any]:
        return {"contract_id": obj.pk, **data}


class Close(_OnOpen):
    name = "close"
    title = gettext_lazy("Close out")
    operation = approvable.CLOSE
    icon = "logout"


class End(_OnOpen):
    name = "end"
    title = gettext_lazy("Last day")
    operation = approvable.END
    icon = "event_available"


class Settle(ConfirmedAction):
    name = "settle"
    title = gettext_lazy("Settle a day")
    operation = "hedges.settle_day"
    form_class = forms.SettleDay
    icon = "today"

    def initial(self, request: HttpRequest, obj: Any) -> Mapping[str, Any]:
        return {"settled_on": prices.last_trading_day(timezone.localdate())}

    def is_offered(self, request: HttpRequest, obj: Contract) -> bool:
        return obj.state == ContractState.OPEN

    def describe(self, request: HttpRequest, obj: Contract, data: Mapping[str, Any]) -> list[str]:
        about = {
            "number": obj.number,
            "day": date_format(data["settled_on"]),
            "price": _("the mark of that day") if data["price"] is None else figure(data["price"]),
        }
        return [
            _("%(number)s is settled for %(day)s at %(price)s.") % about,
            _("Variation and margin follow from it; nothing told is changed afterwards."),
        ]

    def perform(
        self, request: HttpRequest, obj: Contract, data: Mapping[str, Any], key: str
    ) -> str:
        made = operations.settle_day(
            contract_id=obj.pk, **data, by=actor_of(request), at=timezone.now(),
            idempotency_key=key,
        )  # fmt: skip
        variation = Money(made.variation, obj.currency)
        return _("Settled; variation %(amount)s.") % {"amount": money(variation)}


class PayMargin(ConfirmedAction):
    name = "margin"
    title = gettext_lazy("Record margin")
    operation = "hedges.pay_margin"
    form_class = forms.PayMargin
    icon = "payments"

    def initial(self, request: HttpRequest, obj: Any) -> Mapping[str, Any]:
        return {"paid_on": timezone.localdate()}

    def describe(self, request: HttpRequest, obj: Contract, data: Mapping[str, Any]) -> list[str]:
        about = {
            "number": obj.number,
            "kind": str(MarginKind(data["kind"]).label),
            "amount": money(Money(data["amount"], obj.currency)),
        }
        return [_("%(number)s: %(amount)s margin, %(kind)s.") % about]

    def perform(
        self, request: HttpRequest, obj: Contract, data: Mapping[str, Any], key: str
    ) -> str:
        operations.pay_margin(
            contract_id=obj.pk, **data, by=actor_of(request), at=timezone.now(),
            idempotency_key=key,
        )  # fmt: skip
        return _("The margin is recorded.")


@admin.register(Contract, site=site)
class ContractAdmin(ReadOnlyAdmin):
    list_display = (
        "number", "kind", "side", "scheme", "show_vintage", "show_units", "show_price", "last_day",
        "show_state",
    )  # fmt: skip
    list_filter = ("kind", "side", "venue", "state", "scheme")
    search_fields = ("number", "counterparty", "evidence")
    exclude = (
        "idempotency_key", "request_digest", "price", "premium", "margin_rate", "volatility",
        "interest_rate", "end_price",
    )  # fmt: skip
    readonly_fields = (
        "show_price", "show_premium", "show_margin_rate", "show_volatility", "show_interest",
        "show_end_price",
    )  # fmt: skip
    change_form_template = "finance/hedges/contract.html"
    list_actions = (OpenContract,)
    confirmed_actions = (Settle, PayMargin, Close, End)
    readers = READERS

    def scope(self, queryset: QuerySet[Contract], actor: Actor) -> QuerySet[Contract]:
        return queryset.filter(party_id=actor.own_party)

    @display(description=gettext_lazy("vintage"), ordering="vintage_year")
    def show_vintage(self, obj: Contract) -> str:
        return str(obj.vintage_year or "–")

    @display(description=gettext_lazy("units"))
    def show_units(self, obj: Contract) -> str:
        return number_format(obj.unit_count, force_grouping=True)

    @display(description=gettext_lazy("agreed price or strike"), ordering="price")
    def show_price(self, obj: Contract) -> str:
        return f"{figure(obj.price)} {obj.currency}"

    @display(description=gettext_lazy("premium of one unit"))
    def show_premium(self, obj: Contract) -> str:
        return "–" if obj.premium is None else f"{figure(obj.premium)} {obj.currency}"

    @display(description=gettext_lazy("margin rate"))
    def show_margin_rate(self, obj: Contract) -> str:
        return _percent(obj.margin_rate)

    @display(description=gettext_lazy("volatility a year"))
    def show_volatility(self, obj: Contract) -> str:
        return _percent(obj.volatility)

    @display(description=gettext_lazy("interest rate a year"))
    def show_interest(self, obj: Contract) -> str:
        return _percent(obj.interest_rate)

    @display(description=gettext_lazy("price at the end"))
    def show_end_price(self, obj: Contract) -> str:
        return "–" if obj.end_price is None else f"{figure(obj.end_price)} {obj.currency}"

    @display(description=gettext_lazy("state"), label=COLOURS, ordering="state")
    def show_state(self, obj: Contract) -> tuple[str, str]:
        return obj.state, obj.get_state_display()

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        response = super().changelist_view(request, extra_context)
        if hasattr(response, "context_data") and response.context_data:
            button = (_("What is hedged"), "shield", reverse("hedges_ratio"))
            response.context_data.setdefault("list_buttons", []).append(button)
        return response

    def object_context(self, request: HttpRequest, obj: Contract | None) -> dict[str, Any]:
        if obj is None:
            return {}
        prices_url = f"{reverse('prices_history')}?scheme={obj.scheme}"
        return {
            "figures": _standing(obj),
            "charts": charts.day_by_day(obj),
            "links": [
                (_("What is hedged"), reverse("hedges_ratio")),
                (_("Prices of the instrument"), prices_url),
            ],
            "related": [_days(obj), _payments(obj)],
        }


def _percent(share: Decimal | None) -> str:
    return "–" if share is None else f"{number_format(share * 100, 2)} %"


DAYS, PAYMENTS = "days", "payments"  # the tables of the page


def _standing(obj: Contract) -> list[tuple[str, str, str]]:
    """How it stands, and the table that says why."""
    found = queries.standing_of(obj)
    said = [(_("variation so far"), found.gained, DAYS)]
    if found.is_margined:
        said += [
            (_("margin paid in"), found.paid_in, PAYMENTS),
            (_("balance"), found.balance, PAYMENTS),
            (_("margin required"), found.required, DAYS),
            (pgettext("of a hedge", "margin call"), found.call, PAYMENTS),
        ]
    worth = [(_("value of the option"), found.value, DAYS)] if found.value else []
    return [(title, money(amount), f"#{table}") for title, amount, table in (*said, *worth)]


def _days(obj: Contract) -> dict[str, Any]:
    rows = [
        (
            _link(day, date_format(day.settled_on)), day.version, _price(day),
            money(Money(day.variation, obj.currency)),
            money(Money(day.margin_required, obj.currency)),
            "–" if day.unit_value is None else figure(day.unit_value), _greeks(day),
        )
        for day in obj.settlements.order_by("-settled_on", "-version")[:100]
    ]  # fmt: skip
    headings = [
        _("day"), _("version"), _("settlement price"), _("variation"), _("margin required"),
        _("value of one unit"), _("greeks"),
    ]  # fmt: skip
    return {"id": DAYS, "title": _("Day by day"), "headings": headings, "rows": rows}


def _price(day: DailySettlement) -> Any:
    """The settlement price, a link to the mark it was taken from."""
    if day.mark_id is None:
        return figure(day.price)
    return _anchor(
        reverse("admin:finance_prices_mark_change", args=[day.mark_id]), figure(day.price)
    )


def _link(row: DailySettlement | MarginPayment, text: str) -> str:
    page = f"admin:finance_hedges_{type(row).__name__.lower()}_change"
    return _anchor(reverse(page, args=[row.pk]), text)


def _anchor(url: str, text: str) -> str:
    return format_html('<a class="text-primary-600 underline" href="{}">{}</a>', url, text)


def _greeks(day: DailySettlement) -> str:
    """Delta, gamma, vega, theta of a day and rho, to four decimals."""
    signs = {"delta": "Δ", "gamma": "Γ", "vega": "ν", "theta_a_day": "Θ", "rho": "ρ"}
    said = (
        f"{sign} {number_format(Decimal(day.greeks[name]), 4)}"
        for name, sign in signs.items()
        if name in day.greeks
    )
    return " ".join(said) or "–"


def _payments(obj: Contract) -> dict[str, Any]:
    rows = [
        (_link(one, date_format(one.paid_on)), one.get_kind_display(),
         money(Money(one.amount, obj.currency)), one.evidence)
        for one in obj.payments.order_by("-paid_on", "-id")
    ]  # fmt: skip
    headings = [_("paid on"), _("kind"), pgettext("money", "amount"), _("evidence")]
    return {"id": PAYMENTS, "title": _("Margin"), "headings": headings, "rows": rows}


@admin.register(DailySettlement, site=site)
class SettlementAdmin(ReadOnlyAdmin):
    list_display = (
        "contract", "settled_on", "version", "price", "variation", "margin_required", "unit_value",
    )  # fmt: skip
    list_filter = ("settled_on",)
    list_select_related = ("contract",)
    search_fields = ("contract__number", "reason")
    exclude = ("idempotency_key", "greeks")
    readers = READERS

    def scope(self, queryset: QuerySet[DailySettlement], actor: Actor) -> QuerySet[DailySettlement]:
        return queryset.filter(contract__party_id=actor.own_party)


@admin.register(MarginPayment, site=site)
class PaymentAdmin(ReadOnlyAdmin):
    list_display = ("contract", "kind", "amount", "paid_on", "evidence")
    list_filter = ("kind", "paid_on")
    list_select_related = ("contract",)
    search_fields = ("contract__number", "evidence")
    exclude = ("idempotency_key",)
    readers = READERS

    def scope(self, queryset: QuerySet[MarginPayment], actor: Actor) -> QuerySet[MarginPayment]:
        return queryset.filter(contract__party_id=actor.own_party)
