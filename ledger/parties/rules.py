"""What is true of legal persons, people and their roles, decided from values alone."""

import re
from collections.abc import Iterable, Mapping
from datetime import date, timedelta

from ledger.kernel.actors import GRANTABLE, Role
from ledger.kernel.errors import N_, DomainError

# GB 32100-2015: no I, O, S, V, Z; weights are powers of three modulo 31.
USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
USCC_WEIGHTS = tuple(pow(3, place, 31) for place in range(17))

NEEDS_SECOND_FACTOR = frozenset(
    {Role.APPROVER, Role.BANK_OFFICER, Role.VERIFIER, Role.ADMINISTRATOR}
)
# Whoever keeps users and settings moves nothing and signs nothing, at any party (I44).
NOT_WITH_ADMINISTRATOR = GRANTABLE - {Role.ADMINISTRATOR, Role.AUDITOR}
# These two roles mean an outside look: only such a party has them to give.
ROLE_NEEDS_KIND: Mapping[Role, str] = {Role.BANK_OFFICER: "BANK", Role.VERIFIER: "VERIFIER"}
# A machine is no second pair of eyes and keeps no users.
API_ROLES = GRANTABLE - {Role.APPROVER, Role.ADMINISTRATOR, Role.VERIFIER}
# What a bank's machine may be let do at the bank's door, and nowhere else.
BANK_SCOPES = frozenset({"pledges:read", "pledges:decide", "attestations", "webhooks"})
SCOPES = frozenset({"read", "write"}) | BANK_SCOPES
TOKEN_LASTS = timedelta(minutes=10)

LONGEST_DEPUTY = timedelta(days=366)
SECRET_OVERLAP = timedelta(days=1)
SESSION_AT_MOST = timedelta(hours=12)


class OddUscc(DomainError):
    code = "odd_uscc"
    message = N_("%(uscc)s is not a unified social credit code: its check digit does not fit.")


class OddRegion(DomainError):
    code = "odd_region"
    message = N_("A region code has six digits (GB/T 2260), not %(region)s.")


class UsccTaken(DomainError):
    code = "uscc_taken"
    message = N_("A party with the code %(uscc)s exists already.")


class EmailTaken(DomainError):
    code = "email_taken"
    message = N_("A user with this e-mail address exists already.")


class NoSuchRole(DomainError):
    code = "no_such_role"
    message = N_("%(role)s is not a role that can be granted.")


class WrongKindOfParty(DomainError):
    code = "wrong_kind_of_party"
    message = N_("The role %(role)s can only be held at a party of the kind %(kind)s.")


class RolesClash(DomainError):
    code = "roles_clash"
    message = N_("An administrator of the system cannot also hold the role %(role)s.")


class RoleHeldAlready(DomainError):
    code = "role_held_already"
    message = N_("This person holds the role already in that time.")


class NotForOneself(DomainError):
    code = "not_for_oneself"
    message = N_("Nobody may give a role to herself.")


class OddPeriod(DomainError):
    code = "odd_period"
    message = N_("The end lies before the beginning.")


class OutsideHolding(DomainError):
    code = "outside_holding"
    message = N_("A deputy can stand in only while the role itself is held, and at most a year.")


class RoleOver(DomainError):
    code = "role_over"
    message = N_("This role has ended already.")


class UserHasLeft(DomainError):
    code = "user_has_left"
    message = N_("This person has left and cannot act any more.")


class LastAdministrator(DomainError):
    code = "last_administrator"
    message = N_("The last administrator of the system cannot be taken away.")


class WrongCode(DomainError):
    code = "wrong_code"
    message = N_("The code is wrong or has been used already.")


class WrongPassword(DomainError):
    code = "wrong_password"
    message = N_("The present password is wrong.")


class WeakPassword(DomainError):
    code = "weak_password"
    message = N_("The password is too easy to guess: at least 12 characters, not a common one.")


class LinkUsed(DomainError):
    code = "link_used"
    message = N_("This link has expired or was used already. Ask for a new one.")


class SecondFactorNeeded(DomainError):
    code = "second_factor_needed"
    message = N_("Your roles require a second factor; it cannot be taken away.")


