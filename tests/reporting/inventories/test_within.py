"""The inventory of a park within the park counts its own sources, by the month."""

from datetime import date
from decimal import Decimal

import pytest

from ledger.kernel.errors import NotFound
from reporting.inventories import models, queries
from reporting.inventories import operations as inventories
from reporting.inventories.queries import instruments
from reporting.parks import operations as parks
from reporting.parks import rules
from reporting.parks.queries import find_source
from reporting.parks.states import BoundaryKind
from tests.reporting.inventories.conftest import NOON, SOURCES, START, YEAR, build

JULY = date(2025, 7, 1)
PORT, REST = "港区", "其余"
TOTALS = ("scope_1", "scope_2_location")


def draw(park, manager, name):
    return parks.draw_boundary(
        park_id=park.id, kind=BoundaryKind.SUB_PARK, name=name, valid_from=START, by=manager,
        at=NOON,
    )  # fmt: skip


@pytest.fixture
def placed(dataset, park, manager):
    """The port has the boiler, half of the year's trucks, and power; all else is elsewhere."""
    port, rest = draw(park, manager, PORT), draw(park, manager, REST)

    def place(boundary, code, day):
        source = find_source(park.id, code)
        return parks.place_within(
            boundary_id=boundary, source_id=source.id, valid_from=day, by=manager, at=NOON
        )

    first = place(rest, "TRUCKS", START)
    parks.end_validity(kind="boundary_member", item_id=first, valid_to=JULY, by=manager, at=NOON)
    for code, *_more in SOURCES:
        if code == "TRUCKS":
            place(port, code, JULY)
        else:
            place(port if code in {"BOILER", "GRID"} else rest, code, START)
    return port, rest


def row_of(view):
    return models.Inventory.objects.get(pk=view.id)


def totals(view):
    row = row_of(view)
    return row.scope_1_tco2e, row.scope_2_location_tco2e


def counted(view):
    """By source: how many months."""
    found = {}
    for code, _month in set(row_of(view).lines.values_list("source_code", "month")):
        found[code] = found.get(code, 0) + 1
    return found


def test_the_parks_within_and_the_rest_are_the_whole_to_the_last_digit(placed, park, manager):
    whole = build(park, manager)
    port = build(park, manager, inner_park=PORT)
    rest = build(park, manager, inner_park=REST)
    assert (whole.inner_park, port.inner_park) == ("", PORT)
    assert counted(whole) == dict.fromkeys(counted(whole), 12)
    assert counted(port) == {"BOILER": 12, "GRID": 12, "TRUCKS": 6}
    assert counted(rest) == {"STEAM": 12, "CHILLER": 12, "TRUCKS": 6}
    parts = [sum(pair, Decimal(0)) for pair in zip(totals(port), totals(rest), strict=True)]
    assert tuple(parts) == totals(whole)
    assert all(0 < one < all_ for one, all_ in zip(totals(port), totals(whole), strict=True))
    trucks = {
        view.id: sum(
            row_of(view)
            .lines.filter(source_code="TRUCKS")
            .values_list("emission_tco2e", flat=True),
            Decimal(0),
        )
        for view in (whole, port)
    }
    assert trucks[port.id] * 2 == trucks[whole.id] > 0


def test_whoever_is_placed_changes_nothing_of_the_whole_park(dataset, park, manager):
    before = totals(build(park, manager))
    port = draw(park, manager, PORT)
    parks.place_within(
        boundary_id=port, source_id=find_source(park.id, "GRID").id, valid_from=START, by=manager,
        at=NOON,
    )  # fmt: skip
    assert totals(build(park, manager)) == before


def test_it_is_frozen_under_its_own_name_and_never_stands_for_the_whole_park(placed, park, manager):
    whole = inventories.freeze_inventory(inventory_id=build(park, manager).id, by=manager, at=NOON)
    port = inventories.freeze_inventory(
        inventory_id=build(park, manager, inner_park=PORT).id, by=manager, at=NOON
    )
    told = port.content["park"]
    assert (told["name_zh"], whole.content["park"]["name_zh"]) == (f"梅山 · {PORT}", "梅山")
    assert [one["code"] for one in told["sources"]] == ["BOILER", "GRID", "TRUCKS"]
    assert [one["name"] for one in told["boundaries"]] == [PORT]
    assert port.content["choices"]["inner_park"] == port.inner_park == PORT
    assert [one.id for one in queries.frozen_of(park.id, YEAR.start)] == [whole.id]
    assert [one.id for one in queries.frozen_of(park.id, YEAR.start, PORT)] == [port.id]
    assert [one.id for one in queries.frozen_years(park.id)] == [whole.id]
    assert queries.inner_frozen_until(park.id, PORT) == date(2026, 1, 1)
    assert queries.inner_frozen_until(park.id, REST) is None
    assert queries.stale_reasons(port.id) == []
    assert str(row_of(build(park, manager, inner_park=PORT))).startswith(f"梅山 · {PORT} ")


def test_its_members_are_held_once_it_is_frozen_and_the_others_are_not(placed, park, manager):
    built = build(park, manager, inner_park=PORT)
    inventories.freeze_inventory(inventory_id=built.id, by=manager, at=NOON)
    port, rest = placed
    from reporting.parks.models import BoundaryMember

    boiler = BoundaryMember.objects.get(boundary_id=port, source__code="BOILER")
    steam = BoundaryMember.objects.get(boundary_id=rest, source__code="STEAM")
    end = {"kind": "boundary_member", "valid_to": JULY, "by": manager, "at": NOON}
    with pytest.raises(rules.FrozenDependsOnIt):
        parks.end_validity(item_id=boiler.pk, **end)
    parks.end_validity(item_id=steam.pk, **end)
    boiler.refresh_from_db()
    assert boiler.valid_to is None


def test_a_restated_one_is_of_the_same_park_within_the_park(placed, park, manager):
    built = build(park, manager, inner_park=PORT)
    inventories.freeze_inventory(inventory_id=built.id, by=manager, at=NOON)
    again = inventories.restate_inventory(inventory_id=built.id, reason="复核", by=manager, at=NOON)
    assert again.inner_park == PORT
    assert totals(again) == totals(built)


def test_what_the_operator_claimed_is_the_whole_parks(placed, park, manager):
    row = row_of(build(park, manager, inner_park=PORT))
    assert instruments.reporters_of(row, YEAR) == {}
    assert instruments.reporters_of(row_of(build(park, manager)), YEAR) == {park.operator_id: []}


def test_a_park_within_the_park_that_nobody_drew_is_not_found(dataset, park, manager):
    with pytest.raises(NotFound):
        build(park, manager, inner_park="无此区")
    assert not models.Inventory.objects.exists()
