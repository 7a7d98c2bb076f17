"""What the acts of this room share: whose units."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from ledger.accounts import queries as accounts
from ledger.kernel.actors import Actor


def place_of(by: Actor, data: Mapping[str, Any]) -> tuple[UUID, UUID]:
    """The account and the lot: the form has offered the actor's own alone."""
    account_id, lot_id = map(UUID, data["place"].split(":"))
    return accounts.get_own_account(account_id, by=by).pk, lot_id
