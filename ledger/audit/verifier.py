"""Checks the whole log again, from the bodies up. Streams, in constant memory.

V1  leaves and chain re-hashed; the columns of an event say what its body says
V2  tree and tiles re-grown, against the stored checkpoints and their signatures
V3  the same against the checkpoints kept outside
V4  what other rooms registered: rows against events, positions against movements …
"""

import base64
import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from operator import ge
from queue import Empty, Queue
from threading import Event, Thread
from time import perf_counter
from typing import Any

import psycopg
from django.db import connection
from psycopg.rows import tuple_row

from ledger.audit import queries, tree
from ledger.audit.merkle import CHAIN_START, Grower, split_hashes
from ledger.audit.models import Checkpoint, Tile
from ledger.audit.notes import CheckpointText, VerifierKey, open_note, parse_note
from ledger.audit.outside import outside_store
from ledger.audit.rules import Fault
from ledger.kernel.errors import DomainError

PORTION = 5_000
READ_AHEAD = 3
Say = Callable[[str], None]

BOUNDS = "SELECT min(event_row), max(event_row) FROM ledger_audit_seal WHERE seq >= %s AND seq < %s"
# One row for a whole portion: hashing waits for nothing but bytes, five times faster than rows.
PACKED = """
SELECT count(*), min(seq), max(seq), array_agg(event_row), array_agg(xid), array_agg(length(body)),
       string_agg(body, ''::bytea), string_agg(leaf_hash, ''::bytea),
       string_agg(chain_hash, ''::bytea)
FROM (SELECT s.seq, s.event_row, s.chain_hash, e.xid, e.leaf_hash, '\\x00'::bytea || e.body AS body
      FROM (SELECT * FROM ledger_audit_seal WHERE seq >= %s AND seq < %s) AS s
      JOIN (SELECT * FROM ledger_audit_event WHERE id >= %s AND id <= %s) AS e
        ON e.id = s.event_row
      ORDER BY s.seq) AS portion
"""
SEALED = """
SELECT s.seq, s.event_row, s.chain_hash, e.body, e.leaf_hash, e.xid
FROM ledger_audit_seal s LEFT JOIN ledger_audit_event e ON e.id = s.event_row
WHERE s.seq >= %s AND s.seq < %s ORDER BY s.seq
"""
COLUMNS = """
SELECT e.id FROM ledger_audit_event AS e,
       json_to_record(convert_from(e.body, 'UTF8')::json)
           AS j(event uuid, verb text, subject text, actor uuid, party uuid, at timestamptz)
WHERE e.id > %s AND e.id <= %s
  AND (e.event_id, e.verb, e.subject, e.actor_id, e.party_id, e.happened_at)
      IS DISTINCT FROM (j.event, j.verb, j.subject, j.actor, j.party, j.at)
"""
ONE_BY_ONE = """
SELECT id, body, event_id::text, verb, subject, actor_id::text, party_id::text, happened_at
FROM ledger_audit_event WHERE id > %s AND id <= %s ORDER BY id
"""
WAITING = """
SELECT e.id, e.xid, e.body, e.leaf_hash
FROM ledger_audit_event e WHERE (e.xid, e.id) > (%s, %s) ORDER BY e.xid, e.id LIMIT %s
"""
# Behind the last seal and yet without one: nobody but a superuser can have put it there.
STRAY = """
SELECT e.id FROM ledger_audit_event e
WHERE (e.xid, e.id) <= (%s, %s)
  AND NOT EXISTS (SELECT FROM ledger_audit_seal s WHERE s.event_row = e.id)
ORDER BY e.id LIMIT 1
"""
TILES = """
SELECT t.level, t.position, t.hashes FROM ledger_audit_tile AS t
JOIN unnest(%s::int[], %s::bigint[]) AS w(level, position)
  ON t.level = w.level AND t.position = w.position
"""


def _rows(query: str, parameters: Sequence[Any]) -> list[Any]:
    """Binary results: no text to take apart, which doubles the speed."""
    connection.ensure_connection()
    return _fetch(connection.connection, query, parameters)


def _fetch(raw: Any, query: str, parameters: Sequence[Any]) -> list[Any]:
    with psycopg.Cursor(raw, row_factory=tuple_row) as cursor:
        return cursor.execute(query.encode(), parameters, binary=True).fetchall()


def _own_connection() -> Any:
    raw = connection.get_new_connection(connection.get_connection_params())
    raw.autocommit = True
    return raw


def _packed(raw: Any, low: int, high: int) -> Any:
    """A portion's bytes; None if its events lie too far apart to be read together."""
    first, last = _fetch(raw, BOUNDS, [low, high])[0]
    if first is None or last - first > 4 * PORTION:
        return None
    return _fetch(raw, PACKED, [low, high, first, last])[0]


