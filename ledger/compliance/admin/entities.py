"""Entities of trading systems, and what is told of them."""

from collections.abc import Mapping
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from ledger.compliance import forms, operations, queries
from ledger.compliance.models import STATUSES, Entity, Regime
from ledger.doors.admin import Choices, ConfirmedAction, ReadOnlyAdmin, actor_of, named, site
from ledger.kernel.actors import Actor


class EnterEntity(ConfirmedAction):
    name = "enter"
    title = gettext_lazy("Enter a regulated entity")
    operation = "compliance.enter_entity"
    form_class = forms.EnterEntity
    icon = "add_business"

    def choices(self, request: HttpRequest, obj: Any) -> Mapping[str, Choices]:
        return {"regime": [(row.pk, str(row)) for row in queries.regimes()]}

    def describe(self, request: HttpRequest, obj: Any, data: Mapping[str, Any]) -> list[str]:
        said = {"code": data["code"], "year": data["first_year"]}
        said["regime"] = str(queries.regimes().get(pk=data["regime"]))
        return [
            _("%(code)s becomes an entity of %(regime)s, from %(year)s on.") % said,
            _("Its years appear in the list of compliance years; the entry is final."),
        ]

    def perform(self, request: HttpRequest, obj: Any, data: Mapping[str, Any], key: str) -> str:
        by = actor_of(request)
        operations.enter_entity(**data, party_id=by.own_party, by=by, at=timezone.now())
        return _("The entity is entered.")


class TellFact(ConfirmedAction):
    name = "tell"
    title = gettext_lazy("Set or exclude a year")
    operation = "compliance.tell_fact"
    form_class = forms.TellFact
    icon = "event_note"

    def describe(self, request: HttpRequest, obj: Entity, data: Mapping[str, Any]) -> list[str]:
        words = dict(forms.KINDS)
        return [
            _("%(entity)s: %(fact)s, %(year)s.")
            % {
                "entity": str(obj),
                "fact": words[data["kind"]],
                "year": data["year"] or _("without end"),
            },
            _("The status of all its years is reckoned anew."),
        ]

    def perform(self, request: HttpRequest, obj: Entity, data: Mapping[str, Any], key: str) -> str:
        operations.tell_fact(entity_id=obj.pk, **data, by=actor_of(request), at=timezone.now())
        return _("The fact is recorded.")


class RecordEmissions(ConfirmedAction):
    name = "emissions"
    title = gettext_lazy("Record verified emissions")
    operation = "compliance.record_emissions"
    form_class = forms.RecordEmissions
    icon = "co2"

    def initial(self, request: HttpRequest, obj: Entity) -> Mapping[str, Any]:
        return {"year": timezone.now().year - 1, "purpose": "ETS"}

    def describe(self, request: HttpRequest, obj: Entity, data: Mapping[str, Any]) -> list[str]:
        rules = queries.get_regime(obj.regime_id)
        tonnes = queries.whole_tonnes(data["parts"].values(), rules.rounding)
        about = {"entity": str(obj), "year": data["year"], "tonnes": number_format(tonnes)}
        said = _("%(entity)s emitted %(tonnes)s t in %(year)s, as verified; this is what it owes.")
        return [
            said % about,
            _("Verification: %(verification)s. Evidence: %(evidence)s.")
            % {"verification": data["verification"], "evidence": data["evidence"]},
            _("What was recorded for that year before stays in the log and counts no longer."),
        ]

    def perform(self, request: HttpRequest, obj: Entity, data: Mapping[str, Any], key: str) -> str:
        operations.record_emissions(
            entity_id=obj.pk, **data, by=actor_of(request), at=timezone.now()
        )
        return _("The verified emissions are recorded.")


class ReckonAgain(ConfirmedAction):
    name = "reckon"
    title = gettext_lazy("Reckon anew")
    operation = "compliance.reckon_again"
    icon = "calculate"

    def describe(self, request: HttpRequest, obj: Entity, data: Mapping[str, Any]) -> list[str]:
        return [_("All years of %(entity)s are brought up to today.") % {"entity": str(obj)}]

    def perform(self, request: HttpRequest, obj: Entity, data: Mapping[str, Any], key: str) -> str:
        operations.reckon_again(entity_id=obj.pk, by=actor_of(request), at=timezone.now())
        return _("Reckoned.")


