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
from ledger.audit.proofs import consistency_document
from ledger.instruments import queries as instruments
from ledger.kernel.canonical import canonical_json
from ledger.parties import queries as parties
from ledger.proofs import queries as proofs
from ledger.proofs.queries import NoStateProof
from ledger.reconciliation import queries as reconciliation
from ledger.units import queries as units
from reporting.attestations.rules import StateNotCommitted
from reporting.packages.verifier.attestation import TYPE, signed_text
from reporting.packages.verifier.forms import canonical
from reporting.packages.verifier.history import PLACED, TOLD

# What finance knows of a pledge, put in place in config.
FINANCE_PARTS = ("facility", "contract", "registrations", "valuation")
Teller = Callable[[Sequence[UUID], date], Mapping[UUID, Mapping[str, Any]]]
finance: list[Teller] = []

EVIDENCE = {
    "en": "This is evidence from the books of this ledger. It is not the constitutive registration "
    "of a pledge and does not replace it.",
    "zh": "本证明是本账簿所载事实的证据，不是质权的设立登记，也不能代替设立登记。",
}


# Subjects of events that tell of the pledge a hold secures: its contract, units, registrations.
Subjects = Callable[[Sequence[UUID]], Mapping[UUID, Sequence[str]]]
subjects: list[Subjects] = []

MOST_EVENTS = 24  # of one pledge, the newest of each subject among them
MOST_WAYS = 24  # from former attestations of a pledge; others are asked for


class Proofs(NamedTuple):
    pledge: dict[str, Any]
    events: list[dict[str, Any]]
    commitment: dict[str, Any]
    state: dict[str, Any]

    @property
    def checkpoint(self) -> str:
        return str(self.pledge["checkpoint"])

    @property
    def size(self) -> int:
        return int(self.checkpoint.split("\n", 2)[1])


class Former(NamedTuple):
    """An attestation of the same pledge that was issued before."""

    id: UUID
    hold_id: UUID
    number: str
    sha256: str
    checkpoint_size: int


class Wanted(NamedTuple):
    """An attestation to be made, the former ones of its pledge (the newest first), and what its
    reader has kept: how many events that checkpoint covers.
    """

    id: UUID
    number: str
    hold: Any
    former: Sequence[Former] = ()
    kept: int | None = None

    @property
    def before(self) -> Former | None:
        return self.former[0] if self.former else None

    @property
    def sizes(self) -> list[int]:
        """The checkpoints from which it shows the way."""
        sizes = list(dict.fromkeys(one.checkpoint_size for one in self.former))[:MOST_WAYS]
        return sizes if self.kept is None else [*sizes, self.kept]


class Told(NamedTuple):
    """The events of a pledge: by which it came into the ledger, and what happened since."""

    placed: UUID
    more: Sequence[UUID]


def events_of(holds: Sequence[Any]) -> dict[UUID, Told]:
    """By hold.

    :raises StateNotCommitted: no event placed it
    """
    ids = [hold.pk for hold in holds]
    about = {one: [f"holds.Hold:{one}"] for one in ids}
    for teller in subjects:
        for hold_id, more in teller(ids).items():
            about[hold_id] += more
    named = {subject for some in about.values() for subject in some}
    found = log.events_told_of(named, verbs=(*PLACED, *TOLD))
    return {hold_id: _told([found.get(one, []) for one in some]) for hold_id, some in about.items()}


def _told(found: Sequence[Sequence[UUID]]) -> Told:
    """:raises StateNotCommitted: no event placed the hold, whose events come first"""
    if not found[0]:
        raise StateNotCommitted
    placed, *later = found[0]
    newest = [events[-1] for events in (later, *found[1:]) if events]
    rest = sorted({one for events in (later, *found[1:]) for one in events} - {*newest})
    left = max(MOST_EVENTS - len(newest), 0)
    return Told(placed, [*newest, *rest[len(rest) - left :]] if left else newest)


