"""API clients: machines of a party. A secret is shown once; only its hash is kept."""

import secrets
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from ledger.audit import operations as audit
from ledger.doors.operation import operation
from ledger.kernel.actors import Actor
from ledger.kernel.errors import NotFound
from ledger.parties import queries, rules
from ledger.parties.models import ApiClient


@operation
def make_api_client(
    *,
    party_id: UUID,
    name: str,
    role: str,
    scopes: Iterable[str],
    expires_at: datetime,
    by: Actor,
    at: datetime,
) -> tuple[ApiClient, str]:
    """A machine that acts for a party in one role; returns it with its secret, shown only now.

    :raises NoRoleForMachines: approvers, verifiers and administrators are people
    :raises OddScope: a scope that does not exist
    :raises OddPeriod: it would expire before it begins
    :raises WrongKindOfParty, NotFound
    """
    scopes = sorted(set(scopes))
    party = queries.get_party(party_id)
    rules.check_api_client(role=role, scopes=scopes)
    rules.check_role_fits_party(role=role, kind=party.kind)
    if expires_at <= at:
        raise rules.OddPeriod
    secret = secrets.token_urlsafe(32)
    client = ApiClient.objects.create(
        party=party,
        name=name,
        role=role,
        scopes=scopes,
        expires_at=expires_at,
        secret_hash=queries.secret_hash(secret),
        created_at=at,
        created_by=by.user_id,
    )
    _record("api_client.made", client, by=by, at=at)
    return client, secret


@operation
def rotate_api_secret(
    *, client_id: UUID, expires_at: datetime, by: Actor, at: datetime
) -> tuple[ApiClient, str]:
    """A new secret, shown only now; the old one still works for a day.

    :raises ClientRevoked: it was revoked
    :raises OddPeriod: it would expire before it begins
    :raises NotFound: no such client
    """
    client = _lock(client_id)
    if expires_at <= at:
        raise rules.OddPeriod
    secret = secrets.token_urlsafe(32)
    client.old_secret_hash = client.secret_hash
    client.old_secret_until_at = at + rules.SECRET_OVERLAP
    client.secret_hash, client.expires_at = queries.secret_hash(secret), expires_at
    client.save(
        update_fields=["old_secret_hash", "old_secret_until_at", "secret_hash", "expires_at"]
    )
    _record("api_client.secret_rotated", client, by=by, at=at)
    return client, secret


@operation
def revoke_api_client(*, client_id: UUID, by: Actor, at: datetime, reason: str) -> None:
    """Close a machine's access at once, old secret included.

    :raises ClientRevoked: done already
    :raises NotFound: no such client
    """
    client = _lock(client_id)
    client.revoked_at, client.revoked_by = at, by.user_id
    client.old_secret_hash = client.old_secret_until_at = None
    client.save(
        update_fields=["revoked_at", "revoked_by", "old_secret_hash", "old_secret_until_at"]
    )
    _record("api_client.revoked", client, by=by, at=at, reason=reason)


def _lock(client_id: UUID) -> ApiClient:
    client = ApiClient.objects.select_for_update().filter(id=client_id).first()
    if client is None:
        raise NotFound(f"API client {client_id}")
    if client.revoked_at is not None:
        raise rules.ClientRevoked
    return client


def client_row(client: ApiClient) -> dict[str, Any]:
    """What the log keeps of an API client; `checks.py` compares the table with it."""
    return {
        "party": str(client.party_id),
        "name": client.name,
        "role": client.role,
        "scopes": list(client.scopes),
        "expires_at": client.expires_at,
        "created": [client.created_at, client.created_by],
        "revoked": [client.revoked_at, client.revoked_by],
    }


def _record(verb: str, client: ApiClient, *, by: Actor, at: datetime, reason: str = "") -> None:
    audit.record(
        verb=verb,
        subject=f"parties.ApiClient:{client.id}",
        by=by,
        at=at,
        data={"row": client_row(client)},
        reason=reason,
    )
