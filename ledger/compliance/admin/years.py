"""The compliance year: obligation, allocation, cover by vintage, cap, gap, due days, penalty."""

from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from ledger.accounts import queries as accounts
from ledger.compliance import forms, queries
from ledger.compliance.admin import acts
from ledger.compliance.admin.charts import gap_chart
from ledger.compliance.admin.entities import VERDICTS
from ledger.compliance.models import Obligation
from ledger.compliance.queries.allocating import allocations_of, entitlements_of
from ledger.doors.admin import ReadOnlyAdmin, site
from ledger.doors.wording import number_format, words
from ledger.kernel.actors import Actor
from ledger.units.states import UnitState

COLOURS = {
    "AWAITING": "info",
    "OPEN": "warning",
    "MET": "success",
    "FULFILLED": "success",
    "SHORT": "danger",
    "UNFULFILLED": "danger",
    "EXCLUDED": "",
    "NOT_APPLICABLE": "",
}
Table = dict[str, Any]


def _cover(obj: Obligation, held: list[queries.Usable]) -> Table:
    gap = queries.gap_of(obj, held)
    cap = "–" if obj.offset_cap_t is None else number_format(obj.offset_cap_t)
    return {
        "title": _("Cover"),
        "headings": [_("what"), _("quantity, t")],
        "rows": [
            [_("owed"), "–" if obj.owed_t is None else number_format(obj.owed_t)],
            [_("surrendered"), number_format(obj.allowances_t + obj.offsets_t)],
            [_("still owed"), number_format(gap.open_t)],
            [_("offsets at most"), cap],
            [_("free allowances that may be used"), number_format(gap.free_allowances)],
            [_("free offsets that may be used"), number_format(gap.usable_offsets)],
            [_("eligible, but pledged, frozen or reserved"), number_format(gap.bound)],
            [_("held, but of no use for this year"), number_format(gap.refused)],
            [_("to be acquired"), number_format(gap.to_acquire)],
        ],
    }


def _held(held: list[queries.Usable]) -> Table:
    states: Any = words[UnitState]
    return {
        "title": _("Held, by vintage"),
        "headings": [_("lot"), _("vintage"), _("account"), _("state"), _("units"), _("verdict")],
        "rows": [
            [
                one.lot,
                str(one.vintage_year),
                one.account,
                states[one.state.value],
                number_format(one.unit_count),
                _("%(verdict)s (by a draft rule)") % {"verdict": VERDICTS[one.verdict]}
                if one.is_draft
                else VERDICTS[one.verdict],
            ]
            for one in held
        ],
    }  # fmt: skip


def _trued_up(one: queries.Entitlement) -> list[str]:
    """Without a recorded entitlement there is nothing to true up to."""
    if not one.entitlement:
        return ["–", number_format(one.net), "–"]
    left = one.entitlement - one.net
    return [number_format(amount) for amount in (one.entitlement, one.net, left)]


def _allocated(obj: Obligation) -> Table:
    tables = dict(forms.TABLES)
    rows = [one for one in entitlements_of(allocations_of(obj.entity_id)) if one.year == obj.year]
    return {
        "title": _("Free allocation"),
        "headings": [_("allocation table"), _("entitled"), _("net allocated"), _("to be trued up")],
        "rows": [
            [tables.get(one.table, one.table), *_trued_up(one)]
            for one in rows
        ],
    }  # fmt: skip


def _due_days(obj: Obligation, on: date) -> Table:
    dues = queries.due_dates(obj.entity.party_id, on, past=True)
    return {
        "title": _("Due days"),
        "headings": [_("day"), _("event"), _("days left")],
        "rows": [
            [date_format(one.due_on), one.name, one.days_left if one.days_left >= 0 else "–"]
            for one in dues
            if (one.entity_id, one.year) == (obj.entity_id, obj.year)
        ],
    }


def _price(request: HttpRequest) -> Decimal | None:
    try:
        price = Decimal(request.GET.get("price", ""))
    except InvalidOperation:
        return None
    return price if price.is_finite() and price >= 0 else None


def _penalty(obj: Obligation, on: date, price: Decimal | None) -> Table | None:
    told = queries.penalty_of(obj, on=on, average_price=price)
    if told is None:
        return None
    span = "–"
    if told.amounts is not None:
        span = f"{number_format(told.amounts.low, 2)}–{number_format(told.amounts.high, 2)}"
    return {
        "title": _("Penalty of a shortfall"),
        "headings": [_("times the average price"), _("amount"), _("legal basis"), _("validity")],
        "rows": [
            [
                f"{told.low_times:f}–{told.high_times:f}",
                span,
                told.legal_basis,
                _("law changed, verify") if told.law_changed else _("in force"),
            ]
        ],
    }