def _sealed_portions(since: int, size: int) -> Iterator[tuple[int, int, Any]]:
    """The sealed events in order, a few portions read ahead on a connection of their own: the
    server looks up while we hash.
    """
    portions: Queue[Any] = Queue(maxsize=READ_AHEAD)
    stopped = Event()

    def read() -> None:
        try:
            with _own_connection() as raw:
                raw.execute("SET enable_nestloop = off")
                for low in range(since, size, PORTION):
                    high = min(low + PORTION, size)
                    portions.put((low, high, _packed(raw, low, high)))
                    if stopped.is_set():
                        return
        except BaseException as trouble:
            portions.put(trouble)

    reader = Thread(target=read, daemon=True)
    reader.start()
    try:
        for _ in range(since, size, PORTION):
            portion = portions.get()
            if isinstance(portion, BaseException):
                raise portion
            yield portion
    finally:
        stopped.set()
        while reader.is_alive():
            _drain(portions)
            reader.join(0.01)


def _drain(portions: "Queue[Any]") -> None:
    with suppress(Empty):
        portions.get_nowait()


@dataclass
class Report:
    """What a verification found: how much was looked at, and the first fault of each kind."""

    since: int = 0
    tree_size: int = 0
    unsealed_count: int = 0
    checkpoint_count: int = 0
    outside_count: int = 0
    hashing_seconds: float = 0.0  # without waiting for the server's bytes
    checks: list[str] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    first: dict[str, Fault] = field(default_factory=dict)

    @property
    def is_good(self) -> bool:
        return not self.first

    def note(self, fault: Fault) -> None:
        self.counts[fault.kind] = self.counts.get(fault.kind, 0) + 1
        self.first.setdefault(fault.kind, fault)

    def add(self, other: "Report") -> None:
        for kind, fault in other.first.items():
            self.first.setdefault(kind, fault)
            self.counts[kind] = self.counts.get(kind, 0) + other.counts[kind]

    def as_json(self) -> dict[str, Any]:
        return {
            "good": self.is_good,
            "since": self.since,
            "tree_size": self.tree_size,
            "unsealed": self.unsealed_count,
            "checkpoints": self.checkpoint_count,
            "outside_checkpoints": self.outside_count,
            "checks": self.checks,
            "faults": [
                {
                    "kind": fault.kind,
                    "first": fault.subject,
                    "text": fault.text,
                    "count": self.counts[fault.kind],
                }
                for fault in self.first.values()
            ],
        }


def rehash() -> Report:
    """V1 to V3 without the columns: for whoever measures."""
    report = Report()
    for fault in _Log(report, 0).read_sealed(lambda text: None):
        report.note(fault)
    return report


def verify(*, since: int = 0, say: Say = lambda text: None) -> Report:
    """Check everything from event number `since` on (0: the whole log).

    What lies before `since` is taken from the tiles, once they agree with a signed checkpoint of
    that size.
    """
    report = Report(since=since)
    log = _Log(report, since)
    with ThreadPoolExecutor(1) as beside:
        columns = beside.submit(_columns, since)
        _verify_log(log, report, say)
    report.add(columns.result())
    for name, check in queries.checks().items():
        say(f"{name} …")
        report.checks.append(name)
        for fault in _asked(name, check):
            report.note(fault)
    return report


def _asked(name: str, check: queries.Check) -> Iterator[Fault]:
    """A check that stumbles over altered rows has found something, too."""
    try:
        yield from check()
    except Exception as trouble:
        yield Fault("check.stopped", name, f"{type(trouble).__name__}: {trouble}")


def _verify_log(log: "_Log", report: Report, say: Say) -> None:
    for name, part in (
        ("events", log.read_sealed),
        ("tiles", log.compare_tiles),
        ("unsealed events", log.read_waiting),
    ):
        say(f"{name} …")
        for fault in part(say):
            report.note(fault)


@dataclass(frozen=True, slots=True)
class _Promise:
    """A checkpoint, stored or outside, waiting for the root at its size."""

    place: str  # "checkpoint" or "outside"
    subject: str
    said: CheckpointText


