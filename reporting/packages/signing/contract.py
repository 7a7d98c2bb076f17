"""What a signer promises, wherever its key lies."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class SignedDocument:
    """A signed file and who signed it."""

    content: bytes
    level: str
    certificate_sha256: str
    subject: str


class DocumentSigner(Protocol):
    """Signs documents. The private key never leaves it."""

    def sign(self, pdf: bytes) -> SignedDocument:
        """:raises DocumentKeyMissing, DemonstrationKeyRefused: it cannot, it must not"""
