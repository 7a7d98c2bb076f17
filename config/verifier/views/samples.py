"""Samples: drawn by a seed, looked at row by row, and drawn again by whoever doubts."""

import secrets
from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from config.verifier.door import ACT, act, actor, page, verifier_page
from config.verifier.views.engagements import as_json, get, home_of, looked
from ledger.doors.admin import download
from ledger.doors.wording import moment
from reporting.inventories import queries as inventories
from reporting.parks import queries as parks
from reporting.verification import forms, operations, queries, showing
from reporting.verification.models import Sample, SampleItem
from reporting.verification.states import Outcome, SamplingMethod

HOW = (
    'Key of a row: SHA-256 of "seed:content_hash:row id", in hex digits. Rows are put in the order '
    "of their keys. RANDOM: the first `size` rows. WEIGHTED: rows stand end to end in that order, "
    "each as long as its emission (absolute value); interval = total / size; start = SHA-256 of "
    '"seed:content_hash:start" as a number, divided by 2^256, times the interval; every row in '
    "which start + k * interval falls is drawn, once."
)


def get_sample(request: HttpRequest, sample_id: UUID) -> Sample:
    """:raises NotFound: not there, or not of an engagement of hers"""
    found = queries.get_sample(sample_id, actor(request))
    get(request, found.engagement_id)
    return found


def get_item(request: HttpRequest, item_id: UUID) -> SampleItem:
    """:raises NotFound: not there, or not of an engagement of hers"""
    found = queries.get_item(item_id, actor(request))
    get(request, found.sample.engagement_id)
    return found


@verifier_page(ACT)
def draw(request: HttpRequest, engagement_id: UUID) -> HttpResponse:
    """Draw a sample of a frozen inventory."""
    row = get(request, engagement_id)
    form = forms.SampleForm(request.POST or None)
    field: Any = form.fields["content_hash"]
    field.choices = inventory_choices(row)

    def do(data: dict[str, Any]) -> str:
        key = operations.draw_sample(
            engagement_id=row.pk,
            content_hash=data["content_hash"],
            method=SamplingMethod(data["method"]),
            size=data["size"],
            seed=data["seed"].strip().lower() or secrets.token_hex(16),
            reason=data["reason"],
            by=actor(request),
            at=timezone.now(),
        )
        return reverse("verifier_sample", args=[key])

    return act(
        request,
        form,
        do,
        done=_("The sample was drawn."),
        title=_("Draw a sample"),
        sentences=[
            _("Which rows are drawn follows from the seed alone; seed and rows are recorded."),
            _("A sample cannot be taken back. Another draw is another sample, and both stay."),
        ],
        button=_("Draw"),
        back=home_of(row),
    )


def inventory_choices(row: Any) -> list[tuple[str, str]]:
    return [
        (one.content_hash, f"{moment(one.frozen_at)} · {one.content_hash[:12]}")
        for one in queries.frozen_inventories(row)
    ]


@verifier_page()
def sample(request: HttpRequest, sample_id: UUID) -> HttpResponse:
    """A sample: how it was drawn, its rows, what they show, and what that says of the whole."""
    row = get_sample(request, sample_id)
    looked(request, [row.engagement], "sample")
    items = list(row.items.all())
    projected = queries.projection_of(row, items)
    context = {
        "row": row,
        "back": home_of(row.engagement),
        "engagement_title": showing.title_of(row.engagement),
        "facts": _facts(row),
        "items": items,
        "is_as_drawn": queries.is_as_drawn(row, items),
        "waiting": sum(1 for one in items if one.outcome == Outcome.WAITING),
        "projected": None if projected is None else showing.tonnes(projected),
        "is_weighted": row.method == SamplingMethod.WEIGHTED,
    }
    return page(request, "sample", context)


