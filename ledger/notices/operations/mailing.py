"""Mails on their way: due lines are handed to workers, attempts recorded before and after.

A worker that dies between the two leaves SENDING; nobody knows whether the mail went out, so it is
never sent again by itself. Where the line to the server breaks, the same mail (by its Message-ID)
is tried again: there, and only there, it can arrive twice.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from ledger.audit import operations as audit
from ledger.doors.operation import operation
from ledger.jobs import operations as jobs
from ledger.kernel.actors import Actor
from ledger.kernel.errors import NotFound
from ledger.kernel.ids import new_id
from ledger.kernel.transitions import check_transition
from ledger.notices import mail, queries, rules
from ledger.notices.mail import Letter
from ledger.notices.models import Delivery, Reading
from ledger.notices.operations.planning import concerns
from ledger.notices.rules import Wishes
from ledger.notices.states import TRANSITIONS, DeliveryState, Reason
from ledger.parties import queries as parties

TASK = "notices.send"
AT_ONCE = 500
S = DeliveryState


@operation
def dispatch(*, by: Actor, at: datetime) -> int:
    """Hand what is due to the workers, one mail for each person and party; how many mails.

    What a dead worker left behind is found here, too.
    """
    _find_the_dead(at)
    due = Delivery.objects.select_for_update(skip_locked=True, of=("self",)).select_related(
        "notice"
    )
    rows = due.filter(state=S.WAITING, next_try_at__lte=at).order_by("next_try_at", "id")[:AT_ONCE]
    mails: dict[object, list[Delivery]] = {}
    for row in rows:
        mails.setdefault(row.mail_id or (row.user_id, row.notice.party_id), []).append(row)
    for together in mails.values():
        _queue(together, mail_id=together[0].mail_id or new_id(), at=at)
    return len(mails)


def _queue(rows: Iterable[Delivery], *, mail_id: UUID, at: datetime) -> None:
    _move(rows, S.QUEUED, mail_id=mail_id, handed_at=at, reason="")
    jobs.send_later(task=TASK, args={"mail_id": str(mail_id)}, at=at)


def _move(rows: Iterable[Delivery], state: DeliveryState, **changes: object) -> None:
    """Move lines of the log along the table, in one statement."""
    ids = list[UUID]()
    for row in rows:
        check_transition(TRANSITIONS, DeliveryState(row.state), state)
        ids.append(row.pk)
    Delivery.objects.filter(pk__in=ids).update(state=state, **changes)


def _find_the_dead(at: datetime) -> None:
    """Mails whose worker has said nothing for long: begun ones are interrupted, others go again."""
    silent = Delivery.objects.select_for_update(skip_locked=True).filter(
        handed_at__lt=at - rules.SILENCE
    )
    _move(
        silent.filter(state=S.SENDING),
        S.INTERRUPTED,
        reason=Reason.WORKER_DIED,
        error="",
    )
    lost = list(silent.filter(state=S.QUEUED))
    Delivery.objects.filter(pk__in=[row.pk for row in lost]).update(handed_at=at)
    for mail_id in sorted({row.mail_id for row in lost if row.mail_id}):
        jobs.send_later(task=TASK, args={"mail_id": str(mail_id)}, at=at)


@operation
def begin_mail(*, mail_id: UUID, by: Actor, at: datetime) -> Letter | None:
    """Record the attempt before it is made; None: nothing (more) to send.

    What was settled, read or taken back meanwhile is not sent. A mail that another worker has
    begun is not touched.
    """
    rows = list(_locked(mail_id, S.QUEUED))
    if not rows:
        return None
    user = parties.get_user(rows[0].user_id)
    left = _drop_idle(rows, user.pk, at=at)
    if not left:
        return None
    _move(left, S.SENDING, handed_at=at, attempt_count=left[0].attempt_count + 1)
    return Letter(
        mail_id=mail_id,
        address=user.email,
        name=user.name,
        language=user.language,
        notices=[row.notice for row in left],
    )


def _locked(mail_id: UUID, state: DeliveryState) -> QuerySet[Delivery]:
    rows = Delivery.objects.select_for_update(of=("self",)).select_related("notice__party")
    return rows.filter(mail_id=mail_id, state=state).order_by("pk")


def _drop_idle(rows: Sequence[Delivery], user_id: UUID, *, at: datetime) -> list[Delivery]:
    """Set aside what need not be sent any more, with the reason; the rest."""
    wishes = queries.wishes_of([user_id])[user_id]
    readings = Reading.objects.filter(
        user_id=user_id, notice_id__in=[row.notice_id for row in rows]
    )
    done = {one.notice_id: one for one in readings}
    actor = parties.actor_for(user_id, rows[0].notice.party_id, rules.beijing_day(at))
    roles = {role.value for role in actor.roles}
    left = list[Delivery]()
    for row in rows:
        reason = _why_not(row, wishes, done.get(row.notice_id), roles)
        if reason:
            _move([row], S.SKIPPED, reason=reason)
        else:
            left.append(row)
    return left


def _why_not(row: Delivery, wishes: Wishes, reading: Reading | None, roles: Iterable[str]) -> str:
    held = set(roles)
    if not mail.is_on():
        return Reason.MAIL_OFF
    if row.notice.settled_at is not None or row.notice.round > row.round:
        return Reason.SETTLED
    if not held or not concerns(row.notice, user_id=row.user_id, roles=held):
        return Reason.GONE
    if reading is not None and reading.is_done_with(row.round):
        return Reason.READ
    return Reason.NOT_WANTED if wishes.mode(row.notice.kind) == "OFF" else ""


@operation
def end_mail(*, mail_id: UUID, by: Actor, at: datetime) -> None:
    """The mail server has taken it."""
    _move(_locked(mail_id, S.SENDING), S.SENT, sent_at=at, reason="", error="")


@operation
def fail_mail(*, mail_id: UUID, error: str, for_good: bool, by: Actor, at: datetime) -> None:
    """The attempt failed: another comes later, unless it was refused for good or tried enough."""
    rows = list(_locked(mail_id, S.SENDING))
    if not rows:
        return
    told, tries = error[:500], rows[0].attempt_count
    if for_good:
        _move(rows, S.FAILED, reason=Reason.REFUSED, error=told)
    elif tries >= rules.MOST_TRIES:
        _move(rows, S.FAILED, reason=Reason.GAVE_UP, error=told)
    else:
        later = at + rules.wait_after(tries)
        _move(rows, S.WAITING, reason=Reason.RETRY, error=told, next_try_at=later)


@operation
def try_again(*, delivery_id: UUID, by: Actor, at: datetime) -> None:
    """An administrator has a failed or interrupted mail sent again, with all that was in it.

    :raises NotFound: no such line
    :raises IllegalTransition: it neither failed nor was interrupted
    """
    row = Delivery.objects.filter(pk=delivery_id).first()
    if row is None:
        raise NotFound
    same = Delivery.objects.select_for_update().filter(mail_id=row.mail_id, state=row.state)
    together = list(same) if row.mail_id else [row]
    _move(together, S.WAITING, reason=Reason.RETRY, error="", next_try_at=at, attempt_count=0)
    audit.record(
        verb="notice_mail.tried_again",
        subject=f"notices.Delivery:{row.pk}",
        by=by,
        at=at,
        data={"lines": len(together)},
    )
