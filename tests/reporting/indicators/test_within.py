"""R1.2: one set of indicators for each boundary; the parts add up to the whole park."""

from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse

from ledger.kernel.errors import NotFound
from reporting.indicators import models, operations, queries
from reporting.indicators.states import FactKind
from reporting.parks import operations as parks
from reporting.parks.queries import find_source
from reporting.parks.states import BoundaryKind
from tests.house.walk import signed_in
from tests.reporting.inventories.conftest import NOON, SOURCES, START

PORT, REST = "港区", "其余"


@pytest.fixture
def placed(dataset, park, manager):
    for name in (PORT, REST):
        boundary = parks.draw_boundary(
            park_id=park.id, kind=BoundaryKind.SUB_PARK, name=name, valid_from=START, by=manager,
            at=NOON,
        )  # fmt: skip
        for code, *_more in SOURCES:
            if (code in {"GRID", "ROOF", "BOILER"}) is (name == PORT):
                parks.place_within(
                    boundary_id=boundary, source_id=find_source(park.id, code).id,
                    valid_from=START, by=manager, at=NOON,
                )  # fmt: skip


def assess(park, manager, inner_park=""):
    return operations.assess_park(
        park_id=park.id, year=2025, inner_park=inner_park, by=manager, at=NOON,
        idempotency_key=f"k-{inner_park}",
    )  # fmt: skip


def test_the_energy_and_the_emissions_of_the_parts_are_those_of_the_park(placed, park, manager):
    whole, port, rest = (assess(park, manager, name) for name in ("", PORT, REST))
    for what in ("tco2", "tce"):
        told = [Decimal(one.content["core"][what]) for one in (whole, port, rest)]
        assert told[0] == told[1] + told[2]
        assert 0 < told[2] < told[1]
    assert port.content["power_mwh"]["consumed"] == "12600"  # a year of 1,000 bought and 50 made
    assert rest.content["power_mwh"]["consumed"] == "0"
    sources = {line["source"] for line in port.content["lines"] if line["source"]}
    assert sources == {"BOILER"}
    assert (port.content["inner_park"], "inner_park" in whole.content) == (PORT, False)


def test_each_boundary_has_its_own_assessments_and_none_stands_for_another(placed, park, manager):
    port = assess(park, manager, PORT)
    assert queries.find_assessment(park.id, 2025) is None
    assert queries.emissions_by_year(park.id) == {}
    whole = assess(park, manager)
    assert queries.find_assessment(park.id, 2025).id == whole.id
    assert queries.find_assessment(park.id, 2025, PORT).id == port.id
    assert list(queries.emissions_by_year(park.id)) == [2025]
    assert [str(one) for one in models.Assessment.objects.order_by("recorded_at", "id")] == [
        f"梅山 · {PORT} 2025", "梅山 2025",
    ]  # fmt: skip
    assert not queries.is_stale(port.id)
    assert list(queries.check_rows()) == []


def test_a_fact_counts_in_the_boundary_that_it_is_told_of(placed, park, manager):
    def water(part, key, **more):
        return operations.record_fact(
            park_id=park.id, year=2025, kind=FactKind.WATER, part=Decimal(part),
            whole=Decimal(100), unit="m3", evidence="水表", by=manager, at=NOON,
            idempotency_key=key, **more,
        )  # fmt: skip

    assert (water(60, "a").version, water(90, "b", inner_park=PORT).version) == (1, 1)
    told = {
        name: next(
            one["value"]
            for one in queries.worked_out(park.id, 2025, on=date(2026, 2, 5), inner_park=name)[
                "verdicts"
            ]
            if one["indicator"] == "WATER_REUSE"
        )
        for name in ("", PORT, REST)
    }
    assert told == {"": "0.6", PORT: "0.9", REST: None}
    assert water(95, "c", inner_park=PORT).version == 2


def test_what_changes_places_makes_the_assessment_stale(placed, park, manager):
    port = assess(park, manager, PORT)
    member = find_source(park.id, "BOILER")
    from reporting.parks.models import BoundaryMember

    row = BoundaryMember.objects.get(source_id=member.id)
    parks.end_validity(
        kind="boundary_member", item_id=row.pk, valid_to=date(2025, 7, 1), by=manager, at=NOON
    )
    assert queries.is_stale(port.id)


def test_a_boundary_that_nobody_drew_is_not_found_and_nothing_is_kept(dataset, park, manager):
    with pytest.raises(NotFound):
        assess(park, manager, "无此区")
    with pytest.raises(NotFound):
        operations.record_fact(
            park_id=park.id, year=2025, kind=FactKind.WATER, part=Decimal(1), whole=Decimal(2),
            unit="m3", evidence="x", inner_park="无此区", by=manager, at=NOON, idempotency_key="k",
        )  # fmt: skip
    assert not models.ParkFact.objects.exists()
    assert not models.Assessment.objects.exists()


def test_the_page_offers_the_whole_park_where_nothing_else_is_drawn(demo_db):
    answer = signed_in("manager").get(reverse("park_indicators"))
    assert answer.status_code == 200
    offered = answer.context["form"].fields["inner_park"].choices
    assert [(value, str(word)) for value, word in offered] == [("", "整个园区")]