class OddScope(DomainError):
    code = "odd_scope"
    message = N_("%(scope)s is not a scope of the API.")


class NoRoleForMachines(DomainError):
    code = "no_role_for_machines"
    message = N_("An API client cannot hold the role %(role)s.")


class InvalidClient(DomainError):
    """RFC 6749, 5.2."""

    code = "invalid_client"
    message = N_("The client id or its secret is not valid.")


class InvalidScope(DomainError):
    """RFC 6749, 5.2."""

    code = "invalid_scope"
    message = N_("This client has no scope %(scope)s.")


class ClientRevoked(DomainError):
    code = "client_revoked"
    message = N_("This API client was revoked.")


def check_uscc(uscc: str) -> None:
    """GB 32100-2015: eighteen characters, the last one computed from the others.

    :raises OddUscc: wrong length, character or check digit
    """
    if len(uscc) != 18 or any(letter not in USCC_ALPHABET for letter in uscc):
        raise OddUscc(uscc=uscc)
    pairs = zip(uscc, USCC_WEIGHTS, strict=False)
    total = sum(USCC_ALPHABET.index(letter) * weight for letter, weight in pairs)
    if USCC_ALPHABET[-total % 31] != uscc[17]:
        raise OddUscc(uscc=uscc)


def check_region(region: str) -> None:
    """:raises OddRegion: not six digits"""
    if not re.fullmatch(r"[1-9]\d{5}", region, flags=re.ASCII):
        raise OddRegion(region=region)


def check_period(*, valid_from: date, valid_to: date | None) -> None:
    """:raises OddPeriod: it ends before it begins"""
    if valid_to is not None and valid_to < valid_from:
        raise OddPeriod


def check_role_fits_party(*, role: str, kind: str) -> None:
    """:raises NoSuchRole: not a role that people hold
    :raises WrongKindOfParty: bank officers belong to banks, verifiers to verifiers
    """
    if role not in GRANTABLE:
        raise NoSuchRole(role=role)
    wanted = ROLE_NEEDS_KIND.get(Role(role))
    if wanted and wanted != kind:
        raise WrongKindOfParty(role=role, kind=wanted)


def check_roles_together(*, role: str, held: Iterable[str]) -> None:
    """Whoever administers the system neither moves units nor approves, anywhere (I44).

    :raises RolesClash: the new role and one that is held exclude each other
    """
    others = set(held)
    if role == Role.ADMINISTRATOR and (clash := others & NOT_WITH_ADMINISTRATOR):
        raise RolesClash(role=min(clash))
    if Role.ADMINISTRATOR in others and role in NOT_WITH_ADMINISTRATOR:
        raise RolesClash(role=role)


def check_deputy_period(
    *, valid_from: date, valid_to: date, held_from: date, held_to: date | None
) -> None:
    """:raises OutsideHolding: longer than a year, or not within the holder's own time"""
    check_period(valid_from=valid_from, valid_to=valid_to)
    too_long = valid_to - valid_from > LONGEST_DEPUTY
    if too_long or valid_from < held_from or (held_to is not None and valid_to > held_to):
        raise OutsideHolding


def check_api_client(*, role: str, scopes: Iterable[str]) -> None:
    """:raises NoRoleForMachines: approvers, verifiers and administrators are people
    :raises OddScope: a scope that does not exist, or is not for this role
    """
    if role not in API_ROLES:
        raise NoRoleForMachines(role=role)
    known = SCOPES if role == Role.BANK_OFFICER else SCOPES - BANK_SCOPES
    for scope in scopes:
        if scope not in known:
            raise OddScope(scope=scope)


def scopes_granted(wanted: Iterable[str], held: Iterable[str]) -> list[str]:
    """What a token may do: what was asked for, or, when nothing was, all that the client may.

    :raises InvalidScope: more than the client has, or nothing at all
    """
    asked, own = set(wanted), set(held)
    if strange := sorted(asked - own):
        raise InvalidScope(scope=strange[0])
    granted = sorted(asked or own)
    if not granted:
        raise InvalidScope(scope="")
    return granted
