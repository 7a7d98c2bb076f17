"""C2SP signed notes and checkpoints (c2sp.org/signed-note, c2sp.org/tlog-checkpoint).

A note is a text, an empty line, and signature lines. Somebody who reads it takes the signatures
of the keys that he knows, and passes over the others (a witness may have added its own).
"""

import base64
import binascii
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Protocol, Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from ledger.kernel.errors import N_, DomainError

ED25519 = b"\x01"
MOST_SIGNATURES = 100
LONGEST_NOTE = 1_000_000


class NoteMalformed(DomainError):
    code = "note_malformed"
    message = N_("This is not a signed note.")


class NoteNotSigned(DomainError):
    """No signature by a key that is trusted."""

    code = "note_not_signed"
    message = N_("The note carries no signature of a known key.")


class NoteSignatureWrong(DomainError):
    code = "note_signature_wrong"
    message = N_("The signature under the note is wrong.")


class Signer(Protocol):
    """Whatever can sign: a file key, a token, a key service."""

    @property
    def verifier(self) -> "VerifierKey": ...

    def sign(self, message: bytes) -> bytes: ...


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """The public half of a signing key, under its name: `<name>+<key id>+<base64>`."""

    algorithm: ClassVar[bytes] = ED25519
    name: str
    public_key: bytes

    @property
    def key_id(self) -> bytes:
        told = self.name.encode() + b"\n" + self.algorithm + self.public_key
        return hashlib.sha256(told).digest()[:4]

    def __str__(self) -> str:
        public = base64.b64encode(self.algorithm + self.public_key).decode()
        return f"{self.name}+{self.key_id.hex()}+{public}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """:raises NoteMalformed: not a verifier key of this kind, or its key id is not its own"""
        name, _, rest = text.strip().partition("+")
        key_id, _, encoded = rest.partition("+")
        blob = _from_base64(encoded)
        if not _is_key_name(name) or blob[:1] != cls.algorithm or len(blob) != 33:
            raise NoteMalformed("verifier key")
        key = cls(name=name, public_key=blob[1:])
        if key.key_id.hex() != key_id:
            raise NoteMalformed("key id")
        return key

    def check(self, message: bytes, signature: bytes) -> None:
        """:raises NoteSignatureWrong: not this key's signature of the message"""
        try:
            Ed25519PublicKey.from_public_bytes(self.public_key).verify(signature, message)
        except (InvalidSignature, ValueError) as wrong:
            raise NoteSignatureWrong(self.name) from wrong


@dataclass(frozen=True, slots=True)
class Signature:
    name: str
    key_id: bytes
    value: bytes

    def line(self) -> str:
        return f"— {self.name} {base64.b64encode(self.key_id + self.value).decode()}\n"


@dataclass(frozen=True, slots=True)
class Note:
    """A text that ends with a newline, and what is signed under it."""

    text: str
    signatures: tuple[Signature, ...]

    def __str__(self) -> str:
        return self.text + "\n" + "".join(signature.line() for signature in self.signatures)


@dataclass(frozen=True, slots=True)
class Opened:
    """A note with at least one good signature of a known key."""

    text: str
    verified_by: tuple[str, ...]
    unverified: tuple[str, ...]


def _is_key_name(name: str) -> bool:
    return bool(name) and "+" not in name and not any(letter.isspace() for letter in name)


def _from_base64(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as wrong:
        raise NoteMalformed("base64") from wrong


def _check_characters(note: str) -> None:
    if len(note) > LONGEST_NOTE or not note.isprintable():
        odd = any(ord(letter) < 0x20 and letter != "\n" for letter in note)
        if odd or len(note) > LONGEST_NOTE:
            raise NoteMalformed("control characters, or too long")


def parse_note(note: str) -> Note:
    """:raises NoteMalformed: no text, no signature line, or a line of another form"""
    _check_characters(note)
    head, gap, tail = note.rpartition("\n\n")
    if not gap or not tail.endswith("\n"):
        raise NoteMalformed("no signatures")
    lines = tail[:-1].split("\n")
    if len(lines) > MOST_SIGNATURES:
        raise NoteMalformed("too many signatures")
    return Note(text=head + "\n", signatures=tuple(_parse_signature(line) for line in lines))


def _parse_signature(line: str) -> Signature:
    mark, _, rest = line.partition(" ")
    name, _, encoded = rest.partition(" ")
    blob = _from_base64(encoded)
    if mark != "—" or not _is_key_name(name) or len(blob) < 5:
        raise NoteMalformed("signature line")
    return Signature(name=name, key_id=blob[:4], value=blob[4:])


def open_note(note: str, known: Iterable[VerifierKey]) -> Opened:
    """The text of a note, once somebody known has signed it.

    :raises NoteMalformed: not a note
    :raises NoteSignatureWrong: a known key's signature does not fit the text
    :raises NoteNotSigned: no known key signed
    """
    parsed = parse_note(note)
    keys = {(key.name, key.key_id): key for key in known}
    good, others = list[str](), list[str]()
    for signature in parsed.signatures:
        key = keys.get((signature.name, signature.key_id))
        if key is None:
            others.append(signature.name)
            continue
        key.check(parsed.text.encode(), signature.value)
        good.append(signature.name)
    if not good:
        raise NoteNotSigned(", ".join(others))
    return Opened(text=parsed.text, verified_by=tuple(good), unverified=tuple(others))


def sign_note(text: str, signers: Sequence[Signer]) -> str:
    """:raises NoteMalformed: the text does not end with a newline, or nobody signs"""
    if not text.endswith("\n") or not signers:
        raise NoteMalformed("text or signer missing")
    signatures = tuple(
        Signature(
            name=signer.verifier.name,
            key_id=signer.verifier.key_id,
            value=signer.sign(text.encode()),
        )
        for signer in signers
    )
    return str(Note(text=text, signatures=signatures))


@dataclass(frozen=True, slots=True)
class CheckpointText:
    """Origin, size and root of a log, and lines of our own (`chain …`, `time …`)."""

    origin: str
    tree_size: int
    root: bytes
    extensions: Mapping[str, str]

    def __str__(self) -> str:
        root = base64.b64encode(self.root).decode()
        lines = [self.origin, str(self.tree_size), root]
        lines += [f"{name} {value}" for name, value in self.extensions.items()]
        return "\n".join(lines) + "\n"

    @classmethod
    def parse(cls, text: str) -> "CheckpointText":
        """:raises NoteMalformed: not a checkpoint"""
        lines = text.split("\n")
        if len(lines) < 4 or lines.pop() or not all(lines):
            raise NoteMalformed("checkpoint lines")
        origin, size, root, *others = lines
        if not (size.isascii() and size.isdigit()) or str(int(size)) != size:
            raise NoteMalformed("checkpoint size")
        hashed = _from_base64(root)
        if len(hashed) != 32:
            raise NoteMalformed("checkpoint root")
        extensions = dict(line.partition(" ")[::2] for line in others)
        return cls(origin=origin, tree_size=int(size), root=hashed, extensions=extensions)
