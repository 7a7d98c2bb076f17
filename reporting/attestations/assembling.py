"""An attestation put together: what is stated, its proofs, and the ledger's signature."""

import hashlib
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from ledger.audit import keys
from ledger.audit import queries as log
from ledger.audit.notes import sign_note
from ledger.instruments import queries as instruments
from ledger.kernel.canonical import canonical_json
from ledger.kernel.errors import NotFound
from ledger.parties import queries as parties
from ledger.proofs import queries as proofs
from ledger.proofs.queries import NoStateProof
from ledger.reconciliation import queries as reconciliation
from ledger.units import queries as units
from reporting.attestations.models import Attestation
from reporting.attestations.rules import StateNotCommitted
from reporting.packages.verifier.attestation import PLACED, TYPE, signed_text

# What finance knows of a pledge, put in place in config.
FINANCE_PARTS = ("facility", "contract", "registrations", "valuation")
Teller = Callable[[UUID, date], Mapping[str, Any]]
finance: list[Teller] = []

EVIDENCE = {
    "en": "This is evidence from the books of this ledger. It is not the constitutive registration "
    "of a pledge and does not replace it.",
    "zh": "本证明是本账簿所载事实的证据，不是质权的设立登记，也不能代替设立登记。",
}


class Proofs(NamedTuple):
    pledge: dict[str, Any]
    commitment: dict[str, Any]
    state: dict[str, Any]

    @property
    def checkpoint(self) -> str:
        return str(self.pledge["checkpoint"])

    @property
    def size(self) -> int:
        return int(self.checkpoint.split("\n", 2)[1])


def proofs_of(hold: Any, *, since: int = 0) -> Proofs:
    """All under one checkpoint, and of exactly the units that the pledge controls now.

    Where witnesses are wanted it is the newest checkpoint that enough of them have signed.

    :raises StateNotCommitted: no such checkpoint covers the pledge as it stands, or none that is
        as large as `since`
    """
    under = log.witnessed_checkpoint()
    if under is None or under.tree_size < since:
        raise StateNotCommitted
    try:
        told = proofs.get_state_proof(hold.pk, under=under)
        pledge = log.get_inclusion_proof(placed(hold.pk), under=under)
    except (NoStateProof, log.NotSealedYet) as early:
        raise StateNotCommitted from early
    if count_units(told["state"]) != hold.controlled_count:
        raise StateNotCommitted
    return Proofs(pledge, told["commitment"], told["state"])


def placed(hold_id: UUID) -> UUID:
    """The event by which the pledge came into the ledger."""
    event = log.events_of(f"holds.Hold:{hold_id}").filter(verb__in=PLACED).first()
    if event is None:
        raise StateNotCommitted
    found: UUID = event.event_id
    return found


def count_units(state: Mapping[str, Any]) -> int:
    return sum(one["last"] - one["first"] + 1 for one in state["ranges"])


def assemble(
    *, attestation_id: UUID, number: str, hold: Any, before: Attestation | None, at: datetime
) -> tuple[bytes, int]:
    """The bytes of the document, and how many events its checkpoint covers.

    :raises StateNotCommitted: too early
    """
    found = proofs_of(hold, since=before.checkpoint_size if before else 0)
    consistency = None
    if before is not None:
        under = log.Shown(found.size, found.checkpoint)
        consistency = log.get_consistency_proof(before.checkpoint_size, found.size, under=under)
    head = {"id": str(attestation_id), "number": number, "issued_at": at}
    said = {**head, **_stated(hold, found, at), "supersedes": _superseded(before)}
    document: dict[str, Any] = {
        "type": TYPE,
        "statement": said,
        "proofs": {**found._asdict(), "consistency": consistency},
    }
    return signed(document), found.size


def signed(document: dict[str, Any]) -> bytes:
    """The canonical file with the signature of the log's key in it."""
    import json

    signer = keys.key_store().signer(keys.CHECKPOINT_KEY)
    plain = json.loads(canonical_json(document))
    text = signed_text(signer.verifier.name, plain)
    return canonical_json({**plain, "signature": sign_note(text, [signer])})


