"""Taking in and undoing, as acts that wait for a second pair of eyes; see `config/wiring.py`."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ledger.doors.wording import number_format
from ledger.imports import models, operations, queries
from ledger.imports.rules import get_target
from ledger.kernel.actors import Actor

Payload = Mapping[str, Any]
COMMIT = "imports.commit_import"
UNDO = "imports.undo_import"
OF_DAYS = frozenset({"PRICED", "CORRECTED", "RATED"})  # told of days, and by no units
OF_A_YEAR = frozenset({"VERIFIED", "ALLOCATED", "ENTITLED"})  # facts, not movements
TITLES: Mapping[str, Any] = {
    COMMIT: gettext_lazy("Taking an import in"),
    UNDO: gettext_lazy("Undoing an import"),
}


def commit(
    payload: Payload, *, by: Actor, at: datetime, approval_id: UUID | None
) -> Mapping[str, Any]:
    """The job is asked for; it takes the file in."""
    row = operations.commit_import(
        import_id=UUID(payload["import_id"]), by=by, at=at, approval_id=approval_id
    )
    return {"import": str(row.pk), "job": str(row.job_id)}


def undo(
    payload: Payload, *, by: Actor, at: datetime, approval_id: UUID | None
) -> Mapping[str, Any]:
    row = operations.undo_import(
        import_id=UUID(payload["import_id"]), reason=payload["reason"], by=by, at=at,
        approval_id=approval_id,
    )  # fmt: skip
    return {"import": str(row.pk), "job": str(row.job_id)}


JOBS = {COMMIT: commit, UNDO: undo}


def payload_of(row: models.Import, **more: Any) -> dict[str, Any]:
    """Bound to the very lines that were shown, and to the check they passed."""
    return {
        "import_id": str(row.pk),
        "sha256": row.sha256,
        "content": row.content_digest,
        "check": row.check_number,
        **more,
    }


def size(payload: Payload) -> int | None:
    """How many units an import moves, whatever it does to them; None: what it tells is no units."""
    row = _row(payload)
    if not get_target(row.target).moves_units:
        return None
    return sum(int(one["units"]) for one in row.summary.get("written", []))


def _row(payload: Payload) -> models.Import:
    return models.Import.objects.get(pk=payload["import_id"])


def describe_commit(payload: Payload) -> list[str]:
    """What will be written, in the reader's language."""
    return sentences_of(_row(payload))


def sentences_of(row: models.Import) -> list[str]:
    said = [
        _("The file %(name)s is taken in. Lines: %(lines)s, records: %(records)s.")
        % {
            "name": row.file_name,
            "records": number_format(row.summary.get("records", 0)),
            "lines": number_format(row.line_count),
        }
    ]
    for one in row.summary.get("written", [])[:30]:
        if one["kind"] in OF_DAYS:
            said.append(_days_told(one))
            continue
        sentence = _("%(kind)s: %(units)s units of %(scheme)s, vintage %(vintage)s.")
        if one["kind"] in OF_A_YEAR:
            sentence = _("%(kind)s of %(vintage)s, for %(scheme)s: %(units)s t.")
        said.append(
            sentence
            % {
                "kind": kind_name(one["kind"]),
                "units": number_format(one["units"]),
                "scheme": one["scheme"],
                "vintage": one["vintage"],
            }
        )
    if aside := queries.set_aside_count(row):
        said.append(_("%(count)s lines were set aside and stay out.") % {"count": aside})
    said.append(_("All of it is taken in, or nothing. It can be undone by linked reversals."))
    return said


def _days_told(one: Mapping[str, Any]) -> str:
    """Prices or rates, in a sentence."""
    about = {
        "kind": kind_name(one["kind"]),
        "what": " ".join(filter(None, (one["scheme"], str(one["vintage"] or "")))),
        "count": number_format(one["movements"]),
        "days": one["days"],
    }
    return _("%(kind)s: %(what)s, %(count)s days (%(days)s).") % about


def kind_name(kind: str) -> str:
    names = {
        "ISSUE": _("Issue"),
        "TRANSFER": _("Transfer"),
        "RETIRE": _("Retirement"),
        "CANCEL": _("Cancellation"),
        "SURRENDER": _("Surrender"),
        "VERIFIED": _("Verified emissions"),
        "ALLOCATED": _("Allocated free"),
        "ENTITLED": _("Entitled to, free"),
        "PRICED": _("Prices told"),
        "CORRECTED": _("Told before, corrected"),
        "RATED": _("Exchange rates told"),
    }
    return names.get(kind, kind)


def describe_undo(payload: Payload) -> list[str]:
    row = _row(payload)
    return [
        _("What the file %(name)s brought is taken back by linked reversals.")
        % {"name": row.file_name},
        _("If units have moved on since, nothing is taken back."),
        _("Reason: %(reason)s.") % {"reason": payload["reason"]},
    ]


def fingerprint(payload: Payload) -> Mapping[str, Any]:
    """The import as it was shown: its lines, its check, what was set aside."""
    row = _row(payload)
    return {
        "state": row.state,
        "content": row.content_digest,
        "check": row.check_number,
        "problems": row.problem_count,
        "aside": queries.set_aside_count(row),
    }
