"""What a person does with her inbox, and how she wants her mail. Each touches her own rows only."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from ledger.audit import operations as audit
from ledger.doors.operation import operation
from ledger.kernel.actors import Actor
from ledger.notices import queries, rules
from ledger.notices.models import Notice, Preferences, Reading
from ledger.notices.states import MailMode


def _write(notices: Iterable[Notice], *, by: Actor, at: datetime, **columns: str) -> int:
    """Set columns of the actor's readings, each from a name of the notice's own columns."""
    rows = [
        Reading(
            notice=one,
            user_id=by.user_id,
            changed_at=at,
            **{name: getattr(one, source) for name, source in columns.items()},
        )
        for one in notices
    ]
    Reading.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["notice", "user_id"],
        update_fields=[*columns, "changed_at"],
        batch_size=1000,
    )
    return len(rows)


@operation
def mark_read(*, notice_id: UUID, by: Actor, at: datetime) -> None:
    """:raises NotFound: not there, or not hers"""
    _write([queries.get_notice(notice_id, by)], by=by, at=at, read_round="round")


@operation
def mark_all_read(*, by: Actor, at: datetime) -> int:
    """All that stands unread in her inbox for the present party; how many."""
    unread = queries.inbox(by, on=rules.beijing_day(at), show="unread")
    return _write(unread, by=by, at=at, read_round="round")


@operation
def dismiss(*, notice_id: UUID, by: Actor, at: datetime) -> None:
    """Out of the inbox until its next reminder.

    :raises NotFound: not there, or not hers
    """
    notice = queries.get_notice(notice_id, by)
    _write([notice], by=by, at=at, read_round="round", dismissed_round="round")


@operation
def snooze(*, notice_id: UUID, until: date, by: Actor, at: datetime) -> None:
    """Out of the inbox, and no mail, until a day.

    :raises NotFound: not there, or not hers
    :raises OddSnooze: not a later day, or too late a one
    """
    rules.check_snooze(until, on=rules.beijing_day(at))
    notice: Any = queries.get_notice(notice_id, by)
    notice.snoozed_until = until
    _write([notice], by=by, at=at, snoozed_until="snoozed_until")


@operation
def set_preferences(
    *,
    modes: Mapping[str, str],
    digest_hour: int,
    quiet_from: int,
    quiet_to: int,
    urgent_any_time: bool,
    by: Actor,
    at: datetime,
) -> Preferences:
    """Say how she wants her mail from now on, at every party. Mails that wait follow it, too.

    :raises UnknownKind: a kind that no room sends
    :raises OddHour: an hour that is not on the clock
    """
    rules.check_hours(digest_hour, quiet_from, quiet_to)
    for kind in modes:
        queries.get_kind(kind)
    row, _made = Preferences.objects.update_or_create(
        user_id=by.user_id,
        defaults={
            "modes": {kind: MailMode(mode).value for kind, mode in sorted(modes.items())},
            "digest_hour": digest_hour,
            "quiet_from": quiet_from,
            "quiet_to": quiet_to,
            "urgent_any_time": urgent_any_time,
            "changed_at": at,
        },
    )
    audit.record(
        verb=queries.PREFERENCES_CHANGED,
        subject=f"notices.Preferences:{row.pk}",
        by=by,
        at=at,
        data={"row": queries.content_of(row)},
    )
    return row
