"""`add-checkpoint`: what is handed in, byte by byte."""

import base64
import binascii
from collections.abc import Sequence
from typing import NamedTuple

from ledger.audit.notes import NoteMalformed

PATH = "/add-checkpoint"
SIZE_TYPE = "text/x.tlog.size"
MOST_LINES = 63
LONGEST = 65_536


class Submission(NamedTuple):
    """A checkpoint, and the proof that it continues the one of `old_size` events."""

    old_size: int
    path: Sequence[bytes]
    note: str

    def body(self) -> bytes:
        lines = [f"old {self.old_size}", *(base64.b64encode(one).decode() for one in self.path)]
        return ("\n".join(lines) + "\n\n" + self.note).encode()

    @classmethod
    def parse(cls, body: bytes) -> "Submission":
        """:raises NoteMalformed: not of that form"""
        try:
            head, gap, note = body.decode().partition("\n\n")
            first, *others = head.split("\n")
            if not gap or not first.startswith("old ") or len(others) > MOST_LINES:
                raise NoteMalformed("a proof, an empty line, a checkpoint")
            path = [base64.b64decode(one, validate=True) for one in others]
        except (UnicodeDecodeError, binascii.Error, ValueError) as wrong:
            raise NoteMalformed("the proof") from wrong
        return cls(size_of(first.removeprefix("old ")), path, note)


class Reply(NamedTuple):
    """What is answered to whoever handed a checkpoint in."""

    status: int
    text: str
    kind: str = "text/plain; charset=utf-8"


def size_of(text: str) -> int:
    """:raises NoteMalformed: not a size as the protocol writes it"""
    if not (text.isascii() and text.isdigit() and len(text) < 20 and str(int(text)) == text):
        raise NoteMalformed("a size")
    return int(text)
