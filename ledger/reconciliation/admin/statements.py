"""What registries said, line by line, and how it compared with the books."""

from collections.abc import Mapping
from typing import Any

from django.contrib import admin
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from ledger.accounts import queries as accounts
from ledger.doors.admin import ConfirmedAction, ReadOnlyAdmin, actor_of, site
from ledger.instruments import queries as instruments
from ledger.kernel.actors import Actor
from ledger.reconciliation import forms, models, operations
from ledger.reconciliation.rules import Spoken
from ledger.units.queries import STATES

WORDS = dict(STATES)
PARTS_SHOWN = 50


def own(actor: Actor) -> list[Any]:
    return accounts.account_ids_of(actor.party_id) if actor.party_id else []


def state_said(code: str) -> str:
    """A unit's state in words."""
    return str(WORDS.get(code, code)) if code else "–"


class CompareNow(ConfirmedAction):
    name = "compare"
    title = gettext_lazy("Compare now")
    operation = "reconciliation.request_comparison"
    icon = "compare_arrows"

    def describe(
        self, request: HttpRequest, obj: models.Statement, data: Mapping[str, Any]
    ) -> list[str]:
        number = {"account": obj.account.number}
        return [
            _("Every standing statement of account %(account)s is held against the books.")
            % number,
            _("Differences become breaks; until they are closed, they block their vintage."),
        ]

    def perform(
        self, request: HttpRequest, obj: models.Statement, data: Mapping[str, Any], key: str
    ) -> str:
        operations.request_comparison(
            account_id=obj.account_id, by=actor_of(request), at=timezone.now(), key=key
        )
        return _("The comparison is under way; the list of jobs shows how far it is.")


class Withdraw(ConfirmedAction):
    name = "withdraw"
    title = gettext_lazy("Withdraw the statement")
    operation = "reconciliation.withdraw_statement"
    form_class = forms.Reason
    icon = "undo"
    dangerous = True

    def is_offered(self, request: HttpRequest, obj: models.Statement) -> bool:
        return not models.Withdrawal.objects.filter(statement=obj).exists()

    def describe(
        self, request: HttpRequest, obj: models.Statement, data: Mapping[str, Any]
    ) -> list[str]:
        return [
            _("The statement stays on record, but is no longer held against the books."),
            _("Breaks that it alone showed are proposed for closure."),
        ]

    def perform(
        self, request: HttpRequest, obj: models.Statement, data: Mapping[str, Any], key: str
    ) -> str:
        operations.withdraw_statement(
            statement_id=obj.pk, reason=data["reason"], by=actor_of(request), at=timezone.now()
        )
        return _("The statement is withdrawn.")


@admin.register(models.Statement, site=site)
class StatementAdmin(ReadOnlyAdmin):
    list_display = (
        "account",
        "registry",
        "as_of_on",
        "line_count",
        "show_units",
        "recorded_at",
        "show_standing",
    )
    list_filter = ("registry", "as_of_on")
    list_select_related = ("account", "withdrawal")
    search_fields = ("account__number", "=file_sha256")
    ordering = ("-as_of_at", "-recorded_at")
    fields = (
        "account",
        "registry",
        "as_of_at",
        "show_coverage",
        "line_count",
        "unit_count",
        "file_sha256",
        "lines_digest",
        "recorded_at",
        "recorded_by",
        "show_standing",
    )
    confirmed_actions = (CompareNow, Withdraw)

    def scope(
        self, queryset: QuerySet[models.Statement], actor: Actor
    ) -> QuerySet[models.Statement]:
        return queryset.filter(account_id__in=own(actor))

    @display(description=gettext_lazy("units"), ordering="unit_count")
    def show_units(self, row: models.Statement) -> str:
        return number_format(row.unit_count)

    @display(description=gettext_lazy("state"), label={"YES": "success", "NO": ""})
    def show_standing(self, row: models.Statement) -> tuple[str, str]:
        withdrawn = hasattr(row, "withdrawal")
        return ("NO", _("withdrawn")) if withdrawn else ("YES", _("in force"))

    @display(description=gettext_lazy("speaks of"))
    def show_coverage(self, row: models.Statement) -> str:
        said = []
        for one in Spoken.of(row.coverage).parts:
            vintages = _("every vintage")
            if one.vintages is not None:
                vintages = ", ".join(str(year) for year in sorted(one.vintages))
            states = ", ".join(state_said(state) for state in sorted(one.states))
            said.append(f"{instruments.scheme_name(one.scheme)} · {vintages} · {states}")
        return "; ".join(said)

    def object_context(self, request: HttpRequest, obj: models.Statement | None) -> dict[str, Any]:
        if obj is None:
            return {}
        lines = reverse("admin:ledger_reconciliation_statementline_changelist")
        breaks = reverse("admin:ledger_reconciliation_break_changelist")
        return {
            "links": [
                (_("Lines"), f"{lines}?statement__id__exact={obj.pk}"),
                (_("Breaks"), f"{breaks}?account__id__exact={obj.account_id}"),
            ],
            "related": [_comparisons(obj), _parts(obj)],
        }