def proofs_of(holds: Sequence[Any], *, since: int = 0) -> dict[UUID, Proofs]:
    """All under one checkpoint, and of exactly the units that the pledges control now.

    Where witnesses are wanted it is the newest checkpoint that enough of them have signed.

    :raises StateNotCommitted: no such checkpoint covers the pledges as they stand, or none that is
        as large as `since`
    """
    under = log.witnessed_checkpoint()
    if under is None or under.tree_size < since:
        raise StateNotCommitted
    told = events_of(holds)
    wanted = [event_id for one in told.values() for event_id in (one.placed, *one.more)]
    try:
        states = proofs.get_states(list(told))
        events = log.get_inclusion_proofs([*wanted, states.event_id], under=under)
    except (NoStateProof, log.NotSealedYet) as early:
        raise StateNotCommitted from early
    found = states.documents
    if any(count_units(found[one.pk]) != one.controlled_count for one in holds):
        raise StateNotCommitted
    return {
        hold_id: Proofs(
            events[one.placed],
            _in_order(events[event_id] for event_id in one.more),
            events[states.event_id],
            found[hold_id],
        )
        for hold_id, one in told.items()
    }


def _in_order(events: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Under the checkpoint of the whole, which each need not repeat."""
    told = [{name: one[name] for name in ("leaf_index", "body", "path")} for one in events]
    return sorted(told, key=lambda one: int(one["leaf_index"]))


def count_units(state: Mapping[str, Any]) -> int:
    return sum(one["last"] - one["first"] + 1 for one in state["ranges"])


def size_before(former: Iterable[Sequence[Former]]) -> int:
    """How many events the newest of former attestations stands on."""
    return max((one.checkpoint_size for some in former for one in some), default=0)


def assemble(wanted: Sequence[Wanted], *, at: datetime) -> dict[UUID, tuple[bytes, int]]:
    """Of each the bytes of the document, and how many events its checkpoint covers.

    :raises StateNotCommitted: too early
    :raises ProofRefused: the log was never as long as what the reader has kept
    """
    holds = [one.hold for one in wanted]
    found = proofs_of(holds, since=size_before(one.former for one in wanted))
    told, ways = Telling(holds, at), _Ways(wanted, found)
    made = {}
    for one in wanted:
        proof = found[one.hold.pk]
        head = {"id": str(one.id), "number": one.number, "issued_at": at}
        said = {**head, **told.of(one.hold, proof), "supersedes": _superseded(one.before)}
        document: dict[str, Any] = {
            "type": TYPE,
            "statement": said,
            "proofs": {**proof._asdict(), **ways.of(one)},
        }
        made[one.id] = signed(document), proof.size
    return made


class _Ways:
    """From the checkpoints of former attestations to the one that all of these stand on."""

    def __init__(self, wanted: Sequence[Wanted], found: Mapping[UUID, Proofs]) -> None:
        proof = next(iter(found.values()))
        sizes = {size for one in wanted for size in one.sizes}
        before = {one.before.checkpoint_size for one in wanted if one.before}
        self.ways = log.get_consistency_ways(sizes, size=proof.size) if sizes else {}
        self.documents = {
            size: consistency_document(
                path=self.ways[size], checkpoint1=note, checkpoint2=proof.checkpoint
            )
            for size, note in (log.notes_of(before) if before else {}).items()
        }

    def of(self, one: Wanted) -> dict[str, Any]:
        return {
            "consistency": self.documents[one.before.checkpoint_size] if one.before else None,
            "ways": {str(size): self.ways[size] for size in one.sizes},
        }


def signed(document: dict[str, Any]) -> bytes:
    """The canonical file with the signature of the log's key in it."""
    signer = keys.key_store().signer(keys.CHECKPOINT_KEY)
    plain = json.loads(canonical_json(document))
    text = signed_text(signer.verifier.name, plain)
    return canonical({**plain, "signature": sign_note(text, [signer])})


def sha256_of(document: bytes) -> str:
    return hashlib.sha256(document).hexdigest()


def _superseded(before: Former | None) -> dict[str, Any] | None:
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
