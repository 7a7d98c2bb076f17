"""Rule numbers: found by day, refused in a gap, never overlapping, never edited."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, IntegrityError, connection, transaction

from config.demo import calendars as demonstration
from ledger.kernel.actors import SYSTEM, Actor, Role
from ledger.kernel.errors import NotAllowed
from ledger.kernel.ids import new_id
from ledger.parameters import loading, models, operations, queries, rules
from tests.conftest import superuser_url

SEEDS = Path(__file__).resolve().parents[3] / "seeds"
AT = datetime(2026, 11, 21, 2, tzinfo=UTC)


def fact(start="2024-01-01", end=None, value=Decimal("0.5"), **more):
    row = {
        "key": "test.cap", "axis": "DAY", "value": value, "valid_from": date.fromisoformat(start),
        "valid_to": date.fromisoformat(end) if end else None, "legal_basis": "law",
        "source": "S1", "confidence": "A", "approver": "ana", **more,
    }  # fmt: skip
    return rules.read_fact(row, {})


def load(*facts, by=SYSTEM):
    return operations.load_parameters(facts=facts, by=by, at=AT)


@pytest.fixture
def seeds(db):
    operations.load_seeds(folder=SEEDS, by=SYSTEM, at=AT)


def test_the_park_tiers_leave_small_parks_without_a_tier(seeds):
    tiers = queries.get_parameter("park.tier", on=date(2025, 12, 31)).tiers
    assert tiers.find(Decimal("199999.99")) is None
    assert tiers.find(Decimal(200000)).value == Decimal("0.2")
    assert tiers.find(Decimal("999999.99")).value == Decimal("0.2")
    assert tiers.find(Decimal(1000000)).value == Decimal("0.3")


@pytest.mark.parametrize(
    ("key", "day", "scope", "value"),
    [
        ("park.ef.other_power", date(2025, 6, 30), "", Decimal("0.8325")),
        ("park.ef.heat.default", date(2026, 1, 1), "", Decimal("0.11")),
        ("energy.electricity.equivalent", date(2024, 12, 31), "", Decimal("0.3024")),
        ("ets.ccer.cap", date(2026, 1, 1), "", Decimal("0.05")),
        ("ets.carryover.ratio", date(2026, 6, 10), "", Decimal("1.5")),
        ("ets.penalty.undersurrender", date(2026, 8, 14), "", (5, 10)),
        ("ets.penalty.old", date(2024, 4, 30), "", (20000, 30000)),
        ("pilot.offset.cap", date(2025, 1, 1), "SHENZHEN", Decimal("0.20")),
        ("gec.validity", date(2024, 3, 1), "", Decimal(24)),
        ("gec.validity.old", date(2023, 12, 31), "", date(2025, 12, 31)),
        ("record.retention", date(2026, 7, 1), "", Decimal(10)),
        ("record.retention", date(2026, 6, 30), "", Decimal(5)),
        ("verify.materiality", date(2025, 1, 1), "", Decimal("0.05")),
        ("sbti.aca.1_5c", date(2025, 1, 1), "", Decimal("0.042")),
        ("park.self_generation_counts_in_direct_share", date(2026, 1, 1), "", True),
    ],
)  # fmt: skip
def test_a_seeded_number_holds_on_its_days(seeds, key, day, scope, value):
    assert queries.get_parameter(key, on=day, scope=scope).value == value


def test_the_surrender_day_is_the_last_of_the_next_year(seeds):
    rule = queries.get_parameter("ets.surrender.deadline", on=date(2025, 1, 1)).date_rule
    assert rule.day_for(2025) == date(2026, 12, 31)


def test_a_value_from_general_knowledge_is_marked_unverified(seeds):
    assert queries.get_parameter("gec.max_transfers", on=date(2025, 1, 1)).is_unverified
    assert not queries.get_parameter("ets.ccer.cap", on=date(2025, 1, 1)).is_unverified


def test_a_look_up_in_a_gap_names_the_nearest_rows(seeds):
    with pytest.raises(queries.NoParameter) as refused:
        queries.get_parameter("energy.electricity.equivalent", on=date(2022, 7, 1))
    assert "2022-07-01" in str(refused.value)
    assert "[2020-01-01, 2021-01-01), [2024-01-01, 2025-01-01)" in str(refused.value)


def test_another_scope_never_stands_in(seeds):
    with pytest.raises(queries.NoParameter, match=r"pilot\.offset\.cap"):
        queries.get_parameter("pilot.offset.cap", on=date(2025, 1, 1))


def test_the_day_after_the_end_has_no_value(seeds):
    with pytest.raises(queries.NoParameter):
        queries.get_parameter("ets.penalty.undersurrender", on=date(2026, 8, 15))


def test_the_wrong_kind_is_refused_by_name(seeds):
    with pytest.raises(queries.WrongParameterKind):
        _ = queries.get_parameter("park.tier", on=date(2026, 1, 1)).number


def test_a_gap_is_listed_at_load(db):
    loaded = load(fact(end="2025-01-01"), fact("2026-01-01"))
    assert loaded.notes == ("test.cap : 2025-01-01 – 2026-01-01",)


def test_an_overlap_is_refused_kindly_and_nothing_is_loaded(db):
    with pytest.raises(rules.ParametersOverlap, match="one from 2024-01-01, one from 2025-01-01"):
        load(fact(), fact("2025-01-01"))
    assert not models.Parameter.objects.exists()


def test_an_overlap_is_refused_by_the_database_too(db):
    load(fact())
    late = fact("2025-01-01")
    with pytest.raises(IntegrityError, match="parameter_holds_alone_on_each_day"):
        models.Parameter.objects.create(**late.content(), digest=late.digest)


def test_a_second_load_changes_nothing(seeds):
    again = operations.load_seeds(folder=SEEDS, by=SYSTEM, at=AT)
    assert [one.new_count for one in again] == [0, 0]
    assert [one.ended_count for one in again] == [0, 0]


def test_a_change_is_a_new_row_and_an_end_of_the_old(db):
    load(fact())
    loaded = load(fact(end="2025-01-01"), fact("2025-01-01", value=Decimal("0.6")))
    assert (loaded.new_count, loaded.ended_count) == (1, 1)
    assert queries.get_parameter("test.cap", on=date(2024, 12, 31)).number == Decimal("0.5")
    assert queries.get_parameter("test.cap", on=date(2025, 1, 1)).number == Decimal("0.6")
    assert list(queries.check_rows_against_events()) == []


@pytest.mark.parametrize("changed", [{"value": Decimal("0.7")}, {"confidence": "C"}])
def test_a_loaded_row_cannot_be_loaded_otherwise(db, changed):
    load(fact())
    with pytest.raises(rules.ParameterChanged):
        load(fact(**changed))
    assert queries.get_parameter("test.cap", on=date(2026, 1, 1)).number == Decimal("0.5")


def test_an_end_is_set_once(db):
    load(fact(end="2025-01-01"))
    with pytest.raises(rules.ParameterChanged):
        load(fact(end="2026-01-01"))
    with pytest.raises(DatabaseError, match="Cannot update"), transaction.atomic():
        models.Parameter.objects.update(valid_to=date(2027, 1, 1))


def test_the_database_refuses_another_value(db):
    load(fact())
    with pytest.raises(DatabaseError), transaction.atomic():
        models.Parameter.objects.update(value={"kind": "number", "value": "9"})


def test_only_the_machine_loads(db):
    with pytest.raises(NotAllowed):
        load(fact(), by=Actor(user_id=new_id(), roles=frozenset({Role.ADMINISTRATOR})))


@pytest.mark.parametrize(
    "row",
    [
        {"axis": "WEEK"}, {"confidence": "D"}, {"value": 0.5}, {"value": None},
        {"value": {"low": 2, "high": 1}}, {"valid_to": date(2024, 1, 1)}, {"colour": "red"},
        {"value": {"month": 13, "day": 1}},
    ],
)  # fmt: skip
def test_an_odd_row_is_refused(row):
    with pytest.raises(rules.OddParameter):
        fact(**row) if "valid_to" not in row else fact(end="2024-01-01")


@pytest.mark.parametrize(
    ("column", "value"),
    [("value", "'{\"kind\": \"number\", \"value\": \"0.6\"}'"), ("valid_to", "'2030-01-01'"),
     ("confidence", "'C'"), ("digest", "'00'"), ("source", "'S9'"), ("unit", "'t'")],
)  # fmt: skip
def test_a_row_altered_by_a_superuser_is_named(committed_db, column, value):
    load(fact())
    connection.commit() if connection.in_atomic_block else None
    with psycopg.connect(superuser_url(committed_db), autocommit=True) as admin:
        admin.execute("SET session_replication_role = replica")
        admin.execute(f"UPDATE ledger_parameters_parameter SET {column} = {value}")
    (fault,) = queries.check_rows_against_events()
    assert column in fault.text


def test_the_command_tells_what_was_new(db, capsys):
    call_command("load_reference")
    first = capsys.readouterr().out
    assert "calendars: 3 new, 0 ended, 0 unchanged" in first
    assert "energy.electricity.equivalent" in first
    call_command("load_reference")
    assert "calendars: 0 new, 0 ended, 3 unchanged" in capsys.readouterr().out


def test_the_command_refuses_with_the_sentence(db, tmp_path):
    (tmp_path / "parameters").mkdir()
    (tmp_path / "parameters" / "x.toml").write_text('[[parameter]]\nkey = "a"\nvalue = 1\n')
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("load_reference", seeds=tmp_path)


def test_every_seed_says_where_it_comes_from():
    for row in loading.read_parameters(SEEDS / "parameters"):
        assert row.legal_basis
        assert row.source
        assert row.approver


# --- calendars


@pytest.mark.parametrize(
    ("day", "working", "trading"),
    [
        (date(2025, 1, 26), True, False),  # a Sunday worked for the Spring Festival
        (date(2025, 1, 28), False, False),  # the eve of the Spring Festival
        (date(2025, 1, 27), True, True),
        (date(2026, 10, 7), False, False),
        (date(2026, 10, 10), True, False),
        (date(2026, 11, 21), False, False),  # a Saturday
        (date(2024, 12, 31), True, True),
    ],
)
def test_days_off_and_days_worked_in_exchange(seeds, day, working, trading):
    assert queries.is_working_day(day) is working
    assert queries.is_trading_day(day) is trading


def test_the_next_working_day_skips_the_holiday(seeds):
    assert queries.next_working_day(date(2026, 9, 30)) == date(2026, 10, 8)
    assert queries.next_trading_day(date(2026, 2, 13)) == date(2026, 2, 24)
    assert queries.next_working_day(date(2025, 12, 31), 7) == date(2026, 1, 12)


def test_a_day_outside_the_calendar_is_refused(seeds):
    with pytest.raises(queries.NoCalendar, match="2027"):
        queries.is_working_day(date(2027, 1, 4))
    with pytest.raises(queries.NoCalendar):
        queries.next_working_day(date(2026, 12, 31))


def test_a_year_that_the_demonstration_drafted_is_worked_by_and_does_not_stop_a_later_load(seeds):
    demonstration.load(on=date(2027, 2, 8), at=AT)
    assert queries.calendar_years() == {2024, 2025, 2026, 2027}
    assert queries.is_trading_day(date(2027, 1, 1)) is False
    assert queries.next_working_day(date(2026, 12, 31)) == date(2027, 1, 4)
    announced = rules.CalendarFact("CN", 2027, (("2027-02-08", "OFF", "春节"),), "notice", "A")
    made = operations.load_calendars(facts=[announced], by=SYSTEM, at=AT)
    assert (made.new_count, made.unchanged_count) == (0, 1)
    assert queries.is_trading_day(date(2027, 2, 8)) is True
