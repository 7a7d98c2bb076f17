"""Rows of investors: a manager sees those of her funds, an investor only her own."""

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
from finance.funds.models import CallLine, Commitment, DistributionLine
from finance.funds.operations.calling import open_of
from finance.funds.queries.funds import READERS
from finance.funds.showing import words
from finance.funds.states import DistributionKind
from ledger.doors.admin import ReadOnlyAdmin, named, site
from ledger.doors.figures import amount
from ledger.kernel.actors import Actor


class _OfInvestors(ReadOnlyAdmin):
    readers = READERS
    exclude = ("idempotency_key",)

    def scope(self, queryset: QuerySet[Any], actor: Actor) -> QuerySet[Any]:
        return queries.of_party(queryset, actor.own_party)


@admin.register(Commitment, site=site)
class CommitmentAdmin(_OfInvestors):
    list_display = (
        "committed_on", "fund", named("investor_id", gettext_lazy("investor")), "share_class",
        "money_kind", "amount", "evidence",
    )  # fmt: skip
    list_filter = ("fund", "money_kind")
    list_select_related = ("fund", "share_class")
    search_fields = ("fund__code", "fund__name_zh", "evidence")
    export_fields = ("committed_on", "fund_id", "investor_id", "money_kind", "amount", "evidence")


@admin.register(CallLine, site=site)
class CallLineAdmin(_OfInvestors):
    list_display = (
        "show_number", "show_called_on", "show_due_on", "fund",
        named("investor_id", gettext_lazy("investor")), "share_class", "amount",
    )  # fmt: skip
    list_filter = ("fund", "call__due_on")
    list_select_related = ("fund", "call", "share_class")
    search_fields = ("fund__code", "fund__name_zh", "call__text")
    export_fields = ("fund_id", "call_id", "investor_id", "amount", "recorded_at")
    confirmed_actions = (acts.RecordPayment,)

    @display(description=gettext_lazy("number"), ordering="call__number")
    def show_number(self, obj: CallLine) -> int:
        return obj.call.number

    @display(description=gettext_lazy("called on"), ordering="call__called_on")
    def show_called_on(self, obj: CallLine) -> str:
        return date_format(obj.call.called_on)

    @display(description=gettext_lazy("due on"), ordering="call__due_on")
    def show_due_on(self, obj: CallLine) -> str:
        return date_format(obj.call.due_on)

    def object_context(self, request: HttpRequest, obj: CallLine | None) -> dict[str, Any]:
        if obj is None:
            return {}
        return {
            "links": [(str(obj.fund), words.link_url(obj.fund))],
            "related": [
                {
                    "id": "paid",
                    "title": _("Paid in"),
                    "headings": [_("day"),
                        pgettext("money", "amount"), _("shares issued"), _("evidence")],
                    "rows": [
                        [words.anchor(words.link_url(obj.fund), date_format(one.happened_on)),
                         amount(one.amount), words.count(one.shares), one.evidence]
                        for one in obj.payments.order_by("number")
                    ],
                },
                {
                    "title": _("Still to be paid"),
                    "headings": [_("due on"), pgettext("money", "amount")],
                    "rows": [
                        [date_format(obj.call.due_on),
                         words.anchor("#paid", amount(open_of(obj)))],
                    ],
                },
            ],
        }  # fmt: skip


@admin.register(DistributionLine, site=site)
class DistributionLineAdmin(_OfInvestors):
    list_display = (
        "show_number", "show_paid_on", "fund", named("investor_id", gettext_lazy("investor")),
        "share_class", "show_kind", "amount", "shares",
    )  # fmt: skip
    list_filter = ("fund", "distribution__kind")
    list_select_related = ("fund", "distribution", "share_class")
    search_fields = ("fund__code", "fund__name_zh", "distribution__text")
    export_fields = ("fund_id", "distribution_id", "investor_id", "amount", "shares", "recorded_at")

    @display(description=gettext_lazy("number"), ordering="distribution__number")
    def show_number(self, obj: DistributionLine) -> int:
        return obj.distribution.number

    @display(description=gettext_lazy("paid on"), ordering="distribution__paid_on")
    def show_paid_on(self, obj: DistributionLine) -> str:
        return date_format(obj.distribution.paid_on)

    @display(description=gettext_lazy("kind"), ordering="distribution__kind")
    def show_kind(self, obj: DistributionLine) -> str:
        return str(DistributionKind(obj.distribution.kind).label)

    def object_context(self, request: HttpRequest, obj: DistributionLine | None) -> dict[str, Any]:
        return {"links": [(str(obj.fund), words.link_url(obj.fund))]} if obj else {}
