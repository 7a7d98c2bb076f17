"""The park's plants in the national carbon market: emitted, given and owed; and prices."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any

from config.demo.people import Cast
from finance.planner import operations as planner
from ledger.compliance import operations as compliance


def load(
    facts: Mapping[str, Any],
    *,
    cast: Cast,
    year: int,
    on: date,
    at: datetime,
) -> None:
    """Enter the entities, with what they emitted and were given; type the prices."""
    for one in facts["entities"]:
        _entity(one, cast=cast, year=year, on=on, at=at)
    for price in facts["prices"]:
        _price(price, cast=cast, year=year, on=on, at=at)


def _entity(facts: Mapping[str, Any], *, cast: Cast, year: int, on: date, at: datetime) -> None:
    by, told_year = cast.actors["CARBON_MANAGER"], year + facts["year"]
    entity = compliance.enter_entity(
        party_id=cast.parties["operator"],
        regime=facts["regime"],
        code=facts["code"],
        name=facts["name"],
        name_en=facts["name_en"],
        sector=facts["sector"],
        first_year=year + facts["first_year"],
        last_year=year + facts["last_year"] if "last_year" in facts else None,
        told_on=on,
        evidence=facts["evidence"],
        by=by,
        at=at,
    )
    compliance.record_emissions(
        entity_id=entity.pk,
        year=told_year,
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
        year=told_year,
        step="ALLOCATED",
        table=given["table"],
        unit_count=given["units"],
        evidence=given["evidence"],
        by=by,
        at=at,
    )


def _price(facts: Mapping[str, Any], *, cast: Cast, year: int, on: date, at: datetime) -> None:
    vintage = year + facts["year"] if "year" in facts else None
    planner.record_price(
        scheme=facts["scheme"],
        vintage_year=vintage,
        buy=Decimal(facts["buy"]),
        sell=Decimal(facts["sell"]) if "sell" in facts else None,
        quoted_on=on,
        source=facts["source"],
        by=cast.actors["CARBON_MANAGER"],
        at=at,
        idempotency_key=f"demo-price-{facts['scheme']}-{vintage or 'any'}",
    )
