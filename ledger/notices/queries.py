"""Who sees which notices, what they say, and how they are to reach people."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Count, F, FilteredRelation, Max, Q, QuerySet

from ledger.audit.queries import Fault, compare_rows_with_events
from ledger.kernel.actors import Actor, Role
from ledger.kernel.errors import NotFound
from ledger.kernel.notices import Fact, Told
from ledger.notices.models import Delivery, Notice, Preferences
from ledger.notices.rules import Step, UnknownKind, Wishes, read_steps
from ledger.notices.states import Severity
from ledger.parameters import queries as parameters

URGENT_DAYS = "notices.urgent.days"
ESCALATION = "notices.escalation"
SHOWS = ("open", "unread", "snoozed", "settled", "all")
PREFERENCES_CHANGED = "notice_preferences.changed"


# --- the kinds of notice, each sent by a room


@dataclass(frozen=True, slots=True)
class Kind:
    """What a room lets people know. `tell` reads nothing but the params: a page has many."""

    name: str
    title: Any
    collect: Callable[..., Iterable[Fact]]
    tell: Callable[[Mapping[str, Any]], Told]


_kinds: dict[str, Kind] = {}


def register(kind: Kind) -> None:
    """Called through `operations`, from `config/wiring.py`."""
    _kinds[kind.name] = kind


def get_kind(name: str) -> Kind:
    """:raises UnknownKind: nobody registered it"""
    try:
        return _kinds[name]
    except KeyError:
        raise UnknownKind from None


def kinds() -> list[Kind]:
    return list(_kinds.values())


def kind_choices() -> list[tuple[str, Any]]:
    return [(one.name, one.title) for one in _kinds.values()]


def title_of(kind: str) -> str:
    found = _kinds.get(kind)
    return str(found.title) if found else kind


def told(notice: Notice) -> Told:
    """What a notice says, in the reader's language. A kind that is gone is named."""
    kind = _kinds.get(notice.kind)
    return kind.tell(notice.params) if kind else Told(notice.kind)


# --- rule numbers of a kind; where nobody has said any, there is no urgency and no escalation


def urgent_days(kind: str, *, on: date) -> int | None:
    try:
        return int(parameters.get_parameter(URGENT_DAYS, on=on, scope=kind).number)
    except parameters.NoParameter:
        return None


def escalation_of(kind: str, *, on: date) -> list[Step]:
    try:
        return read_steps(str(parameters.get_parameter(ESCALATION, on=on, scope=kind).value))
    except parameters.NoParameter:
        return []


# --- the inbox


def reader(actor: Actor) -> Actor:
    """The same person on her own behalf, too: keeping her inbox is everybody's right."""
    return replace(actor, roles=actor.roles | {Role.PERSON})


def visible_to(actor: Actor) -> QuerySet[Notice]:
    """What is addressed to one of the actor's roles at the present party, or to her by name."""
    if actor.party_id is None:
        return Notice.objects.none()
    roles = sorted(role.value for role in actor.roles)
    mine = Q(roles__overlap=roles) | Q(also__overlap=roles) | Q(users__contains=[actor.user_id])
    found = Notice.objects.filter(mine, party_id=actor.party_id)
    return found.exclude(without__contains=[actor.user_id])


def _with_reading(actor: Actor) -> QuerySet[Any]:
    own = FilteredRelation("readings", condition=Q(readings__user_id=actor.user_id))
    return (
        visible_to(actor)
        .annotate(own=own)
        .annotate(
            read_round=F("own__read_round"),
            dismissed_round=F("own__dismissed_round"),
            snoozed_until=F("own__snoozed_until"),
        )
    )


UNREAD = Q(read_round=None) | Q(read_round__lt=F("round"))
NOT_DISMISSED = Q(dismissed_round=None) | Q(dismissed_round__lt=F("round"))


def _awake(on: date) -> Q:
    return Q(snoozed_until=None) | Q(snoozed_until__lte=on)


