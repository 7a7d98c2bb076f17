"""The list of contracts, and a contract's page."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from finance.ppas import queries
from finance.ppas.admin.acts import (
    AddPrice,
    AmendPrice,
    AmendRule,
    AmendVolumes,
    AttachPoint,
    Discard,
    EnterContract,
    Finalise,
    SetDeviation,
    Settle,
    SetVolumes,
    Sign,
)
from finance.ppas.models import Contract
from finance.ppas.showing import charts, tables, words
from finance.ppas.states import ContractState
from ledger.doors.admin import ReadOnlyAdmin, named, site
from ledger.kernel.actors import Actor
from ledger.kernel.regions import region_name

COLOURS = {
    ContractState.DRAFT: "info",
    ContractState.SIGNED: "success",
    ContractState.DISCARDED: "",
}


@admin.register(Contract, site=site)
class ContractAdmin(ReadOnlyAdmin):
    list_display = (
        "number",
        "title",
        "kind",
        named("seller_id", gettext_lazy("seller")),
        named("buyer_id", gettext_lazy("buyer")),
        "valid_from",
        "show_end",
        "show_state",
    )
    list_filter = ("kind", "state", "is_direct", "is_bundled")
    search_fields = ("number", "title")
    readonly_fields = ("show_parties", "show_end", "show_region", "show_tariff")
    fields = (
        "number", "title", "kind", "state", "show_parties", "valid_from", "show_end", "show_region",
        "quantity_rule", "matching", "show_tariff", "is_bundled", "is_direct", "agreement", "line",
        "evidence", "entered_at", "entered_by", "signed_at", "signed_by",
    )  # fmt: skip
    export_fields = (
        "number", "title", "kind", "state", "seller_id", "buyer_id", "valid_from", "valid_to",
        "region", "quantity_rule", "matching", "is_bundled", "is_direct", "agreement", "line",
    )  # fmt: skip
    list_actions = (EnterContract,)
    confirmed_actions = (
        AttachPoint, SetVolumes, AddPrice, SetDeviation, Sign, Discard, Settle, Finalise,
        AmendPrice, AmendVolumes, AmendRule,
    )  # fmt: skip
    change_form_template = "finance/ppas/contract.html"

    def scope(self, queryset: QuerySet[Contract], actor: Actor) -> QuerySet[Contract]:
        return queryset.filter(pk__in=queries.contracts_of(actor.own_party).values("pk"))

    def object_context(self, request: HttpRequest, obj: Contract | None) -> dict[str, Any]:
        if obj is None:
            return {}
        rows = list(queries.standing([obj.pk]).select_related("contract").order_by("month"))
        missing = queries.reasons_not_to_sign(obj) if obj.state == ContractState.DRAFT else []
        return {
            "summary": queries.summary_of(rows) if rows else None,
            "figures": _figures(rows),
            "chart": charts.by_month(rows) if rows else "",
            "legend": charts.legend(),
            "missing_terms": missing,
            "related": [table for table in _tables(obj, rows) if table is not None],
            "links": [
                (
                    _("Statements as a list"),
                    f"{reverse('admin:finance_ppas_settlement_changelist')}"
                    f"?contract__id__exact={obj.pk}",
                )
            ],
        }

    @display(description=gettext_lazy("valid through"), ordering="valid_to")
    def show_end(self, obj: Contract) -> str:
        return date_format(queries.term_of(obj).last_day)

    @display(description=gettext_lazy("seller → buyer"))
    def show_parties(self, obj: Contract) -> str:
        return " → ".join(queries.party_names(obj))

    @display(description=gettext_lazy("province"))
    def show_region(self, obj: Contract) -> str:
        return _(region_name(obj.region)) if obj.region else "–"

    @display(description=gettext_lazy("hours of use"))
    def show_tariff(self, obj: Contract) -> str:
        if not obj.tariff_hours:
            return _("one price for all hours")
        first = obj.tariff_hours[:24]
        same = obj.tariff_hours == first * 12
        return first if same else f"{first}…"

    @display(description=gettext_lazy("state"), label=COLOURS, ordering="state")
    def show_state(self, obj: Contract) -> tuple[str, str]:
        return obj.state, obj.get_state_display()


def _tables(obj: Contract, rows: Any) -> list[Any]:
    return [
        tables.months(obj, rows),
        tables.prices(obj),
        tables.deviations(obj),
        tables.province(obj),
        tables.meters(obj),
    ]


def _figures(rows: Any) -> list[tuple[str, str, str]]:
    """Sums over the standing statements, which stand month by month below."""
    found = queries.summary_of(rows)
    said = [
        (_("contracted, MWh"), words.energy(found.contracted_wh)),
        (_("settled, MWh"), words.energy(found.settled_wh)),
        (_("delivery ratio"), words.percent(found.delivery_bps)),
        (_("shortfall, MWh"), words.energy(found.shortfall_wh)),
        (_("certificates due"), words.count(found.certificate_count)),
        (_("the buyer pays, CNY"), words.money(found.buyer_pays_cny)),
    ]
    return [(title, figure, "#months") for title, figure in said]
