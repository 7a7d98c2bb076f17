"""A facility's page: what is owed, what falls due, how the money was used, what secures it."""

from collections.abc import Iterable
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

from finance.facilities import operations, queries
from finance.facilities.admin import acts
from finance.facilities.approvable import said_rate
from finance.facilities.models import Facility
from finance.facilities.states import FacilityState
from ledger.audit import queries as audit
from ledger.doors.admin import SEES_ALL, actor_of, named, site
from ledger.doors.figures import amount, percent
from ledger.doors.watched import Watched
from ledger.doors.wording import looked_at, moment, number_format
from ledger.kernel.actors import Actor, Role
from ledger.kernel.errors import DomainError
from ledger.parties import queries as parties

READERS = frozenset(
    {Role.CARBON_MANAGER, Role.FUND_MANAGER, Role.APPROVER, Role.BANK_OFFICER, *SEES_ALL}
)
LABELS = {
    FacilityState.DRAFT: "",
    FacilityState.AGREED: "info",
    FacilityState.DRAWN: "success",
    FacilityState.DEFAULTED: "danger",
    FacilityState.REPAID: "",
    FacilityState.CANCELLED: "",
}


def link(row: Any, text: Any = "") -> str:
    names = row._meta.app_label, row._meta.model_name
    url = reverse("admin:{}_{}_change".format(*names), args=[row.pk])
    return format_html(
        '<a class="text-primary-600 underline" href="{}">{}</a>', url, text or str(row)
    )


@admin.register(Facility, site=site)
class FacilityAdmin(Watched):
    list_display = (
        "code", named("lender_id", gettext_lazy("lender")),
        named("borrower_id", gettext_lazy("borrower")), "show_state", "limit_amount", "show_rate",
        "starts_on", "matures_on",
    )  # fmt: skip
    list_filter = ("state", "rate_kind", "plan", "starts_on", "matures_on")
    search_fields = ("code", "purpose", "evidence")
    exclude = ("idempotency_key",)
    readers = READERS
    change_form_template = "finance/facilities/facility.html"
    confirmed_actions = (
        acts.Agree, acts.Draw, acts.RecordLine, acts.SetMarginStep, acts.DrawFigure,
        acts.RecordFigure,
        acts.PromiseSubsidy, acts.CloseFacility, acts.DeclareDefault, acts.Cancel,
    )  # fmt: skip
    list_actions = (acts.EnterFacility,)

    def scope(self, queryset: QuerySet[Facility], actor: Actor) -> QuerySet[Facility]:
        return queryset.filter(pk__in=queries.facilities_seen_by(actor).order_by().values("pk"))

    def looked(self, request: HttpRequest, rows: Iterable[Any], what: str) -> None:
        operations.record_reads(rows, what=what, by=actor_of(request), at=timezone.now())

    @display(description=gettext_lazy("state"), ordering="state", label=LABELS)
    def show_state(self, obj: Facility) -> tuple[str, str]:
        return obj.state, obj.get_state_display()

    @display(description=gettext_lazy("interest"), ordering="rate_bps")
    def show_rate(self, obj: Facility) -> str:
        return said_rate(obj)

    def object_context(self, request: HttpRequest, obj: Facility | None) -> dict[str, Any]:
        super().object_context(request, obj)
        if obj is None:
            return {}
        read_by = [_reads(obj)] if actor_of(request).party_id == obj.borrower_id else []
        on = timezone.localdate()
        try:
            figures, schedule = _figures(obj, on), [_schedule(obj, on)]
        except DomainError as refusal:  # no LPR of a day: the rest of the page still stands
            figures, schedule = [(_("not reckoned"), refusal.sentence(), TERMS)], []
        return {
            "figures": figures,
            "links": [(_("Pledges"), _pledges_of(obj))],
            "related": [*schedule, _lines(obj), _steps(obj), _figures_verified(obj), *read_by],
        }


def _reads(obj: Facility) -> dict[str, Any]:
    rows = audit.reads_of(f"facilities.Facility:{obj.pk}", verb="facility.read")
    names = parties.names_of({one.by for one in rows})
    return {
        "title": _("Looked at by the lender, the newest"),
        "headings": [_("time"), _("who"), _("what she looked at")],
        "rows": [[moment(one.at), names.get(one.by, "–"), looked_at(one.what)] for one in rows],
    }


def _pledges_of(obj: Facility) -> str:
    address = reverse("admin:finance_pledges_pledge_changelist")
    return f"{address}?facility__id__exact={obj.pk}"


TERMS, BOOKS = "#facility_form", "#books"  # of the page


def _figures(obj: Facility, on: Any) -> list[tuple[str, str, str]]:
    now = queries.standing_on(obj, on)
    rate = percent(now.rate) + (f" ({_('unverified')})" if now.is_unverified else "")
    monies = [
        (_("principal owed"), now.principal),
        (_("interest owed"), now.interest_owed),
        (_("fees owed"), now.fees_owed),
        (_("still to draw"), now.undrawn),
        (_("drawn, use not yet shown"), now.unused),
        (_("subsidy due, not received"), now.subsidy - now.subsidy_received),
    ]
    return [
        (_("rate today"), rate, "#steps" if obj.steps.exists() else TERMS),
        *((title, f"{amount(value)} {obj.currency}", BOOKS) for title, value in monies),
    ]


def _schedule(obj: Facility, on: Any) -> dict[str, Any]:
    rows = queries.schedule_of(obj, on)
    return {
        "id": "schedule",
        "title": _("What falls due, by what is owed and the rate of today"),
        "headings": [_("due on"), _("principal"), _("interest"), _("payment"), _("owed after it")],
        "rows": [
            [date_format(one.due_on), amount(one.principal), amount(one.interest),
             amount(one.payment), amount(one.owed)]
            for one in rows[:40]
        ],
    }  # fmt: skip


def _lines(obj: Facility) -> dict[str, Any]:
    return {
        "id": "books",
        "title": _("Books, the newest"),
        "headings": [_("day"), _("kind"), pgettext("money", "amount"), _("payee"), _("evidence")],
        "rows": [
            [link(one, date_format(one.happened_on)), one.get_kind_display(), amount(one.amount),
             one.payee or "–", one.evidence]
            for one in obj.lines.all()[:40]
        ],
    }  # fmt: skip


def _steps(obj: Facility) -> dict[str, Any]:
    return {
        "id": "steps",
        "title": _("Margin steps linked to sustainability"),
        "headings": [
            _("indicator"), _("target"), _("target met"), _("target missed"), _("applies from"),
        ],
        "rows": [
            [
                f"{one.indicator} {one.year}",
                f"{one.get_comparison_display()} {number_format(one.target.normalize())} "
                f"{one.measure}",
                f"{one.met_bps:+d} bp", f"{one.missed_bps:+d} bp", date_format(one.applies_on),
            ]
            for one in obj.steps.all()
        ],
    }  # fmt: skip


def _figures_verified(obj: Facility) -> dict[str, Any]:
    return {
        "title": _("Verified figures"),
        "headings": [_("indicator"), _("verified figure"), _("verified by"), _("opinion"),
                     _("comes from")],
        "rows": [
            [f"{one.indicator} {one.year}", number_format(one.value.normalize()),
             one.verified_by, one.opinion,
             _("verified inventory, SHA-256 %(hash)s…") % {"hash": one.source_sha256[:12]}
             if one.source else _("typed in, approved by a second person")]
            for one in obj.figures.all()
        ],
    }  # fmt: skip
