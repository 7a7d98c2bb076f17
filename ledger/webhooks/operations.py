"""Addresses are made and ended; messages are told, sent, tried again."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings

from ledger.audit import operations as audit
from ledger.audit.keeping import content_of, subject_of
from ledger.doors.operation import operation
from ledger.jobs import operations as jobs
from ledger.kernel.actors import Actor
from ledger.kernel.errors import NotFound
from ledger.kernel.ids import new_id
from ledger.kernel.transitions import check_transition
from ledger.webhooks import keys, models, queries, rules
from ledger.webhooks.states import TRANSITIONS, DeliveryState

TASK = "webhooks.send"


@dataclass(frozen=True, slots=True)
class Parcel:
    """What a worker needs for one try."""

    delivery_id: UUID
    url: str
    headers: Mapping[str, str]
    body: bytes


@operation
def make_endpoint(
    *, url: str, kinds: Sequence[str], by: Actor, at: datetime
) -> tuple[models.Endpoint, str]:
    """An address of the actor's party; returns it with its secret.

    :raises OddAddress, OddKind, TooManyEndpoints: refused
    :raises KeyMissing: this ledger has no key for secrets yet
    """
    rules.check_address(url, private_hosts=settings.WEBHOOK_PRIVATE_HOSTS)
    rules.check_kinds(kinds, queries.known_kinds())
    if queries.endpoints_of(by).filter(ended_at=None).count() >= rules.MOST_ENDPOINTS:
        raise rules.TooManyEndpoints(most=rules.MOST_ENDPOINTS)
    row = models.Endpoint.objects.create(
        party_id=by.own_party, url=url, kinds=sorted(set(kinds)), key_name=keys.newest(),
        made_at=at, made_by=by.user_id,
    )  # fmt: skip
    _say(row, "webhook.made", by=by, at=at)
    return row, queries.secrets_of(row, at=at)[0]


def _say(row: models.Endpoint, verb: str, *, by: Actor, at: datetime) -> None:
    audit.record(verb=verb, subject=subject_of(row), by=by, at=at, data={"row": content_of(row)})


def _lock(endpoint_id: UUID, by: Actor) -> models.Endpoint:
    queries.get_endpoint(endpoint_id, by=by)
    row = models.Endpoint.objects.select_for_update().get(pk=endpoint_id)
    if row.ended_at is not None:
        raise rules.EndpointEnded
    return row


@operation
def rotate_secret(*, endpoint_id: UUID, by: Actor, at: datetime) -> tuple[models.Endpoint, str]:
    """A new secret; for a day messages carry the signatures of both.

    :raises NotFound: not there, or not yours
    :raises EndpointEnded: it has ended
    """
    row = _lock(endpoint_id, by)
    row.secret_round += 1
    row.key_name, row.old_key_name = keys.newest(), row.key_name
    row.old_secret_until_at = at + rules.SECRET_OVERLAP
    row.save(update_fields=["secret_round", "key_name", "old_key_name", "old_secret_until_at"])
    _say(row, "webhook.secret_rotated", by=by, at=at)
    return row, queries.secrets_of(row, at=at)[0]


@operation
def end_endpoint(*, endpoint_id: UUID, by: Actor, at: datetime) -> models.Endpoint:
    """Nothing more goes there, what is on its way neither.

    :raises NotFound: not there, or not yours
    :raises EndpointEnded: once is enough
    """
    row = _lock(endpoint_id, by)
    row.ended_at, row.ended_by = at, by.user_id
    row.save(update_fields=["ended_at", "ended_by"])
    waiting = models.Delivery.objects.filter(endpoint=row, state=DeliveryState.WAITING)
    waiting.update(state=DeliveryState.FAILED, settled_at=at)
    _say(row, "webhook.ended", by=by, at=at)
    return row


def announce(
    *, party_id: UUID, kind: str, subject: str, data: Mapping[str, Any], by: Actor, at: datetime
) -> None:
    """Tell a party's machines, in the caller's transaction; nobody listens: nothing is written.

    The caller's operation has checked the permission, and that the party may know all of `data`.
    """
    live = models.Endpoint.objects.filter(party_id=party_id, ended_at=None)
    told = [one for one in live if not one.kinds or kind in one.kinds]
    if not told:
        return
    message = models.Message.objects.create(
        party_id=party_id, kind=kind, subject=subject, data=dict(data), told_at=at,
        told_by=by.user_id,
    )  # fmt: skip
    for endpoint in told:
        row = models.Delivery.objects.create(message=message, endpoint=endpoint, next_try_at=at)
        jobs.send_later(task=TASK, args={"delivery_id": str(row.pk)}, at=at)


@operation
def begin_delivery(*, delivery_id: UUID, by: Actor, at: datetime) -> Parcel | None:
    """Take a delivery for one try; None: it is settled, not due, or another worker has it.

    A worker that dies holds it for two minutes; the next try carries the same id.
    """
    rows = models.Delivery.objects.select_for_update(of=("self",), skip_locked=True)
    row = rows.filter(
        pk=delivery_id, state=DeliveryState.WAITING, next_try_at__lte=at
    ).select_related("message", "endpoint").first()  # fmt: skip
    if row is None:
        return None
    row.attempt_count += 1
    row.next_try_at = at + rules.LEASE
    row.save(update_fields=["attempt_count", "next_try_at"])
    return _parcel(row, at)


def _parcel(row: models.Delivery, at: datetime) -> Parcel:
    message, seconds = row.message, int(at.timestamp())
    told = {
        "id": str(message.pk),
        "type": message.kind,
        "timestamp": message.told_at.isoformat(),
        "data": message.data,
    }
    body = json.dumps(told, ensure_ascii=False, sort_keys=True).encode()
    signed = " ".join(
        rules.signature(one, message_id=str(message.pk), seconds=seconds, body=body)
        for one in queries.secrets_of(row.endpoint, at=at)
    )
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "Tanzhang-Webhooks/1",
        "webhook-id": str(message.pk),
        "webhook-timestamp": str(seconds),
        "webhook-signature": signed,
    }
    return Parcel(row.pk, row.endpoint.url, headers, body)


@operation
def end_delivery(
    *, delivery_id: UUID, status: int | None, error: str, milliseconds: int, by: Actor, at: datetime
) -> models.Delivery:
    """Log the try: taken (2xx), to be tried again later, or given up after the last."""
    row = models.Delivery.objects.select_for_update().get(pk=delivery_id)
    models.Attempt.objects.create(
        id=new_id(), delivery=row, sent_at=at, status=status, error=error[:200],
        milliseconds=milliseconds,
    )  # fmt: skip
    if row.state != DeliveryState.WAITING:  # the address has ended meanwhile
        return row
    if status is not None and 200 <= status < 300:
        _settle(row, DeliveryState.SENT, at)
    elif row.attempt_count >= rules.MOST_TRIES:
        _settle(row, DeliveryState.FAILED, at)
    else:
        row.next_try_at = at + rules.wait_after(row.attempt_count)
        row.save(update_fields=["next_try_at"])
    return row


def _settle(row: models.Delivery, state: DeliveryState, at: datetime) -> None:
    check_transition(TRANSITIONS, row.state, state)
    row.state, row.settled_at = state, at
    row.save(update_fields=["state", "settled_at"])


@operation
def send_again(*, delivery_id: UUID, by: Actor, at: datetime) -> models.Delivery:
    """Have a message sent once more, with its own id: the receiver knows it by that.

    :raises NotFound: not there, or not yours
    :raises EndpointEnded: nothing goes there any more
    :raises IllegalTransition: it is still on its way
    """
    found = queries.deliveries_of(by).filter(pk=delivery_id).first()
    if found is None:
        raise NotFound
    _lock(found.endpoint_id, by)
    row = models.Delivery.objects.select_for_update().get(pk=delivery_id)
    check_transition(TRANSITIONS, row.state, DeliveryState.WAITING)
    row.state, row.attempt_count = DeliveryState.WAITING, 0
    row.next_try_at, row.settled_at = at, None
    row.save(update_fields=["state", "attempt_count", "next_try_at", "settled_at"])
    jobs.send_later(task=TASK, args={"delivery_id": str(row.pk)}, at=at)
    return row
