"""One money's page, from what was raised to what it did; one project's page."""

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

from finance.proceeds import queries
from finance.proceeds.admin import acts
from finance.proceeds.models import Project, Raising, Spending
from finance.proceeds.states import Stance
from ledger.doors.admin import SEES_ALL, ReadOnlyAdmin, site
from ledger.doors.charts import Column, Part, stacked_columns
from ledger.doors.figures import amount
from ledger.doors.wording import number_format
from ledger.kernel.actors import Actor, Role

READERS = frozenset({Role.CARBON_MANAGER, Role.FUND_MANAGER, Role.APPROVER, *SEES_ALL})
SPENT, ALLOCATED, SUBSIDY, LEFT = "#058058", "#3b6fd4", "#8b5cf6", "#9ca3af"


def tonnes(value: Any) -> str:
    return "–" if value is None else number_format(value, 3, force_grouping=True)


def link(row: Any, text: Any = "") -> str:
    names = row._meta.app_label, row._meta.model_name
    url = reverse("admin:{}_{}_change".format(*names), args=[row.pk])
    return format_html(
        '<a class="text-primary-600 underline" href="{}">{}</a>', url, text or str(row)
    )


@admin.register(Raising, site=site)
class RaisingAdmin(ReadOnlyAdmin):
    list_display = (
        "code", "show_name", "kind", "stance", "tag", "raised_amount", "raised_on", "matures_on",
    )  # fmt: skip
    list_filter = ("kind", "stance", "tag", "category", "raised_on")
    search_fields = ("code", "name_zh", "name_en", "issuer", "opinion")
    exclude = ("idempotency_key",)
    readers = READERS
    change_form_template = "finance/proceeds/raising.html"
    confirmed_actions = (acts.Allocate, acts.Spend, acts.GrantSubsidy)
    list_actions = (acts.RegisterRaising,)

    def scope(self, queryset: QuerySet[Raising], actor: Actor) -> QuerySet[Raising]:
        return queryset.filter(pk__in=queries.raisings_of(actor.own_party).values("pk"))

    @display(description=gettext_lazy("name"), ordering="name_zh")
    def show_name(self, obj: Raising) -> str:
        return str(obj)

    def object_context(self, request: HttpRequest, obj: Raising | None) -> dict[str, Any]:
        if obj is None or obj.stance != Stance.RAISED:
            return {}
        use = queries.use_of(obj)
        return {
            "figures": _figures(obj, use),
            "chart": _chart(obj, use),
            "related": [_by_project(obj), _spendings(obj), _subsidies(obj)],
            "legend": [
                (_("spent"), SPENT), (_("allocated, not spent"), ALLOCATED),
                (_("interest subsidies"), SUBSIDY), (_("not allocated"), LEFT),
            ],
        }  # fmt: skip


def _figures(obj: Raising, use: queries.Use) -> list[tuple[str, str, str]]:
    said = [
        (_("net proceeds"), use.raised, "#raising_form"),
        (pgettext("proceeds", "allocated"), use.allocated, "#projects"),
        (_("interest subsidies"), use.subsidies, "#subsidies"),
        (_("spent with evidence"), use.spent, "#spendings"),
        (_("not allocated"), use.unallocated, "#projects"),
    ]
    return [(title, f"{amount(value)} {obj.currency}", url) for title, value, url in said]


def _chart(obj: Raising, use: queries.Use) -> str:
    parts = (
        Part(_("spent"), int(use.spent), SPENT),
        Part(_("allocated, not spent"), int(use.unspent), ALLOCATED),
        Part(_("interest subsidies"), int(use.subsidies), SUBSIDY),
        Part(_("not allocated"), int(use.unallocated), LEFT),
    )
    return stacked_columns([Column(obj.code, parts)], title=_("Use of proceeds"))


def _by_project(obj: Raising) -> dict[str, Any]:
    rows = queries.projects_of_raising(obj)
    return {
        "id": "projects",
        "title": _("By project; effects by the part of the investment that this money paid"),
        "headings": [
            _("project"),
            pgettext("proceeds", "allocated"), _("spent"), _("reduced, tCO2e"), _("saved, tce"),
        ],
        "rows": [
            [
                link(one.project), amount(one.allocated), amount(one.spent),
                tonnes(one.reduced_tco2e), tonnes(one.saved_tce),
            ]
            for one in rows
        ],
    }  # fmt: skip