@admin.register(Entity, site=site)
class EntityAdmin(ReadOnlyAdmin):
    list_display = (
        "code",
        "name",
        named("party_id", gettext_lazy("party")),
        "regime",
        "sector",
        "entered_at",
    )
    list_filter = ("regime", "sector")
    list_select_related = ("regime",)
    search_fields = ("code", "name")
    confirmed_actions = (RecordEmissions, TellFact, ReckonAgain)
    list_actions = (EnterEntity,)

    def scope(self, queryset: QuerySet[Entity], actor: Actor) -> QuerySet[Entity]:
        return queryset.filter(pk__in=queries.entities_of(actor.own_party).values("pk"))

    def object_context(self, request: HttpRequest, obj: Entity | None) -> dict[str, Any]:
        if obj is None:
            return {}
        years = obj.obligations.order_by("-year")
        facts = obj.facts.order_by("-recorded_at", "-id")[:50]
        list_of_years = reverse("admin:ledger_compliance_obligation_changelist")
        return {
            "links": [(_("Compliance years"), f"{list_of_years}?entity__id__exact={obj.pk}")],
            "related": [
                {
                    "title": _("Compliance years"),
                    "headings": [_("year"), _("owed, t"), _("still owed, t"), _("status")],
                    "rows": [
                        [year.year, _shown(year.owed_t), _shown(year.open_t),
                         year.get_status_display()]
                        for year in years
                    ],
                },
                {
                    "title": _("Facts"),
                    "headings": [_("day"), _("fact"), _("year"), _("verified emissions, t"),
                                 _("evidence")],
                    "rows": [
                        [date_format(fact.told_on), fact.get_kind_display(), fact.year or "–",
                         _shown(fact.tonnes), fact.evidence]
                        for fact in facts
                    ],
                },
            ],
        }  # fmt: skip


def _shown(amount: int | None) -> str:
    return "–" if amount is None else number_format(amount)


@admin.register(Regime, site=site)
class RegimeAdmin(ReadOnlyAdmin):
    list_display = ("code", "name_zh", "name_en", "region", "confidence", "source")
    list_filter = ("confidence",)
    exclude = ("rules",)
    export_fields = ("code", "name_zh", "name_en", "region", "source", "confidence", "digest")
    open_to_all = True

    def object_context(self, request: HttpRequest, obj: Regime | None) -> dict[str, Any]:
        if obj is None:
            return {}
        rules = queries.get_regime(obj.pk)
        return {
            "related": [
                {
                    "title": _("Which vintages serve which years"),
                    "headings": [_("vintages"), _("obligation years"), _("verdict"),
                                 _("legal basis"), DRAFT],
                    "rows": [
                        [_span(cell.vintages), _span(cell.years), VERDICTS[cell.verdict],
                         cell.legal_basis, DRAFT if cell.is_draft else ""]
                        for cell in rules.vintages
                    ],
                },
                {
                    "title": _("Status"),
                    "headings": [_("if"), _("status")],
                    "rows": [_in_words(rung) for rung in (*rules.ladder, *rules.year_ladder)],
                },
            ]
        }  # fmt: skip


DRAFT = pgettext_lazy("rule", "draft")
CONDITIONS = {
    "NOT_BEGUN": gettext_lazy("nothing is owed yet"),
    "ALL_YEARS_EXCLUDED": gettext_lazy("all years so far are excluded"),
    "EMISSIONS_MISSING": gettext_lazy("emissions of a past year are missing"),
    "SURRENDERED_BELOW_YEARS_PAST": gettext_lazy("less surrendered than emitted in past years"),
    "YEAR_EXCLUDED": gettext_lazy("the year is excluded"),
    "EMISSIONS_UNKNOWN": gettext_lazy("no verified emissions yet"),
    "COVERED": gettext_lazy("as much surrendered as owed"),
    "NOT_DUE_YET": gettext_lazy("not due yet"),
    "OTHERWISE": gettext_lazy("otherwise"),
}


def _in_words(rung: tuple[str, str]) -> list[Any]:
    condition, status = rung
    return [CONDITIONS.get(condition, condition), dict(STATUSES).get(status, status)]


VERDICTS = {
    "ALLOWED": gettext_lazy("usable"),
    "FLAGGED": gettext_lazy("usable, unusual vintage"),
    "REFUSED": gettext_lazy("not usable"),
}


def _span(years: tuple[int, int]) -> str:
    first, last = years
    return f"{first}–" if last == 9999 else f"{first}–{last}"
