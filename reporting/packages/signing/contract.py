"""What a signer promises, wherever its key lies; and what all that are made of pyHanko share."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.x509.oid import NameOID
from django.conf import settings

from reporting.packages.rules import DemonstrationKeyRefused
from reporting.packages.signing.keys import DEMONSTRATION

if TYPE_CHECKING:
    from pyhanko.sign.signers import Signer

    from reporting.packages.signing.pades import LongTerm


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

    def sign_detached(self, content: bytes) -> bytes:
        """A CMS signature (CAdES) beside the content.

        :raises DocumentKeyMissing, DemonstrationKeyRefused: it cannot, it must not
        """


class PadesSigner(ABC):
    """What is the same wherever the key lies; where it lies is the subclass's to say.

    pyHanko is loaded by the first signature and not before: it takes a quarter of a second.
    """

    time_service: str

    @property
    @abstractmethod
    def certificate(self) -> x509.Certificate:
        """:raises DocumentKeyMissing: there is none"""

    @property
    @abstractmethod
    def _signer(self) -> "Signer":
        """:raises DocumentKeyMissing, KeyOfAnotherCertificate: there is no such key"""

    @property
    def _long_term(self) -> "LongTerm | None":
        """What makes a signature last; None where it is not at hand."""
        return None

    @property
    def is_demonstration(self) -> bool:
        units = self.certificate.subject.get_attributes_for_oid(NameOID.ORGANIZATIONAL_UNIT_NAME)
        return any(unit.value == DEMONSTRATION for unit in units)

    def _check_may_sign(self) -> None:
        if self.is_demonstration and settings.PRODUCTION:
            raise DemonstrationKeyRefused

    def sign(self, pdf: bytes) -> SignedDocument:
        """PAdES B-B; with a time service B-T; with revocation lists beside it B-LT.

        :raises DocumentKeyMissing, DemonstrationKeyRefused, KeyOfAnotherCertificate:
        :raises NoTimeStamp: the service gave none; nothing is signed, trying again is safe
        """
        from reporting.packages.signing import pades

        self._check_may_sign()
        lasting = self._long_term if self.time_service else None
        signed = pades.sign(
            pdf, signer=self._signer, time_service=self.time_service, long_term=lasting
        )
        return SignedDocument(
            content=signed,
            level="B-LT" if lasting else "B-T" if self.time_service else "B-B",
            certificate_sha256=self.certificate.fingerprint(hashes.SHA256()).hex(),
            subject=self.certificate.subject.rfc4514_string(),
        )

    def sign_detached(self, content: bytes) -> bytes:
        """CAdES, with a time stamp where there is a service.

        :raises DocumentKeyMissing, DemonstrationKeyRefused, KeyOfAnotherCertificate:
        :raises NoTimeStamp: the service gave none
        """
        from reporting.packages.signing import pades

        self._check_may_sign()
        return pades.sign_detached(content, signer=self._signer, time_service=self.time_service)
