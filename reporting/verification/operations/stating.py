"""The statement that a verifier signs: canonical JSON, the same bytes from the same facts."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils import translation

from ledger.kernel.canonical import canonical_json
from ledger.parties import queries as parties
from reporting.inventories import queries as inventories
from reporting.parks import queries as parks
from reporting.verification import models, queries, rules
from reporting.verification.states import FindingState, OpinionKind

FORMAT = "tanzhang.opinion/1"


def statement_of(
    engagement: models.Engagement,
    frozen: inventories.FrozenView,
    *,
    kind: OpinionKind,
    text: str,
    weighed: rules.Materiality,
    by_user: UUID,
    at: datetime,
) -> bytes:
    """Everything the opinion rests on; what changes in the engagement changes the bytes."""
    return canonical_json(
        {
            "format": FORMAT,
            "engagement": engagement.pk,
            "operator": _party(engagement.party_id),
            "park": _park(engagement.park_id),
            "period": {"start": engagement.period_start, "end": engagement.period_end},
            "verifier": {
                **_party(engagement.verifier_id),
                "accreditation": engagement.accreditation,
                "declarations": _declarations(engagement),
            },
            "criteria": engagement.criteria,
            "level": engagement.level,
            "scope": engagement.scope,
            "inventory": {
                "frozen": frozen.id,
                "content_hash": frozen.content_hash,
                "dataset_hash": frozen.dataset_hash,
                "total_location_tco2e": _totals(frozen)["total_location_tco2e"],
                "total_market_tco2e": _totals(frozen)["total_market_tco2e"],
            },
            "bound_hash": rules.bound_hash(
                content_hash=frozen.content_hash, dataset_hash=frozen.dataset_hash
            ),
            "materiality": _materiality(engagement, weighed),
            "samples": _samples(engagement),
            "findings": _findings(engagement),
            "replaces": [one.pk for one in queries.withdrawn_opinions(engagement)],
            "opinion": kind.value,
            "text": text,
            "prepared_at": at,
            "prepared_by": parties.name_of(by_user),
        }
    )


def _totals(frozen: inventories.FrozenView) -> dict[str, Any]:
    found: dict[str, Any] = frozen.content["result"]["totals"]
    return found


def _plain(number: Decimal) -> str:
    return parks.plain(number)


def _party(party_id: UUID) -> dict[str, str]:
    names = {}
    for short, language in (("zh", "zh-hans"), ("en", "en")):
        with translation.override(language):
            names[f"name_{short}"] = parties.name_of(party_id)
    return {**names, "uscc": parties.get_party(party_id).uscc}


def _park(park_id: UUID) -> dict[str, str]:
    park = parks.get_park(park_id)
    return {"code": park.code, "name_zh": park.name_zh, "name_en": park.name_en}


def _declarations(engagement: models.Engagement) -> list[dict[str, Any]]:
    first = (engagement.declared_by, engagement.declared_at, engagement.independence)
    more = engagement.declarations.order_by("declared_at", "id").values_list(
        "declared_by", "declared_at", "statement"
    )
    return [
        {"by": parties.name_of(user), "at": moment, "statement": text}
        for user, moment, text in (first, *more)
    ]


def _materiality(engagement: models.Engagement, weighed: rules.Materiality) -> dict[str, str]:
    return {
        "share": _plain(engagement.materiality),
        "threshold_tco2e": _plain(weighed.threshold_tco2e),
        "overstated_tco2e": _plain(weighed.overstated_tco2e),
        "understated_tco2e": _plain(weighed.understated_tco2e),
        "net_tco2e": _plain(weighed.found_tco2e),
    }


def _samples(engagement: models.Engagement) -> list[dict[str, Any]]:
    return [
        {
            "number": one.number,
            "method": one.method,
            "size": one.size,
            "seed": one.seed,
            "content_hash": one.content_hash,
            "population_hash": one.population_hash,
            "outcomes": {
                f"{item.source_code} {item.month}": item.outcome for item in one.items.all()
            },
        }
        for one in engagement.samples.order_by("number").prefetch_related("items")
    ]


def _findings(engagement: models.Engagement) -> list[dict[str, Any]]:
    rows = engagement.findings.exclude(state=FindingState.WITHDRAWN).order_by("number")
    return [
        {
            "number": one.number,
            "kind": one.kind,
            "state": one.state,
            "text": one.text,
            "effect_tco2e": None if one.effect_tco2e is None else _plain(one.effect_tco2e),
            "is_corrected": one.is_corrected,
            "conclusion": one.conclusion,
        }
        for one in rows
    ]
