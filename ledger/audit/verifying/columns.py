"""The columns of an event repeat its body, for filters; here they are held against it."""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import psycopg

from ledger.audit.models import Checkpoint
from ledger.audit.notes import CheckpointText, parse_note
from ledger.audit.rules import Fault
from ledger.audit.verifying.portions import PORTION, fetch, own_connection
from ledger.audit.verifying.report import Report
from ledger.kernel.errors import DomainError

COLUMNS = """
SELECT e.id FROM ledger_audit_event AS e,
       json_to_record(convert_from(e.body, 'UTF8')::json)
           AS j(event uuid, verb text, subject text, actor uuid, party uuid, at timestamptz)
WHERE e.id > %s AND e.id <= %s
  AND (e.event_id, e.verb, e.subject, e.actor_id, e.party_id, e.happened_at)
      IS DISTINCT FROM (j.event, j.verb, j.subject, j.actor, j.party, j.at)
"""
# what was written late may lie before what was sealed first; OFFSET: see `portions.BOUNDS`
FIRST_SINCE = """
SELECT min(event_row) - 1
FROM (SELECT event_row FROM ledger_audit_seal WHERE seq >= %s OFFSET 0) AS rest
"""
ONE_BY_ONE = """
SELECT id, body, event_id::text, verb, subject, actor_id::text, party_id::text, happened_at
FROM ledger_audit_event WHERE id > %s AND id <= %s ORDER BY id
"""


def odd_columns(since: int) -> Report:
    """Every event's columns against its body, by the server, beside the hashing."""
    report = Report()
    with own_connection() as raw:
        low = fetch(raw, FIRST_SINCE, [since])[0][0] or 0 if since else 0
        top = fetch(raw, "SELECT max(id) FROM ledger_audit_event", [])[0][0] or 0
        for first in range(low, top, PORTION):
            for fault in _odd_in(raw, first, first + PORTION):
                report.note(fault)
    return report


def _odd_in(raw: Any, first: int, last: int) -> Iterator[Fault]:
    try:
        odd = fetch(raw, COLUMNS, [first, last])
    except psycopg.Error:  # a body that is no JSON any more: look at each
        odd = [(0,)]
    if not odd:
        return
    for row in fetch(raw, ONE_BY_ONE, [first, last]):
        if differences := _what_differs(row):
            yield Fault("event.columns", f"audit.Event:{row[0]}", differences)


def _what_differs(row: Any) -> str:
    """Names the columns that do not say what the body says."""
    _, body, event, verb, subject, actor, party, at = row
    try:
        said = json.loads(body)
        told = {name: said[name] for name in ("event", "verb", "subject", "actor", "party")}
        told["at"] = datetime.fromisoformat(said["at"])
    except (ValueError, KeyError, TypeError):
        return "body (cannot be read)"
    columns = {"event": event, "verb": verb, "subject": subject, "actor": actor, "party": party}
    columns["at"] = at
    return ", ".join(name for name in columns if columns[name] != told[name])


def checkpoint_columns(checkpoint: Checkpoint, subject: str) -> Iterator[Fault]:
    try:
        note = parse_note(checkpoint.note)
        said = CheckpointText.parse(note.text)
        made_at = datetime.fromisoformat(said.extensions.get("time", ""))
    except (DomainError, ValueError):
        return  # said already, as a wrong signature
    columns = {
        "tree_size": checkpoint.tree_size == said.tree_size,
        "root_hash": bytes(checkpoint.root_hash) == said.root,
        "made_at": checkpoint.made_at == made_at,
        "key_id": checkpoint.key_id in {one.key_id.hex() for one in note.signatures},
    }
    wrong = ", ".join(name for name, fits in columns.items() if not fits)
    if wrong:
        yield Fault("checkpoint.columns", subject, f"{wrong}: not as in the note")
