"""Who is who: parties, people, the roles they hold on a day, and the actor that follows."""

import hashlib
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.contrib.sessions.models import Session
from django.db.models import OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _
from django_otp.plugins.otp_totp.models import TOTPDevice

from ledger.doors.wording import in_language
from ledger.kernel.actors import SYSTEM, SYSTEM_USER_ID, Actor, Role
from ledger.kernel.errors import NotFound
from ledger.parties import rules
from ledger.parties.models import ApiClient, Membership, Party, User, UserSession


@dataclass(frozen=True, slots=True)
class ApiLogin:
    """A machine that has shown its secret, and how far it may go."""

    actor: Actor
    scopes: frozenset[str]


def get_party(party_id: UUID) -> Party:
    """:raises NotFound: no such party"""
    try:
        return Party.objects.get(id=party_id)
    except Party.DoesNotExist as error:
        raise NotFound(f"party {party_id}") from error


def find_party_by_uscc(uscc: str) -> Party | None:
    return Party.objects.filter(uscc=uscc).first() if uscc else None


def parties(*, kind: str | None = None) -> QuerySet[Party]:
    found = Party.objects.order_by("name_zh", "id")
    return found.filter(kind=kind) if kind else found


def parties_seen_by(actor: Actor) -> QuerySet[Party]:
    """Those who deal with others see whom they can deal with; outsiders only themselves."""
    found = parties()
    if actor.has(Role.CARBON_MANAGER, Role.APPROVER, Role.FUND_MANAGER):
        return found
    return found.filter(id=actor.party_id) if actor.party_id else found.none()


def party_choices(actor: Actor) -> list[tuple[str, str]]:
    """For a select: the id and the name of everyone the actor may see."""
    return [(str(party.id), shown_name(party)) for party in parties_seen_by(actor)]


def get_user(user_id: UUID) -> User:
    """:raises NotFound: no such user"""
    try:
        return User.objects.get(id=user_id)
    except User.DoesNotExist as error:
        raise NotFound(f"user {user_id}") from error


def find_user_by_email(email: str) -> User | None:
    return User.objects.filter(email=email.strip().lower()).first()


def memberships_on(*, user_id: UUID, on: date) -> QuerySet[Membership]:
    """What a user holds on a day, at every party; the older first."""
    return (
        Membership.objects.filter(user_id=user_id, user__is_active=True, valid_from__lte=on)
        .filter(Q(valid_to=None) | Q(valid_to__gt=on))
        .select_related("party", "deputy_for__user")
        .order_by("valid_from", "id")
    )


def holders_of(role: str, *, on: date) -> QuerySet[Membership]:
    """Who holds a role at any party on a day."""
    return (
        Membership.objects.filter(role=role, user__is_active=True, valid_from__lte=on)
        .filter(Q(valid_to=None) | Q(valid_to__gt=on))
        .order_by("valid_from", "id")
    )


def actor_for(user_id: UUID, party_id: UUID | None, on: date) -> Actor:
    """The user as an actor for one party, with the roles held there that day, also as a deputy.

    Without a party or a role: an actor that may do nothing. Whoever has left holds nothing.
    """
    held = memberships_on(user_id=user_id, on=on).values_list("role", "party_id")
    roles = frozenset(Role(role) for role, at_party in held if at_party == party_id)
    return Actor(user_id=user_id, party_id=party_id, roles=roles)


def oneself(user_id: UUID) -> Actor:
    """Somebody on her own behalf: may keep her password, second factor, sessions, language."""
    return Actor(user_id=user_id, roles=frozenset({Role.PERSON}))


def system_actor() -> Actor:
    """The machine: jobs, the sequencer, commands."""
    return SYSTEM


def person_of(user_id: UUID) -> UUID:
    """The natural person behind a login; a machine is its own."""
    found = User.objects.filter(id=user_id).values_list("person_id", flat=True).first()
    return found or user_id


def has_left(user_id: UUID) -> bool:
    """Whether a person has left, or a machine was revoked."""
    left = User.objects.filter(id=user_id, is_active=False).exists()
    return left or ApiClient.objects.filter(id=user_id, revoked_at__isnull=False).exists()


def needs_second_factor(roles: Iterable[str]) -> bool:
    return not rules.NEEDS_SECOND_FACTOR.isdisjoint(Role(role) for role in roles)


def has_second_factor(user_id: UUID) -> bool:
    return bool(TOTPDevice.objects.filter(user_id=user_id, confirmed=True).exists())


def name_of(identifier: UUID | str | None) -> str:
    """The name to show for the id of a party, user or machine; the id itself if nobody has it."""
    return names_of([identifier]).get(_uuid(identifier), "") if identifier else ""


def names_of(identifiers: Iterable[UUID | str | None]) -> dict[UUID, str]:
    """Names for many ids at once: parties (in the reader's language), users, machines."""
    wanted = {_uuid(one) for one in identifiers if one}
    names = {one: str(one) for one in wanted}
    for party in Party.objects.filter(id__in=wanted):
        names[party.id] = shown_name(party)
    names |= dict(User.objects.filter(id__in=wanted).values_list("id", "name"))
    names |= dict(ApiClient.objects.filter(id__in=wanted).values_list("id", "name"))
    if SYSTEM_USER_ID in wanted:
        names[SYSTEM_USER_ID] = _("The system")
    return names


def name_column(column: str) -> Coalesce:
    """A user's or machine's name beside a column of ids, for lists: no query per row."""
    people = User.objects.filter(id=OuterRef(column)).values("name")[:1]
    machines = ApiClient.objects.filter(id=OuterRef(column)).values("name")[:1]
    return Coalesce(Subquery(people), Subquery(machines), Value("–"))


def shown_name(party: Party) -> str:
    """A party's name in the reader's language, or in Chinese where it has no English one."""
    return in_language(party.name_zh, party.name_en)


def _uuid(value: UUID | str | None) -> UUID:
    return value if isinstance(value, UUID) else UUID(str(value))


def live_sessions(*, user_id: UUID, at: datetime) -> Sequence[UserSession]:
    """The sessions in which a user is signed in, newest first."""
    alive = Session.objects.filter(expire_date__gt=at).values("session_key")
    found = UserSession.objects.filter(user_id=user_id, ended_at=None, session_key__in=alive)
    return list(found.order_by("-started_at"))


def secret_hash(secret: str) -> bytes:
    """Secrets of machines are 256 random bits: one round of SHA-256 is enough, and fast."""
    return hashlib.sha256(secret.encode()).digest()


def find_api_login(*, client_id: UUID, secret: str, at: datetime) -> ApiLogin | None:
    """The machine with this secret, or None: unknown, wrong, expired and revoked look the same."""
    client = ApiClient.objects.filter(id=client_id, revoked_at=None, expires_at__gt=at).first()
    if client is None:
        return None
    shown = secret_hash(secret)
    fits = secrets.compare_digest(shown, bytes(client.secret_hash))
    if client.old_secret_hash and client.old_secret_until_at and client.old_secret_until_at > at:
        fits |= secrets.compare_digest(shown, bytes(client.old_secret_hash))
    if not fits:
        return None
    actor = Actor(user_id=client.id, party_id=client.party_id, roles=frozenset({Role(client.role)}))
    return ApiLogin(actor=actor, scopes=frozenset(client.scopes))
