"""A pledged park and its bank, and attestations of the pledge."""

import json
from datetime import timedelta
from typing import Any, NamedTuple
from uuid import UUID

from ledger.audit import operations as audit
from ledger.audit import queries as log
from ledger.holds.models import Hold
from ledger.kernel.actors import SYSTEM, Actor, Role
from ledger.kernel.ids import new_id
from ledger.proofs import operations as proofs
from reporting.attestations import assembling, operations
from reporting.attestations.models import Attestation
from reporting.packages.verifier.trust import Policy
from tests.factories.holdings import holdings, pledge
from tests.factories.units import NOON, issued


class Pledged(NamedTuple):
    hold: Hold
    bank: Actor
    account_id: UUID
    lot_id: UUID


def officer(bank: UUID) -> Actor:
    return Actor(user_id=new_id(), party_id=bank, roles=frozenset({Role.BANK_OFFICER}))


def pledged(count: int = 300, *, of: int = 1000, serials: bool = True) -> Pledged:
    """Units of a park pledged to a bank of its own, between those of others."""
    account, lot_id = holdings(of, first=1 if serials else None, scheme="CCER")
    if serials:
        issued(account.pk, 70, lot_id=lot_id, first=of + 4001)
    bank = new_id()
    hold = pledge(account.pk, lot_id, count, in_favour_of=bank)
    return Pledged(hold, officer(bank), account.pk, lot_id)


def attest(made: Pledged, minutes: int = 0, **given: Any) -> Attestation:
    wanted: dict[str, Any] = {
        "by": made.bank,
        "at": NOON + timedelta(minutes=minutes),
        "idempotency_key": str(new_id()),
    }
    return operations.attest(hold_id=made.hold.pk, **{**wanted, **given})


def something_happens() -> None:
    """An event and a seal: the log grows."""
    audit.record(verb="thing.done", subject="things.Thing:1", by=SYSTEM, at=NOON)
    made = proofs.commit_state(by=SYSTEM, at=NOON)
    event = audit.record(verb="thing.done", subject="things.Thing:2", by=SYSTEM, at=NOON)
    audit.ensure_sealed(event_id=event, by=SYSTEM, at=NOON)
    assert made


def trust(*more: str) -> str:
    """What a reader of this ledger would have been given."""
    return "\n".join([*(f"log {key}" for key in log.checkpoint_keys()), *more])


def policy(*more: str) -> Policy:
    return Policy.parse(trust(*more))


def content(row: Attestation) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(row.document)
    return told


def signed_again(document: dict[str, Any]) -> bytes:
    """As somebody would who stole the ledger's key."""
    return assembling.signed({name: part for name, part in document.items() if name != "signature"})