def _surrendered(obj: Obligation) -> Table:
    rows = obj.surrenders.select_related("lot", "account").order_by("surrendered_on", "id")
    return {
        "title": _("Surrenders"),
        "headings": [_("day"), _("lot"), _("account"), _("units")],
        "rows": [
            [date_format(one.surrendered_on), one.lot.code, one.account.number,
             number_format(one.unit_count)]
            for one in rows
        ],
    }  # fmt: skip


def _lifted(obj: Obligation) -> Table | None:
    """Shown where a surrender went through in spite of a difference from the registry."""
    found = queries.blocks_lifted(obj)
    numbers = accounts.numbers_of(one.account_id for one in found)
    return None if not found else {
        "title": _("Blocks lifted by two persons"),
        "headings": [
            _("account"), _("vintage"), _("valid from"), _("first day without it"), _("reason"),
            _("entries meanwhile"),
        ],
        "rows": [
            [
                numbers[one.account_id], str(one.vintage_year), date_format(one.valid_from),
                date_format(one.expires_on), one.reason, len(one.entry_ids),
            ]
            for one in found
        ],
    }  # fmt: skip


@admin.register(Obligation, site=site)
class ObligationAdmin(ReadOnlyAdmin):
    list_display = (
        "entity",
        "show_regime",
        "show_year",
        "owed_t",
        "open_t",
        "due_on",
        "show_status",
        "allocated_t",
        "allowances_t",
        "offsets_t",
    )
    list_filter = ("entity__regime", "year", "status", "entity__sector")
    list_select_related = ("entity", "entity__regime")
    search_fields = ("entity__code", "entity__name", "entity__name_en")
    fields = (
        "entity", "show_regime", "show_year", "emissions_t", "owed_t", "allocated_t",
        "allowances_t", "offsets_t", "open_t", "offset_cap_t", "due_on", "status",
        "entity_status", "reckoned_at", "reckoned_by",
    )  # fmt: skip
    export_fields = (
        "entity", "year", "emissions_t", "owed_t", "allocated_t", "allowances_t", "offsets_t",
        "open_t", "offset_cap_t", "due_on", "status", "entity_status",
    )  # fmt: skip
    change_form_template = "ledger/compliance/year.html"
    confirmed_actions = (
        acts.Surrender,
        acts.EntitlePower,
        acts.EntitleIndustry,
        acts.PreAllocate,
        acts.RecordAllocation,
        acts.CutForShortfall,
    )

    def scope(self, queryset: QuerySet[Obligation], actor: Actor) -> QuerySet[Obligation]:
        return queryset.filter(entity__in=queries.entities_of(actor.own_party).values("pk"))

    def object_context(self, request: HttpRequest, obj: Obligation | None) -> dict[str, Any]:
        if obj is None:
            return {}
        today = timezone.localdate()
        price = _price(request)
        held = queries.holdings_for(obj, today)
        tables = [
            _cover(obj, held),
            _held(held),
            _allocated(obj),
            _surrendered(obj),
            _lifted(obj),
            _due_days(obj, today),
            _penalty(obj, today, price),
        ]
        asks_price = tables[-1] is not None and obj.open_t > 0
        entity = reverse("admin:ledger_compliance_entity_change", args=[obj.entity_id])
        return {
            "links": [(_("Regulated entity and its verified emissions"), entity)],
            "related": [table for table in tables if table is not None],
            "is_unverified": queries.get_regime(obj.entity.regime_id).is_unverified,
            "chart": gap_chart(obj, today),
            "asks_price": asks_price,
            "price": price,
        }

    @display(description=gettext_lazy("obligation year"), ordering="year")
    def show_year(self, obj: Obligation) -> str:
        return str(obj.year)

    @display(description=gettext_lazy("trading system"), ordering="entity__regime")
    def show_regime(self, obj: Obligation) -> str:
        return str(obj.entity.regime)

    @display(description=gettext_lazy("status"), label=COLOURS, ordering="status")
    def show_status(self, obj: Obligation) -> tuple[str, str]:
        return obj.status, obj.get_status_display()
