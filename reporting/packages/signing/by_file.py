"""Signs with the key of a folder, or of a PKCS#12 file."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import pkcs12

from reporting.packages.rules import DocumentKeyMissing, KeyOfAnotherCertificate
from reporting.packages.signing.contract import PadesSigner
from reporting.packages.signing.keys import CERTIFICATE, KEY, REVOKED, ROOT, TIME_ROOTS

if TYPE_CHECKING:
    from pyhanko.sign.signers import Signer

    from reporting.packages.signing.pades import LongTerm


@dataclass(frozen=True)
class FileDocumentSigner(PadesSigner):
    """The key in a folder; a time stamp by a service where one is configured.

    Signatures last (B-LT) when the folder also holds the list of what our root has withdrawn and
    the roots of the time service.
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

    @cached_property
    def _long_term(self) -> "LongTerm | None":
        return lasting_by(self.folder)

    def _check_pair(self) -> None:
        key = serialization.load_pem_private_key((self.folder / KEY).read_bytes(), None)
        public = serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        own = key.public_key().public_bytes(*public)
        if own != self.certificate.public_key().public_bytes(*public):
            raise KeyOfAnotherCertificate


def lasting_by(folder: Path) -> "LongTerm | None":
    """Roots and revocation lists in a folder; None unless all of them are there."""
    from reporting.packages.signing import pades

    roots, lists = [folder / ROOT, folder / TIME_ROOTS], [folder / REVOKED]
    if not all(path.exists() for path in (*roots, *lists)):
        return None
    return pades.load_long_term(roots=roots, lists=lists)


@dataclass(frozen=True)
class P12DocumentSigner(PadesSigner):
    """The key in a PKCS#12 file, as certification authorities hand it out."""

    path: Path
    password: bytes
    time_service: str = ""

    @cached_property
    def certificate(self) -> x509.Certificate:
        if not self.path.is_file():
            raise DocumentKeyMissing
        try:
            found = pkcs12.load_pkcs12(self.path.read_bytes(), self.password)
        except ValueError as wrong:
            raise DocumentKeyMissing from wrong
        if found.cert is None or found.key is None:
            raise DocumentKeyMissing
        return found.cert.certificate

    @cached_property
    def _signer(self) -> "Signer":
        from reporting.packages.signing import pades

        assert self.certificate  # noqa: S101  read first: a wrong password is a refusal
        return pades.load_p12_signer(path=self.path, password=self.password)

    @cached_property
    def _long_term(self) -> "LongTerm | None":
        return lasting_by(self.path.parent)
