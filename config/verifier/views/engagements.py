"""Her engagements: the list, the page of one, its terms, its inventory, its history."""

import json
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from config.verifier.door import ACT, act, actor, page, verifier_page
from ledger.doors.admin import download
from ledger.doors.wording import moment
from ledger.kernel.canonical import canonical_json
from ledger.kernel.errors import NotFound
from ledger.kernel.transitions import allows, check_transition
from ledger.parties import queries as parties
from reporting.inventories.queries import FrozenView, is_stale
from reporting.packages import queries as packages
from reporting.verification import forms, operations, queries, showing
from reporting.verification.models import Engagement
from reporting.verification.states import (
    ENGAGEMENT_MOVES,
    AssuranceLevel,
    EngagementState,
    FactState,
)

AT_ONCE = 200


def get(request: HttpRequest, engagement_id: UUID) -> Engagement:
    """:raises NotFound: not there, or not hers to verify"""
    found = queries.engagements_verified_by(actor(request)).filter(pk=engagement_id).first()
    if found is None:
        raise NotFound
    return found


def looked(request: HttpRequest, rows: list[Engagement], what: str) -> None:
    operations.record_reads(rows, what=what, by=actor(request), at=timezone.now())


def home_of(row: Engagement) -> str:
    return reverse("verifier_engagement", args=[row.pk])


@verifier_page()
def overview(request: HttpRequest) -> HttpResponse:
    """My engagements, and what waits for me in each."""
    rows = list(queries.engagements_verified_by(actor(request))[:AT_ONCE])
    looked(request, rows, "list")
    ids = [one.pk for one in rows]
    mine, theirs = queries.waiting_for_verifier(ids), queries.waiting_for_operator(ids)
    names = parties.names_of({one.party_id for one in rows})
    told = [
        {
            "row": one,
            "url": home_of(one),
            "title": showing.title_of(one),
            "operator": names.get(one.party_id, "–"),
            "waits_for_me": mine.get(one.pk, 0),
            "waits_for_operator": theirs.get(one.pk, 0),
        }
        for one in rows
    ]
    return page(request, "overview", {"engagements": told})


@verifier_page()
def engagement(request: HttpRequest, engagement_id: UUID) -> HttpResponse:
    """One engagement: terms, inventory, samples, requests, findings, materiality, opinion."""
    row = get(request, engagement_id)
    looked(request, [row], "page")
    found = queries.frozen_inventories(row)
    user_id = actor(request).user_id
    context = {
        "row": row,
        "title": showing.title_of(row),
        "operator": parties.name_of(row.party_id),
        "terms": _terms(row),
        "team": _team(row),
        "has_declared": queries.has_declared(row, user_id),
        "is_planned": row.state == EngagementState.PLANNED,
        "is_active": row.state == EngagementState.ACTIVE,
        "may_conclude": row.level == AssuranceLevel.PROCEDURES,
        "inventories": [_inventory_row(row, one) for one in found],
        "weighed": _weighed(row, found),
        "samples": row.samples.all(),
        "requests": row.requests.all(),
        "findings": row.findings.all(),
        "draft": showing.waiting_draft(row),
        "opinions": _opinions(row),
        "facts": row.later_facts.all(),
        "told_fact": FactState.TOLD.value,
        "can_tell_fact": queries.standing_opinion(row) is not None,
        "reports": _reports(request, row),
    }
    return page(request, "engagement", context)


def _terms(row: Engagement) -> list[tuple[str, str]]:
    return [
        (_("criteria"), row.criteria),
        (_("level of assurance"), row.get_level_display()),
        (_("scope of the engagement"), row.scope),
        (_("materiality"), f"{showing.tonnes(row.materiality * 100, 1)} %"),
        (_("accreditation of the verification body"), row.accreditation or "–"),
    ]


