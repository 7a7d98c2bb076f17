"""A witness: cosigns a checkpoint that continues the last one it saw of its log, and no other.

Its folder holds its key, what it saw last of each log, and what it refused: two checkpoints of one
log that do not continue each other, both signed by it, are the proof that it lied.
"""

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger.audit.cosigning import WitnessKey, cosign
from ledger.audit.notes import (
    CheckpointText,
    NoteMalformed,
    NoteNotSigned,
    NoteSignatureWrong,
    VerifierKey,
    open_note,
    parse_note,
)
from ledger.audit.paths import EMPTY_ROOT, ProofRefused, check_consistency
from ledger.audit.witnessing.protocol import SIZE_TYPE, Reply, Submission
from ledger.kernel.errors import N_, DomainError

MOST_REFUSALS = 10_000
TABLES = """
CREATE TABLE witness (name TEXT NOT NULL);
CREATE TABLE log (verifier TEXT PRIMARY KEY);
CREATE TABLE seen (origin TEXT PRIMARY KEY, size INTEGER NOT NULL, note TEXT NOT NULL);
CREATE TABLE refused (at INTEGER NOT NULL, why TEXT NOT NULL, size INTEGER NOT NULL,
                      note TEXT NOT NULL, UNIQUE (why, note));
"""


class NoWitness(DomainError):
    """Without its memory a witness must not go on: it would sign a rewind."""

    code = "no_witness"
    message = N_("There is no witness in this folder, or there is one already.")


