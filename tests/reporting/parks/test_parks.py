from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import uuid4

import pytest

from ledger.audit.models import Event
from ledger.kernel.actors import Actor, Role
from ledger.kernel.errors import NotAllowed, NotFound
from ledger.kernel.measures import UnknownMeasure
from ledger.kernel.periods import Period
from ledger.parties.models import Party
from reporting.parks import importer, models, operations, queries, rules
from reporting.parks.states import BoundaryKind, SourceKind, Subcategory

NOON = datetime(2026, 1, 5, 4, 0, tzinfo=UTC)
START = date(2025, 1, 1)


@pytest.fixture
def manager(db):
    party = Party.objects.create(kind=Party.Kind.PARK_OPERATOR, name_zh="梅山园区")
    return Actor(uuid4(), party.pk, frozenset({Role.CARBON_MANAGER}))


@pytest.fixture
def park(manager):
    return operations.register_park(
        code="MS", name_zh="梅山", province="330000", by=manager, at=NOON
    )


def add_source(park, manager, **change):
    given = {"code": "P1", "name_zh": "外购电", "kind": SourceKind.PURCHASED_POWER}
    given |= {"carrier": "ELECTRICITY", "unit": "千瓦时", "valid_from": START}
    return operations.add_source(**(given | change), park_id=park.id, by=manager, at=NOON)


def test_a_park_in_zhejiang_stands_on_the_east_grid(park):
    assert park.region == "EAST"
    assert queries.find_park("MS") == park


def test_taiwan_has_no_grid_region_and_a_made_up_province_is_refused():
    assert rules.region_of("710000") == ""
    with pytest.raises(rules.UnknownProvince):
        rules.region_of("999999")


def test_a_source_takes_category_and_scope_from_its_kind(park, manager):
    source = add_source(park, manager)
    assert (source.iso_category, source.subcategory, source.scope, source.unit) == (
        2,
        Subcategory.IMPORTED_ELECTRICITY,
        2,
        "kWh",
    )
    assert queries.find_source(park.id, "P1") == source


def test_a_code_is_used_once_in_a_park(park, manager):
    add_source(park, manager)
    with pytest.raises(rules.CodeTaken):
        add_source(park, manager)
    assert models.Source.objects.count() == 1


def test_a_unit_nobody_knows_is_refused(park, manager):
    with pytest.raises(UnknownMeasure):
        add_source(park, manager, unit="buckets")


def test_another_operator_sees_no_park_and_adds_nothing(park, manager):
    stranger = Actor(uuid4(), uuid4(), manager.roles)
    with pytest.raises(NotFound):
        queries.get_park(park.id, stranger)
    with pytest.raises(NotFound):
        add_source(park, stranger)
    assert models.Source.objects.count() == 0


def test_a_data_officer_registers_no_park(manager):
    officer = Actor(uuid4(), manager.party_id, frozenset({Role.DATA_OFFICER}))
    with pytest.raises(NotAllowed):
        operations.register_park(code="X", name_zh="某", province="330000", by=officer, at=NOON)


def test_a_share_beyond_one_is_refused(park, manager):
    with pytest.raises(rules.ShareOutOfRange):
        operations.admit_tenant(
            park_id=park.id,
            code="T1",
            name_zh="甲",
            equity_share=Decimal("1.2"),
            valid_from=START,
            by=manager,
            at=NOON,
        )


def test_an_ended_source_is_not_of_the_year_after(park, manager):
    source = add_source(park, manager)
    end = date(2026, 1, 1)
    operations.end_validity(kind="source", item_id=source.id, valid_to=end, by=manager, at=NOON)
    assert [s.code for s in queries.sources_of(park.id, Period.year(2025))] == ["P1"]
    assert queries.sources_of(park.id, Period.year(2026)) == []
    with pytest.raises(rules.EndsBeforeItStarts):
        operations.end_validity(
            kind="source", item_id=source.id, valid_to=START, by=manager, at=NOON
        )


def test_every_row_is_sealed_by_an_event(park, manager):
    source = add_source(park, manager)
    operations.add_meter(source_id=source.id, number="M-1", valid_from=START, by=manager, at=NOON)
    operations.draw_boundary(
        park_id=park.id, kind=BoundaryKind.WHOLE, name="全园", valid_from=START, by=manager, at=NOON
    )
    assert list(Event.objects.order_by("id").values_list("verb", flat=True)) == [
        "park.registered",
        "source.added",
        "meter.added",
        "boundary.drawn",
    ]
    assert queries.meter_numbers([source.id], START) == {source.id: ["M-1"]}


def take(park, manager, what, text, encoding="utf-8"):
    content = text.encode(encoding)
    return operations.import_rows(park_id=park.id, what=what, content=content, by=manager, at=NOON)


def test_tables_of_tenants_sources_and_meters_are_taken_in(park, manager):
    tenants = "编码,名称,股权比例,运营控制,生效日\nT1,甲公司,0.4,否,2025-01-01\n"
    assert take(park, manager, "tenants", tenants, "gb18030") == 1
    sources = "code,name_zh,kind,carrier,unit,tenant,valid_from\n"
    sources += "G1,用电,PURCHASED_POWER,ELECTRICITY,万千瓦时,T1,2025-01-01\n"
    assert take(park, manager, "sources", sources) == 1
    assert (
        take(
            park, manager, "meters", "source,number,multiplier,valid_from\nG1,M-1,120,2025/01/01\n"
        )
        == 1
    )
    (tenant,) = queries.tenants_of(park.id)
    assert (tenant.equity_share, tenant.has_operational_control) == (Decimal("0.4"), False)
    assert queries.find_source(park.id, "G1").tenant_id == tenant.id


def test_every_bad_row_is_told_at_once_and_nothing_is_stored(park, manager):
    rows = "code,name_zh,equity_share,valid_from\nT1,甲,0.4,2025-01-01\n"
    rows += "T2,乙,1.4,2025-01-01\nT1,丙,,2025-01-01\nT4,丁,,去年\n,戊,,2025-01-01\n"
    with pytest.raises(importer.ImportHasProblems) as refused:
        take(park, manager, "tenants", rows)
    assert [(one.row, one.code) for one in refused.value.problems] == [
        (3, "share_out_of_range"),
        (4, "code_taken"),
        (5, "odd_cell"),
        (6, "odd_cell"),
    ]
    assert models.Tenant.objects.count() == 0


def test_a_table_without_its_headings_is_refused(park, manager):
    with pytest.raises(importer.HeadingsMissing, match="name_zh, valid_from"):
        take(park, manager, "tenants", "code\nT1\n")
