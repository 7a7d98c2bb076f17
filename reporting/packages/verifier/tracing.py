"""From figures down to files: activity rows, their evidence, the opinion, and the log's proofs."""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from ledger.audit.proofs import check_inclusion_document
from ledger.kernel.errors import N_
from reporting.packages.verifier.forms import canonical, part, read
from reporting.packages.verifier.recount import WIDE, exact_sum, in_measure
from reporting.packages.verifier.trust import Answer, Policy, Refused

Parts = Mapping[str, bytes]
Row = Mapping[str, Any]
FILE = re.compile(r"evidence/([0-9a-f]{64})")
METERS = re.compile(r"meters:\d+ sha256:[0-9a-f]{64}")
KEPT = Decimal("1e-12")  # how finely an amount is kept
ASSURING = {"UNMODIFIED", "MODIFIED"}


def digest(value: Any) -> str:
    return hashlib.sha256(canonical(value)).hexdigest()


def check_evidence(parts: Parts, inventory: Row, statement: Row, answer: Answer) -> list[Row]:
    """The activity rows, each with the digest that the inventory names and the file behind it.

    :raises Refused: a row or a file is another, or missing
    """
    with part("activity"):
        rows = read(parts, "activity.json")
        by_id = {row["id"]: row for row in rows}
        _check_counted(inventory, by_id, {x["id"]: x for x in read(parts, "entries.json")})
        metered = _check_readings(read(parts, "readings.json"), by_id)
    with part("evidence"):
        index = read(parts, "evidence/index.json")
        _check_index(index, rows, statement)
        files = {found[1]: name for name in parts if (found := FILE.fullmatch(name))}
        if set(files) - {one["sha256"] for one in index}:
            raise Refused("evidence", N_("a file that nothing names"))
        for sha256, name in files.items():
            if hashlib.sha256(parts[name]).hexdigest() != sha256:
                raise Refused("evidence", N_("a file is not the one that was given as evidence"))
    count = len({one["sha256"] for one in index})
    if rows:
        answer.prove(
            N_("%(count)s activity rows are those that the inventory names."), count=len(rows)
        )
    if metered:
        answer.prove(
            N_("%(count)s of them are the sum of meters' months, each under its Merkle root."),
            count=metered,
        )
    if files:
        answer.prove(N_("%(count)s files of evidence have the hashes named."), count=len(files))
    if count > len(files):
        answer.tell(
            N_("%(count)s files of evidence are named by their hash and not enclosed."),
            count=count - len(files),
        )
    return list(rows)


def _check_counted(inventory: Row, rows: Mapping[str, Row], entries: Mapping[str, Row]) -> None:
    for one in inventory["result"]["activities"]:
        if one.get("method"):
            if digest(entries[one["id"]]) != one["digest"]:
                raise Refused("activity", N_("a row is not the one that was counted"))
        elif one["digest"]:
            _check_row(rows[one["id"]], one)


def _check_row(row: Row, activity: Row) -> None:
    facts = {name: value for name, value in row.items() if name != "digest"}
    if not digest(facts) == row["digest"] == activity["digest"]:
        raise Refused("activity", N_("a row is not the one that was counted"))
    same = row["measure"] == activity["unit"] and row["source_code"] == activity["source"]
    if not same or Decimal(row["amount"]) != Decimal(activity["amount"]):
        raise Refused("activity", N_("the inventory counted another amount than the row says"))


def _check_readings(months: Mapping[str, list[list[str]]], rows: Mapping[str, Row]) -> int:
    if set(months) != {name for name, row in rows.items() if METERS.fullmatch(row["evidence"])}:
        raise Refused("readings", N_("other rows than were added up from meters"))
    for row_id, facts in months.items():
        _check_meters(rows[row_id], facts)
    return len(months)


def _check_meters(row: Row, months: list[list[str]]) -> None:
    """Each month: meter, millionths, unit, multiplier, counts told, estimated, owed, and root."""
    if row["evidence"] != f"meters:{len(months)} sha256:{digest(sorted(months))}":
        raise Refused("readings", N_("the row was added up from other meters"))
    read_by = ((WIDE.multiply(Decimal(x[1]).scaleb(-6), Decimal(x[3])), x[2]) for x in months)
    whole = exact_sum(in_measure(amount, unit, row["measure"]) for amount, unit in read_by)
    if whole.quantize(KEPT, context=WIDE) != Decimal(row["amount"]).quantize(KEPT, context=WIDE):
        raise Refused("readings", N_("the row is not the sum of its meters"))


def _check_index(index: list[Row], rows: list[Row], statement: Row) -> None:
    """Every upload behind a row, and every file behind an entry, is named with its hash."""
    uploads = {one["id"] for one in index if one["kind"] == "upload"}
    if {row["upload_id"] for row in rows if row["upload_id"]} - uploads:
        raise Refused("evidence", N_("the file behind a row is not named"))
    told = {one["id"]: one["sha256"] for one in index if one["kind"] == "entry"}
    wanted = {
        one["id"]: one["evidence_sha256"]
        for one in (statement.get("entries") or {}).values()
        if one["evidence_sha256"]
    }
    if told != wanted:
        raise Refused("evidence", N_("the statement names other evidence"))
    for one in index:
        if one["kind"] == "upload" and one["row"]["sha256"] != one["sha256"]:
            raise Refused("evidence", N_("two hashes of one file"))