def _team(row: Engagement) -> list[tuple[str, str]]:
    """Name and, who declared, what."""
    said = {one.declared_by: one.statement for one in row.declarations.all()}
    if row.declared_by:
        said[row.declared_by] = row.independence
    members = [UUID(one) for one in row.team] or sorted(said)
    names = parties.names_of([*members, *said])
    known = dict.fromkeys([*members, *said])
    return [(names[one], said.get(one, "")) for one in known]


def _inventory_row(row: Engagement, frozen: FrozenView) -> dict[str, Any]:
    totals = frozen.content["result"]["totals"]
    return {
        "url": reverse("verifier_inventory", args=[row.pk, frozen.id]),
        "hash": frozen.content_hash,
        "frozen_at": moment(frozen.frozen_at),
        "location": showing.tonnes(Decimal(totals["total_location_tco2e"])),
        "market": showing.tonnes(Decimal(totals["total_market_tco2e"])),
        "is_stale": is_stale(frozen.id),
        "is_restated": frozen.is_restated,
    }


def _weighed(row: Engagement, found: list[FrozenView]) -> dict[str, Any] | None:
    if not found:
        return None
    weighed = queries.weighed_against(row, found[0])
    return {
        "rows": showing.weighed_rows(weighed),
        "is_heavy": showing.is_heavy(weighed),
        "is_offset": weighed.is_offset,
    }


def _opinions(row: Engagement) -> list[dict[str, Any]]:
    return [
        {
            "url": reverse("verifier_opinion", args=[one.pk]),
            "kind": one.get_kind_display(),
            "given": moment(one.given_at),
            "worth": showing.STATUS[queries.opinion_view(one.pk).status],
            "hash": one.bound_hash,
        }
        for one in row.opinions.all()
    ]


def _reports(request: HttpRequest, row: Engagement) -> list[tuple[str, str, str]]:
    """Reports of this park and period: number, language, address of the file."""
    found = packages.reports_for(actor(request)).filter(
        statement__park_id=row.park_id, statement__period_start=row.period_start
    )
    file = "admin:reporting_packages_report_download"
    return [
        (
            one.document_number,
            str(packages.state_of(one).label),
            reverse(file, args=[one.pk, "pdf"]),
        )
        for one in found.order_by("-issued_at")[:AT_ONCE]
    ]


@verifier_page(ACT)
def declare(request: HttpRequest, engagement_id: UUID) -> HttpResponse:
    """She declares that she is independent, and may then read and work."""
    row = get(request, engagement_id)

    def do(data: dict[str, Any]) -> str:
        operations.declare_independence(
            engagement_id=row.pk, statement=data["statement"], by=actor(request), at=timezone.now()
        )
        return home_of(row)

    return act(
        request,
        forms.StatementForm(request.POST or None),
        do,
        done=_("Declared."),
        title=_("Declare independence"),
        sentences=[
            _("Your declaration is recorded with your name, and the operator can read it."),
            _("Before it nothing of the park's data is shown to you."),
        ],
        button=_("Declare"),
        back=home_of(row),
    )


@verifier_page(ACT)
def team(request: HttpRequest, engagement_id: UUID) -> HttpResponse:
    """Who of the body works on it."""
    row = get(request, engagement_id)
    form = forms.TeamForm(request.POST or None, initial={"team": row.team})
    field: Any = form.fields["team"]
    field.choices = queries.team_choices(row, timezone.localdate())

    def do(data: dict[str, Any]) -> str:
        operations.set_team(
            engagement_id=row.pk,
            team=[UUID(one) for one in data["team"]],
            by=actor(request),
            at=timezone.now(),
        )
        return home_of(row)

    return act(
        request,
        form,
        do,
        done=_("The team is recorded."),
        title=_("Name the team"),
        sentences=[_("Everybody of the team declares her independence before she works on it.")],
        button=_("Save"),
        back=home_of(row),
    )


