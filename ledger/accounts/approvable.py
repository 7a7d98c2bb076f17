"""Trust in a counterparty, given and taken by two; `config/wiring.py` registers it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from ledger.accounts import models, operations, queries
from ledger.kernel.actors import Actor

Payload = Mapping[str, Any]

TRUST = "accounts.trust_account"
DISTRUST = "accounts.distrust_account"


def trust(payload: Payload, *, by: Actor, at: datetime, approval_id: UUID) -> Mapping[str, Any]:
    row = operations.trust_account(
        account_id=UUID(payload["account_id"]),
        reason=payload["reason"],
        by=by,
        at=at,
        approval_id=approval_id,
    )
    return {"trusted": str(row.pk), "from": row.trusted_from.isoformat()}


def distrust(payload: Payload, *, by: Actor, at: datetime, approval_id: UUID) -> Mapping[str, Any]:
    row = operations.distrust_account(
        trusted_id=UUID(payload["trusted_id"]),
        reason=payload["reason"],
        by=by,
        at=at,
        approval_id=approval_id,
    )
    return {"trusted": str(row.pk)}


def describe_trust(payload: Payload) -> list[str]:
    account = queries.get_account(UUID(payload["account_id"]))
    return [
        _("The account %(number)s (%(registry)s) goes on the list of trusted accounts.")
        % {"number": account.number, "registry": account.registry},
        _("It is trusted some working days after the approval; until then transfers to it wait."),
        _reason(payload),
    ]


def describe_distrust(payload: Payload) -> list[str]:
    row = models.TrustedAccount.objects.select_related("account").get(pk=payload["trusted_id"])
    return [
        _("The account %(number)s goes off the list of trusted accounts, at once.")
        % {"number": row.account.number},
        _("Transfers to it wait from then on, as to any new counterparty."),
        _reason(payload),
    ]


def _reason(payload: Payload) -> str:
    return _("Reason: %(reason)s.") % {"reason": payload["reason"]}


def fingerprint_trust(payload: Payload) -> Mapping[str, Any]:
    """Whether the account is open; one that is closed meanwhile is not trusted."""
    return {"state": str(queries.get_account(UUID(payload["account_id"])).state)}


def fingerprint_distrust(payload: Payload) -> Mapping[str, Any]:
    row = models.TrustedAccount.objects.get(pk=payload["trusted_id"])
    return {"is_listed": row.removed_at is None}
