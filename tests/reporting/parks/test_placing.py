"""What stands in a park within the park: dated, in one of them at a time, sealed."""

from datetime import date
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from ledger.audit.models import Event
from ledger.kernel.actors import Actor, Role
from ledger.kernel.errors import NotAllowed, NotFound
from ledger.kernel.periods import Period
from ledger.parties.models import Party
from reporting.parks import models, operations, queries, rules
from reporting.parks.importer import ImportHasProblems
from reporting.parks.states import BoundaryKind, SourceKind
from tests.factories.readings import NOON

START, APRIL, JULY = date(2025, 1, 1), date(2025, 4, 1), date(2025, 7, 1)
pytestmark = pytest.mark.django_db


@pytest.fixture
def manager():
    party = Party.objects.create(kind=Party.Kind.PARK_OPERATOR, name_zh="梅山园区")
    return Actor(uuid4(), party.pk, frozenset({Role.CARBON_MANAGER}))


@pytest.fixture
def act(manager):
    return {"by": manager, "at": NOON}


@pytest.fixture
def park(act):
    return operations.register_park(code="MS", name_zh="梅山", province="330000", **act)


def draw(park, act, name="港区", day=START, kind=BoundaryKind.SUB_PARK):
    return operations.draw_boundary(park_id=park.id, kind=kind, name=name, valid_from=day, **act)


@pytest.fixture
def port(park, act):
    return draw(park, act)


def add(park, act, code, **more):
    return operations.add_source(
        park_id=park.id, code=code, name_zh=code, kind=SourceKind.MOBILE_FUEL, carrier="DIESEL",
        unit="t", valid_from=START, **act, **more,
    ).id  # fmt: skip


@pytest.fixture
def trucks(park, act):
    return add(park, act, "TRUCKS")


def where(park, code, day, tenant=""):
    return queries.places_of(park.id).inner_of(code, tenant, day)


def test_a_source_stands_in_the_rest_until_it_is_placed_and_after_it_is_taken_out(
    park, port, trucks, act
):
    member = operations.place_within(boundary_id=port, source_id=trucks, valid_from=APRIL, **act)
    operations.end_validity(kind="boundary_member", item_id=member, valid_to=JULY, **act)
    days = [date(2025, 3, 31), APRIL, date(2025, 6, 30), JULY]
    assert [where(park, "TRUCKS", day) for day in days] == ["", "港区", "港区", ""]
    events = Event.objects.filter(subject=f"parks.BoundaryMember:{member}").order_by("id")
    assert [one.verb for one in events] == ["boundary_member.placed", "boundary_member.ended"]
    assert list(queries.rows_match_events()) == []


def test_a_tenant_brings_its_sources_and_a_sources_own_place_comes_first(park, port, act):
    tenant = operations.admit_tenant(
        park_id=park.id, code="T1", name_zh="甲", valid_from=START, **act
    )
    cold = draw(park, act, "冷链区")
    operations.place_within(boundary_id=port, tenant_code="T1", valid_from=START, **act)
    add(park, act, "FORKLIFT", tenant_id=tenant)
    van = add(park, act, "VAN", tenant_id=tenant)
    operations.place_within(boundary_id=cold, source_id=van, valid_from=JULY, **act)
    assert where(park, "FORKLIFT", JULY, "T1") == "港区"
    assert (where(park, "VAN", APRIL, "T1"), where(park, "VAN", JULY, "T1")) == ("港区", "冷链区")
    assert where(park, "ENTRY-OF-T1", JULY, "T1") == "港区"  # what no source is of
    assert queries.inner_parks(park.id) == ["冷链区", "港区"]


def test_what_stands_in_one_park_within_the_park_stands_in_no_other(park, port, trucks, act):
    cold = draw(park, act, "冷链区")
    member = operations.place_within(boundary_id=port, source_id=trucks, valid_from=APRIL, **act)
    for boundary, day in ((cold, JULY), (cold, START), (port, JULY)):
        with pytest.raises(rules.StandsElsewhere, match="TRUCKS"):
            operations.place_within(boundary_id=boundary, source_id=trucks, valid_from=day, **act)
    assert models.BoundaryMember.objects.get().pk == member
    for more in ({"source_id": trucks}, {"tenant_code": "T1"}):
        row = {"park_id": park.id, "boundary_id": cold, "valid_from": JULY, **more}
        with pytest.raises(IntegrityError), transaction.atomic():
            models.BoundaryMember.objects.create(**row)
            models.BoundaryMember.objects.create(**row)


