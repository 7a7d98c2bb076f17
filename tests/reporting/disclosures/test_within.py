"""What is disclosed of a park within the park is its own, under its own name."""

import json
from datetime import date

import pytest

from ledger.kernel.actors import SYSTEM
from reporting.disclosures import operations as disclosures
from reporting.indicators import operations as indicators
from reporting.inventories import operations as inventories
from reporting.parks import operations as parks
from reporting.parks.queries import find_source
from reporting.parks.states import BoundaryKind
from tests.reporting.inventories.conftest import NOON, START, build

PORT = "港区"


@pytest.fixture
def port(dataset, park, manager):
    boundary = parks.draw_boundary(
        park_id=park.id, kind=BoundaryKind.SUB_PARK, name=PORT, valid_from=START, by=manager,
        at=NOON,
    )  # fmt: skip
    for code in ("BOILER", "GRID"):
        parks.place_within(
            boundary_id=boundary, source_id=find_source(park.id, code).id, valid_from=START,
            by=manager, at=NOON,
        )  # fmt: skip
    built = build(park, manager, inner_park=PORT)
    return inventories.freeze_inventory(inventory_id=built.id, by=manager, at=NOON)


def assess(park, manager, inner_park):
    return indicators.assess_park(
        park_id=park.id, year=2025, inner_park=inner_park, by=manager, at=NOON,
        idempotency_key=f"a{inner_park}",
    )  # fmt: skip


def statement(frozen, framework):
    return disclosures.freeze_statement(
        frozen_inventory_id=frozen.id, framework=framework, by=SYSTEM, at=NOON
    ).content


def test_its_report_names_both_and_takes_the_indicators_of_its_own_boundary(
    dataset, park, manager, port
):
    assess(park, manager, "")
    first = statement(port, "PARK-910")
    assert f"梅山 · {PORT}" in json.dumps(first, ensure_ascii=False, default=str)
    assert first["ledger"]["assessment"] is None
    own = assess(park, manager, PORT)
    second = disclosures.freeze_statement(
        frozen_inventory_id=port.id, framework="PARK-910", by=SYSTEM, at=NOON
    ).content
    assert second["ledger"]["assessment"]["core"] == own.content["core"]
    assert second["period"]["start"] == date(2025, 1, 1).isoformat()
