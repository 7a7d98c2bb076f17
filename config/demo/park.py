"""The park, its sources, and a year of data that has been submitted and checked."""

import io
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

from config.demo.people import Cast
from ledger.kernel.actors import SYSTEM
from reporting.activity import operations as activity
from reporting.entries.operations import record_entry
from reporting.entries.states import DataQuality, Method, Part
from reporting.parks import operations as parks
from reporting.parks.states import BoundaryKind, SourceKind


def load(
    facts: Mapping[str, Any],
    *,
    folder: Path,
    cast: Cast,
    year: int,
    at: datetime,
    entries: Sequence[Mapping[str, Any]] = (),
) -> tuple[UUID, UUID]:
    """Enter the park and its data; the ids of the park and of its year of data."""
    since = date(year - 2, 1, 1)
    known = {one["key"]: one for one in facts["parties"]}
    park = parks.register_park(
        **facts["park"], operator_id=cast.parties["operator"], by=SYSTEM, at=at
    )
    parks.draw_boundary(
        park_id=park.id,
        kind=BoundaryKind.WHOLE,
        name=facts["park"]["name_zh"],
        valid_from=since,
        description_zh=facts["park"]["description_zh"],
        description_en=facts["park"]["description_en"],
        by=SYSTEM,
        at=at,
    )
    tenants = {
        one["code"]: parks.admit_tenant(
            park_id=park.id,
            code=one["code"],
            name_zh=known[one["party"]]["name_zh"],
            name_en=known[one["party"]]["name_en"],
            party_id=cast.parties[one["party"]],
            equity_share=Decimal(one["equity_share"]),
            valid_from=since,
            by=SYSTEM,
            at=at,
        )
        for one in facts["tenants"]
    }
    for one in facts["sources"]:
        _source(one, park_id=park.id, tenants=tenants, since=since, at=at)
    for one in entries:
        _entry(one, park_id=park.id, cast=cast, year=year, at=at)
    return park.id, _year_of_data(folder, park_id=park.id, cast=cast, year=year, at=at)


def _source(
    facts: Mapping[str, Any],
    *,
    park_id: UUID,
    tenants: Mapping[str, UUID],
    since: date,
    at: datetime,
) -> None:
    source = parks.add_source(
        park_id=park_id,
        code=facts["code"],
        name_zh=facts["name_zh"],
        name_en=facts["name_en"],
        kind=SourceKind(facts["kind"]),
        carrier=facts["carrier"],
        unit=facts["unit"],
        tenant_id=tenants[facts["tenant"]],
        valid_from=since,
        by=SYSTEM,
        at=at,
    )
    if facts["meter"]:
        parks.add_meter(
            source_id=source.id, number=facts["meter"], valid_from=since, by=SYSTEM, at=at
        )


def _entry(told: Mapping[str, Any], *, park_id: UUID, cast: Cast, year: int, at: datetime) -> None:
    """Calculated activity, entered while the year of data is open."""
    record_entry(
        park_id=park_id,
        year=year,
        code=told["code"],
        title=told["title"],
        part=Part(told["part"]),
        method=Method(told["method"]),
        inputs=told["inputs"],
        carrier=told.get("carrier", ""),
        region=told.get("region", ""),
        given=told.get("given"),
        supplier=told.get("supplier", ""),
        evidence=told["evidence"],
        quality=DataQuality(told["quality"]),
        by=cast.actors["DATA_OFFICER"],
        at=at,
        idempotency_key=f"demo:entry:{told['code']}",
    )


def _year_of_data(folder: Path, *, park_id: UUID, cast: Cast, year: int, at: datetime) -> UUID:
    text = (folder / "activity.csv").read_text().replace("YEAR", str(year))
    upload = activity.upload_year(
        park_id=park_id,
        year=year,
        content=io.BytesIO(text.encode()),
        name=f"activity-{year}.csv",
        by=cast.actors["DATA_OFFICER"],
        at=at,
    )
    activity.submit_dataset(dataset_id=upload.dataset_id, by=cast.actors["DATA_OFFICER"], at=at)
    activity.check_dataset(dataset_id=upload.dataset_id, by=cast.actors["CARBON_MANAGER"], at=at)
    return upload.dataset_id
