"""What is frozen of an inventory: who, when, where, how, and everything the calculation said."""

import json
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from ledger.kernel.canonical import canonical_json
from ledger.kernel.periods import Period
from reporting.inventories import models
from reporting.inventories.engine.content import SCHEMA, text
from reporting.inventories.queries import frozen as frozen_queries
from reporting.inventories.queries import inputs
from reporting.parks import queries as parks
from reporting.parks.states import BoundaryKind


def content_of(
    inventory: models.Inventory, found: inputs.Inputs, result: dict[str, Any]
) -> dict[str, Any]:
    """What is frozen: who, when, where, how; then everything the calculation said."""
    period = inputs.period_of(inventory)
    return {
        "schema": SCHEMA,
        "inventory": inventory.pk,
        "park": _park_content(inventory.park_id, period, inventory.inner_park),
        "period": {"start": period.start, "end": period.end},
        "purpose": inventory.purpose,
        "consolidation": inventory.consolidation,
        "factors_as_of": _day(inventory.calculated_on),
        "choices": inventory.choices,
        "replaces": inventory.replaces_id,
        "restatement": frozen_queries.restatement_of(inventory),
        "dataset_hash": found.dataset_hash,
        "entries_hash": found.entries_hash,
        "data_state": found.data_state,
        "power_used_mwh": text(inputs.power_used_mwh(found.activities)),
        "credits": list(found.credits),
        "sold_certificates": dict(found.sold),
        "result": result,
    }


def _park_content(park_id: UUID, period: Period, inner: str) -> dict[str, Any]:
    """Of a park within the park: named after both, with what stood in it on a month's first day."""
    park, places = parks.get_park(park_id), parks.places_of(park_id)
    boundaries = parks.boundaries_of(park_id, period)
    tenants = parks.tenants_of(park_id, period)
    sources = parks.sources_of(park_id, period)
    if not inner:
        return _park_fields(_fields(park), boundaries, tenants, sources)
    codes = {one.id: one.code for one in parks.tenants_of(park_id)}
    days = [month.start for month in period.months()]
    sources = [
        one for one in sources
        if any(places.holds(inner, one.code, _code(one, codes), day) for day in days)
    ]  # fmt: skip
    within = {codes[one.tenant_id] for one in sources if one.tenant_id}
    named = {name: f"{told} · {inner}" for name, told in _names(park).items() if told}
    return _park_fields(
        {**_fields(park), **named},
        [one for one in boundaries if one.name == inner and one.kind is BoundaryKind.SUB_PARK],
        [one for one in tenants if one.code in within],
        sources,
    )


def _code(source: parks.SourceView, codes: Mapping[UUID, str]) -> str:
    return codes[source.tenant_id] if source.tenant_id else ""


def _names(park: parks.ParkView) -> dict[str, str]:
    return {"name_zh": park.name_zh, "name_en": park.name_en}


def _park_fields(
    park: dict[str, Any], boundaries: list[Any], tenants: list[Any], sources: list[Any]
) -> dict[str, Any]:
    told = {"boundaries": boundaries, "tenants": tenants, "sources": sources}
    return {**park, **{name: [_fields(one) for one in rows] for name, rows in told.items()}}


def _fields(view: Any) -> dict[str, Any]:
    values = {name: getattr(view, name) for name in view.__slots__}
    return {
        name: text(value) if isinstance(value, Decimal) else value for name, value in values.items()
    }


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None


def plain(content: dict[str, Any]) -> dict[str, Any]:
    """Canonical values only, so that what is stored hashes as what was frozen."""
    plain: dict[str, Any] = json.loads(canonical_json(content))
    return plain
