"""How the park stands by the national method, and what it has promised."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from config.demo.people import Cast
from reporting.indicators import operations as indicators
from reporting.indicators.states import FactKind
from reporting.targets import operations as targets
from reporting.targets.states import Coverage, TargetKind


def load(told: Mapping[str, Any], *, park_id: UUID, year: int, cast: Cast, at: datetime) -> None:
    """Facts that no meter tells, the assessment of the year, and targets from the seeds."""
    officer, manager = cast.actors["DATA_OFFICER"], cast.actors["CARBON_MANAGER"]
    for number, one in enumerate(told["facts"]):
        indicators.record_fact(
            park_id=park_id,
            year=year,
            kind=FactKind(one["kind"]),
            name=one.get("name", ""),
            part=_amount(one, "part"),
            whole=_amount(one, "whole"),
            unit=one.get("unit", ""),
            evidence=one.get("evidence", ""),
            reason=one.get("reason", ""),
            by=officer,
            at=at,
            idempotency_key=f"demo:fact:{number}",
        )
    indicators.assess_park(
        park_id=park_id, year=year, by=manager, at=at, idempotency_key="demo:assessment"
    )
    for number, one in enumerate(told["targets"]):
        targets.set_target(
            park_id=park_id,
            name_zh=one["name_zh"],
            name_en=one["name_en"],
            kind=TargetKind(one["kind"]),
            coverage=Coverage(one["coverage"]),
            base_year=year + one["base_year_from_now"],
            base=_amount(one, "base"),
            per=one.get("per", ""),
            stages=[{"year": year + x["in_years"], "cut": x["cut"]} for x in one.get("stages", ())],
            standard=one.get("standard", ""),
            evidence=one["evidence"],
            by=manager,
            at=at,
            idempotency_key=f"demo:target:{number}",
        )


def _amount(one: Mapping[str, Any], name: str) -> Decimal | None:
    return Decimal(one[name]) if name in one else None
