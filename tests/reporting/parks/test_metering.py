"""Calibrations, replaced and virtual meters, and the evidence of direct supply (R1.31)."""

from datetime import date
from decimal import Decimal
from uuid import uuid4

import pytest

from ledger.kernel.actors import Role
from ledger.kernel.errors import NotAllowed, NotFound
from ledger.kernel.measures import MeasureMismatch, UnknownMeasure
from ledger.kernel.periods import Period
from reporting.parks import operations, queries
from reporting.parks.models import Calibration, DirectSupply, Meter, MeterPart
from reporting.parks.rules import (
    CodeTaken,
    EndsBeforeItStarts,
    NotAPart,
    NotAStep,
    NotDirectPower,
)
from reporting.parks.states import PowerClass, SourceKind, SupplyForm
from tests.factories import readings as factory
from tests.factories.readings import NOON, SYSTEM

pytestmark = pytest.mark.django_db
BY = {"by": SYSTEM, "at": NOON}
EVIDENCE = {
    "generator": "风场",
    "agreement": "协议1",
    "line": "10kV 专线",
    "generator_meter": "W-1",
}
OF_MARCH = Period.month(2025, 3)


@pytest.fixture
def place():
    return factory.make_park()


@pytest.fixture
def grid(place):
    return factory.add_source(place[0], "GRID")


@pytest.fixture
def meter(grid):
    return factory.add_meter(grid, "E-1", 60, multiplier=Decimal(40))


def calibrate(meter_id, **more):
    given = {
        "calibrated_on": date(2025, 1, 1), "valid_to": date(2027, 1, 1), "certificate": "C-1",
        **BY, **more,
    }  # fmt: skip
    return operations.record_calibration(meter_id=meter_id, **given)


def test_a_calibration_is_recorded_once_and_lapses_after_it_was_made(place, meter):
    calibrate(meter)
    with pytest.raises(CodeTaken):
        calibrate(meter)
    with pytest.raises(EndsBeforeItStarts):
        calibrate(meter, certificate="C-2", valid_to=date(2025, 1, 1))
    with pytest.raises(NotFound):
        calibrate(uuid4(), certificate="C-2")
    with pytest.raises(NotFound):
        calibrate(meter, certificate="C-2", file_id=uuid4())
    assert Calibration.objects.count() == 1
    assert queries.calibrated_until(place[0].id) == {meter: date(2027, 1, 1)}


def test_another_party_and_another_role_calibrate_nothing(place, meter):
    _other, stranger = factory.make_park("XX")
    with pytest.raises(NotFound):
        calibrate(meter, by=stranger)
    with pytest.raises(NotAllowed):
        calibrate(meter, by=factory.person(place[1].own_party, Role.VERIFIER))
    assert not Calibration.objects.exists()


def test_a_replaced_meter_ends_where_the_new_one_begins(place, meter):
    new = operations.replace_meter(meter_id=meter, number="E-2", on=date(2025, 3, 1), **BY)
    old, made = (queries.get_meter(one, park_id=place[0].id) for one in (meter, new))
    assert (old.valid_to, made.valid_from, made.replaces_id) == (
        date(2025, 3, 1), date(2025, 3, 1), meter,
    )  # fmt: skip
    assert (made.multiplier, made.step_minutes, made.unit) == (Decimal(40), 60, old.unit)
    with pytest.raises(EndsBeforeItStarts):
        operations.replace_meter(meter_id=meter, number="E-3", on=date(2025, 4, 1), **BY)
    assert Meter.objects.count() == 2


def test_a_meter_is_read_by_the_quarter_or_the_hour_in_a_unit_of_its_source(grid):
    with pytest.raises(NotAStep):
        factory.add_meter(grid, "E-9", 10)
    with pytest.raises(MeasureMismatch):
        factory.add_meter(grid, "E-9", 15, unit="t")
    with pytest.raises(UnknownMeasure):
        factory.add_meter(grid, "E-9", 15, unit="furlong")
    with pytest.raises(NotFound):
        factory.add_meter(grid, "E-9", 15, fed_by_id=uuid4())
    assert not Meter.objects.exists()


