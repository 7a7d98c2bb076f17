"""An attestation put together: what is stated, its proofs, and the ledger's signature."""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.utils import timezone

from ledger.audit import keys
from ledger.audit import queries as log
from ledger.audit.notes import sign_note
from ledger.instruments import queries as instruments
from ledger.kernel.canonical import canonical_json
from ledger.parties import queries as parties
from ledger.proofs import queries as proofs
from ledger.proofs.queries import NoStateProof
from ledger.reconciliation import queries as reconciliation
from ledger.units import queries as units
from reporting.attestations.models import Attestation
from reporting.attestations.rules import StateNotCommitted
from reporting.packages.verifier.attestation import PLACED, TYPE, canonical, signed_text

# What finance knows of a pledge, put in place in config.
FINANCE_PARTS = ("facility", "contract", "registrations", "valuation")
Teller = Callable[[Sequence[UUID], date], Mapping[UUID, Mapping[str, Any]]]
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


class Wanted(NamedTuple):
    """An attestation to be made, and the former one of the same pledge."""

    id: UUID
    number: str
    hold: Any
    before: Attestation | None


def proofs_of(holds: Sequence[Any], *, since: int = 0) -> dict[UUID, Proofs]:
    """All under one checkpoint, and of exactly the units that the pledges control now.

    Where witnesses are wanted it is the newest checkpoint that enough of them have signed.

    :raises StateNotCommitted: no such checkpoint covers the pledges as they stand, or none that is
        as large as `since`
    """
    under = log.witnessed_checkpoint()
    if under is None or under.tree_size < since:
        raise StateNotCommitted
    events = _placed([hold.pk for hold in holds])
    try:
        states = proofs.get_state_proofs(list(events), under=under)
        pledges = log.get_inclusion_proofs(list(events.values()), under=under)
    except (NoStateProof, log.NotSealedYet) as early:
        raise StateNotCommitted from early
    if any(count_units(states[one.pk]["state"]) != one.controlled_count for one in holds):
        raise StateNotCommitted
    return {
        hold_id: Proofs(pledges[event_id], states[hold_id]["commitment"], states[hold_id]["state"])
        for hold_id, event_id in events.items()
    }


def _placed(hold_ids: Sequence[UUID]) -> dict[UUID, UUID]:
    """The events by which the pledges came into the ledger.

    :raises StateNotCommitted: there is none
    """
    subjects = {f"holds.Hold:{hold_id}": hold_id for hold_id in hold_ids}
    found = log.first_events_of(subjects, verbs=PLACED)
    if len(found) != len(subjects):
        raise StateNotCommitted
    return {subjects[subject]: event_id for subject, event_id in found.items()}


def count_units(state: Mapping[str, Any]) -> int:
    return sum(one["last"] - one["first"] + 1 for one in state["ranges"])


def size_before(wanted: Iterable[Attestation | None]) -> int:
    """How many events the newest of former attestations stands on."""
    return max((one.checkpoint_size for one in wanted if one is not None), default=0)


def assemble(wanted: Sequence[Wanted], *, at: datetime) -> dict[UUID, tuple[bytes, int]]:
    """Of each the bytes of the document, and how many events its checkpoint covers.

    :raises StateNotCommitted: too early
    """
    holds = [one.hold for one in wanted]
    found = proofs_of(holds, since=size_before(one.before for one in wanted))
    told, ways = Telling(holds, at), _ways(wanted, found)
    made = {}
    for one in wanted:
        proof, before = found[one.hold.pk], one.before
        head = {"id": str(one.id), "number": one.number, "issued_at": at}
        said = {**head, **told.of(one.hold, proof), "supersedes": _superseded(before)}
        way = ways[before.checkpoint_size] if before else None
        document: dict[str, Any] = {
            "type": TYPE,
            "statement": said,
            "proofs": {**proof._asdict(), "consistency": way},
        }
        made[one.id] = signed(document), proof.size
    return made


