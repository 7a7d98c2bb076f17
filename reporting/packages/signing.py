"""Signing PDF documents: PAdES, one revision, certified so that any change breaks it.

The key lies in files by default. A token or a key service gives `DOCUMENT_SIGNER` another class
with the methods of `DocumentSigner`.
"""

import io
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.conf import settings
from django.utils.module_loading import import_string
from pyhanko.keys import load_cert_from_pemder, load_private_key_from_pemder
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields, signers
from pyhanko.sign.timestamps import HTTPTimeStamper, TimeStamper
from pyhanko_certvalidator.registry import SimpleCertificateStore

from reporting.packages.rules import (
    DemonstrationKeyRefused,
    DocumentKeyMissing,
    DraftIsNotSigned,
    KeyOfAnotherCertificate,
)

ROOT, ROOT_KEY = "document-root.pem", "document-root.key"
CERTIFICATE, KEY = "document.pem", "document.key"
DEMONSTRATION = "DEMONSTRATION - not for use"
FIELD = "ReportSignature"
ROOT_YEARS, DOCUMENT_YEARS = 10, 3


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


# --- making keys


def make_document_keys(folder: Path, *, demonstration: bool, at: datetime) -> list[str]:
    """Make the small own root and the document key under it, unless they are there.

    Gives the names of what was made. `document-root.pem` is what readers are given to trust; its
    key is only needed to renew the document key and belongs offline.

    :raises DemonstrationKeyRefused: demonstration keys in production
    """
    if demonstration and settings.PRODUCTION:
        raise DemonstrationKeyRefused
    if (folder / CERTIFICATE).exists() and (folder / KEY).exists():
        return []
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    root_key, document_key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    root_name = _name("Tanzhang document root", demonstration)
    root = _certificate(root_name, root_key.public_key(), root_name, at, ROOT_YEARS, is_root=True)
    document = _certificate(
        _name("Tanzhang documents", demonstration),
        document_key.public_key(),
        root_name,
        at,
        DOCUMENT_YEARS,
        is_root=False,
    )
    # The certificate last: its being there says that the set is whole.
    _write(folder / ROOT_KEY, _pem_of_key(root_key))
    _write(folder / KEY, _pem_of_key(document_key))
    pem = serialization.Encoding.PEM
    _write(folder / ROOT, root.sign(root_key, hashes.SHA256()).public_bytes(pem), mode=0o644)
    signed = document.sign(root_key, hashes.SHA256()).public_bytes(pem)
    _write(folder / CERTIFICATE, signed, mode=0o644)
    return [ROOT, CERTIFICATE]


def _name(common: str, demonstration: bool) -> x509.Name:
    parts = [x509.NameAttribute(NameOID.COUNTRY_NAME, "CN")]
    if demonstration:
        parts.append(x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, DEMONSTRATION))
    return x509.Name([*parts, x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _certificate(
    subject: x509.Name,
    key: ec.EllipticCurvePublicKey,
    issuer: x509.Name,
    at: datetime,
    years: int,
    *,
    is_root: bool,
) -> x509.CertificateBuilder:
    usage = dict.fromkeys(USAGES, False)
    for name in (
        ("key_cert_sign", "crl_sign")
        if is_root
        else (
            "digital_signature",
            "content_commitment",
        )
    ):
        usage[name] = True
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(at - timedelta(minutes=5))
        .not_valid_after(at + timedelta(days=365 * years))
        .add_extension(x509.BasicConstraints(ca=is_root, path_length=0 if is_root else None), True)
        .add_extension(x509.KeyUsage(**usage), True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), False)
    )


USAGES = (
    "digital_signature",
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
    "encipher_only",
    "decipher_only",
)


def _pem_of_key(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def _write(path: Path, content: bytes, *, mode: int = 0o600) -> None:
    half = path.with_suffix(path.suffix + ".half")
    with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "wb") as file:
        file.write(content)
    half.replace(path)


# --- signing


@dataclass(frozen=True)
class FileDocumentSigner:
    """The key in a folder; a time stamp by a service where one is configured."""

    folder: Path
    stamper: TimeStamper | None = None

    @cached_property
    def certificate(self) -> x509.Certificate:
        path = self.folder / CERTIFICATE
        if not path.exists() or not (self.folder / KEY).exists():
            raise DocumentKeyMissing
        return x509.load_pem_x509_certificate(path.read_bytes())

    @cached_property
    def _signer(self) -> signers.SimpleSigner:
        self._check_pair()
        root = load_cert_from_pemder(str(self.folder / ROOT))  # type: ignore[no-untyped-call]
        return signers.SimpleSigner(
            signing_cert=load_cert_from_pemder(str(self.folder / CERTIFICATE)),  # type: ignore[no-untyped-call]
            signing_key=load_private_key_from_pemder(str(self.folder / KEY), passphrase=None),
            cert_registry=SimpleCertificateStore.from_certs([root]),  # type: ignore[no-untyped-call]
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
        """:raises DocumentKeyMissing, DemonstrationKeyRefused, KeyOfAnotherCertificate:"""
        if self.is_demonstration and settings.PRODUCTION:
            raise DemonstrationKeyRefused
        return SignedDocument(
            content=_signed(pdf, self._signer, self.stamper),
            level="B-T" if self.stamper else "B-B",
            certificate_sha256=self.certificate.fingerprint(hashes.SHA256()).hex(),
            subject=self.certificate.subject.rfc4514_string(),
        )


def _signed(pdf: bytes, signer: signers.Signer, stamper: TimeStamper | None) -> bytes:
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    # No box on a page: a drawn field would break the accessible form; the seal is on the cover.
    spec = fields.SigFieldSpec(FIELD, readable_field_name="电子签名 Digital signature")
    fields.append_signature_field(writer, spec)
    meta = signers.PdfSignatureMetadata(
        field_name=FIELD,
        md_algorithm="sha256",
        subfilter=fields.SigSeedSubFilter.PADES,
        certify=True,
        docmdp_permissions=fields.MDPPerm.NO_CHANGES,
    )
    out: Any = signers.PdfSigner(meta, signer=signer, timestamper=stamper).sign_pdf(writer)
    return bytes(out.getbuffer())


def file_signer() -> FileDocumentSigner:
    """The signer of this deployment's key folder."""
    service = settings.TSA_URL
    stamper = HTTPTimeStamper(service) if service else None
    return FileDocumentSigner(Path(settings.KEY_DIR), stamper)


_KNOWN: dict[tuple[str, str], DocumentSigner] = {}


def document_signer() -> DocumentSigner:
    """The deployment's signer, made once for each folder: loading a key is slow."""
    made_by = settings.DOCUMENT_SIGNER
    place = made_by, str(settings.KEY_DIR)
    if place not in _KNOWN:
        maker: Callable[[], DocumentSigner] = import_string(made_by)
        _KNOWN[place] = maker()
    return _KNOWN[place]


def check_may_be_signed(*, is_draft: bool) -> None:
    """:raises DraftIsNotSigned: a signature under a draft would look like a final report"""
    if is_draft:
        raise DraftIsNotSigned


def make_missing_key(folder: Path, is_demonstration: bool, at: datetime) -> dict[str, Any] | None:
    """For `make_keys`: the public facts of a new document key, None when there is one."""
    if not make_document_keys(folder, demonstration=is_demonstration, at=at):
        return None
    public = x509.load_pem_x509_certificate((folder / CERTIFICATE).read_bytes())
    return {
        "certificate_sha256": public.fingerprint(hashes.SHA256()).hex(),
        "subject": public.subject.rfc4514_string(),
        "root": (folder / ROOT).read_text(),
    }
