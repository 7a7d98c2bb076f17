"""Whom a notice reaches by mail, and when. Part of taking it in; not an act of its own."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from uuid import UUID

from ledger.notices import mail, queries, rules
from ledger.notices.models import Delivery, Notice, Reading
from ledger.notices.rules import Wishes
from ledger.notices.states import DeliveryState, Reason, Severity
from ledger.parties import queries as parties

Place = tuple[UUID, UUID, int]  # notice, user, round


def plan_mails(notices: Sequence[Notice], *, on: date, at: datetime) -> int:
    """A line in the delivery log for each person and round without one; how many were added."""
    wanted = _recipients(notices, on=on)
    wanted -= _planned(notices)
    wanted -= _asleep(notices, on=on)
    by_id = {notice.pk: notice for notice in notices}
    wishes = queries.wishes_of(user_id for _notice, user_id, _round in wanted)
    Delivery.objects.bulk_create(
        [
            _planned_mail(by_id[notice_id], user_id, wishes[user_id], at=at)
            for notice_id, user_id, _round in sorted(wanted)
        ],
        batch_size=1000,
    )
    return len(wanted)


def _recipients(notices: Sequence[Notice], *, on: date) -> set[Place]:
    members: dict[UUID, dict[UUID, set[str]]] = {}
    for party_id, user_id, role in parties.members_on({one.party_id for one in notices}, on=on):
        members.setdefault(party_id, {}).setdefault(user_id, set()).add(role)
    return {
        (notice.pk, user_id, notice.round)
        for notice in notices
        for user_id, roles in members.get(notice.party_id, {}).items()
        if concerns(notice, user_id=user_id, roles=roles)
    }


def concerns(notice: Notice, *, user_id: UUID, roles: Iterable[str]) -> bool:
    """Whether somebody with these roles at the notice's party is told of it."""
    addressed = not {*notice.roles, *notice.also}.isdisjoint(roles) or user_id in notice.users
    return addressed and user_id not in notice.without


def _planned(notices: Sequence[Notice]) -> set[Place]:
    rows = Delivery.objects.filter(notice_id__in=[one.pk for one in notices])
    return set(rows.values_list("notice_id", "user_id", "round"))


def _asleep(notices: Sequence[Notice], *, on: date) -> set[Place]:
    """Those who have put it off until later, or dismissed or read this round of it already."""
    rounds = {one.pk: one.round for one in notices}
    found = Reading.objects.filter(notice_id__in=list(rounds))
    return {
        (row.notice_id, row.user_id, rounds[row.notice_id])
        for row in found
        if (row.snoozed_until is not None and row.snoozed_until > on)
        or row.is_done_with(rounds[row.notice_id])
    }


def _planned_mail(notice: Notice, user_id: UUID, wishes: Wishes, *, at: datetime) -> Delivery:
    row = Delivery(
        notice=notice,
        user_id=user_id,
        round=notice.round,
        state=DeliveryState.SKIPPED,
        created_at=at,
        next_try_at=at,
    )
    if wishes.mode(notice.kind) == "OFF":
        row.reason = Reason.NOT_WANTED
    elif not mail.is_on():
        row.reason = Reason.MAIL_OFF
    else:
        urgent = notice.severity == Severity.URGENT
        row.state = DeliveryState.WAITING
        row.next_try_at, row.reason = rules.send_at(
            wishes, kind=notice.kind, is_urgent=urgent, at=at
        )
    return row