def _ways(wanted: Sequence[Wanted], found: Mapping[UUID, Proofs]) -> dict[int, dict[str, Any]]:
    """From the checkpoints of former attestations to the one that all of these stand on."""
    sizes = {one.before.checkpoint_size for one in wanted if one.before}
    if not sizes:
        return {}
    under = next(iter(found.values()))
    return log.get_consistency_proofs(sizes, under=log.Shown(under.size, under.checkpoint))


def signed(document: dict[str, Any]) -> bytes:
    """The canonical file with the signature of the log's key in it."""
    signer = keys.key_store().signer(keys.CHECKPOINT_KEY)
    plain = json.loads(canonical_json(document))
    text = signed_text(signer.verifier.name, plain)
    return canonical({**plain, "signature": sign_note(text, [signer])})


def sha256_of(document: bytes) -> str:
    return hashlib.sha256(document).hexdigest()


def _superseded(before: Attestation | None) -> dict[str, Any] | None:
    if before is None:
        return None
    return {"number": before.number, "sha256": before.sha256, "size": before.checkpoint_size}


class Telling:
    """What is stated of pledges beside their proofs; what several share is asked for once."""

    def __init__(self, holds: Sequence[Any], at: datetime) -> None:
        self.lots = units.get_lots(hold.lot_id for hold in holds)
        ids = {hold.in_favour_of for hold in holds} | {hold.account.holder_id for hold in holds}
        self.parties = parties.parties().in_bulk(ids)
        self.measures = instruments.measures()
        self.finance = _of_finance([hold.pk for hold in holds], timezone.localtime(at).date())
        self.compared = dict[tuple[UUID, str, int], dict[str, Any]]()

    def of(self, hold: Any, found: Proofs) -> dict[str, Any]:
        lot, account = self.lots[hold.lot_id], hold.account
        return {
            "words": EVIDENCE,
            "pledge": _pledge(hold, lot, placed_at=json.loads(found.pledge["body"])["at"]),
            "creditor": self._party(hold.in_favour_of),
            "pledgor": self._party(account.holder_id),
            "account": {"registry": account.registry_id, "number": account.number},
            "units": _units(lot, self.measures[lot.scheme]),
            "ranges": [[one["first"], one["last"]] for one in found.state["ranges"]],
            "book": found.state["book"],
            "issued_units": found.state["issued_units"],
            "committed_at": json.loads(found.commitment["body"])["at"],
            "checkpoint": found.checkpoint,
            "reconciliation": self._reconciliation(account.pk, lot),
            **self.finance[hold.pk],
        }

    def _party(self, party_id: UUID) -> dict[str, Any]:
        """Names as they are today; a party that only the log knows has its id alone."""
        party = self.parties.get(party_id)
        named = ("name_zh", "name_en", "uscc")
        return {"id": str(party_id), **{name: getattr(party, name, "") for name in named}}

    def _reconciliation(self, account_id: UUID, lot: Any) -> dict[str, Any]:
        key = account_id, lot.scheme, lot.vintage_year
        if key not in self.compared:
            self.compared[key] = _reconciliation(account_id, lot)
        return self.compared[key]


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


def _units(lot: Any, measure: str) -> dict[str, Any]:
    return {
        "scheme": lot.scheme,
        "vintage_year": lot.vintage_year,
        "measure": measure,
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


def _of_finance(hold_ids: Sequence[UUID], on: date) -> dict[UUID, dict[str, Any]]:
    """Facility, contract, registrations and valuation; null where nobody tells them."""
    told: dict[UUID, dict[str, Any]] = {one: dict.fromkeys(FINANCE_PARTS) for one in hold_ids}
    for teller in finance:
        for hold_id, parts in teller(hold_ids, on).items():
            told[hold_id].update({name: parts[name] for name in FINANCE_PARTS if name in parts})
    return {
        hold_id: {**parts, "absent": [name for name in FINANCE_PARTS if parts[name] is None]}
        for hold_id, parts in told.items()
    }
