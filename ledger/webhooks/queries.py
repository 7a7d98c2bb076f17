"""What a party's webhooks are, and what became of its messages."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from uuid import UUID

from django.db.models import QuerySet

from ledger.audit.keeping import rows_match_events
from ledger.audit.queries import Fault
from ledger.kernel.actors import Actor
from ledger.kernel.errors import NotFound
from ledger.webhooks import keys, models, rules
from ledger.webhooks.states import DeliveryState

# What messages are about; the rooms that tell of it say so in `config/wiring.py`.
_KINDS: list[str] = []


def register_kinds(*kinds: str) -> None:
    _KINDS.extend(one for one in kinds if one not in _KINDS)


def known_kinds() -> list[str]:
    return sorted(_KINDS)


def endpoints_of(actor: Actor) -> QuerySet[models.Endpoint]:
    """Those of the actor's own party."""
    rows = models.Endpoint.objects.all()
    return rows.filter(party_id=actor.party_id) if actor.party_id else rows.none()


def get_endpoint(endpoint_id: UUID, *, by: Actor) -> models.Endpoint:
    """:raises NotFound: not there, or not yours"""
    found = endpoints_of(by).filter(pk=endpoint_id).first()
    if found is None:
        raise NotFound
    return found


def deliveries_of(actor: Actor) -> QuerySet[models.Delivery]:
    """The log: newest first, with message and tries."""
    rows = models.Delivery.objects.filter(endpoint__in=endpoints_of(actor).order_by().values("pk"))
    return rows.select_related("message", "endpoint").prefetch_related("attempts")


def due_deliveries(*, at: datetime, limit: int) -> list[UUID]:
    rows = models.Delivery.objects.filter(state=DeliveryState.WAITING, next_try_at__lte=at)
    return list(rows.order_by("next_try_at", "id").values_list("pk", flat=True)[:limit])


def secrets_of(endpoint: models.Endpoint, *, at: datetime) -> list[str]:
    """The secret in force, and for a day after a rotation the one before."""
    rounds = [(endpoint.key_name, endpoint.secret_round)]
    if endpoint.old_secret_until_at is not None and at < endpoint.old_secret_until_at:
        rounds.append((endpoint.old_key_name, endpoint.secret_round - 1))
    return [
        rules.derived_secret(keys.root_of(name), str(endpoint.pk), number)
        for name, number in rounds
    ]


def keys_in_use(*, at: datetime) -> set[str]:
    """The keys that a living address draws its secret from, or drew the one before from."""
    live = models.Endpoint.objects.filter(ended_at=None)
    before = live.filter(old_secret_until_at__gt=at)
    now = live.values_list("key_name", flat=True)
    return {*now, *before.values_list("old_key_name", flat=True)}


def rotate_key(folder: Path, is_demonstration: bool, at: datetime) -> Mapping[str, object]:
    """For `manage.py rotate_key`: a new key for new secrets. Living addresses keep theirs until
    their owners rotate them; a key that none of them uses any more is forgotten.
    """
    return keys.add_key(folder, is_demonstration, at, in_use=keys_in_use(at=at))


def check_rows_match_events() -> Iterator[Fault]:
    yield from rows_match_events(
        {models.Endpoint: ["webhook.made", "webhook.secret_rotated", "webhook.ended"]}
    )
