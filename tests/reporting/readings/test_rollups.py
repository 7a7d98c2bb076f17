"""Roll-ups and roots equal what is reckoned anew, whatever came late, corrected or twice."""

import hashlib
from collections import defaultdict
from datetime import date
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger.audit.paths import check_inclusion, leaf_hash
from reporting.readings import queries, rules
from reporting.readings.models import Day, Month
from tests.factories import readings as factory

pytestmark = pytest.mark.django_db
METERS = ("Q-1", "H-1")
STEPS = {"Q-1": 15, "H-1": 60}
LAST, FIRST = date(2025, 1, 31), date(2025, 2, 1)  # two months


@st.composite
def files(draw):
    """Some readings of some steps on both sides of the end of a month."""
    told = {}
    for _turn in range(draw(st.integers(1, 8))):
        number = draw(st.sampled_from(METERS))
        day = draw(st.sampled_from((LAST, FIRST)))
        at = draw(st.integers(0, 1440 // STEPS[number] - 1))
        told[number, day, at] = (draw(st.integers(-5, 999)), draw(st.sampled_from("mep")))
    return told


def clock(minutes):
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def written(told):
    rows = (
        f"{number},{day} {clock(at * STEPS[number])},{value},{mark}"
        for (number, day, at), (value, mark) in told.items()
    )
    return "meter,time,value,quality\n" + "\n".join(rows) + "\n"


@settings(
    max_examples=25,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(files(), min_size=1, max_size=5))
def test_roll_ups_equal_recomputation_under_late_and_corrected_data(db, told_in_turn):
    made = factory.make_park(uuid4().hex)
    source_id = factory.add_source(made[0], "GRID")
    meters = {number: factory.add_meter(source_id, number, STEPS[number]) for number in METERS}
    wanted = {}
    for turn, told in enumerate(told_in_turn):
        factory.upload(*made, written(told) + "\n" * turn, reason=f"turn {turn}")
        wanted |= told
    totals, marks = defaultdict(int), defaultdict(int)
    for (number, day, at), (value, mark) in wanted.items():
        row = Day.objects.get(meter_id=meters[number], day=day)
        assert row.values_millionths[at] == value * rules.ONE
        totals[meters[number], day.replace(day=1)] += value * rules.ONE
        marks[meters[number], day.replace(day=1)] += mark != "m"
    ours = Month.objects.filter(meter_id__in=meters.values())
    assert {(row.meter_id, row.month): row.total_millionths for row in ours} == totals
    assert {(row.meter_id, row.month): row.estimated_count for row in ours} == marks
    for row in Day.objects.filter(meter_id__in=meters.values()):
        each = len(row.values_millionths) // 24
        for hour, amount in enumerate(row.hours_millionths):
            part = row.values_millionths[hour * each : hour * each + each]
            some = [one for one in part if one is not None]
            assert amount == (sum(some) if some else None)
    assert list(queries.check_rows()) == []
    for row in ours:
        days = Day.objects.filter(meter_id=row.meter_id, day__month=row.month.month)
        assert row.root == queries.root_over(bytes(day.leaf) for day in days.order_by("day"))


@pytest.fixture
def month(park):
    meter = factory.add_meter(factory.add_source(park[0], "GRID"), "E-1", 60)
    rows = [
        ("E-1", f"2025-01-{day:02d} {hour:02d}:00", f"{day}.{hour:02d}")
        for day in range(1, 32)
        for hour in range(24)
    ]
    factory.upload(*park, factory.lines(rows))
    return meter


def test_each_day_of_a_month_is_proved_under_its_root(park, month):
    root = bytes.fromhex(Month.objects.get().root)
    for day in range(1, 32):
        told = queries.prove_day(meter_id=month, day=date(2025, 1, day), by=park[1])
        check_inclusion(
            leaf=leaf_hash(told["leaf"].encode()), index=told["index"], size=told["size"],
            path=[bytes.fromhex(one) for one in told["path"]], root=root,
        )  # fmt: skip
    assert told["leaf"].splitlines()[0] == "tanzhang.readings.v1"
    assert told["leaf"].splitlines()[4].startswith("31000000,31010000,31020000,")


def test_another_reading_is_not_proved(park, month):
    from ledger.audit.paths import ProofRefused

    told = queries.prove_day(meter_id=month, day=date(2025, 1, 7), by=park[1])
    forged = told["leaf"].replace("7010000", "7010001")
    assert forged != told["leaf"]
    with pytest.raises(ProofRefused):
        check_inclusion(
            leaf=leaf_hash(forged.encode()), index=told["index"], size=told["size"],
            path=[bytes.fromhex(one) for one in told["path"]], root=bytes.fromhex(told["root"]),
        )  # fmt: skip


def test_a_leaf_is_what_rfc_9162_says(park, month):
    row = Day.objects.get(day=date(2025, 1, 1))
    body = rules.body_of(row.meter_id, row.day, 60, row.values_millionths, "")
    assert bytes(row.leaf) == hashlib.sha256(b"\0" + body).digest()
