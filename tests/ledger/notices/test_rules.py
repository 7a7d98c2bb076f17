from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.kernel.actors import Role
from ledger.kernel.notices import reminders_by
from ledger.notices import rules
from ledger.notices.rules import BEIJING, OddEscalation, OddHour, OddSnooze, Step, Wishes


def beijing(hour, minute=0, day=2):
    return datetime(2026, 3, day, hour, minute, tzinfo=BEIJING)


@pytest.mark.parametrize(
    ("hour", "end"),
    [(20, None), (21, beijing(8, day=3)), (23, beijing(8, day=3)), (3, beijing(8)), (8, None)],
)
def test_quiet_hours_run_over_midnight(hour, end):
    assert rules.quiet_until(Wishes(quiet_from=21, quiet_to=8), beijing(hour)) == end


def test_quiet_hours_within_a_day_and_none_at_all():
    noon = Wishes(quiet_from=12, quiet_to=14)
    assert rules.quiet_until(noon, beijing(13)) == beijing(14)
    assert rules.quiet_until(noon, beijing(14)) is None
    assert rules.quiet_until(Wishes(quiet_from=9, quiet_to=9), beijing(9)) is None


def test_a_digest_waits_for_its_hour_and_an_urgent_notice_does_not():
    wishes = Wishes(modes={"k": "DIGEST"}, digest_hour=18)
    assert rules.send_at(wishes, kind="k", is_urgent=False, at=beijing(10)) == (
        beijing(18), "DIGEST",
    )  # fmt: skip
    assert rules.send_at(wishes, kind="k", is_urgent=False, at=beijing(18, 1)) == (
        beijing(18, day=3), "DIGEST",
    )  # fmt: skip
    assert rules.send_at(wishes, kind="k", is_urgent=True, at=beijing(10)) == (beijing(10), "")


def test_an_urgent_notice_breaks_quiet_hours_only_where_the_reader_said_so():
    night = beijing(23)
    held = rules.send_at(Wishes(), kind="k", is_urgent=True, at=night)
    assert held == (beijing(8, day=3), "QUIET_HOURS")
    awake = Wishes(urgent_any_time=True)
    assert rules.send_at(awake, kind="k", is_urgent=True, at=night) == (night, "")
    assert rules.send_at(awake, kind="k", is_urgent=False, at=night)[1] == "QUIET_HOURS"


@given(
    st.integers(0, 23),
    st.integers(0, 23),
    st.integers(0, 365 * 24 * 60),
)
def test_what_quiet_hours_hold_back_goes_out_after_them_within_a_day(start, end, minutes):
    at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    wishes = Wishes(quiet_from=start, quiet_to=end)
    goes, why = rules.send_at(wishes, kind="k", is_urgent=False, at=at)
    assert at <= goes <= at + timedelta(days=1)
    assert rules.quiet_until(wishes, goes) is None
    assert (goes == at) == (why == "")


@pytest.mark.parametrize(
    ("days_left", "count"), [(61, 0), (60, 1), (30, 2), (8, 2), (7, 3), (0, 4), (-5, 4)]
)
def test_reminders_are_counted_as_their_days_come(days_left, count):
    assert reminders_by(days_left, (60, 30, 7, 0)) == count


def test_a_notice_is_urgent_within_its_days():
    due = date(2026, 3, 10)
    assert rules.severity_of(due_on=due, on=date(2026, 3, 2), urgent_days=7) == 2
    assert rules.severity_of(due_on=due, on=date(2026, 3, 3), urgent_days=7) == 3
    assert rules.severity_of(due_on=due, on=date(2026, 3, 20), urgent_days=7) == 3
    assert rules.severity_of(due_on=None, on=date(2026, 3, 3), urgent_days=7) == 2
    assert rules.severity_of(due_on=due, on=date(2026, 3, 10), urgent_days=None) == 2


def test_escalation_is_read_from_words():
    assert rules.read_steps("APPROVER after 24h; AUDITOR 3d before") == [
        Step(Role.APPROVER, after=timedelta(hours=24)),
        Step(Role.AUDITOR, before=timedelta(days=3)),
    ]
    for odd in ("APPROVER", "SYSTEM after 2h", "BOSS after 2h", "APPROVER after two hours"):
        with pytest.raises(OddEscalation):
            rules.read_steps(odd)


def test_each_wait_is_twice_the_last_up_to_two_hours():
    minutes = [rules.wait_after(count) // timedelta(minutes=1) for count in range(1, 9)]
    assert minutes == [2, 4, 8, 16, 32, 64, 120, 120]


def test_odd_hours_and_days_are_refused():
    with pytest.raises(OddHour):
        rules.check_hours(8, 24)
    today = date(2026, 3, 2)
    for until in (today, date(2026, 3, 1), date(2026, 5, 2)):
        with pytest.raises(OddSnooze):
            rules.check_snooze(until, on=today)
    rules.check_snooze(date(2026, 5, 1), on=today)
