"""Tokens of machines: given for a secret, good for some minutes, taken back at once (RFC 6749)."""

import secrets
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from ledger.audit import operations as audit
from ledger.doors.operation import operation
from ledger.kernel.actors import Actor
from ledger.parties import queries, rules
from ledger.parties.models import AccessToken


def give_token(
    *, client_id: UUID, secret: str, scopes: Iterable[str], at: datetime
) -> tuple[AccessToken, str]:
    """A token for the machine that has this secret; returns it with its text, shown only now.

    :raises InvalidClient: unknown, wrong, expired and revoked look the same
    :raises InvalidScope: more is asked for than the client may
    """
    login = queries.find_api_login(client_id=client_id, secret=secret, at=at)
    if login is None:
        raise rules.InvalidClient
    granted = rules.scopes_granted(scopes, login.scopes)
    return issue_token(scopes=granted, by=login.actor, at=at)


@operation
def issue_token(*, scopes: Iterable[str], by: Actor, at: datetime) -> tuple[AccessToken, str]:
    """Write down the token of a machine that has been recognised; only its hash is kept."""
    client, text = queries.get_api_client(by.user_id), secrets.token_urlsafe(32)
    token = AccessToken.objects.create(
        client=client,
        token_hash=queries.secret_hash(text),
        scopes=sorted(scopes),
        created_at=at,
        expires_at=min(at + rules.TOKEN_LASTS, client.expires_at),
    )
    audit.record(
        verb="access_token.issued",
        subject=f"parties.ApiClient:{client.pk}",
        by=by,
        at=at,
        data={"token": str(token.pk), "scopes": token.scopes, "expires_at": token.expires_at},
    )
    return token, text


@operation
def revoke_token(*, token: str, by: Actor, at: datetime) -> None:
    """Take a token of one's own back (RFC 7009); any other text changes nothing."""
    row = (
        AccessToken.objects.select_for_update()
        .filter(token_hash=queries.secret_hash(token), client_id=by.user_id, revoked_at=None)
        .first()
    )
    if row is None:
        return
    row.revoked_at, row.revoked_by = at, by.user_id
    row.save(update_fields=["revoked_at", "revoked_by"])
    audit.record(
        verb="access_token.revoked",
        subject=f"parties.ApiClient:{row.client_id}",
        by=by,
        at=at,
        data={"token": str(row.pk)},
    )