def check_opinion(parts: Parts, statement: Row, answer: Answer) -> Row:
    """:raises Refused: the opinion that the report stands on is not there, or of something else"""
    with part("opinion"):
        said = statement["verification"]
        if not said or "opinion.json" not in parts:
            raise Refused("opinion", N_("a final report stands on an opinion, and there is none"))
        opinion: Row = read(parts, "opinion.json")
        inputs = statement["inputs"]
        bound = {"content": inputs["frozen_inventory_hash"], "dataset": inputs["dataset_hash"]}
        if not digest(bound) == opinion["bound_hash"] == said["bound_hash"]:
            raise Refused("opinion", N_("the opinion is bound to something else"))
        if opinion["kind"] != said["opinion"] or opinion["kind"] not in ASSURING:
            raise Refused("opinion", N_("the opinion is of another kind"))
        if opinion["id"] != inputs["opinion_id"]:
            raise Refused("opinion", N_("it is another opinion"))
    answer.prove(N_("The verifier's opinion is bound to this very inventory and its data."))
    _tell_signature(parts, opinion, answer)
    return opinion


def _tell_signature(parts: Parts, opinion: Row, answer: Answer) -> None:
    """Her own signature is enclosed to be checked with her certificate, which is not ours to know.

    :raises Refused: what she signed is another opinion
    """
    if "opinion-signed.json" not in parts:
        answer.tell(N_("The verifier's own signature is not part of this package."))
        return
    with part("opinion"):
        signed = json.loads(parts["opinion-signed.json"])
        same = signed["bound_hash"], signed["opinion"], signed["text"]
        if same != (opinion["bound_hash"], opinion["kind"], opinion["text"]):
            raise Refused("opinion", N_("the verifier signed something else"))
    answer.tell(N_("The verifier's own signature is enclosed; check it with her certificate."))


def check_proofs(
    parts: Parts,
    *,
    statement: Row,
    opinion: Row,
    rows: list[Row],
    policy: Policy,
    answer: Answer,
) -> None:
    """Every event is in the log that the reader trusts, and tells what the package says.

    :raises Refused: one is missing, not in the log, or tells something else
    """
    with part("proofs"):
        told = read(parts, "ledger/proofs.json")
        if not policy.logs:
            answer.tell(N_("No log is trusted: the proofs of the ledger were not looked at."))
            return
        events = dict(_events(told["proofs"], policy))
        _check_told(events, parts, statement, opinion)
        _check_rows_told(events, rows)
        _check_evidence_told(events, read(parts, "evidence/index.json"))
        wanted = {
            f"entry:{one['entry_id']}"
            for one in [*statement["instruments"], *statement["offsets"]]
            if one["entry_id"]
        }
        left = wanted - set(events)
        if left - set(told["not_proved"]):
            raise Refused("proofs", N_("an instrument has no entry in the ledger"))
    answer.prove(
        N_("%(count)s events are in the log, under the checkpoint over %(size)s."),
        count=len(events),
        size=_size(told["proofs"]),
    )
    if told["not_proved"]:
        count = len(told["not_proved"])
        answer.tell(N_("%(count)s events have no proof here."), count=count)


def _size(proofs: Row) -> int:
    return int(str(next(iter(proofs.values()))["checkpoint"]).split("\n")[1])


def _events(proofs: Row, policy: Policy) -> Iterator[tuple[str, Row]]:
    notes = {proof["checkpoint"] for proof in proofs.values()}
    if len(notes) != 1:
        raise Refused("proofs", N_("not all under one checkpoint"))
    policy.open_checkpoint(notes.pop())
    for name, proof in proofs.items():
        check_inclusion_document(proof, keys=policy.logs)
        yield name, json.loads(proof["body"])


def _check_told(events: Row, parts: Parts, statement: Row, opinion: Row) -> None:
    def sha256(name: str) -> str:
        return hashlib.sha256(parts[name]).hexdigest()

    expected = {
        "inventory": ("inventory.content_frozen", {"content": sha256("inventory.json")}),
        "statement": ("statement.frozen", {"content_hash": sha256("statement.json")}),
        "report": ("report.issued", {"sha256": sha256("report.pdf")}),
        "opinion": (
            "opinion.given",
            {name: opinion[name] for name in ("id", "kind", "bound_hash", "text")},
        ),
    }
    for name, (verb, facts) in expected.items():
        event = events[name]
        row = event["data"]["row"]
        if event["verb"] != verb or any(row[key] != value for key, value in facts.items()):
            raise Refused("proofs", N_("the log tells something else"))
    if events["inventory"]["data"]["row"]["id"] != statement["inputs"]["frozen_inventory_id"]:
        raise Refused("proofs", N_("the log tells something else"))
    for name, event in events.items():
        if name.startswith("entry:") and event["event"] != name.partition(":")[2]:
            raise Refused("proofs", N_("the log tells something else"))


def _check_rows_told(events: Row, rows: list[Row]) -> None:
    told: dict[str, str] = {}
    for name, event in events.items():
        if name.startswith("rows:") and event["verb"] == "activity.rows_recorded":
            told |= event["data"]["rows"]
    if any(told.get(row["id"]) != row["digest"] for row in rows):
        raise Refused("proofs", N_("the log does not know a row"))


def _check_evidence_told(events: Row, index: list[Row]) -> None:
    for one in index:
        row = events[f"evidence:{one['id']}"]["data"]["row"]
        said = row["sha256"] if one["kind"] == "upload" else row["evidence_sha256"]
        if row["id"] != one["id"] or said != one["sha256"]:
            raise Refused("proofs", N_("the log names another file as evidence"))