def _facts(row: Sample) -> list[tuple[str, str]]:
    facts = [
        (_("how it was drawn"), row.get_method_display()),
        (_("rows asked for"), str(row.size)),
        (_("rows in the inventory"), str(row.population_count)),
        (_("emissions drawn from (tCO2e)"), showing.tonnes(row.population_tco2e)),
    ]
    if row.method == SamplingMethod.WEIGHTED:
        interval = row.population_tco2e / row.size
        facts.append((_("tonnes from one hit to the next"), showing.tonnes(interval)))
    return [
        *facts,
        (_("why this sample"), row.reason),
        (_("seed"), row.seed),
        (_("content hash"), row.content_hash),
        (_("hash of what was drawn from"), row.population_hash),
        (_("drawn at"), moment(row.drawn_at)),
    ]


@verifier_page()
def sample_file(request: HttpRequest, sample_id: UUID) -> HttpResponse:
    """Everything that is needed to draw the sample again, with the rule in words."""
    row = get_sample(request, sample_id)
    frozen = inventories.get_frozen(row.frozen_id)
    content = as_json(
        {
            "how": HOW,
            "method": row.method,
            "size": row.size,
            "seed": row.seed,
            "content_hash": row.content_hash,
            "population_hash": row.population_hash,
            "population": list(_population(frozen)),
            "drawn": [one.activity_id for one in row.items.all()],
        }
    )
    operations.record_download(
        row.engagement, what="draw", sha256=row.population_hash, by=actor(request),
        at=timezone.now(),
    )  # fmt: skip
    return download(content, "application/json", f"sample-{row.number}.json")


def _population(frozen: Any) -> Iterator[dict[str, str]]:
    for one in queries.population_of(frozen):
        yield {
            "id": one.id,
            "source": one.source_code,
            "month": one.month,
            "tco2e": parks.plain(one.emission_tco2e),
        }


@verifier_page()
def item(request: HttpRequest, item_id: UUID) -> HttpResponse:
    """A drawn row: activity, factor, formula, evidence, and what she made of it."""
    row = get_item(request, item_id)
    looked(request, [row.sample.engagement], "item")
    found = queries.evidence_of(row)
    context = {
        "row": row,
        "back": reverse("verifier_sample", args=[row.sample_id]),
        "found": found,
        "carrier": showing.carrier_words()(found.activity["carrier"]),
        "amount": showing.tonnes(Decimal(found.activity["amount"]), 3),
        "emission": showing.tonnes(row.emission_tco2e, 4),
        "lines": [_line(one, found.factors) for one in found.lines],
        "requests": row.requests.all(),
        "next": _next(row),
    }
    return page(request, "item", context)


def _line(line: dict[str, Any], factors: dict[str, dict[str, Any]]) -> dict[str, str]:
    factor = factors.get(line["factor"], {})
    return {
        "gas": line["gas"],
        "factor": f"{factor.get('value', '')} {factor.get('unit', '')}",
        "source": factor.get("source", ""),
        "formula": line["formula"],
        "tco2e": showing.tonnes(Decimal(line["tco2e"]), 4),
    }


def _next(row: SampleItem) -> SampleItem | None:
    later = row.sample.items.filter(number__gt=row.number, outcome=Outcome.WAITING)
    return later.first()


@verifier_page(ACT)
def outcome(request: HttpRequest, item_id: UUID) -> HttpResponse:
    """What the evidence of a row shows."""
    row = get_item(request, item_id)
    here = reverse("verifier_item", args=[row.pk])

    def do(data: dict[str, Any]) -> str:
        operations.record_outcome(
            item_id=row.pk,
            outcome=Outcome(data["outcome"]),
            difference_tco2e=data["difference_tco2e"],
            note=data["note"],
            by=actor(request),
            at=timezone.now(),
        )
        return here

    return act(
        request,
        forms.OutcomeForm(request.POST or None),
        do,
        done=_("Recorded."),
        title=f"{row.source_code} {row.month[:7]}",
        sentences=[
            _("A difference is what is stated less what is right: plus is an overstatement."),
            _("If it is an error, raise a finding too: only findings count against materiality."),
        ],
        button=_("Record"),
        back=here,
    )


@verifier_page()
def evidence(request: HttpRequest, item_id: UUID) -> HttpResponse:
    """The file in which the row came in. That she took it is on record."""
    row = get_item(request, item_id)
    name, content = operations.take_evidence(item_id=row.pk, by=actor(request), at=timezone.now())
    return download(content, "application/octet-stream", name)
