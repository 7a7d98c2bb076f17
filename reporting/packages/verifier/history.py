"""What an attestation shows of the log: the events of the pledge, the ways from earlier logs."""

import base64
import json
from collections.abc import Mapping
from typing import Any

from ledger.audit.notes import CheckpointText, open_note
from ledger.audit.paths import check_consistency, check_inclusion, leaf_hash
from ledger.audit.proofs import check_consistency_document
from ledger.kernel.errors import N_
from reporting.packages.verifier.forms import part
from reporting.packages.verifier.trust import Answer, Policy, Refused

PLACED = ("hold.placed", "hold.queued")
# of the hold, and of the pledge that it secures; `row` is what they say
TOLD = (
    *("hold.released", "hold.took_control", "hold.lapsed", "hold.renewed", "hold.captured"),
    *("pledge.submitted", "pledge.moved", "pledge.registered", "pledge.part_reserved"),
    *("pledge.part_moved", "pledge.decided"),
)
HOLD = ("state", "rank", "unit_count", "remaining_count", "controlled_count")
CONTRACT = (
    *("number", "state", "rank", "approved_on", "ends_on", "evidence", "loan_share"),
    *("target_ltv", "warning_ltv", "top_up_ltv", "close_out_ltv"),
)
REGISTRATION = ("register", "number", "registered_on", "expires_on", "document")
Event = Mapping[str, Any]


def way_of(items: Any) -> list[bytes]:
    return [base64.b64decode(one, validate=True) for one in items]


def check_events(document: Mapping[str, Any], checkpoint: CheckpointText, answer: Answer) -> None:
    """Every event is in the log, tells of this pledge alone, and says what the statement says.

    :raises Refused: one does not
    """
    statement, proofs = document["statement"], document["proofs"]
    pledge, contract = statement["pledge"], statement["contract"]
    placed = json.loads(proofs["pledge"]["body"])
    newest: dict[str, Event] = {placed["subject"]: placed}
    last = -1
    for one in proofs["events"]:
        place, event = one["leaf_index"], json.loads(one["body"])
        if type(place) is not int or place <= last:
            raise Refused("events", N_("not in the order of the log"))
        check_inclusion(
            index=place,
            size=checkpoint.tree_size,
            leaf=leaf_hash(one["body"].encode()),
            root=checkpoint.root,
            path=way_of(one["path"]),
        )
        if event["verb"] not in TOLD or not _is_of(event, pledge, contract):
            raise Refused("events", N_("an event of something else"))
        newest[event["subject"]], last = event, place
    _check_said(newest, statement)
    answer.prove(
        N_("What the file says of the pledge, its contract and registrations is what %(count)s "
           "more events of the log say."),
        count=len(proofs["events"]),
    )  # fmt: skip


def _is_of(event: Event, pledge: Event, contract: Event | None) -> bool:
    """Of the hold, or of the contract that it secures and what belongs to it."""
    row, (kind, _colon, key) = event["data"]["row"], event["subject"].partition(":")
    if row["id"] != key:
        return False
    if kind == "holds.Hold":
        return bool(key == pledge["id"])
    of = key if kind == "pledges.Pledge" else row["pledge_id"]
    return contract is not None and kind.startswith("pledges.") and of == contract["id"]


def _check_said(newest: Mapping[str, Event], statement: Mapping[str, Any]) -> None:
    pledge, contract = statement["pledge"], statement["contract"]
    rows = {subject: event["data"]["row"] for subject, event in newest.items()}
    _same(pledge, rows[f"holds.Hold:{pledge['id']}"], HOLD)
    if contract is not None:
        _same(contract, rows[f"pledges.Pledge:{contract['id']}"], CONTRACT)
        if not any(row.get("hold_id") == pledge["id"] for row in rows.values()):
            raise Refused("events", N_("no event says that the contract secures these units"))
    entries = [row for subject, row in rows.items() if subject.startswith("pledges.Registration:")]
    for said in statement["registrations"] or ():
        if not any(all(row[name] == said[name] for name in REGISTRATION) for row in entries):
            raise Refused("events", N_("no event tells of a registration"))


def _same(said: Mapping[str, Any], row: Mapping[str, Any], names: tuple[str, ...]) -> None:
    for name in names:
        if said[name] != row[name]:
            raise Refused("events", f"{name} is not what the newest event says")


def check_former(
    statement: Mapping[str, Any], proofs: Mapping[str, Any], policy: Policy, answer: Answer
) -> None:
    """The log continues the one that the former attestation stands on.

    :raises Refused: it does not, or another one is shown
    """
    proof, before = proofs["consistency"], statement["supersedes"]
    if (proof is None) != (before is None):
        raise Refused("consistency", N_("a former attestation without its proof"))
    if proof is None:
        answer.tell(N_("This is the first attestation of the pledge."))
        return
    first, _second = check_consistency_document(proof, keys=policy.logs)
    if proof["checkpoint2"] != statement["checkpoint"] or before["size"] != first.tree_size:
        raise Refused("consistency", N_("between other checkpoints"))
    answer.prove(
        N_(
            "The log continues that of the former attestation (%(size)s events): nothing rewritten."
        ),
        size=first.tree_size,
    )


def check_kept(
    kept: str,
    now: CheckpointText,
    proofs: Mapping[str, Any],
    policy: Policy,
    answer: Answer,
    *,
    way: Mapping[str, Any] | None,
) -> None:
    """What the reader kept herself must be a beginning of this log.

    :raises Refused: it is not, or nothing shows the way from it
    """
    old = CheckpointText.parse(open_note(kept, policy.logs).text)
    if old.origin != now.origin:
        raise Refused("previous", N_("a checkpoint of another log"))
    if old.tree_size > now.tree_size:
        raise Refused("previous", N_("what you kept is newer than this attestation"))
    path = [] if old.tree_size == now.tree_size else _path_from(old, now, proofs, way)
    check_consistency(
        size1=old.tree_size, size2=now.tree_size, root1=old.root, root2=now.root, path=path
    )
    answer.prove(
        N_("The log continues the checkpoint that you kept (%(size)s events): nothing rewritten."),
        size=old.tree_size,
    )


def _path_from(
    old: CheckpointText, now: CheckpointText, proofs: Mapping[str, Any],
    way: Mapping[str, Any] | None,
) -> list[bytes]:  # fmt: skip
    """The hashes between the two, out of the attestation or a file asked for beside it."""
    if way is not None:
        sizes = [int(way[name].split("\n")[1]) for name in ("checkpoint1", "checkpoint2")]
        if sizes != [old.tree_size, now.tree_size]:
            raise Refused("previous", N_("the way leads between other checkpoints"))
        return way_of(way["path"])
    if (found := proofs["ways"].get(str(old.tree_size))) is None:
        why = "no way from {0} events is in it: ask the ledger for it (previous={0}), give --way"
        raise Refused("previous", why.format(old.tree_size))
    return way_of(found)


def kept_checkpoint(raw: bytes) -> str:
    """The note of a checkpoint in what the reader kept: an attestation, or the note itself.

    :raises Refused: neither
    """
    with part("previous"):
        if raw.startswith(b"%PDF-"):
            from reporting.packages.verifier.pdf import embedded_file

            raw = embedded_file(raw)
        if raw.startswith(b"{"):
            note: str = json.loads(raw)["statement"]["checkpoint"]
            return note
        return raw.decode()