def test_the_database_refuses_a_member_that_is_neither_or_both(park, port, trucks):
    row = {"park_id": park.id, "boundary_id": port, "valid_from": START}
    for more in ({}, {"source_id": trucks, "tenant_code": "T1"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            models.BoundaryMember.objects.create(**row, **more)


def test_a_boundary_drawn_anew_keeps_what_stands_in_it(park, port, trucks, act):
    operations.place_within(boundary_id=port, source_id=trucks, valid_from=START, **act)
    new = operations.redraw_boundary(
        boundary_id=port, name="港区", description_zh="含二期", valid_from=JULY, **act
    )
    told = models.BoundaryMember.objects.order_by("valid_from")
    assert list(told.values_list("boundary_id", "valid_from", "valid_to")) == [
        (port, START, JULY), (new, JULY, None),
    ]  # fmt: skip
    assert [where(park, "TRUCKS", day) for day in (APRIL, JULY)] == ["港区", "港区"]
    operations.end_validity(kind="boundary", item_id=new, valid_to=date(2026, 1, 1), **act)
    assert not models.BoundaryMember.objects.filter(valid_to=None).exists()
    assert where(park, "TRUCKS", date(2026, 1, 1)) == ""
    assert list(queries.rows_match_events()) == []


def test_a_tenant_stays_through_a_year_also_where_the_boundary_was_drawn_anew(park, port, act):
    operations.admit_tenant(park_id=park.id, code="T1", name_zh="甲", valid_from=START, **act)
    operations.place_within(boundary_id=port, tenant_code="T1", valid_from=START, **act)
    operations.redraw_boundary(boundary_id=port, name="港区", valid_from=JULY, **act)
    places = queries.places_of(park.id)
    assert places.tenant_stays("港区", "T1", Period.year(2025))
    assert not places.tenant_stays("港区", "T1", Period.year(2024))
    assert not places.tenant_stays("冷链区", "T1", Period.year(2025))


def test_what_cannot_stand_there_is_refused_by_name_and_nothing_is_kept(
    park, port, trucks, act, manager
):
    whole = draw(park, act, "全园", kind=BoundaryKind.WHOLE)
    later = draw(park, act, "新区", day=date(2025, 4, 15))
    refused = (
        (rules.NotAnInnerPark, {"boundary_id": whole, "valid_from": START}),
        (rules.BeforeTheBoundary, {"boundary_id": later, "valid_from": APRIL}),
        (rules.NotAFirstDay, {"boundary_id": later, "valid_from": date(2025, 5, 2)}),
        (NotFound, {"boundary_id": uuid4(), "valid_from": START}),
        (NotFound, {"boundary_id": port, "valid_from": START, "tenant_code": "T1"}),
    )
    for refusal, given in refused:
        with pytest.raises(refusal):
            operations.place_within(source_id=trucks, **given, **act)
    for given in ({}, {"tenant_code": "NOBODY"}, {"source_id": uuid4()}):
        with pytest.raises(NotFound):
            operations.place_within(boundary_id=port, valid_from=START, **given, **act)
    operations.end_validity(kind="boundary", item_id=port, valid_to=JULY, **act)
    with pytest.raises(rules.AlreadyEnded):
        operations.place_within(boundary_id=port, source_id=trucks, valid_from=START, **act)
    other = Party.objects.create(kind=Party.Kind.PARK_OPERATOR, name_zh="他园")
    stranger = Actor(uuid4(), other.pk, manager.roles)
    officer = Actor(uuid4(), manager.own_party, frozenset({Role.DATA_OFFICER}))
    given = {"boundary_id": later, "source_id": trucks, "valid_from": date(2025, 4, 15)}
    for refusal, by in ((NotFound, stranger), (NotAllowed, officer)):
        with pytest.raises(refusal):
            operations.place_within(**given, by=by, at=NOON)
    assert not models.BoundaryMember.objects.exists()
    operations.place_within(**given, **act)  # the boundary's own first day


def test_a_frozen_inventory_of_that_park_within_the_park_holds_its_members(
    park, port, trucks, act, monkeypatch
):
    frozen = {"港区": APRIL}
    monkeypatch.setattr(queries, "inner_frozen_until", [lambda park_id, inner: frozen.get(inner)])
    with pytest.raises(rules.FrozenDependsOnIt):
        operations.place_within(boundary_id=port, source_id=trucks, valid_from=START, **act)
    member = operations.place_within(boundary_id=port, source_id=trucks, valid_from=APRIL, **act)
    frozen["港区"] = date(2026, 1, 1)
    with pytest.raises(rules.FrozenDependsOnIt):
        operations.end_validity(kind="boundary_member", item_id=member, valid_to=JULY, **act)
    cold = draw(park, act, "冷链区")  # another park within the park is free
    van = add(park, act, "VAN")
    operations.place_within(boundary_id=cold, source_id=van, valid_from=START, **act)


def test_a_sheet_places_tenants_and_sources_and_an_unknown_name_stops_it_whole(park, port, act):
    tenants = "编码,名称,生效日,园中园\nT1,甲,2025-01-01,港区\nT2,乙,2025-01-01,\n"
    operations.import_rows(park_id=park.id, what="tenants", content=tenants.encode(), **act)
    head = "code,name_zh,kind,carrier,unit,valid_from,tenant,inner_park\n"
    end = "MOBILE_FUEL,DIESEL,t,2024-03-09"
    bad = f"{head}A,甲车,{end},T1,\nB,乙车,{end},T2,江区\n"
    with pytest.raises(ImportHasProblems) as told:
        operations.import_rows(park_id=park.id, what="sources", content=bad.encode(), **act)
    [problem] = told.value.problems
    assert (problem.row, problem.code, problem.params["column"]) == (3, "odd_cell", "inner_park")
    assert not models.Source.objects.exists()
    good = bad.replace("江区", "港区") + f"C,丙车,{end},T2,\n"
    operations.import_rows(park_id=park.id, what="sources", content=good.encode(), **act)
    tenant_of = {"A": "T1", "B": "T2", "C": "T2"}
    placed = {code: where(park, code, START, tenant_of[code]) for code in "ABC"}
    assert placed == {"A": "港区", "B": "港区", "C": ""}
    assert {str(one.valid_from) for one in models.BoundaryMember.objects.all()} == {"2025-01-01"}
