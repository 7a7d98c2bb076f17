"""What a person does for herself, as `queries.oneself(user_id)`: nobody else can do it for her."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.sessions.models import Session
from django_otp.oath import TOTP
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from ledger.audit import operations as audit
from ledger.doors.operation import operation
from ledger.kernel.actors import Actor
from ledger.kernel.errors import NotFound
from ledger.parties import queries, rules
from ledger.parties.models import User, UserSession
from ledger.parties.operations import members

RECOVERY_CODES = 10


@operation
def set_password(*, password: str, by: Actor, at: datetime) -> None:
    """Choose a password after following a mailed link; every session elsewhere ends.

    :raises WeakPassword: too easy to guess
    :raises UserHasLeft: the login is closed
    """
    user = _lock(by)
    members.apply_password(user, password)
    user.save(update_fields=["password"])
    members.end_sessions(user, by=by, at=at)
    _record("password.set", user, by=by, at=at)


@operation
def change_password(*, present: str, password: str, by: Actor, at: datetime) -> None:
    """Change one's password, knowing the present one; every session elsewhere ends.

    :raises WrongPassword: the present one does not fit
    :raises WeakPassword: too easy to guess
    """
    user = _lock(by)
    if not user.check_password(present):
        raise rules.WrongPassword
    members.apply_password(user, password)
    user.save(update_fields=["password"])
    members.end_sessions(user, by=by, at=at)
    _record("password.changed", user, by=by, at=at)


@operation
def choose_language(*, language: str, by: Actor, at: datetime) -> None:
    """Remember the language in which this person reads."""
    user = _lock(by)
    user.language = language
    user.save(update_fields=["language"])
    _record("language.chosen", user, by=by, at=at, data={"language": language})


@operation
def enrol_second_factor(*, key: str, code: str, by: Actor, at: datetime) -> list[str]:
    """Take an authenticator app into use: `key` is 40 hex digits, `code` what the app shows now.

    Returns the recovery codes: shown once, each usable once. A former factor is replaced.

    :raises WrongCode: the app does not have the key
    """
    user = _lock(by)
    totp = TOTP(bytes.fromhex(key))
    totp.time = at.timestamp()
    if not code.isdigit() or not totp.verify(int(code), tolerance=1):
        raise rules.WrongCode
    TOTPDevice.objects.filter(user=user).delete()
    # last_t: the code just shown cannot be shown again.
    TOTPDevice.objects.create(user=user, name="totp", key=key, confirmed=True, last_t=totp.t())
    _record("second_factor.enrolled", user, by=by, at=at)
    return _new_recovery_codes(user)


@operation
def make_recovery_codes(*, by: Actor, at: datetime) -> list[str]:
    """Ten new recovery codes; the old ones stop working.

    :raises NotFound: there is no second factor to recover
    """
    user = _lock(by)
    if not queries.has_second_factor(user.id):
        raise NotFound("no second factor")
    _record("recovery_codes.made", user, by=by, at=at)
    return _new_recovery_codes(user)


@operation
def remove_second_factor(*, by: Actor, at: datetime) -> None:
    """Go back to the password alone, where one's roles allow it.

    :raises SecondFactorNeeded: a role that is held today requires it
    """
    user = _lock(by)
    held = queries.memberships_on(user_id=user.id, on=at.date()).values_list("role", flat=True)
    if queries.needs_second_factor(held):
        raise rules.SecondFactorNeeded
    TOTPDevice.objects.filter(user=user).delete()
    StaticDevice.objects.filter(user=user).delete()
    _record("second_factor.removed", user, by=by, at=at)


@operation
def record_sign_in(
    *, session_key: str, device: str, address: str | None, factor: str, by: Actor, at: datetime
) -> UserSession:
    """Write down a new session. `factor` says what was shown: password, totp or recovery."""
    session = UserSession.objects.create(
        user_id=by.user_id,
        session_key=session_key,
        device=device[:200],
        address=address,
        started_at=at,
    )
    _record("user.signed_in", _lock(by), by=by, at=at, data={"factor": factor})
    return session


@operation
def record_lock_out(*, by: Actor, at: datetime) -> None:
    """Write down that too many failures have closed a login for a while."""
    _record("user.locked_out", User.objects.get(id=by.user_id), by=by, at=at)


@operation
def end_session(*, session_id: UUID, by: Actor, at: datetime) -> None:
    """End one of one's own sessions.

    :raises NotFound: not there, over, or somebody else's
    """
    found = UserSession.objects.select_for_update().filter(
        id=session_id, user_id=by.user_id, ended_at=None
    )
    session = found.first()
    if session is None:
        raise NotFound(f"session {session_id}")
    Session.objects.filter(session_key=session.session_key).delete()
    session.ended_at, session.ended_by = at, by.user_id
    session.save(update_fields=["ended_at", "ended_by"])
    _record("session.ended", session.user, by=by, at=at)


@operation
def end_all_sessions(*, by: Actor, at: datetime) -> None:
    """Sign out everywhere."""
    user = _lock(by)
    ended = members.end_sessions(user, by=by, at=at)
    _record("sessions.ended", user, by=by, at=at, data={"count": ended})


def _new_recovery_codes(user: User) -> list[str]:
    StaticDevice.objects.filter(user=user).delete()
    device = StaticDevice.objects.create(user=user, name="recovery", confirmed=True)
    codes = [StaticToken.random_token() for _ in range(RECOVERY_CODES)]
    StaticToken.objects.bulk_create(StaticToken(device=device, token=code) for code in codes)
    return codes


def _lock(by: Actor) -> User:
    return members.lock_user(by.user_id)


def _record(
    verb: str, user: User, *, by: Actor, at: datetime, data: Mapping[str, Any] | None = None
) -> None:
    audit.record(verb=verb, subject=f"parties.User:{user.id}", by=by, at=at, data=data)