def sha256_of(document: bytes) -> str:
    return hashlib.sha256(document).hexdigest()


def _superseded(before: Attestation | None) -> dict[str, Any] | None:
    if before is None:
        return None
    return {"number": before.number, "sha256": before.sha256, "size": before.checkpoint_size}


def _stated(hold: Any, found: Proofs, at: datetime) -> dict[str, Any]:
    import json

    event = json.loads(found.pledge["body"])
    commitment = json.loads(found.commitment["body"])
    lot, account = units.get_lot(hold.lot_id), hold.account
    return {
        "words": EVIDENCE,
        "pledge": _pledge(hold, lot, placed_at=event["at"]),
        "creditor": _party(hold.in_favour_of),
        "pledgor": _party(account.holder_id),
        "account": {"registry": account.registry_id, "number": account.number},
        "units": _units(lot),
        "ranges": [[one["first"], one["last"]] for one in found.state["ranges"]],
        "book": found.state["book"],
        "issued_units": found.state["issued_units"],
        "committed_at": commitment["at"],
        "checkpoint": found.checkpoint,
        "reconciliation": _reconciliation(hold.account_id, lot),
        **_of_finance(hold.pk, at.date()),
    }


def _pledge(hold: Any, lot: Any, *, placed_at: str) -> dict[str, Any]:
    named = ("kind", "state", "rank", "unit_count", "remaining_count", "controlled_count")
    return {
        **{name: getattr(hold, name) for name in named},
        "id": str(hold.pk),
        "account_id": str(hold.account_id),
        "lot_id": str(hold.lot_id),
        "lot": lot.code,
        "creditor_id": str(hold.in_favour_of),
        "order_number": hold.order_number,
        "expires_on": hold.expires_on,
        "placed_at": placed_at,
    }


def _party(party_id: UUID) -> dict[str, Any]:
    """Names as they are today; a party that only the log knows has its id alone."""
    try:
        party = parties.get_party(party_id)
    except NotFound:
        return {"id": str(party_id), "name_zh": "", "name_en": "", "uscc": ""}
    return {
        "id": str(party_id),
        "name_zh": party.name_zh,
        "name_en": party.name_en,
        "uscc": party.uscc,
    }


def _units(lot: Any) -> dict[str, Any]:
    return {
        "scheme": lot.scheme,
        "vintage_year": lot.vintage_year,
        "measure": instruments.measures()[lot.scheme],
        "serials": "/".join(lot.space) if lot.space else None,
    }


def _reconciliation(account_id: UUID, lot: Any) -> dict[str, Any]:
    """The newest standing statement of the registry, and whether the books agree with it."""
    statement = reconciliation.newest_statement(account_id)
    breaks = reconciliation.blocking_breaks(account_id, lot.scheme, lot.vintage_year).count()
    overrides = reconciliation.overrides_touching(account_ids=[account_id], lot=lot)
    status = "NONE" if statement is None else "DIFFERS" if breaks else "AGREES"
    return {
        "status": status,
        "statement_on": statement and statement.as_of_on,
        "statement_sha256": statement.file_sha256 if statement else "",
        "open_breaks": breaks,
        "overrides": [
            {
                "reason": one.reason,
                "valid_from": one.valid_from,
                "expires_on": one.expires_on,
                "entries": len(one.entry_ids),
            }
            for one in overrides
        ],
    }


def _of_finance(hold_id: UUID, on: date) -> dict[str, Any]:
    """Facility, contract, registrations and valuation; null where nobody tells them."""
    told: dict[str, Any] = dict.fromkeys(FINANCE_PARTS)
    for teller in finance:
        told.update({name: part for name, part in teller(hold_id, on).items() if name in told})
    return {**told, "absent": [name for name in FINANCE_PARTS if told[name] is None]}
