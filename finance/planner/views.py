"""The planner's page: inputs, the cheapest cover of them, and keeping it."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from django import forms as django_forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from finance.planner import forms, operations, queries
from finance.planner.queries import HoldView, Terms
from finance.planner.rules.problem import Demand, Problem, fen
from finance.planner.rules.scenarios import scenarios
from finance.planner.rules.steps import check_steps
from finance.planner.showing import words
from finance.planner.showing.page import shown
from ledger.doors import tabular
from ledger.doors.admin import actor_of, download, dressed, on_export, refusal_text, site
from ledger.doors.figures import count
from ledger.doors.permissions import MAY
from ledger.kernel.errors import DomainError

TEMPLATE = "finance/planner/plan_cover.html"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
BLANK_YEARS = 1


def plan_cover(request: HttpRequest) -> HttpResponse:
    """Form and result on one page; a second button keeps the plan."""
    actor = actor_of(request)
    if actor.roles.isdisjoint(MAY["planner.save_plan"]):
        raise Http404
    rules = queries.rules_on(timezone.localdate())
    holds = queries.holds_of(actor.own_party, schemes=rules.schemes)
    main, years, terms = _forms(request, holds)
    page: dict[str, Any] = {
        **site.each_context(request),
        "title": _("Plan the cover"),
        "form": main,
        "years": years,
        "holds": list(zip(holds, terms, strict=True)),
        "hold_management": terms.management_form,
        "entities": _entities(actor.own_party),
        "prices": _prices(actor.own_party, timezone.localdate()),
        "price_url": reverse("admin:finance_planner_price_do", args=["record"]),
        "key": request.POST.get("key") or str(uuid4()),
    }
    if request.method != "POST" or not all([main.is_valid(), years.is_valid(), terms.is_valid()]):
        return render(request, TEMPLATE, page)
    try:
        problem = _problem(actor.own_party, main.cleaned_data, years, terms)
        steps = (main.cleaned_data["price_steps"], main.cleaned_data["emission_steps"])
        if "save" in request.POST:
            saved = operations.save_plan(
                problem=problem,
                title=main.cleaned_data["title"],
                price_steps=steps[0],
                emission_steps=steps[1],
                by=actor,
                at=timezone.now(),
                idempotency_key=page["key"],
            )
            return redirect("admin:finance_planner_plan_change", saved.pk)
        check_steps(*steps)
        grid = scenarios(problem, price_steps=steps[0], emission_steps=steps[1])
        page |= shown(queries.make_plan(problem), grid)
    except DomainError as error:
        page["refusal"] = refusal_text(error)
        return render(request, TEMPLATE, page, status=409)
    return render(request, TEMPLATE, page)


def _forms(request: HttpRequest, holds: list[HoldView]) -> tuple[Any, Any, Any]:
    today, data = timezone.localdate(), request.POST or None
    first = {
        "title": _("Cover as of %(day)s") % {"day": date_format(today)},
        "planned_on": today,
        "price_steps": "-20, -10, 0, 10, 20",
        "emission_steps": "-5, 0, 5",
    }
    main = dressed(forms.PlanForm(data, initial=first))
    owed = queries.default_demands(actor_of(request).own_party, entity_id=_entity_of(request))
    found = [_demand_initial(one) for one in owed or queries.next_demands(today)]
    year_set = django_forms.formset_factory(forms.DemandForm, extra=BLANK_YEARS, max_num=6)
    years = year_set(data, initial=found, prefix="years")
    hold_set = django_forms.formset_factory(
        forms.HoldForm, extra=0, min_num=len(holds), max_num=len(holds)
    )
    terms = hold_set(data, initial=[{"hold_id": one.hold_id} for one in holds], prefix="holds")
    for form in [*years, *terms]:
        dressed(form)
    return main, years, terms


def _entity_of(request: HttpRequest) -> UUID | None:
    try:
        return UUID(request.GET.get("entity", ""))
    except ValueError:
        return None


def _entities(party_id: UUID) -> list[tuple[str, str]]:
    """Other entities to plan for, where a party has more than one that owes."""
    found = queries.entities_owing(party_id)
    address = reverse("plan_cover")
    return [(f"{address}?entity={one}", name) for one, name in found] if len(found) > 1 else []


def _demand_initial(demand: Demand) -> dict[str, Any]:
    return {
        "year": demand.year,
        "obligation": demand.obligation or None,
        "surrendered": demand.surrendered,
        "offsets_surrendered": demand.offsets_surrendered,
        "offset_percent": (demand.offset_share * 100).normalize(),
        "due_on": demand.due_on,
        "obligation_id": demand.obligation_id,
    }


def _problem(party_id: UUID, data: Mapping[str, Any], years: Any, terms: Any) -> Problem:
    rows = [form.cleaned_data for form in years if form.cleaned_data.get("year")]
    return queries.gather(
        party_id=party_id,
        on=data["planned_on"],
        demands=[_demand(row) for row in rows],
        terms={form.cleaned_data["hold_id"]: _terms(form.cleaned_data) for form in terms},
        carry_limit=data["carry_limit"] or 0,
        carry_by=data["carry_by"],
        sells_ageing=data["sells_ageing"],
    )


def _demand(row: Mapping[str, Any]) -> Demand:
    return Demand(
        year=row["year"],
        obligation=row["obligation"] or 0,
        due_on=row["due_on"],
        offset_share=row["offset_percent"] / Decimal(100),
        surrendered=row["surrendered"] or 0,
        offsets_surrendered=row["offsets_surrendered"] or 0,
        obligation_id=row["obligation_id"],
    )


def _terms(row: Mapping[str, Any]) -> Terms:
    return Terms(
        cost_fen=fen(row["cost"] or Decimal(0)),
        fee_fen=fen(row["fee"] or Decimal(0)),
        days=row["days"] or 0,
        ask_until=row["ask_until"],
    )


def _prices(party_id: UUID, on: date) -> list[dict[str, Any]]:
    named = words.names()
    return [
        {
            "what": f"{named.get(one.scheme, one.scheme)} {one.vintage or ''}".strip(),
            "buy": "–" if one.buy_fen is None else words.yuan(one.buy_fen),
            "sell": "–" if one.sell_fen is None else words.yuan(one.sell_fen),
            "available": "" if one.available is None else count(one.available),
            "quoted_on": one.quoted_on,
            "source": one.source,
        }
        for one in queries.best_prices(party_id, on, schemes=queries.rules_on(on).schemes)
    ]


# --- files


def export_lines(request: HttpRequest, plan_id: UUID, form: str) -> HttpResponse:
    """The lines of a saved plan as CSV or XLSX."""
    if form not in {"csv", "xlsx"}:
        raise Http404
    try:
        row = queries.get_plan(plan_id, by=actor_of(request))
    except DomainError as error:
        raise Http404 from error
    for record in on_export:
        record(
            subject=f"planner.Plan:{row.pk}",
            by=actor_of(request),
            at=timezone.now(),
            what={"form": form},
        )
    headings, lines = words.headings(), words.table(queries.plan_of(row))
    if form == "csv":
        return download(tabular.to_csv(headings, lines), "text/csv", f"{row.title}.csv")
    return download(tabular.to_xlsx(headings, lines, title=row.title), XLSX, f"{row.title}.xlsx")
