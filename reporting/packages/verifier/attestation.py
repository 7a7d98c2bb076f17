"""The attestation of a pledge: what its JSON must be, and what follows if it is."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from ledger.audit.notes import CheckpointText, open_note, parse_note
from ledger.audit.proofs import check_inclusion_document
from ledger.kernel.errors import N_
from ledger.proofs.sumtree import Proved, check_document
from reporting.packages.verifier.forms import canonical, part
from reporting.packages.verifier.history import PLACED, check_events, check_former, check_kept
from reporting.packages.verifier.trust import Answer, Policy, Refused

TYPE = "tanzhang/attestation/v2"
PARTS = {"type", "statement", "proofs", "signature"}
PROOFS = {"pledge", "events", "commitment", "state", "consistency", "ways"}
# what the statement says of the pledge, and what the event of its placing says of the same
BOUND = {
    "creditor_id": "in_favour_of",
    "account_id": "account_id",
    "lot_id": "lot_id",
    "kind": "kind",
    "unit_count": "unit_count",
    "rank": "rank",
}


def signed_text(origin: str, document: Mapping[str, Any]) -> str:
    """What the key of the log signs of an attestation; no checkpoint has such a second line."""
    unsigned = {name: part for name, part in document.items() if name != "signature"}
    return f"{origin}\nattestation/v1\n{hashlib.sha256(canonical(unsigned)).hexdigest()}\n"


def check_attestation(
    raw: bytes, *, policy: Policy, previous: str = "", way: Mapping[str, Any] | None = None
) -> Answer:
    """`previous` is the note of a checkpoint that the reader kept, `way` what leads from it here.

    :raises Refused: names the item that does not hold
    """
    with part("form"):
        document = json.loads(raw)
        if canonical(document) != raw or set(document) != PARTS or document["type"] != TYPE:
            raise Refused("form", N_("not the one form of an attestation, byte by byte"))
        statement, proofs = document["statement"], document["proofs"]
        if set(proofs) != PROOFS:
            raise Refused("form", N_("other proofs than an attestation has"))
    answer = Answer("attestation", hashlib.sha256(raw).hexdigest(), statement=statement)
    with part("checkpoint"):
        note = proofs["pledge"]["checkpoint"]
        checkpoint = policy.open_checkpoint(note)
        if proofs["commitment"]["checkpoint"] != note or statement["checkpoint"] != note:
            raise Refused("checkpoint", N_("two checkpoints in one attestation"))
    _check_signature(document, checkpoint.origin, policy, answer)
    _tell_checkpoint(note, checkpoint, policy, answer)
    _check_pledge(statement, proofs, policy, answer)
    with part("events"):
        check_events(document, checkpoint, answer)
    _check_state(statement, proofs, policy, answer)
    with part("consistency"):
        check_former(statement, proofs, policy, answer)
    if previous:
        with part("previous"):
            check_kept(previous, checkpoint, proofs, policy, answer, way=way)
    answer.tell(
        N_("Names, facility, valuation and reconciliation are what the ledger says; and that no "
           "other event tells of the pledge.")
    )  # fmt: skip
    return answer


def _check_signature(
    document: Mapping[str, Any], origin: str, policy: Policy, answer: Answer
) -> None:
    with part("signature"):
        signature = document["signature"]
        if str(parse_note(signature)) != signature:
            raise Refused("signature", N_("not the one form of a note"))
        if open_note(signature, policy.logs).text != signed_text(origin, document):
            raise Refused("signature", N_("it signs another document"))
    answer.prove(N_("The document is signed by the ledger %(origin)s, whose key you trust."),
                 origin=origin)  # fmt: skip


def _tell_checkpoint(note: str, said: CheckpointText, policy: Policy, answer: Answer) -> None:
    answer.prove(
        N_("It stands on the ledger's checkpoint over %(size)s events of %(time)s."),
        size=said.tree_size,
        time=said.extensions.get("time", "?"),
    )
    if seen := policy.seen_by(note):
        answer.prove(
            N_("Witnesses that you trust cosigned it: %(names)s."), names=", ".join(sorted(seen))
        )


def _event(proof: Mapping[str, Any], policy: Policy) -> tuple[Mapping[str, Any], int]:
    """The event that is shown to be in the log, and its place."""
    check_inclusion_document(proof, keys=policy.logs)
    if type(proof["leaf_index"]) is not int:
        raise Refused("form", N_("a place in the log is a whole number"))
    event: Mapping[str, Any] = json.loads(proof["body"])
    return event, proof["leaf_index"]


def _check_pledge(
    statement: Mapping[str, Any], proofs: Mapping[str, Any], policy: Policy, answer: Answer
) -> None:
    with part("pledge"):
        event, place = _event(proofs["pledge"], policy)
        pledge, row = statement["pledge"], event["data"]["row"]
        if event["verb"] not in PLACED or pledge["kind"] != "PLEDGE":
            raise Refused("pledge", N_("the event does not place a pledge"))
        if event["subject"] != f"holds.Hold:{pledge['id']}" or row["id"] != pledge["id"]:
            raise Refused("pledge", N_("the event tells of another pledge"))
        for ours, theirs in BOUND.items():
            if pledge[ours] != row[theirs]:
                raise Refused("pledge", f"{ours} is not what the event says")
        if pledge["placed_at"] != event["at"]:
            raise Refused("pledge", N_("placed_at is not what the event says"))
    answer.prove(
        N_("The pledge %(id)s of %(count)s units was entered on %(at)s as event %(place)s."),
        id=pledge["id"],
        count=pledge["unit_count"],
        at=pledge["placed_at"],
        place=place,
    )


def _check_state(
    statement: Mapping[str, Any], proofs: Mapping[str, Any], policy: Policy, answer: Answer
) -> None:
    pledge = statement["pledge"]
    with part("commitment"):
        event, place = _event(proofs["commitment"], policy)
        if event["verb"] != "state.committed" or place <= proofs["pledge"]["leaf_index"]:
            raise Refused("commitment", N_("not a commitment to the state after the pledge"))
        if statement["committed_at"] != event["at"]:
            raise Refused("commitment", N_("committed_at is not what the event says"))
        told_root = bytes.fromhex(event["data"]["row"]["root"])
    with part("state"):
        proved = check_document(
            proofs["state"],
            state="PLEDGED",
            pledgee=f"{pledge['creditor_id']}/{pledge['id']}",
            account=pledge["account_id"],
        )
        if proved.state_root != told_root:
            raise Refused("state", N_("it leads to another root than the event tells"))
        _check_ranges(statement, proved)
    answer.prove(
        N_(
            "%(units)s units are pledged to you alone (ranges: %(count)s): no other range overlaps."
        ),
        units=proved.units,
        count=len(proved.ranges),
    )
    answer.prove(
        N_("All ranges of %(book)s add up to the %(issued)s units that were issued there."),
        book=proved.book,
        issued=proved.issued_units,
    )


def _check_ranges(statement: Mapping[str, Any], proved: Proved) -> None:
    pledge = statement["pledge"]
    if statement["ranges"] != [[first, last] for _, first, last in proved.ranges]:
        raise Refused("ranges", N_("other ranges than are proved"))
    if {lot for lot, _, _ in proved.ranges} != {pledge["lot"]}:
        raise Refused("ranges", N_("units of another lot"))
    if (pledge["controlled_count"], statement["book"], statement["issued_units"]) != (
        proved.units,
        proved.book,
        proved.issued_units,
    ):
        raise Refused("ranges", N_("another sum than is proved"))
    if proved.units > pledge["unit_count"]:
        raise Refused("ranges", N_("more units than were pledged"))