@verifier_page(ACT)
def conclude(request: HttpRequest, engagement_id: UUID) -> HttpResponse:
    """The end of agreed-upon procedures."""
    row = get(request, engagement_id)
    if not allows(check_transition, ENGAGEMENT_MOVES, row.state, EngagementState.CONCLUDED):
        raise NotFound

    def do(_data: dict[str, Any]) -> str:
        operations.conclude_procedures(engagement_id=row.pk, by=actor(request), at=timezone.now())
        return home_of(row)

    return act(
        request,
        None,
        do,
        done=_("Concluded."),
        title=_("Conclude the procedures"),
        sentences=[_("The findings stand as they are, and no opinion is given.")],
        button=_("Conclude"),
        back=home_of(row),
    )


def get_frozen(row: Engagement, frozen_id: UUID) -> FrozenView:
    """:raises NotFound: not a frozen inventory of the engagement, or not to be read yet"""
    for one in queries.frozen_inventories(row):
        if one.id == frozen_id:
            return one
    raise NotFound


@verifier_page()
def inventory(request: HttpRequest, engagement_id: UUID, frozen_id: UUID) -> HttpResponse:
    """The frozen inventory: totals, sources, and every row of activity in it."""
    row = get(request, engagement_id)
    frozen = get_frozen(row, frozen_id)
    looked(request, [row], "inventory")
    population = queries.population_of(frozen)
    context = {
        "row": row,
        "back": home_of(row),
        "frozen": frozen,
        "totals": _totals(frozen),
        "sources": _sources(population),
        "rows": _rows(frozen, population),
        "count": len(population),
    }
    return page(request, "inventory", context)


def _totals(frozen: FrozenView) -> list[tuple[str, str]]:
    totals = frozen.content["result"]["totals"]
    names = (
        (_("Scope 1 (tCO2e)"), "scope_1_tco2e"),
        (_("Scope 2, location-based (tCO2e)"), "scope_2_location_tco2e"),
        (_("Scope 2, market-based (tCO2e)"), "scope_2_market_tco2e"),
        (_("Total, location-based (tCO2e)"), "total_location_tco2e"),
        (_("Total, market-based (tCO2e)"), "total_market_tco2e"),
    )
    return [(name, showing.tonnes(Decimal(totals[key]))) for name, key in names]


def _sources(population: Any) -> list[tuple[str, int, str]]:
    found: dict[str, list[Decimal]] = {}
    for one in population:
        found.setdefault(one.source_code, []).append(one.emission_tco2e)
    ordered = sorted(found.items(), key=lambda pair: -sum(pair[1]))
    return [(code, len(parts), showing.tonnes(sum(parts))) for code, parts in ordered]


def _rows(frozen: FrozenView, population: Any) -> list[dict[str, Any]]:
    carriers = showing.carrier_words()
    emitted = {one.id: one.emission_tco2e for one in population}
    return [
        {
            "source": one["source"],
            "month": one["month"][:7],
            "carrier": carriers(one["carrier"]),
            "amount": showing.tonnes(Decimal(one["amount"]), 3),
            "unit": one["unit"],
            "emission": showing.tonnes(emitted[one["id"]]),
        }
        for one in frozen.content["result"]["activities"][:1000]
    ]


@verifier_page()
def inventory_file(request: HttpRequest, engagement_id: UUID, frozen_id: UUID) -> HttpResponse:
    """The frozen content, the very bytes that the content hash is of."""
    row = get(request, engagement_id)
    frozen = get_frozen(row, frozen_id)
    operations.record_download(
        row, what="content", sha256=frozen.content_hash, by=actor(request), at=timezone.now()
    )
    name = f"inventory-{frozen.content_hash[:12]}.json"
    return download(canonical_json(frozen.content), "application/json", name)


@verifier_page()
def history(request: HttpRequest, engagement_id: UUID) -> HttpResponse:
    """What happened, and what was looked at."""
    row = get(request, engagement_id)
    looked(request, [row], "history")
    context = {
        "row": row,
        "title": showing.title_of(row),
        "back": home_of(row),
        "happened": showing.told(showing.history_of(row)),
        "reads": showing.reads_of(row),
    }
    return page(request, "history", context)


def as_json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True).encode()
