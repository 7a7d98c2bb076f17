"""A fund's books, for those who keep them: calls, distributions, investments, cash."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext
from unfold.decorators import display

from finance.funds import queries
from finance.funds.admin import acts
from finance.funds.models import (
    Call,
    CashEntry,
    Distribution,
    Investment,
    ShareClass,
    Terms,
    Valuation,
)
from finance.funds.queries.funds import KEEPERS
from finance.funds.showing import words
from finance.funds.states import CashKind
from ledger.doors.admin import ReadOnlyAdmin, named, site
from ledger.doors.figures import amount
from ledger.kernel.actors import Actor
from ledger.parties import queries as parties


class _OfManager(ReadOnlyAdmin):
    readers = KEEPERS
    exclude = ("idempotency_key",)

    def scope(self, queryset: QuerySet[Any], actor: Actor) -> QuerySet[Any]:
        return queryset.filter(fund__in=queries.funds_managed_by(actor.own_party).values("pk"))


class _BesideTheMenu(_OfManager):
    """Reached from a fund's page."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return False


@admin.register(Call, site=site)
class CallAdmin(_OfManager):
    list_display = (
        "number", "fund", "called_on", "due_on", "purpose", "share_class", "amount", "share_price",
        "text",
    )  # fmt: skip
    list_filter = ("fund", "purpose", "called_on")
    list_select_related = ("fund", "share_class")
    search_fields = ("fund__code", "fund__name_zh", "text")
    confirmed_actions = (acts.TakeBackCall,)

    def object_context(self, request: HttpRequest, obj: Call | None) -> dict[str, Any]:
        if obj is None:
            return {}
        lines = list(obj.lines.order_by("-amount"))
        names = parties.names_of(one.investor_id for one in lines)
        return {
            "links": [(str(obj.fund), words.link_url(obj.fund))],
            "related": [
                {
                    "title": _("Shared out by commitment"),
                    "headings": [_("investor"), pgettext("money", "amount")],
                    "rows": [
                        [words.link(one, names[one.investor_id]), amount(one.amount)]
                        for one in lines
                    ],
                }
            ],
        }


@admin.register(Distribution, site=site)
class DistributionAdmin(_OfManager):
    list_display = (
        "number", "fund", "paid_on", "kind", "share_class", "amount", "share_price", "text",
    )  # fmt: skip
    list_filter = ("fund", "kind", "paid_on")
    list_select_related = ("fund", "share_class")
    search_fields = ("fund__code", "fund__name_zh", "text")
    confirmed_actions = (acts.TakeBackDistribution,)

    def object_context(self, request: HttpRequest, obj: Distribution | None) -> dict[str, Any]:
        if obj is None:
            return {}
        lines = list(obj.lines.order_by("-amount"))
        names = parties.names_of(one.investor_id for one in lines)
        return {
            "links": [(str(obj.fund), words.link_url(obj.fund))],
            "related": [
                {
                    "title": _("Shared out by shares"),
                    "headings": [_("investor"), pgettext("money", "amount"), _("shares redeemed")],
                    "rows": [
                        [words.link(one, names[one.investor_id]), amount(one.amount),
                         words.count(one.shares)]
                        for one in lines
                    ],
                }
            ],
        }  # fmt: skip


@admin.register(CashEntry, site=site)
class CashEntryAdmin(_OfManager):
    list_display = (
        "number", "fund", "happened_on", "kind", "amount", "balance", "show_about", "evidence",
    )  # fmt: skip
    list_filter = ("fund", "kind", "happened_on")
    list_select_related = ("fund", "investment")
    search_fields = ("fund__code", "fund__name_zh", "text", "evidence")
    confirmed_actions = (acts.TakeBackEntry,)

    @display(description=gettext_lazy("about"))
    def show_about(self, obj: CashEntry) -> str:
        return str(obj.investment or obj.text or "–")

    def object_context(self, request: HttpRequest, obj: CashEntry | None) -> dict[str, Any]:
        if obj is None:
            return {}
        about = (obj.fund, obj.investment, obj.call_line, obj.distribution_line, obj.reverses)
        return {"links": [(str(one), words.link_url(one)) for one in about if one is not None]}


@admin.register(Investment, site=site)
class InvestmentAdmin(_BesideTheMenu):
    list_display = (
        "code", "show_name", "fund", "kind", named("party_id", gettext_lazy("party")),
        "approved_amount", "approved_on", "evidence",
    )  # fmt: skip
    list_filter = ("fund", "kind")
    list_select_related = ("fund",)
    search_fields = ("code", "name_zh", "name_en", "text")
    confirmed_actions = (acts.ValueInvestment,)

    @display(description=gettext_lazy("name"), ordering="name_zh")
    def show_name(self, obj: Investment) -> str:
        return str(obj)

    def object_context(self, request: HttpRequest, obj: Investment | None) -> dict[str, Any]:
        if obj is None:
            return {}
        return {
            "links": [(str(obj.fund), words.link_url(obj.fund))],
            "related": [
                {
                    "title": _("Money"),
                    "headings": [_("day"), _("kind"), pgettext("money", "amount"), _("evidence")],
                    "rows": [
                        [words.link(one, date_format(one.happened_on)),
                         CashKind(one.kind).label, amount(one.amount), one.evidence]
                        for one in obj.cash.order_by("-number")
                    ],
                },
                {
                    "title": _("Valuations"),
                    "headings": [
                        _("valued on"), pgettext("fund", "value"), _("method"), _("evidence")
                    ],
                    "rows": [
                        [words.link(one, date_format(one.valued_on)), amount(one.amount),
                         one.method, one.evidence]
                        for one in obj.valuations.all()
                    ],
                },
            ],
        }  # fmt: skip


@admin.register(Valuation, site=site)
class ValuationAdmin(_BesideTheMenu):
    list_display = ("valued_on", "investment", "amount", "method", "evidence")
    list_filter = ("investment__fund",)
    list_select_related = ("investment",)
    search_fields = ("investment__name_zh", "method", "evidence")

    def scope(self, queryset: QuerySet[Valuation], actor: Actor) -> QuerySet[Valuation]:
        mine = queries.funds_managed_by(actor.own_party).values("pk")
        return queryset.filter(investment__fund__in=mine)


@admin.register(ShareClass, site=site)
class ShareClassAdmin(_BesideTheMenu):
    list_display = ("fund", "code", "name_zh", "name_en", "money_kind")
    list_filter = ("fund", "money_kind")
    list_select_related = ("fund",)
    search_fields = ("code", "name_zh", "name_en")


@admin.register(Terms, site=site)
class TermsAdmin(_BesideTheMenu):
    list_display = (
        "fund", "valid_from", "fee_bps", "fee_basis", "hurdle_bps", "carry_bps", "evidence",
    )  # fmt: skip
    list_filter = ("fund",)
    list_select_related = ("fund",)
    search_fields = ("evidence",)