class _Log:
    """One pass over the sealed events."""

    def __init__(self, report: Report, since: int) -> None:
        self.report = report
        self.size = tree.sealed_size()
        self.grower = Grower()
        self.chain = CHAIN_START
        self.expected = since
        self.promises: dict[int, list[_Promise]] = {}
        self.last_order = (0, 0)

    # --- V1, V2, V3: one stream

    def read_sealed(self, say: Say) -> Iterator[Fault]:
        since = self.report.since
        yield from self._collect_promises()
        if since:
            yield from self._start_at(since)
        for low, high, packed in _sealed_portions(since, self.size):
            started = perf_counter()
            leaves, chains = self._unpack(packed, low, high)
            self.report.hashing_seconds += perf_counter() - started
            if not leaves:
                rows = _rows(SEALED, [low, high])
                leaves, chains = [row[4] or b"" for row in rows], [row[2] for row in rows]
                yield from self._look_closer(rows, high)
            yield from self._grow(leaves, chains)
            if high % (PORTION * 20) == 0:
                say(f"  {high:,} of {self.size:,}")
        self.report.tree_size = self.size
        yield from self._promises_too_large()

    def _unpack(self, packed: Any, low: int, high: int) -> tuple[list[bytes], list[bytes]]:
        """Hash one portion in one tight loop. Empty lists: something is odd, look closer."""
        nothing: tuple[list[bytes], list[bytes]] = [], []
        if packed is None or packed[:3] != (high - low, low, high - 1):
            return nothing
        _, _, _, rows, xids, lengths, bodies, leaves_seen, chains_seen = packed
        order = list(zip(xids, rows, strict=True))
        if order[0] <= self.last_order or any(map(ge, order, order[1:])):
            return nothing
        sha256, chain, start = hashlib.sha256, self.chain, 0
        leaves, chains, view = [], [], memoryview(bodies)
        for length in lengths:
            leaf = sha256(view[start : start + length]).digest()
            chain = sha256(chain + leaf).digest()
            start += length
            leaves.append(leaf)
            chains.append(chain)
        if b"".join(leaves) != leaves_seen or b"".join(chains) != chains_seen:
            return nothing
        self.chain, self.expected, self.last_order = chain, high, order[-1]
        return leaves, chains

    def _look_closer(self, rows: Sequence[Any], high: int) -> Iterator[Fault]:
        for row in rows:
            if row[0] != self.expected:
                yield Fault("seal.missing", f"audit.Seal:{self.expected}", "there is no such seal")
            self.expected = row[0] + 1
            if fault := self._row(row):
                yield fault
        if self.expected < high:
            yield Fault("seal.missing", f"audit.Seal:{self.expected}", "there is no such seal")
            self.expected = high

    def _row(self, row: Any) -> Fault | None:
        seq, event_row, chain, body, leaf = row[:5]
        if body is None:
            self.chain = chain
            return Fault("event.missing", f"audit.Seal:{seq}", f"event row {event_row} is gone")
        self.chain = hashlib.sha256(self.chain + leaf).digest()
        if hashlib.sha256(b"\x00" + body).digest() != leaf:
            return Fault("event.body", f"audit.Event:{event_row}", "body and leaf hash disagree")
        if self.chain != chain:
            self.chain = chain
            return Fault("seal.chain", f"audit.Seal:{seq}", "the chain does not lead here")
        order = (row[5], event_row)
        if order <= self.last_order:
            self.last_order = order
            return Fault("seal.order", f"audit.Seal:{seq}", "sealed before an earlier event")
        self.last_order = order
        return None

    def _grow(self, leaves: list[bytes], chains: list[bytes]) -> Iterator[Fault]:
        """Feed the tree, stopping at each size for which somebody made a promise."""
        start, base = 0, self.grower.size
        stops = sorted(s for s in self.promises if base < s <= base + len(leaves))
        for stop in [*stops, base + len(leaves)]:
            full = self.grower.add(leaves[start : stop - base])
            start = stop - base
            yield from self._compare(full)
            for promise in self.promises.pop(stop, ()):
                yield from self._kept(promise, chains[stop - base - 1])

    def _kept(self, promise: _Promise, chain: bytes) -> Iterator[Fault]:
        if promise.said.extensions.get("chain") != base64.b64encode(chain).decode():
            text = f"its chain value for {promise.said.tree_size} events is not the log's"
            yield Fault(f"{promise.place}.chain", promise.subject, text)
        if promise.said.root != self.grower.root():
            text = f"its root for {promise.said.tree_size} events is not the log's"
            yield Fault(f"{promise.place}.root", promise.subject, text)

    # --- checkpoints

    def _collect_promises(self) -> Iterator[Fault]:
        keys = queries.checkpoint_keys()
        outside = dict[str, str]()
        for name, note in outside_store().notes():
            outside[name] = note
            self.report.outside_count += 1
            yield from self._promise("outside", f"outside:{name}", note, keys)
        for checkpoint in Checkpoint.objects.order_by("id").iterator():
            self.report.checkpoint_count += 1
            subject = f"audit.Checkpoint:{checkpoint.pk}"
            yield from self._promise("checkpoint", subject, checkpoint.note, keys)
            yield from _checkpoint_columns(checkpoint, subject)
            name = f"{checkpoint.tree_size:014d}-{checkpoint.key_id}"
            copy = outside.get(name)
            if copy is None and checkpoint != queries.latest_checkpoint():
                yield Fault("outside.missing", f"outside:{name}", "there is no copy outside")
            elif copy is not None and copy != checkpoint.note:
                yield Fault("checkpoint.note", subject, "differs from its copy outside")

    def _promise(
        self, place: str, subject: str, note: str, keys: Sequence[VerifierKey]
    ) -> Iterator[Fault]:
        try:
            said = CheckpointText.parse(parse_note(note).text)
            open_note(note, keys)
        except DomainError as refusal:
            yield Fault(f"{place}.signature", subject, refusal.sentence())
            return
        if said.tree_size >= self.report.since:
            self.promises.setdefault(said.tree_size, []).append(_Promise(place, subject, said))

    def _promises_too_large(self) -> Iterator[Fault]:
        for size in sorted(self.promises):
            for promise in self.promises[size]:
                text = f"covers {size} events, the database holds {self.size}"
                yield Fault(f"{promise.place}.ahead", promise.subject, text)

    def _start_at(self, since: int) -> Iterator[Fault]:
        """Take up the tree and the chain at a checkpoint, trusted because it is signed."""
        rows = list[list[bytes]]()
        level = 0
        while since >> 8 * level:
            position, width = divmod(since >> 8 * level, 256)
            tile = Tile.objects.filter(level=level, position=position).first()
            rows.append(split_hashes(bytes(tile.hashes) if tile else b"")[:width])
            level += 1
        self.grower = Grower(since, rows)
        with connection.cursor() as cursor:
            cursor.execute("SELECT chain_hash FROM ledger_audit_seal WHERE seq = %s", [since - 1])
            self.chain = bytes((cursor.fetchone() or [b""])[0])
        if since not in self.promises:
            yield Fault(
                "since", f"size {since}", "no checkpoint of this size vouches for the start"
            )
        for promise in self.promises.pop(since, ()):
            yield from self._kept(promise, self.chain)

    # --- tiles

    def compare_tiles(self, say: Say) -> Iterator[Fault]:
        """The unfinished tiles, and that there are no others."""
        yield from self._compare(self.grower.unfinished())
        expected = 0
        entries = self.size
        while entries:
            expected += -(-entries // 256)
            entries //= 256
        if Tile.objects.count() != expected:
            yield Fault("tile.count", "audit.Tile:*", f"there should be {expected} tiles")

    def _compare(self, tiles: Sequence[tuple[int, int, bytes]]) -> Iterator[Fault]:
        if not tiles:
            return
        levels, places = [tile[0] for tile in tiles], [tile[1] for tile in tiles]
        stored = {(level, place): kept for level, place, kept in _rows(TILES, [levels, places])}
        for level, position, hashes in tiles:
            if stored.get((level, position)) != hashes:
                yield Fault("tile.hashes", f"audit.Tile:{level}/{position}", "not the log's hashes")

    # --- what is not sealed yet

    def read_waiting(self, say: Say) -> Iterator[Fault]:
        xid, last = sealed_until = self._last_sealed()
        while rows := _rows(WAITING, [xid, last, PORTION]):
            last, xid = rows[-1][:2]
            self.report.unsealed_count += len(rows)
            for row_id, _, body, leaf in rows:
                if hashlib.sha256(b"\x00" + body).digest() != leaf:
                    text = "body and leaf hash disagree"
                    yield Fault("event.body", f"audit.Event:{row_id}", text)
        for (row_id,) in _rows(STRAY, sealed_until):
            yield Fault("event.unsealed", f"audit.Event:{row_id}", "stands before the last seal")

    def _last_sealed(self) -> tuple[int, int]:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT e.xid, e.id FROM ledger_audit_seal s"
                " JOIN ledger_audit_event e ON e.id = s.event_row ORDER BY s.seq DESC LIMIT 1"
            )
            return tuple(cursor.fetchone() or (0, 0))


def _columns(since: int) -> Report:
    """Every event's columns against its body, by the server, beside the hashing."""
    report = Report()
    with _own_connection() as raw:
        query = "SELECT min(event_row) - 1 FROM ledger_audit_seal WHERE seq >= %s"
        low = _fetch(raw, query, [since])[0][0] or 0 if since else 0
        top = _fetch(raw, "SELECT max(id) FROM ledger_audit_event", [])[0][0] or 0
        for first in range(low, top, PORTION):
            for fault in _odd_columns(raw, first, first + PORTION):
                report.note(fault)
    return report


def _odd_columns(raw: Any, first: int, last: int) -> Iterator[Fault]:
    try:
        odd = _fetch(raw, COLUMNS, [first, last])
    except psycopg.Error:  # a body that is no JSON any more: look at each
        odd = [(0,)]
    if not odd:
        return
    for row in _fetch(raw, ONE_BY_ONE, [first, last]):
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


def _checkpoint_columns(checkpoint: Checkpoint, subject: str) -> Iterator[Fault]:
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
