"""What is frozen of an inventory: who, when, where, how, and everything the calculation said."""

import json
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


def content_of(
    inventory: models.Inventory, found: inputs.Inputs, result: dict[str, Any]
) -> dict[str, Any]:
    """What is frozen: who, when, where, how; then everything the calculation said."""
    period = inputs.period_of(inventory)
    return {
        "schema": SCHEMA,
        "inventory": inventory.pk,
        "park": _park_content(inventory.park_id, period),
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


def _park_content(park_id: UUID, period: Period) -> dict[str, Any]:
    park = parks.get_park(park_id)
    return {
        **_fields(park),
        "boundaries": [_fields(one) for one in parks.boundaries_of(park_id, period)],
        "tenants": [_fields(one) for one in parks.tenants_of(park_id, period)],
        "sources": [_fields(one) for one in parks.sources_of(park_id, period)],
    }


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
