"""What lies in a package, by name. Reading only; every JSON is canonical."""

from base64 import b64decode
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from ledger.audit import queries as log
from ledger.files import queries as files
from ledger.kernel.actors import SYSTEM
from ledger.kernel.canonical import canonical_json
from reporting.activity import queries as activity
from reporting.documents import queries as documents
from reporting.entries import queries as entries
from reporting.inventories import queries as inventories
from reporting.packages import queries
from reporting.packages.models import Form, Report
from reporting.verification import queries as verification

# Larger evidence is named with its hash and stays where it is.
MOST_EVIDENCE_BYTES = 20_000_000


def contents_of(report: Report) -> dict[str, bytes]:
    """Every part but the manifest and the signature.

    :raises NotSealedYet: the log has not come so far that all of it can be proved
    :raises FileAltered: a stored file is not what was stored
    """
    statement = report.statement.content
    frozen = inventories.get_frozen(report.statement.frozen_inventory_id)
    row_ids = _row_ids(frozen.content)
    rows = activity.rows_behind(row_ids)
    evidence = _evidence(rows, statement)
    opinion = verification.opinion_for(frozen.id)
    parts = {
        "report.pdf": queries.content_of(report),
        "statement.json": queries.statement_of(report),
        "inventory.json": canonical_json(frozen.content),
        "activity.json": canonical_json(rows),
        "entries.json": canonical_json(entries.facts_of(row_ids)),
        "readings.json": canonical_json(activity.readings_behind(row_ids)),
        "evidence/index.json": canonical_json(evidence),
        "ledger/proofs.json": canonical_json(_proofs(report, opinion, rows, evidence)),
        **{f"taxonomy/{name}": content for name, content in documents.get_taxonomy().items()},
        **{f"report.{form}": queries.form_of(report, form) for form in _forms(report)},
        **_evidence_files(evidence),
    }
    if opinion is not None and statement["verification"] is not None:
        parts["opinion.json"] = canonical_json(_opinion(opinion))
        if opinion.signature is not None:
            # as the verifier signed it, with a key that never was ours
            parts["opinion-signed.json"] = opinion.signature.statement.encode()
            parts["opinion-signed.p7s"] = b64decode(opinion.signature.cms_base64)
    return parts


def _forms(report: Report) -> list[str]:
    made = report.files.exclude(form=Form.PACKAGE).order_by("form")
    return list(made.values_list("form", flat=True))


def _row_ids(content: Mapping[str, Any]) -> list[UUID]:
    """Rows and entries that the lines stand on; masses that a facility reported have neither."""
    found = (_uuid(one["id"]) for one in content["result"]["activities"] if one["digest"])
    return [one for one in found if one is not None]


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _evidence(
    rows: Iterable[Mapping[str, Any]], statement: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """Which file shows what: uploads behind rows, files behind entries; each with its hash."""
    ids = {one["upload_id"] for one in rows if one["upload_id"]}
    found = [
        {
            "kind": "upload",
            "id": str(one["id"]),
            "file_id": str(one["file_id"]),
            "sha256": one["sha256"],
            "row": one,
        }
        for one in activity.uploads_behind(ids)
    ]
    found += [
        {"kind": "entry", "id": entry["id"], "point": key, "sha256": entry["evidence_sha256"]}
        for key, entry in sorted(statement["entries"].items())
        if entry["evidence_sha256"]
    ]
    stored = {one.sha256: one for one in _stored({one["sha256"] for one in found})}
    for one in found:
        file = stored.get(one["sha256"])
        one["name"] = file.name if file else ""
        one["byte_count"] = file.byte_count if file else None
    return found


def _stored(hashes: Iterable[str]) -> Iterable[Any]:
    return files.files_of(SYSTEM).filter(sha256__in=list(hashes)).order_by("stored_at")


def _evidence_files(evidence: Iterable[Mapping[str, Any]]) -> dict[str, bytes]:
    found, room = {}, MOST_EVIDENCE_BYTES
    for file in _stored({one["sha256"] for one in evidence}):
        name = f"evidence/{file.sha256}"
        if name not in found and file.byte_count <= room:
            found[name] = files.content_of(file)
            room -= file.byte_count
    return found


def _opinion(opinion: Any) -> dict[str, Any]:
    return {
        "id": str(opinion.id),
        "kind": opinion.kind.value,
        "level": opinion.level.value,
        "criteria": opinion.criteria,
        "scope": opinion.scope,
        "verifier_id": str(opinion.verifier_id),
        "content_hash": opinion.content_hash,
        "dataset_hash": opinion.dataset_hash,
        "bound_hash": opinion.bound_hash,
        "text": opinion.text,
        "given_at": opinion.given_at,
    }


def _proofs(
    report: Report,
    opinion: Any,
    rows: Iterable[Mapping[str, Any]],
    evidence: Iterable[Mapping[str, Any]],
) -> dict[str, Any]:
    """For each thing the event that tells it, with its way to the checkpoint."""
    statement = report.statement
    asked = {
        "inventory": (f"inventories.FrozenInventory:{statement.frozen_inventory_id}",
                      "inventory.content_frozen"),
        "statement": (f"disclosures.Statement:{statement.pk}", "statement.frozen"),
        "report": (f"packages.Report:{report.pk}", "report.issued"),
    }  # fmt: skip
    if opinion is not None:
        asked["opinion"] = (f"verification.Opinion:{opinion.id}", "opinion.given")
    for one in evidence:
        about = ("disclosures.Entry", "disclosure.told")
        if one["kind"] == "upload":
            about = ("activity.Upload", "activity.uploaded")
        asked[f"evidence:{one['id']}"] = (f"{about[0]}:{one['id']}", about[1])
    wanted = {name: _event_of(*told) for name, told in asked.items()}
    for number, event_id in enumerate(_row_events(rows)):
        wanted[f"rows:{number}"] = event_id
    for one in [*statement.content["instruments"], *statement.content["offsets"]]:
        if one["entry_id"]:
            wanted[f"entry:{one['entry_id']}"] = _known(one["entry_id"])
    known = {name: event_id for name, event_id in wanted.items() if event_id is not None}
    proofs = log.get_inclusion_proofs(set(known.values()))
    return {
        "proofs": {name: proofs[event_id] for name, event_id in sorted(known.items())},
        # e.g. entries that were written before the log began; said, not hidden
        "not_proved": sorted(set(wanted) - set(known)),
    }


def _event_of(subject: str, verb: str) -> UUID | None:
    found = log.events_of(subject).filter(verb=verb).first()
    return found.event_id if found else None


def _known(entry_id: str) -> UUID | None:
    """An entry and its event bear one id."""
    found = log.find_event(UUID(entry_id))
    return found.event_id if found else None


def _row_events(rows: Iterable[Mapping[str, Any]]) -> list[UUID]:
    """The events that told of these rows, each with the digests of what it told."""
    wanted = {(str(one["dataset_id"]), str(one["id"])) for one in rows}
    found = []
    for dataset_id in sorted({dataset for dataset, _row in wanted}):
        events = log.events_of(f"activity.Dataset:{dataset_id}").filter(verb=activity.ROWS_RECORDED)
        for event in events:
            told = log.data_of(event)["rows"]
            if any((dataset_id, row) in wanted for row in told):
                found.append(event.event_id)
    return found
