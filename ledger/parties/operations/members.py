"""Users and the roles they hold. Names and addresses never enter the log: only opaque ids do."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.contrib.auth.password_validation import validate_password
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.db.models import Q
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice

from ledger.audit import operations as audit
from ledger.doors.operation import operation
from ledger.kernel.actors import Actor, Role
from ledger.kernel.errors import NotAllowed, NotFound
from ledger.parties import queries, rules
from ledger.parties.models import Membership, Party, User, UserSession


@operation
def invite_user(
    *,
    email: str,
    name: str,
    by: Actor,
    at: datetime,
    language: str = "zh-hans",
    same_person_as: UUID | None = None,
) -> User:
    """Make a login without a password; the door mails the link with which one is chosen.

    `same_person_as`: another login of the same human being, so that the two never count as
    maker and checker of one thing (I34).

    :raises EmailTaken: somebody has this address
    """
    user = _new_user(email=email, name=name, language=language)
    if same_person_as is not None:
        user.person_id = queries.get_user(same_person_as).person_id
    user.set_unusable_password()
    user.save()
    _record("user.invited", user, by=by, at=at, data={"row": user_row(user)})
    return user


@operation
def set_up_user(
    *,
    email: str,
    name: str,
    password: str,
    by: Actor,
    at: datetime,
    language: str = "zh-hans",
    totp_key: str = "",
) -> User:
    """A machine prepares a login with a password and, if given, a second factor (40 hex digits).

    For the first administrator and the demonstration.

    :raises EmailTaken: somebody has this address
    :raises WeakPassword: too easy to guess
    """
    user = _new_user(email=email, name=name, language=language)
    apply_password(user, password)
    user.save()
    if totp_key:
        TOTPDevice.objects.create(user=user, name="totp", key=totp_key, confirmed=True)
    data = {"row": user_row(user), "second_factor": bool(totp_key)}
    _record("user.set_up", user, by=by, at=at, data=data)
    return user


def _new_user(*, email: str, name: str, language: str) -> User:
    email = email.strip().lower()
    if User.objects.filter(email=email).exists():
        raise rules.EmailTaken
    return User(email=email, name=name, language=language)


def apply_password(user: User, password: str) -> None:
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise rules.WeakPassword from error
    user.set_password(password)


@operation
def grant_role(
    *,
    user_id: UUID,
    party_id: UUID,
    role: str,
    valid_from: date,
    by: Actor,
    at: datetime,
    valid_to: date | None = None,
) -> Membership:
    """Let a user act in a role for a party, from a day until before another.

    :raises NotForOneself: the giver is the same natural person
    :raises RolesClash: an administrator of the system moves no units, at any party (I44)
    :raises WrongKindOfParty, NoSuchRole, OddPeriod, UserHasLeft, RoleHeldAlready, NotFound
    """
    user = lock_user(user_id)
    if not by.is_machine and queries.person_of(by.user_id) == user.person_id:
        raise rules.NotForOneself
    rules.check_period(valid_from=valid_from, valid_to=valid_to)
    rules.check_role_fits_party(role=role, kind=queries.get_party(party_id).kind)
    _check_roles_together(user, role, valid_from=valid_from, valid_to=valid_to)
    return _give(
        user=user,
        party_id=party_id,
        role=role,
        valid_from=valid_from,
        valid_to=valid_to,
        deputy_for=None,
        by=by,
        at=at,
    )


@operation
def appoint_deputy(
    *,
    membership_id: UUID,
    user_id: UUID,
    valid_from: date,
    valid_to: date,
    by: Actor,
    at: datetime,
) -> Membership:
    """Let another user hold one's role for a time; she is shown as a deputy.

    The holder does it herself, or an administrator does.

    :raises NotAllowed: neither the holder nor an administrator
    :raises NotForOneself: an administrator appoints herself, or a holder names herself
    :raises OutsideHolding: longer than a year or than the role is held
    :raises RolesClash, UserHasLeft, RoleHeldAlready, NotFound
    """
    held = Membership.objects.filter(id=membership_id).select_related("user").first()
    if held is None or held.deputy_for_id is not None:
        raise NotFound(f"membership {membership_id}")
    if held.user_id != by.user_id and not by.has(Role.ADMINISTRATOR, Role.SYSTEM):
        raise NotAllowed("only the holder or an administrator appoints a deputy")
    user = lock_user(user_id)
    if user.person_id in {held.user.person_id, queries.person_of(by.user_id)}:
        raise rules.NotForOneself
    rules.check_deputy_period(
        valid_from=valid_from,
        valid_to=valid_to,
        held_from=held.valid_from,
        held_to=held.valid_to,
    )
    _check_roles_together(user, held.role, valid_from=valid_from, valid_to=valid_to)
    return _give(
        user=user,
        party_id=held.party_id,
        role=held.role,
        valid_from=valid_from,
        valid_to=valid_to,
        deputy_for=held,
        by=by,
        at=at,
    )


@operation
def revoke_role(
    *, membership_id: UUID, on: date, by: Actor, at: datetime, reason: str
) -> Membership:
    """End a role before the given day; whoever deputises for it ends with it.

    :raises RoleOver: it has ended already
    :raises LastAdministrator: nobody would be left to keep the users
    :raises NotFound: no such membership
    """
    membership = Membership.objects.filter(id=membership_id).first()
    if membership is None:
        raise NotFound(f"membership {membership_id}")
    lock_user(membership.user_id, even_if_left=True)
    membership = Membership.objects.select_for_update().get(id=membership_id)
    if membership.valid_to is not None and membership.valid_to <= on:
        raise rules.RoleOver
    _check_not_last_administrator([membership], on=on)
    _end(membership, on=on, by=by, at=at, reason=reason)
    return membership


@operation
def deactivate_user(*, user_id: UUID, on: date, by: Actor, at: datetime, reason: str) -> User:
    """Somebody leaves: the login closes, every session and every role ends, deputies with them.

    :raises UserHasLeft: done already
    :raises LastAdministrator: nobody would be left to keep the users
    :raises NotForOneself: the leaver cannot be the one who closes the login
    """
    user = lock_user(user_id)
    if queries.person_of(by.user_id) == user.person_id:
        raise rules.NotForOneself
    held = list(
        Membership.objects.select_for_update()
        .filter(Q(user=user) & (Q(valid_to=None) | Q(valid_to__gt=on)))
        .order_by("id")
    )
    _check_not_last_administrator(held, on=on)
    for membership in held:
        _end(membership, on=on, by=by, at=at, reason=reason)
    end_sessions(user, by=by, at=at)
    user.is_active, user.left_at, user.left_by = False, at, by.user_id
    user.set_unusable_password()
    user.save(update_fields=["is_active", "left_at", "left_by", "password"])
    _record("user.left", user, by=by, at=at, reason=reason, data={"row": user_row(user)})
    return user


@operation
def reset_second_factor(*, user_id: UUID, by: Actor, at: datetime, reason: str) -> None:
    """Take away a lost second factor and its recovery codes; the next sign-in sets up a new one.

    :raises NotForOneself: nobody resets her own
    """
    user = lock_user(user_id)
    if not by.is_machine and queries.person_of(by.user_id) == user.person_id:
        raise rules.NotForOneself
    TOTPDevice.objects.filter(user=user).delete()
    StaticDevice.objects.filter(user=user).delete()
    end_sessions(user, by=by, at=at)
    _record("second_factor.reset", user, by=by, at=at, reason=reason)


@operation
def end_lock_out(*, user_id: UUID, by: Actor, at: datetime) -> None:
    """Write down that a lock-out after failed attempts was ended by hand; the door ends it.

    :raises UserHasLeft: the login is closed for good
    """
    _record("user.lock_out_ended", lock_user(user_id), by=by, at=at)


def end_sessions(user: User, *, by: Actor, at: datetime) -> int:
    """End every session of a user at once, also those that nobody wrote down."""
    live = UserSession.objects.filter(user=user, ended_at=None)
    Session.objects.filter(session_key__in=live.values("session_key")).delete()
    ended = live.update(ended_at=at, ended_by=by.user_id)
    user.session_round += 1
    user.save(update_fields=["session_round"])
    return ended


def lock_user(user_id: UUID, *, even_if_left: bool = False) -> User:
    user = User.objects.select_for_update().filter(id=user_id).first()
    if user is None:
        raise NotFound(f"user {user_id}")
    if not user.is_active and not even_if_left:
        raise rules.UserHasLeft
    return user


def _overlapping(*, valid_from: date, valid_to: date | None) -> Q:
    begins_before = Q() if valid_to is None else Q(valid_from__lt=valid_to)
    return begins_before & (Q(valid_to=None) | Q(valid_to__gt=valid_from))


def _check_roles_together(
    user: User, role: str, *, valid_from: date, valid_to: date | None
) -> None:
    """Compared over all logins of the same natural person."""
    held = Membership.objects.filter(user__person_id=user.person_id).filter(
        _overlapping(valid_from=valid_from, valid_to=valid_to)
    )
    rules.check_roles_together(role=role, held=held.values_list("role", flat=True))


def _check_not_last_administrator(ending: list[Membership], *, on: date) -> None:
    ids = [one.id for one in ending if one.role == Role.ADMINISTRATOR]
    if not ids:
        return
    left = (
        Membership.objects.select_for_update()
        .filter(role=Role.ADMINISTRATOR, user__is_active=True, valid_from__lte=on)
        .filter(Q(valid_to=None) | Q(valid_to__gt=on), deputy_for=None)
        .order_by("id")
    )
    if all(one.id in ids for one in left):
        raise rules.LastAdministrator


def _give(
    *,
    user: User,
    party_id: UUID,
    role: str,
    valid_from: date,
    valid_to: date | None,
    deputy_for: Membership | None,
    by: Actor,
    at: datetime,
) -> Membership:
    same = Membership.objects.filter(user=user, party_id=party_id, role=role, deputy_for=deputy_for)
    if same.filter(_overlapping(valid_from=valid_from, valid_to=valid_to)).exists():
        raise rules.RoleHeldAlready
    membership = Membership.objects.create(
        user=user,
        party=Party.objects.get(id=party_id),
        role=role,
        valid_from=valid_from,
        valid_to=valid_to,
        deputy_for=deputy_for,
    )
    verb = "deputy.appointed" if deputy_for else "role.granted"
    _record_membership(verb, membership, by=by, at=at)
    return membership


def _end(membership: Membership, *, on: date, by: Actor, at: datetime, reason: str) -> None:
    for deputy in membership.deputies.select_for_update().order_by("id"):
        if deputy.valid_to is None or deputy.valid_to > on:
            _end(deputy, on=on, by=by, at=at, reason=reason)
    membership.valid_to = max(on, membership.valid_from)
    membership.save(update_fields=["valid_to"])
    _record_membership("role.ended", membership, by=by, at=at, reason=reason)


def user_row(user: User) -> dict[str, Any]:
    """What the log keeps of a login: who the human being is and whether she may act; no names."""
    return {
        "person": user.person_id,
        "is_active": user.is_active,
        "left": [user.left_at, user.left_by],
    }


def membership_row(membership: Membership) -> dict[str, Any]:
    """What the log keeps of a membership; `checks.py` compares the table with it."""
    return {
        "user": str(membership.user_id),
        "party": str(membership.party_id),
        "role": str(membership.role),
        "valid_from": membership.valid_from.isoformat(),
        "valid_to": membership.valid_to.isoformat() if membership.valid_to else None,
        "deputy_for": str(membership.deputy_for_id) if membership.deputy_for_id else None,
    }


def _record_membership(
    verb: str, membership: Membership, *, by: Actor, at: datetime, reason: str = ""
) -> None:
    audit.record(
        verb=verb,
        subject=f"parties.Membership:{membership.id}",
        by=by,
        at=at,
        data={"row": membership_row(membership)},
        reason=reason,
    )


def _record(
    verb: str,
    user: User,
    *,
    by: Actor,
    at: datetime,
    data: Mapping[str, Any] | None = None,
    reason: str = "",
) -> None:
    subject = f"parties.User:{user.id}"
    audit.record(verb=verb, subject=subject, by=by, at=at, data=data, reason=reason)
