"""Cosignatures of witnesses (c2sp.org/tlog-cosignature, `cosignature/v1`).

A witness says: at this time this checkpoint was the largest of its log that I had seen, and it
continues all that I saw before. No Django: the offline verifier and the witness need this file.
"""

from dataclasses import dataclass
from typing import ClassVar

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger.audit.notes import NoteSignatureWrong, Signature, VerifierKey

COSIGNATURE = b"\x04"
TIME_SIZE = 8


def cosigned_message(text: str, *, seconds: int) -> bytes:
    """What a witness signs: the checkpoint's text under a heading with the time."""
    return f"cosignature/v1\ntime {seconds}\n{text}".encode()


@dataclass(frozen=True, slots=True)
class WitnessKey(VerifierKey):
    """The public key of a witness; `notes.open_note` takes it like any other."""

    algorithm: ClassVar[bytes] = COSIGNATURE

    def check(self, message: bytes, signature: bytes) -> None:
        """:raises NoteSignatureWrong: not this witness's cosignature of the checkpoint"""
        seconds = int.from_bytes(signature[:TIME_SIZE], "big")
        told = cosigned_message(message.decode(), seconds=seconds)
        if not seconds:
            raise NoteSignatureWrong(self.name)
        VerifierKey.check(self, told, signature[TIME_SIZE:])


def cosign(text: str, *, name: str, private: Ed25519PrivateKey, seconds: int) -> Signature:
    """The signature line that a witness adds under a checkpoint."""
    key = WitnessKey(name=name, public_key=private.public_key().public_bytes_raw())
    signed = private.sign(cosigned_message(text, seconds=seconds))
    return Signature(name, key.key_id, seconds.to_bytes(TIME_SIZE, "big") + signed)


def seconds_of(signature: Signature) -> int:
    """When the witness signed, in seconds since 1970."""
    return int.from_bytes(signature.value[:TIME_SIZE], "big")