def _comparisons(obj: models.Statement) -> dict[str, Any]:
    rows = models.Comparison.objects.filter(statement=obj).order_by("-compared_at")[:20]
    return {
        "title": _("Comparisons"),
        "headings": [
            _("compared at"),
            _("units here"),
            _("units there"),
            _("differences"),
            _("new breaks"),
            _("reopened breaks"),
            _("vanished breaks"),
        ],
        "rows": [
            [
                date_format(timezone.localtime(row.compared_at), "DATETIME_FORMAT"),
                number_format(row.our_count),
                number_format(row.their_count),
                row.difference_count,
                row.new_count,
                row.reopened_count,
                row.vanished_count,
            ]
            for row in rows
        ],
    }


def _parts(obj: models.Statement) -> dict[str, Any]:
    rows = models.StatementPart.objects.filter(statement=obj).order_by("number")[:PARTS_SHOWN]
    return {
        "title": _("What it speaks of"),
        "headings": [
            _("scheme"),
            _("vintage year"),
            _("state"),
            _("project"),
            _("serial prefix"),
        ],
        "rows": [
            [row.scheme, row.vintage_year, state_said(row.state), row.project_code, row.prefix]
            for row in rows
        ],
    }


def _of_part(column: str) -> Subquery:
    parts = models.StatementPart.objects.filter(
        statement_id=OuterRef("statement_id"), number=OuterRef("part_number")
    )
    return Subquery(parts.values(column)[:1])


@admin.register(models.StatementLine, site=site)
class StatementLineAdmin(ReadOnlyAdmin):
    list_display = (
        "statement",
        "show_scheme",
        "show_vintage",
        "show_state",
        "show_prefix",
        "first_serial",
        "last_serial",
        "quantity",
    )
    list_filter = ("statement",)
    list_select_related = ("statement",)
    ordering = ("-statement_id", "id")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        told = {
            f"of_{name}": _of_part(name) for name in ("scheme", "vintage_year", "state", "prefix")
        }
        found: QuerySet[Any] = super().get_queryset(request).annotate(**told)
        return found

    def scope(self, queryset: QuerySet[Any], actor: Actor) -> QuerySet[Any]:
        return queryset.filter(statement__account_id__in=own(actor))

    @display(description=gettext_lazy("scheme"))
    def show_scheme(self, row: Any) -> str:
        return str(row.of_scheme)

    @display(description=gettext_lazy("vintage year"))
    def show_vintage(self, row: Any) -> str:
        return str(row.of_vintage_year)

    @display(description=gettext_lazy("state"))
    def show_state(self, row: Any) -> str:
        return state_said(row.of_state)

    @display(description=gettext_lazy("serial prefix"))
    def show_prefix(self, row: Any) -> str:
        return str(row.of_prefix or "–")


@admin.register(models.Comparison, site=site)
class ComparisonAdmin(ReadOnlyAdmin):
    list_display = (
        "show_account",
        "statement",
        "compared_at",
        "our_count",
        "their_count",
        "difference_count",
        "new_count",
        "vanished_count",
    )
    list_filter = ("statement__registry", "compared_at")
    list_select_related = ("statement__account",)
    search_fields = ("statement__account__number",)
    ordering = ("-compared_at",)
    exclude = ("totals",)

    def scope(self, queryset: QuerySet[Any], actor: Actor) -> QuerySet[Any]:
        return queryset.filter(statement__account_id__in=own(actor))

    @display(description=gettext_lazy("account"))
    def show_account(self, row: models.Comparison) -> str:
        return str(row.statement.account)

    def object_context(self, request: HttpRequest, obj: models.Comparison | None) -> dict[str, Any]:
        if obj is None:
            return {}
        breaks = reverse("admin:ledger_reconciliation_break_changelist")
        found = f"{breaks}?account__id__exact={obj.statement.account_id}"
        return {"links": [(_("Breaks"), found)], "related": [_totals(obj)]}


def _totals(obj: models.Comparison) -> dict[str, Any]:
    return {
        "title": _("By vintage and state"),
        "headings": [
            _("scheme"),
            _("vintage year"),
            _("state"),
            _("units here"),
            _("units there"),
            _("difference"),
        ],
        "rows": [
            [
                instruments.scheme_name(scheme),
                vintage,
                state_said(state),
                number_format(here),
                number_format(there),
                number_format(here - there),
            ]
            for scheme, vintage, state, here, there in obj.totals
        ],
    }
