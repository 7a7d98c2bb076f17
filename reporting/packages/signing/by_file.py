"""Signs with the key of a folder."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509.oid import NameOID
from django.conf import settings

from reporting.packages.rules import (
    DemonstrationKeyRefused,
    DocumentKeyMissing,
    KeyOfAnotherCertificate,
)
from reporting.packages.signing.contract import SignedDocument
from reporting.packages.signing.keys import CERTIFICATE, DEMONSTRATION, KEY, ROOT

if TYPE_CHECKING:
    from pyhanko.sign.signers import Signer


@dataclass(frozen=True)
class FileDocumentSigner:
    """The key in a folder; a time stamp by a service where one is configured.

    pyHanko is loaded by the first signature and not before: it takes a quarter of a second.
    """

    folder: Path
    time_service: str = ""

    @cached_property
    def certificate(self) -> x509.Certificate:
        path = self.folder / CERTIFICATE
        if not path.exists() or not (self.folder / KEY).exists():
            raise DocumentKeyMissing
        return x509.load_pem_x509_certificate(path.read_bytes())

    @cached_property
    def _signer(self) -> "Signer":
        from reporting.packages.signing import pades

        self._check_pair()
        return pades.load_signer(
            certificate=self.folder / CERTIFICATE, key=self.folder / KEY, root=self.folder / ROOT
        )

    def _check_pair(self) -> None:
        key = serialization.load_pem_private_key((self.folder / KEY).read_bytes(), None)
        public = serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        own = key.public_key().public_bytes(*public)
        if own != self.certificate.public_key().public_bytes(*public):
            raise KeyOfAnotherCertificate

    @property
    def is_demonstration(self) -> bool:
        units = self.certificate.subject.get_attributes_for_oid(NameOID.ORGANIZATIONAL_UNIT_NAME)
        return any(unit.value == DEMONSTRATION for unit in units)

    def sign(self, pdf: bytes) -> SignedDocument:
        """PAdES B-T with a time service, B-B without.

        :raises DocumentKeyMissing, DemonstrationKeyRefused, KeyOfAnotherCertificate:
        :raises NoTimeStamp: the service gave none; nothing is signed, trying again is safe
        """
        from reporting.packages.signing import pades

        if self.is_demonstration and settings.PRODUCTION:
            raise DemonstrationKeyRefused
        return SignedDocument(
            content=pades.sign(pdf, signer=self._signer, time_service=self.time_service),
            level="B-T" if self.time_service else "B-B",
            certificate_sha256=self.certificate.fingerprint(hashes.SHA256()).hex(),
            subject=self.certificate.subject.rfc4514_string(),
        )
