"""Statements: every line with its meter rows and its price."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from finance.ppas import approvable, forms, operations, queries
from finance.ppas.admin.asking import Proposed, keeps
from finance.ppas.models import Settlement
from finance.ppas.queries import documents
from finance.ppas.queries.settlements import FINAL
from finance.ppas.showing import charts, tables, words
from finance.ppas.states import QuantityRule, StatementKind
from ledger.accounts import queries as accounts
from ledger.doors.admin import (
    Choices,
    ConfirmedAction,
    ReadOnlyAdmin,
    actor_of,
    download,
    on_export,
    site,
)
from ledger.kernel.actors import Actor
from ledger.kernel.errors import DomainError
from ledger.units import queries as units

COLOURS = {
    StatementKind.PRELIMINARY: "info",
    StatementKind.FINAL: "success",
    StatementKind.ADJUSTED: "warning",
}


class OfStatement(Proposed):
    """On the standing statement of a month, by whoever keeps the book."""

    def is_offered(self, request: HttpRequest, obj: Settlement) -> bool:
        return queries.is_standing(obj) and keeps(request, obj.contract.party_id)


class Finalise(OfStatement):
    name = "finalise"
    title = gettext_lazy("Make the statement final")
    operation = approvable.FINALISE
    icon = "task_alt"

    def is_offered(self, request: HttpRequest, obj: Settlement) -> bool:
        return obj.kind == StatementKind.PRELIMINARY and super().is_offered(request, obj)

    def payload(
        self, request: HttpRequest, obj: Settlement, data: Mapping[str, Any], key: str
    ) -> dict[str, Any]:
        return {
            "contract_id": str(obj.contract_id),
            "months": [obj.month.isoformat()],
            "key": key,
        }


class Adjust(OfStatement):
    name = "adjust"
    title = approvable.TITLES[approvable.ADJUST]
    operation = approvable.ADJUST
    form_class = forms.Reason
    icon = "published_with_changes"

    def is_offered(self, request: HttpRequest, obj: Settlement) -> bool:
        return obj.kind in FINAL and super().is_offered(request, obj)

    def payload(
        self, request: HttpRequest, obj: Settlement, data: Mapping[str, Any], key: str
    ) -> dict[str, Any]:
        return {
            "contract_id": str(obj.contract_id),
            "month": obj.month.isoformat(),
            "reason": data["reason"],
            "key": key,
        }


class Match(ConfirmedAction):
    name = "match"
    title = gettext_lazy("Match delivered certificates")
    operation = "ppas.match_certificates"
    form_class = forms.Match
    icon = "link"

    def is_offered(self, request: HttpRequest, obj: Settlement) -> bool:
        return obj.contract.is_bundled and obj.kind in FINAL and queries.is_standing(obj)

    def choices(self, request: HttpRequest, obj: Settlement) -> Mapping[str, Choices]:
        return {
            "entry": [
                (
                    f"{one.entry_id}:{one.lot_id}",
                    f"{one.happened_on} · {one.lot} · {words.count(one.unit_count)}",
                )
                for one in queries.arrivals(obj.contract, obj.month)
            ]
        }

    def describe(self, request: HttpRequest, obj: Settlement, data: Mapping[str, Any]) -> list[str]:
        about = {"month": f"{obj.month:%Y-%m}", "contract": str(obj.contract)}
        return [_("This delivery is matched to %(month)s of %(contract)s, once.") % about]

    def perform(
        self, request: HttpRequest, obj: Settlement, data: Mapping[str, Any], key: str
    ) -> str:
        entry_id, lot_id = map(UUID, data["entry"].split(":"))
        operations.match_certificates(
            contract_id=obj.contract_id,
            month=obj.month,
            entry_id=entry_id,
            lot_id=lot_id,
            purpose=data["purpose"],
            by=actor_of(request),
            at=timezone.now(),
        )
        return _("The certificates are matched.")


class Deliver(Proposed):
    name = "deliver"
    title = approvable.TITLES[approvable.DELIVER]
    operation = approvable.DELIVER
    form_class = forms.Deliver
    icon = "send"

    def is_offered(self, request: HttpRequest, obj: Settlement) -> bool:
        sells = actor_of(request).party_id == obj.contract.seller_id
        return sells and obj.contract.is_bundled and obj.kind in FINAL and queries.is_standing(obj)

    def choices(self, request: HttpRequest, obj: Settlement) -> Mapping[str, Choices]:
        found = accounts.accounts_of(obj.contract.buyer_id)
        return {
            "place": units.place_choices(actor_of(request).own_party),
            "to_account": [(str(one.pk), str(one)) for one in found],
        }

    def initial(self, request: HttpRequest, obj: Settlement) -> Mapping[str, Any]:
        return {"unit_count": queries.delivered_of(obj).left or None}

    def payload(
        self, request: HttpRequest, obj: Settlement, data: Mapping[str, Any], key: str
    ) -> dict[str, Any]:
        account_id, lot_id = data["place"].split(":")
        return {
            "contract_id": str(obj.contract_id),
            "month": obj.month.isoformat(),
            "lot_id": lot_id,
            "from_account_id": account_id,
            "to_account_id": data["to_account"],
            "unit_count": data["unit_count"],
            "happened_on": timezone.localdate().isoformat(),
            "purpose": data["purpose"],
            "key": key,
        }


class Claim(Proposed):
    name = "claim"
    title = approvable.TITLES[approvable.CLAIM]
    operation = approvable.CLAIM
    form_class = forms.Claim
    icon = "verified"

    def is_offered(self, request: HttpRequest, obj: Settlement) -> bool:
        buys = actor_of(request).party_id == obj.contract.buyer_id
        if not buys or obj.kind not in FINAL or not queries.is_standing(obj):
            return False
        known = queries.delivered_of(obj)
        if obj.contract.is_bundled:
            return known.claimed < known.delivered
        is_power = obj.contract.quantity_rule != QuantityRule.CONTRACTED
        return is_power and known.claimed_wh < obj.settled_wh

    def initial(self, request: HttpRequest, obj: Settlement) -> Mapping[str, Any]:
        return {"purpose": f"{obj.contract.number} {obj.month:%Y-%m}"}

    def payload(
        self, request: HttpRequest, obj: Settlement, data: Mapping[str, Any], key: str
    ) -> dict[str, Any]:
        return {
            "contract_id": str(obj.contract_id),
            "month": obj.month.isoformat(),
            "purpose": data["purpose"],
            "key": key,
        }


class SettleAll(ConfirmedAction):
    name = "settle"
    title = gettext_lazy("Settle all contracts")
    operation = "ppas.request_settlement"
    form_class = forms.Months
    icon = "calculate"

    def describe(self, request: HttpRequest, obj: Any, data: Mapping[str, Any]) -> list[str]:
        about = {"first": f"{data['first']:%Y-%m}", "last": f"{data['last']:%Y-%m}"}
        return [
            _("A job settles %(first)s through %(last)s of every contract in force.") % about,
            _("Its statements are preliminary; what is final stays as it is."),
        ]

    def perform(self, request: HttpRequest, obj: Any, data: Mapping[str, Any], key: str) -> str:
        operations.request_settlement(
            first=data["first"],
            last=data["last"],
            by=actor_of(request),
            at=timezone.now(),
            idempotency_key=key,
        )
        return _("The settlement is running; its job shows how far it has come.")


@admin.register(Settlement, site=site)
class SettlementAdmin(ReadOnlyAdmin):
    list_display = (
        "show_month", "contract", "show_kind", "version", "show_settled", "certificate_count",
        "show_paid", "show_standing",
    )  # fmt: skip
    list_filter = ("contract", "kind", "month")
    list_select_related = ("contract",)
    search_fields = ("contract__number", "contract__title")
    ordering = ("-month", "contract", "-version")
    readonly_fields = ("show_month", "show_sides", "show_standing", "show_minimum")
    fields = (
        "contract", "show_sides", "show_month", "kind", "version", "show_standing", "show_minimum",
        "reason", "content_hash", "settled_at", "settled_by",
    )  # fmt: skip
    export_fields = (
        "contract_id", "month", "version", "kind", "contracted_wh", "generated_wh", "consumed_wh",
        "delivered_wh", "settled_wh", "seller_short_wh", "buyer_short_wh", "surplus_wh",
        "certificate_count", "carried_in_wh", "carried_out_wh", "buyer_pays_cny",
        "seller_gets_cny", "grid_gets_cny", "treasury_gets_cny", "content_hash",
    )  # fmt: skip
    list_actions = (SettleAll,)
    confirmed_actions = (Finalise, Adjust, Match, Deliver, Claim)
    change_form_template = "finance/ppas/settlement.html"

    def scope(self, queryset: QuerySet[Settlement], actor: Actor) -> QuerySet[Settlement]:
        return queryset.filter(pk__in=queries.settlements_visible_to(actor).values("pk"))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Settlement]:
        found: QuerySet[Settlement] = super().get_queryset(request)
        return found.select_related("contract", "superseded_by")

    def get_urls(self) -> list[URLPattern]:
        own = path(
            "<uuid:settlement_id>/statement.pdf",
            self.admin_site.admin_view(self.document),
            name="finance_ppas_settlement_document",
        )
        return [own, *super().get_urls()]

    def document(self, request: HttpRequest, settlement_id: UUID) -> HttpResponse:
        """The statement as PDF for either side; each download is on record."""
        actor = actor_of(request)
        try:
            row = queries.get_settlement(settlement_id, by=actor)
        except DomainError as error:
            raise Http404 from error
        language = "en" if request.GET.get("language") == "en" else "zh-hans"
        pdf = documents.render(row, language=language)
        for record in on_export:
            record(
                subject=queries.subject_of(row),
                by=actor,
                at=timezone.now(),
                what={"form": "pdf", "language": language},
            )
        name = f"{row.contract.number}-{row.month:%Y-%m}-v{row.version}-{language[:2]}.pdf"
        return download(pdf, "application/pdf", name)

    def object_context(self, request: HttpRequest, obj: Settlement | None) -> dict[str, Any]:
        if obj is None:
            return {}
        chart, legend = charts.parts_of(obj)
        found = [
            tables.quantities(obj),
            tables.lines(obj),
            tables.payments(obj),
            tables.premium(obj),
            tables.certificates(obj),
            tables.metered(obj),
            tables.versions(obj),
        ]
        return {
            "chart": chart,
            "legend": legend,
            "is_preliminary": obj.kind == StatementKind.PRELIMINARY,
            "unverified": obj.lines.filter(rule__is_unverified=True).exists(),
            "related": [table for table in found if table is not None],
            "links": self._links(request, obj),
        }

    def _links(self, request: HttpRequest, obj: Settlement) -> list[tuple[str, str]]:
        pdf = reverse("admin:finance_ppas_settlement_document", args=[obj.pk])
        own = [
            (_("Contract"), tables.page_of("contract", obj.contract_id)),
            (_("Statement as PDF, Chinese"), f"{pdf}?language=zh"),
            (_("Statement as PDF, English"), f"{pdf}?language=en"),
        ]
        more = [entry for links in documents.more_links for entry in links(obj, actor_of(request))]
        return [*own, *more]

    @display(description=gettext_lazy("month"), ordering="month")
    def show_month(self, obj: Settlement) -> str:
        return f"{obj.month:%Y-%m}"

    @display(description=gettext_lazy("seller → buyer"))
    def show_sides(self, obj: Settlement) -> str:
        return " → ".join(queries.party_names(obj.contract))

    @display(description=gettext_lazy("kind of statement"), label=COLOURS, ordering="kind")
    def show_kind(self, obj: Settlement) -> tuple[str, str]:
        return obj.kind, obj.get_kind_display()

    @display(description=gettext_lazy("settled, MWh"), ordering="settled_wh")
    def show_settled(self, obj: Settlement) -> str:
        return words.energy(obj.settled_wh)

    @display(description=gettext_lazy("the buyer pays, CNY"), ordering="buyer_pays_cny")
    def show_paid(self, obj: Settlement) -> str:
        return words.money(obj.buyer_pays_cny)

    @display(description=gettext_lazy("stands"), boolean=True)
    def show_standing(self, obj: Settlement) -> bool:
        return not hasattr(obj, "superseded_by")

    @display(description=gettext_lazy("settled quantity"))
    def show_minimum(self, obj: Settlement) -> str:
        rule = str(obj.contract.get_quantity_rule_display())
        if obj.contract.quantity_rule == QuantityRule.THREE_WAY:
            return _("%(rule)s (provinces vary; not verified)") % {"rule": rule}
        return rule
