"""One pass over the sealed events: leaves, chain, tree, and every checkpoint on the way."""

import base64
import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from operator import ge
from time import perf_counter_ns
from typing import Any

from django.db import connection

from ledger.audit import queries, tree
from ledger.audit.merkle import CHAIN_START, Grower, split_hashes
from ledger.audit.models import Checkpoint, Tile
from ledger.audit.notes import CheckpointText, VerifierKey, open_note, parse_note
from ledger.audit.outside import outside_store
from ledger.audit.rules import Fault
from ledger.audit.verifying.columns import checkpoint_columns
from ledger.audit.verifying.portions import PORTION, SEALED, rows, sealed_portions
from ledger.audit.verifying.report import Report
from ledger.kernel.errors import DomainError

Say = Callable[[str], None]

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


@dataclass(frozen=True, slots=True)
class _Promise:
    """A checkpoint, stored or outside, waiting for the root at its size."""

    place: str  # "checkpoint" or "outside"
    subject: str
    said: CheckpointText


class Log:
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
        for low, high, packed in sealed_portions(since, self.size):
            started = perf_counter_ns()
            leaves, chains = self._unpack(packed, low, high)
            self.report.hashing_nanoseconds += perf_counter_ns() - started
            if not leaves:
                found = rows(SEALED, [low, high])
                leaves, chains = [row[4] or b"" for row in found], [row[2] for row in found]
                yield from self._look_closer(found, high)
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
        _, _, _, ids, xids, lengths, bodies, leaves_seen, chains_seen = packed
        order = list(zip(xids, ids, strict=True))
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

    def _look_closer(self, found: Sequence[Any], high: int) -> Iterator[Fault]:
        for row in found:
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
            yield from checkpoint_columns(checkpoint, subject)
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
        stored = {(level, place): kept for level, place, kept in rows(TILES, [levels, places])}
        for level, position, hashes in tiles:
            if stored.get((level, position)) != hashes:
                yield Fault("tile.hashes", f"audit.Tile:{level}/{position}", "not the log's hashes")

    # --- what is not sealed yet

    def read_waiting(self, say: Say) -> Iterator[Fault]:
        xid, last = sealed_until = self._last_sealed()
        while found := rows(WAITING, [xid, last, PORTION]):
            last, xid = found[-1][:2]
            self.report.unsealed_count += len(found)
            for row_id, _, body, leaf in found:
                if hashlib.sha256(b"\x00" + body).digest() != leaf:
                    text = "body and leaf hash disagree"
                    yield Fault("event.body", f"audit.Event:{row_id}", text)
        for (row_id,) in rows(STRAY, sealed_until):
            yield Fault("event.unsealed", f"audit.Event:{row_id}", "stands before the last seal")

    def _last_sealed(self) -> tuple[int, int]:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT e.xid, e.id FROM ledger_audit_seal s"
                " JOIN ledger_audit_event e ON e.id = s.event_row ORDER BY s.seq DESC LIMIT 1"
            )
            return tuple(cursor.fetchone() or (0, 0))
