"""When a notice is urgent, when a mail goes out, and whom a notice reaches next."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, timezone

from ledger.kernel.actors import GRANTABLE, Role
from ledger.kernel.errors import N_, DomainError

BEIJING = timezone(timedelta(hours=8))
FIRST_WAIT = timedelta(minutes=2)
LONGEST_WAIT = timedelta(hours=2)
MOST_TRIES = 8
# A worker that has said nothing for so long is dead: no mail server keeps us waiting that long.
SILENCE = timedelta(minutes=10)
LONGEST_SNOOZE = timedelta(days=60)


class UnknownKind(DomainError):
    code = "unknown_notice_kind"
    message = N_("No room sends notices of this kind.")


class OddSnooze(DomainError):
    code = "odd_snooze"
    message = N_("A notice can be put off to a later day, at most %(days)s days from now.")


class OddEscalation(DomainError):
    code = "odd_escalation"
    message = N_("An escalation step must read like “APPROVER after 48h” or “APPROVER 3d before”.")


class OddHour(DomainError):
    code = "odd_hour"
    message = N_("Hours run from 0 to 23.")


def beijing_day(at: datetime) -> date:
    """I31: a day is a Beijing day."""
    return at.astimezone(BEIJING).date()


# --- what somebody wants


@dataclass(frozen=True, slots=True)
class Wishes:
    """How one person wants her mail. Hours are Beijing's; from = to means no quiet hours.

    `modes` says OFF, INSTANT or DIGEST by kind; what it does not name is INSTANT.
    """

    modes: Mapping[str, str] = field(default_factory=dict)
    digest_hour: int = 8
    quiet_from: int = 21
    quiet_to: int = 8
    urgent_any_time: bool = False

    def mode(self, kind: str) -> str:
        return self.modes.get(kind, "INSTANT")


def check_hours(*hours: int) -> None:
    """:raises OddHour: not on the clock"""
    if any(not 0 <= hour <= 23 for hour in hours):
        raise OddHour


def next_hour(at: datetime, hour: int) -> datetime:
    """The next moment, from now on, at which it strikes this hour in Beijing."""
    here = at.astimezone(BEIJING)
    struck = datetime.combine(here.date(), time(hour), tzinfo=BEIJING)
    return struck if struck >= here else struck + timedelta(days=1)


def quiet_until(wishes: Wishes, at: datetime) -> datetime | None:
    """The end of the quiet hours that run now, or None. They may run over midnight."""
    start, end, hour = wishes.quiet_from, wishes.quiet_to, at.astimezone(BEIJING).hour
    if start == end:
        return None
    inside = start <= hour < end if start < end else hour >= start or hour < end
    return next_hour(at, end) if inside else None


def send_at(wishes: Wishes, *, kind: str, is_urgent: bool, at: datetime) -> tuple[datetime, str]:
    """When a mail that is wanted goes out, and why not now: "", DIGEST or QUIET_HOURS.

    An urgent one does not wait for the daily summary; quiet hours hold it back unless the reader
    has said otherwise.
    """
    if wishes.mode(kind) == "DIGEST" and not is_urgent:
        return next_hour(at, wishes.digest_hour), "DIGEST"
    end = quiet_until(wishes, at)
    if end is None or (is_urgent and wishes.urgent_any_time):
        return at, ""
    return end, "QUIET_HOURS"


def wait_after(attempt_count: int) -> timedelta:
    """Twice as long after each failure, up to a limit."""
    return min(FIRST_WAIT * (1 << (attempt_count - 1)), LONGEST_WAIT)


# --- how pressing


def severity_of(*, due_on: date | None, on: date, urgent_days: int | None) -> int:
    """3 within the urgent days of the due day, 2 otherwise; without a due day 2."""
    if due_on is None or urgent_days is None:
        return 2
    return 3 if (due_on - on).days <= urgent_days else 2


# --- escalation

_STEP = re.compile(r"([A-Z_]+) (?:after (\d+)h|(\d+)d before)")


@dataclass(frozen=True, slots=True)
class Step:
    """Who is told next: so many hours after the telling, or so many days before the due day."""

    role: Role
    after: timedelta | None = None
    before: timedelta | None = None

    def has_come(self, *, told_at: datetime, due_on: date | None, at: datetime) -> bool:
        if self.after is not None:
            return at >= told_at + self.after
        if due_on is None or self.before is None:
            return False
        return beijing_day(at) >= due_on - self.before


def read_steps(text: str) -> list[Step]:
    """Steps of a parameter, as "APPROVER after 24h; AUDITOR after 72h".

    :raises OddEscalation: a step that says neither, or a role that nobody can hold
    """
    return [_step(part.strip()) for part in text.split(";") if part.strip()]


def _step(text: str) -> Step:
    found = _STEP.fullmatch(text)
    if found is None or found[1] not in {role.value for role in GRANTABLE}:
        raise OddEscalation
    if found[2]:
        return Step(Role(found[1]), after=timedelta(hours=int(found[2])))
    return Step(Role(found[1]), before=timedelta(days=int(found[3])))


def check_snooze(until: date, *, on: date) -> None:
    """:raises OddSnooze: not in the future, or too far in it"""
    if not on < until <= on + LONGEST_SNOOZE:
        raise OddSnooze(days=LONGEST_SNOOZE.days)
