"""The park's power plant in the national carbon market: what it emitted, was given, and owes."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any

from config.demo.people import Cast
from ledger.compliance import operations as compliance


def load(facts: Mapping[str, Any], *, cast: Cast, year: int, on: date, at: datetime) -> None:
    """Enter the entity, its verified emissions and its allocation."""
    by = cast.actors["CARBON_MANAGER"]
    entity = compliance.enter_entity(
        party_id=cast.parties["operator"],
        regime=facts["regime"],
        code=facts["code"],
        name=facts["name"],
        sector=facts["sector"],
        first_year=year,
        told_on=on,
        evidence=facts["evidence"],
        by=by,
        at=at,
    )
    compliance.record_emissions(
        entity_id=entity.pk,
        year=year,
        parts={name: Decimal(tonnes) for name, tonnes in facts["parts"].items()},
        purpose="ETS",
        verification=facts["verification"],
        content_hash=sha256(facts["verification"].encode()).hexdigest(),
        evidence=facts["evidence"],
        told_on=on,
        by=by,
        at=at,
    )
    given = facts["allocation"]
    compliance.record_allocation(
        entity_id=entity.pk,
        year=year,
        step="ALLOCATED",
        table=given["table"],
        unit_count=given["units"],
        evidence=given["evidence"],
        by=by,
        at=at,
    )