def test_a_virtual_meter_is_a_sum_and_difference_of_real_ones(place, grid, meter):
    second = factory.add_meter(grid, "E-2", 60)
    virtual = factory.add_meter(grid, "V-1", 60)
    given = {"valid_from": date(2025, 1, 1), **BY}
    operations.make_virtual(meter_id=virtual, parts=[(meter, 1), (second, -1)], **given)
    parts = queries.virtual_parts(place[0].id, OF_MARCH)
    assert [(part.number, sign) for part, sign in parts[virtual]] == [("E-1", 1), ("E-2", -1)]
    assert queries.virtual_parts(place[0].id, Period.month(2024, 12)) == {}
    other = factory.add_meter(grid, "V-2", 60)
    for parts in ([], [(other, 1)], [(meter, 1), (meter, -1)], [(virtual, 1)], [(meter, 2)]):
        with pytest.raises(NotAPart):
            operations.make_virtual(meter_id=other, parts=parts, **given)
    heat = factory.add_meter(
        factory.add_source(place[0], "T", "t", kind=SourceKind.PROCESS), "T-1", 60, unit="t"
    )
    with pytest.raises(MeasureMismatch):
        operations.make_virtual(meter_id=other, parts=[(heat, 1)], **given)
    assert MeterPart.objects.count() == 2


def supply(source_id, evidence=EVIDENCE, **more):
    given = {"form": SupplyForm.SINGLE_USER, "valid_from": date(2025, 1, 1), **BY, **more}
    return operations.prove_direct_supply(source_id=source_id, evidence=evidence, **given)


def test_power_is_direct_only_with_all_of_its_evidence(place):
    source_id = factory.add_source(place[0], "DIRECT", kind=SourceKind.DIRECT_GREEN_POWER)
    meter = factory.add_meter(source_id, "D-1", 60)
    source = queries.get_source(source_id)
    assert queries.supply_gaps(source_id, OF_MARCH) is None
    assert queries.power_class(source, OF_MARCH) is PowerClass.GRID
    supply(source_id, EVIDENCE | {"line": " "})
    assert queries.supply_gaps(source_id, OF_MARCH) == ["line", "user_meter"]
    assert queries.power_class(source, OF_MARCH) is PowerClass.GRID
    supply(source_id, user_meter_id=meter, valid_from=date(2025, 3, 1), valid_to=date(2025, 4, 1))
    assert queries.power_class(source, OF_MARCH) is PowerClass.DIRECT
    assert queries.power_class(source, Period.month(2025, 4)) is PowerClass.GRID


@pytest.mark.parametrize("missing", [*EVIDENCE, "user_meter"])
def test_each_piece_of_evidence_is_needed(place, missing):
    source_id = factory.add_source(place[0], "DIRECT", kind=SourceKind.DIRECT_GREEN_POWER)
    meter = factory.add_meter(source_id, "D-1", 60)
    told = {name: value for name, value in EVIDENCE.items() if name != missing}
    supply(source_id, told, user_meter_id=None if missing == "user_meter" else meter)
    assert queries.supply_gaps(source_id, OF_MARCH) == [missing]


def test_other_power_has_no_evidence_of_direct_supply(place, grid):
    with pytest.raises(NotDirectPower):
        supply(grid)
    with pytest.raises(NotFound):
        supply(uuid4())
    assert not DirectSupply.objects.exists()
    own = factory.add_source(place[0], "PV", kind=SourceKind.SELF_GENERATED_POWER)
    classes = [queries.power_class(queries.get_source(one), OF_MARCH) for one in (grid, own)]
    assert classes == [PowerClass.GRID, PowerClass.SELF_GENERATED]