def _spendings(obj: Raising) -> dict[str, Any]:
    rows = obj.spendings.select_related("project")[:20]
    return {
        "id": "spendings",
        "title": _("Spendings, the newest"),
        "headings": [_("spent on"), _("project"), _("payee"),
            pgettext("money", "amount"), _("evidence")],
        "rows": [
            [link(one, date_format(one.spent_on)), str(one.project), one.payee,
             amount(one.amount), one.evidence]
            for one in rows
        ],
    }  # fmt: skip


def _subsidies(obj: Raising) -> dict[str, Any]:
    return {
        "id": "subsidies",
        "title": _("Interest subsidies"),
        "headings": [_("loan"), _("from"), _("until before"), _("principal"),
            pgettext("money", "amount")],
        "rows": [
            [link(one, one.loan), date_format(one.starts_on), date_format(one.ends_on),
             amount(one.principal), amount(one.amount)]
            for one in obj.subsidies.all()[:20]
        ],
    }  # fmt: skip


@admin.register(Project, site=site)
class ProjectAdmin(ReadOnlyAdmin):
    list_display = ("code", "show_name", "category", "investment_amount", "multiplier", "text")
    list_filter = ("category",)
    search_fields = ("code", "name_zh", "name_en", "text")
    exclude = ("idempotency_key",)
    readers = READERS
    confirmed_actions = (acts.RecordImpact,)
    list_actions = (acts.RegisterProject,)

    def scope(self, queryset: QuerySet[Project], actor: Actor) -> QuerySet[Project]:
        return queryset.filter(pk__in=queries.projects_of(actor.own_party).values("pk"))

    @display(description=gettext_lazy("name"), ordering="name_zh")
    def show_name(self, obj: Project) -> str:
        return str(obj)

    def object_context(self, request: HttpRequest, obj: Project | None) -> dict[str, Any]:
        if obj is None:
            return {}
        return {"related": [_counts_as(obj), _monies(obj), _impacts(obj)]}


def _counts_as(obj: Project) -> dict[str, Any]:
    """N23, with the word that nobody has verified the rule, where that is so."""
    rule = _("counts once")
    if obj.multiplier is not None:
        allowed = queries.multipliers_on(timezone.localdate(obj.recorded_at))
        rule = _("by the rule of %(low)s to %(high)s times") % {
            "low": number_format(allowed.low, 1), "high": number_format(allowed.high, 1),
        }  # fmt: skip
        if allowed.is_unverified:
            rule = f"{rule} ({_('unverified')})"
    return {
        "title": _("What the investment counts as"),
        "headings": [_("investment in all"), _("investment multiplier"), _("counts as"), _("rule")],
        "rows": [
            [
                amount(obj.investment_amount), number_format(obj.multiplier or 1, 2),
                format_html(
                    '<a class="text-primary-600 underline" href="#project_form">{}</a>',
                    amount(queries.counted_investment(obj)),
                ),
                rule,
            ]
        ],
    }  # fmt: skip


def _monies(obj: Project) -> dict[str, Any]:
    rows = obj.allocations.select_related("raising")
    return {
        "title": _("Money allocated to it"),
        "headings": [_("allocated on"), _("money"),
            pgettext("money", "amount"), _("green or transition"),
                     _("evidence")],
        "rows": [
            [date_format(one.allocated_on), link(one.raising), amount(one.amount),
             one.get_tag_display(), one.evidence]
            for one in rows
        ],
    }  # fmt: skip


def _impacts(obj: Project) -> dict[str, Any]:
    return {
        "title": _("Effects told, every version"),
        "headings": [_("from"), _("until before"), _("version"), _("reduced, tCO2e"),
                     _("saved, tce"), pgettext("of an effect", "method"), _("verified by"),
                     _("evidence")],
        "rows": [
            [link(one, date_format(one.period_start)), date_format(one.period_end), one.version,
             tonnes(one.reduced_tco2e), tonnes(one.saved_tce), one.method,
             one.verified_by or "–", one.evidence]
            for one in obj.impacts.all()
        ],
    }  # fmt: skip


@admin.register(Spending, site=site)
class SpendingAdmin(ReadOnlyAdmin):
    list_display = ("spent_on", "raising", "project", "payee", "amount", "evidence", "text")
    list_filter = ("raising", "project", "spent_on")
    list_select_related = ("raising", "project")
    search_fields = ("payee", "evidence", "text", "raising__code", "project__code")
    exclude = ("idempotency_key",)
    readers = READERS
    confirmed_actions = (acts.TakeBackSpending,)

    def scope(self, queryset: QuerySet[Spending], actor: Actor) -> QuerySet[Spending]:
        return queryset.filter(raising__in=queries.raisings_of(actor.own_party).values("pk"))