def inbox(actor: Actor, *, on: date, show: str = "open") -> QuerySet[Any]:
    """The actor's notices with what she did to each; the newest first.

    open: standing, neither dismissed nor put off; unread: of these, not read in this round.
    """
    found = _with_reading(actor).order_by("-id")
    if show == "settled":
        return found.filter(settled_at__isnull=False)
    if show == "snoozed":
        return found.filter(settled_at=None, snoozed_until__gt=on)
    if show == "all":
        return found
    standing = found.filter(NOT_DISMISSED, _awake(on), settled_at=None)
    return standing.filter(UNREAD) if show == "unread" else standing


def is_unread(notice: Any) -> bool:
    """Of a row of `inbox`."""
    return notice.settled_at is None and (
        notice.read_round is None or notice.read_round < notice.round
    )


def shown(row: Any) -> dict[str, Any]:
    """A row of `inbox` as pages want it."""
    said = told(row)
    return {
        "id": row.pk,
        "title": title_of(row.kind),
        "sentence": said.sentence,
        "address": said.address,
        "severity": row.get_severity_display(),
        "level": row.severity,
        "due_on": row.due_on,
        "created_at": row.created_at,
        "settled_at": row.settled_at,
        "snoozed_until": row.snoozed_until,
        "is_unread": is_unread(row),
        "reminders": row.round,
        "is_escalated": bool(row.level),
    }


@dataclass(frozen=True, slots=True)
class Unread:
    """How many, and whether one of them is urgent."""

    count: int
    is_urgent: bool


def unread(actor: Actor, *, on: date) -> Unread:
    """For the bell on every page: one question."""
    if actor.party_id is None:
        return Unread(0, False)
    found = inbox(actor, on=on, show="unread").order_by()
    sums = found.aggregate(count=Count("pk"), most=Max("severity"))
    return Unread(sums["count"], sums["most"] == Severity.URGENT)


def most_urgent(actor: Actor, *, on: date, limit: int) -> list[Notice]:
    """What stands, the most pressing first; for the home page."""
    found = inbox(actor, on=on).order_by("-severity", F("due_on").asc(nulls_last=True), "-id")
    return list(found[:limit])


def get_notice(notice_id: UUID, actor: Actor) -> Any:
    """:raises NotFound: not there, or not yours"""
    found = _with_reading(actor).filter(pk=notice_id).first()
    if found is None:
        raise NotFound(f"notice {notice_id}")
    return found


# --- wishes


def wishes_of(user_ids: Iterable[UUID]) -> dict[UUID, Wishes]:
    """How each of these people wants her mail; who never said, as usual."""
    wanted = set(user_ids)
    said = {row.user_id: _wishes(row) for row in Preferences.objects.filter(user_id__in=wanted)}
    return {user_id: said.get(user_id, Wishes()) for user_id in wanted}


def _wishes(row: Preferences) -> Wishes:
    return Wishes(
        modes=row.modes,
        digest_hour=row.digest_hour,
        quiet_from=row.quiet_from,
        quiet_to=row.quiet_to,
        urgent_any_time=row.urgent_any_time,
    )


# --- the delivery log


def deliveries() -> QuerySet[Delivery]:
    return Delivery.objects.select_related("notice")


# --- verification


def content_of(row: Preferences) -> dict[str, Any]:
    """What the log keeps of somebody's wishes."""
    return {
        "user": row.user_id,
        "modes": row.modes,
        "digest_hour": row.digest_hour,
        "quiet": [row.quiet_from, row.quiet_to],
        "urgent_any_time": row.urgent_any_time,
        "changed_at": row.changed_at,
    }


def check_rows_match_events() -> Iterator[Fault]:
    """Preferences against their last event: nobody's mail was silenced behind her back."""
    rows = Preferences.objects.order_by("pk").iterator()
    yield from compare_rows_with_events(
        ((f"notices.Preferences:{row.pk}", content_of(row)) for row in rows),
        kind="notices.preferences",
        verbs=[PREFERENCES_CHANGED],
    )