@dataclass(frozen=True)
class Witness:
    """Keeps everything in one folder; several processes may share it."""

    folder: Path

    @classmethod
    def found(cls, folder: Path, *, name: str) -> "Witness":
        """Make a key and an empty memory.

        :raises NoWitness: there is one already
        :raises NoteMalformed: a name that no key can have
        """
        made, private = cls(folder), Ed25519PrivateKey.generate()
        WitnessKey.parse(str(WitnessKey(name, private.public_key().public_bytes_raw())))
        if made._memory.exists() or made._key.exists():
            raise NoWitness(str(folder))
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        pem = private.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        with os.fdopen(os.open(made._key, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as f:
            f.write(pem)
        with closing(sqlite3.connect(made._memory)) as memory:
            memory.executescript(TABLES)
            memory.execute("INSERT INTO witness VALUES (?)", [name])
            memory.commit()
        return made

    @property
    def _key(self) -> Path:
        return self.folder / "witness.pem"

    @property
    def _memory(self) -> Path:
        return self.folder / "memory.sqlite3"

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """One at a time, kept on disk before anybody is answered.

        :raises NoWitness: the memory is gone
        """
        if not self._memory.exists():
            raise NoWitness(str(self.folder))
        with closing(sqlite3.connect(self._memory, timeout=30, isolation_level=None)) as memory:
            memory.execute("PRAGMA synchronous = FULL")
            memory.execute("BEGIN IMMEDIATE")
            try:
                yield memory
                memory.execute("COMMIT")
            except BaseException:
                memory.execute("ROLLBACK")
                raise

    def _private(self) -> Ed25519PrivateKey:
        key = serialization.load_pem_private_key(self._key.read_bytes(), password=None)
        assert isinstance(key, Ed25519PrivateKey)  # noqa: S101  written by `found`
        return key

    @property
    def key(self) -> WitnessKey:
        """The public half, for the policies of those who trust this witness.

        :raises NoWitness: none in this folder
        """
        with self._writing() as memory:
            (name,) = memory.execute("SELECT name FROM witness").fetchone()
        return WitnessKey(name, self._private().public_key().public_bytes_raw())

    def trust(self, key: VerifierKey) -> None:
        """Watch a log from now on; another key of the same log when it rotates its own."""
        with self._writing() as memory:
            memory.execute("INSERT OR IGNORE INTO log VALUES (?)", [str(key)])

    def logs(self) -> list[VerifierKey]:
        with self._writing() as memory:
            found = memory.execute("SELECT verifier FROM log ORDER BY rowid").fetchall()
        return [VerifierKey.parse(one) for (one,) in found]

    def seen(self) -> dict[str, str]:
        """The last checkpoint of each log, with our cosignature: keep it, or show it around."""
        with self._writing() as memory:
            return dict(memory.execute("SELECT origin, note FROM seen ORDER BY origin").fetchall())

    def refused(self) -> list[tuple[str, str]]:
        """Why, and the note: of checkpoints that were signed by a log and did not continue it."""
        with self._writing() as memory:
            found = memory.execute("SELECT why, note FROM refused ORDER BY rowid").fetchall()
        return [(why, note) for why, note in found]

    # --- the one thing that it does

    def add_checkpoint(self, body: bytes) -> Reply:
        """Check and cosign, or say why not (c2sp.org/tlog-witness).

        :raises NoWitness: the memory is gone
        """
        try:
            asked = Submission.parse(body)
            said = CheckpointText.parse(parse_note(asked.note).text)
        except NoteMalformed as wrong:
            return Reply(400, f"{wrong.sentence()}\n")
        known = [key for key in self.logs() if key.name == said.origin]
        if not known:
            return Reply(404, "this log is not watched here\n")
        try:
            open_note(asked.note, known)
        except (NoteNotSigned, NoteSignatureWrong) as wrong:
            return Reply(403, f"{wrong.sentence()}\n")
        if asked.old_size > said.tree_size:
            return Reply(400, "the old size is larger than the checkpoint\n")
        with self._writing() as memory:
            return self._continued(memory, asked, said)

    def _continued(
        self, memory: sqlite3.Connection, asked: Submission, said: CheckpointText
    ) -> Reply:
        row = memory.execute("SELECT note FROM seen WHERE origin = ?", [said.origin]).fetchone()
        last = CheckpointText.parse(parse_note(row[0]).text) if row else None
        seen = last.tree_size if last else 0
        if last and seen == said.tree_size and last.root != said.root:
            self._keep(memory, "fork", asked, said)
            return Reply(409, f"{seen}\n", SIZE_TYPE)
        if asked.old_size != seen:
            return Reply(409, f"{seen}\n", SIZE_TYPE)
        try:
            _check_path(last, asked, said)
        except ProofRefused as wrong:
            self._keep(memory, "unproved", asked, said)
            return Reply(422, f"{wrong.sentence()}\n")
        return Reply(200, self._cosigned(memory, asked, said))

    def _cosigned(self, memory: sqlite3.Connection, asked: Submission, said: CheckpointText) -> str:
        (name,) = memory.execute("SELECT name FROM witness").fetchone()
        text = parse_note(asked.note).text
        line = cosign(text, name=name, private=self._private(), seconds=int(time.time())).line()
        memory.execute(
            "INSERT OR REPLACE INTO seen VALUES (?, ?, ?)",
            [said.origin, said.tree_size, asked.note + line],
        )
        return line

    def _keep(
        self, memory: sqlite3.Connection, why: str, asked: Submission, said: CheckpointText
    ) -> None:
        (count,) = memory.execute("SELECT count(*) FROM refused").fetchone()
        if count < MOST_REFUSALS:
            told = [int(time.time()), why, said.tree_size, asked.note]
            memory.execute("INSERT OR IGNORE INTO refused VALUES (?, ?, ?, ?)", told)


def _check_path(last: CheckpointText | None, asked: Submission, said: CheckpointText) -> None:
    """:raises ProofRefused: the checkpoint is not shown to continue the last one"""
    if last is None or not last.tree_size:
        if asked.path or (not said.tree_size and said.root != EMPTY_ROOT):
            raise ProofRefused("from the empty log")
        return
    check_consistency(
        size1=last.tree_size,
        size2=said.tree_size,
        root1=last.root,
        root2=said.root,
        path=asked.path,
    )
