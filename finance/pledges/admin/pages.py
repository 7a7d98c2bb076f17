"""A pledge's page and a request's page."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from finance.pledges import queries
from finance.pledges.admin import acts, answers
from finance.pledges.admin.watched import Watched
from finance.pledges.approvable import part_said
from finance.pledges.models import Pledge, Request
from finance.pledges.showing import page
from finance.pledges.states import SECURING, Level, PledgeState, RequestState
from ledger.doors.admin import SEES_ALL, actor_of, named, site
from ledger.doors.figures import percent
from ledger.kernel.actors import Actor, Role
from ledger.kernel.errors import DomainError

READERS = frozenset(
    {Role.CARBON_MANAGER, Role.FUND_MANAGER, Role.APPROVER, Role.BANK_OFFICER, *SEES_ALL}
)
LABELS = {
    PledgeState.DRAFT: "",
    PledgeState.APPROVED: "info",
    PledgeState.REGISTERED: "info",
    PledgeState.PERFECTED: "success",
    PledgeState.TOPPING_UP: "warning",
    PledgeState.RELEASED: "",
    PledgeState.ENFORCED: "danger",
    PledgeState.LAPSED: "",
}
ANSWERS = {
    RequestState.WAITING: "warning",
    RequestState.CONSENTED: "success",
    RequestState.REFUSED: "danger",
    RequestState.WITHDRAWN: "",
}


@admin.register(Pledge, site=site)
class PledgeAdmin(Watched):
    list_display = (
        "number", "facility", named("debtor_id", gettext_lazy("pledged by")),
        named("creditor_id", gettext_lazy("creditor")), "show_state", "rank", "show_ltv",
        "show_level", "ends_on",
    )  # fmt: skip
    list_filter = ("state", "rank", "ends_on")
    list_select_related = ("facility",)
    search_fields = ("number", "facility__code", "evidence", "registrations__number")
    exclude = ("idempotency_key",)
    readers = READERS
    change_form_template = "finance/pledges/pledge.html"
    confirmed_actions = (
        acts.RegisterEntry, acts.TopUp, acts.Ask, acts.Value, acts.Withdraw, acts.Enforce,
        acts.GiveUp, acts.RecordProceeding,
    )  # fmt: skip
    list_actions = (acts.SubmitPledge,)

    def scope(self, queryset: QuerySet[Pledge], actor: Actor) -> QuerySet[Pledge]:
        seen = queries.pledges_seen_by(actor).order_by()
        return queryset.filter(pk__in=seen.values("pk"))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request)
        found: QuerySet[Any] = rows.annotate(**queries.newest_columns())
        return found

    @display(description=gettext_lazy("state"), ordering="state", label=LABELS)
    def show_state(self, obj: Pledge) -> tuple[str, str]:
        return obj.state, obj.get_state_display()

    @display(description=gettext_lazy("LTV"), ordering="newest_ltv")
    def show_ltv(self, obj: Any) -> str:
        return percent(obj.newest_ltv)

    @display(description=gettext_lazy("line reached"), ordering="newest_level")
    def show_level(self, obj: Any) -> str:
        return str(Level(obj.newest_level).label) if obj.newest_level else "–"

    def object_context(self, request: HttpRequest, obj: Pledge | None) -> dict[str, Any]:
        super().object_context(request, obj)
        if obj is None:
            return {}
        side = queries.is_creditors_view(obj, actor_of(request))
        try:
            return page.context(obj, timezone.localdate(), to_creditor=side)
        except DomainError as refusal:  # a rule number is missing: say which
            return {"alerts": [refusal.sentence()]} if obj.state in SECURING else {}


@admin.register(Request, site=site)
class RequestAdmin(Watched):
    list_display = ("number", "pledge", "kind", "unit_count", "show_state", "recorded_at", "reason")
    list_filter = ("kind", "state", "recorded_at")
    list_select_related = ("pledge",)
    search_fields = ("number", "pledge__number", "reason", "answer")
    exclude = ("idempotency_key", "asked_person")
    readers = READERS
    confirmed_actions = (answers.Consent, answers.Refuse, answers.WithdrawRequest)

    def scope(self, queryset: QuerySet[Request], actor: Actor) -> QuerySet[Request]:
        return queryset.filter(pk__in=queries.requests_seen_by(actor).order_by().values("pk"))

    @display(description=gettext_lazy("state"), ordering="state", label=ANSWERS)
    def show_state(self, obj: Request) -> tuple[str, str]:
        return obj.state, obj.get_state_display()

    def object_context(self, request: HttpRequest, obj: Request | None) -> dict[str, Any]:
        super().object_context(request, obj)
        if obj is None:
            return {}
        rows = [
            [title, part_said(part)]
            for title, part in ((_("goes"), obj.part), (_("comes"), obj.new_part))
            if part is not None
        ]
        return {"related": [page.table(_("Units"), ["", _("units")], rows)] if rows else []}
