"""A park with meters, and readings of them, through the product's own operations."""

import io
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from ledger.kernel.actors import SYSTEM, Actor, Role
from ledger.kernel.periods import Period
from ledger.parties.models import Party
from reporting.parks import operations as parks
from reporting.parks.queries import ParkView
from reporting.parks.states import SourceKind
from reporting.readings import operations, tasks
from reporting.readings.models import Upload
from reporting.readings.states import Stamp

NOON = datetime(2026, 2, 5, 4, 0, tzinfo=UTC)
SINCE = date(2024, 1, 1)
__all__ = ["NOON", "SYSTEM"]


def person(party_id: UUID, *roles: Role) -> Actor:
    return Actor(user_id=uuid4(), party_id=party_id, roles=frozenset(roles))


def make_park(code: str = "RD") -> tuple[ParkView, Actor]:
    """A park in Zhejiang and its data officer."""
    operator = Party.objects.create(id=uuid4(), kind=Party.Kind.PARK_OPERATOR, name_zh=code)
    park = parks.register_park(
        code=code, name_zh=code, province="330000", operator_id=operator.pk, by=SYSTEM, at=NOON
    )
    return park, person(operator.pk, Role.DATA_OFFICER)


def add_source(park: ParkView, code: str, unit: str = "MWh", **more: Any) -> UUID:
    given: dict[str, Any] = {"kind": SourceKind.PURCHASED_POWER, "carrier": "ELECTRICITY", **more}
    return parks.add_source(
        park_id=park.id, code=code, name_zh=code, unit=unit, valid_from=SINCE, by=SYSTEM, at=NOON,
        **given,
    ).id  # fmt: skip


def add_meter(source_id: UUID, number: str, step: int = 15, **more: Any) -> UUID:
    given: dict[str, Any] = {"unit": "kWh", "valid_from": SINCE, **more}
    return parks.add_meter(
        source_id=source_id, number=number, step_minutes=step, by=SYSTEM, at=NOON, **given
    )


def park_with_meters(*, numbers: Sequence[str], of_a_source: int) -> tuple[ParkView, Actor]:
    """Meters of grid power, read each quarter of an hour in kWh."""
    park, officer = make_park("BENCH")
    for at in range(0, len(numbers), of_a_source):
        source_id = add_source(park, f"S{at // of_a_source:05d}")
        for number in numbers[at : at + of_a_source]:
            add_meter(source_id, number)
    return park, officer


def upload(
    park: ParkView, officer: Actor, text: str | bytes, *, reason: str = "",
    stamp: Stamp = Stamp.START, at: datetime = NOON,
) -> Upload:  # fmt: skip
    """A file of readings, brought and read."""
    content = text.encode() if isinstance(text, str) else text
    made = operations.upload_readings(
        park_id=park.id, content=io.BytesIO(content), name="readings.csv", stamp=stamp,
        reason=reason, by=officer, at=at,
    )  # fmt: skip
    tasks.read_upload(made.pk)
    made.refresh_from_db()
    return made


def lines(rows: Iterable[tuple[str, str, object]]) -> str:
    """A file of the three columns that it must have."""
    return "meter,time,value\n" + "".join(f"{m},{t},{v}\n" for m, t, v in rows)


def take_month(park_id: UUID, month: date, *, by: Actor, at: datetime) -> int:
    """The month's activity data from its readings; how many sources have some."""
    from reporting.activity import operations as activity

    made = activity.take_from_readings(park_id=park_id, month=month, by=by, at=at)
    return len(made)


def inventory_of(park_id: UUID, month: date, *, at: datetime) -> Decimal:
    """The month's inventory, in tCO2e by the location-based way."""
    from reporting.inventories import operations as inventories
    from reporting.inventories.models import InventoryLine
    from reporting.inventories.states import Consolidation

    built = inventories.build_inventory(
        park_id=park_id,
        period=Period.month(month.year, month.month),
        consolidation=Consolidation.OPERATIONAL_CONTROL,
        gwp_set="AR5",
        by=SYSTEM,
        at=at,
    )
    lines = InventoryLine.objects.filter(inventory_id=built.id, category=2)
    return sum(lines.values_list("emission_tco2e", flat=True), Decimal(0))


def load_factors() -> None:
    """Factors, GWP values and parameters, as a first start loads them."""
    from config import wiring

    for load in wiring.reference_loaders():
        list(load(folder=Path("seeds"), by=SYSTEM, at=NOON))
