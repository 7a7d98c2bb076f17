"""Keys in files: a small own root, and under it the key that signs documents."""

import os
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.conf import settings

from reporting.packages.rules import DemonstrationKeyRefused

ROOT, ROOT_KEY = "document-root.pem", "document-root.key"
CERTIFICATE, KEY = "document.pem", "document.key"
# What our root has withdrawn, and the roots of the time service: with both signatures last.
REVOKED, TIME_ROOTS = "document-root.crl", "time-roots.pem"
DEMONSTRATION = "DEMONSTRATION - not for use"
ROOT_YEARS, DOCUMENT_YEARS = 10, 3


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
    _write(folder / REVOKED, _nothing_withdrawn(root_name, root_key, at), mode=0o644)
    _write(folder / ROOT, root.sign(root_key, hashes.SHA256()).public_bytes(pem), mode=0o644)
    signed = document.sign(root_key, hashes.SHA256()).public_bytes(pem)
    _write(folder / CERTIFICATE, signed, mode=0o644)
    return [ROOT, CERTIFICATE]


def _nothing_withdrawn(root: x509.Name, key: ec.EllipticCurvePrivateKey, at: datetime) -> bytes:
    """The first revocation list of the root: it lists nothing. Renew it when something is."""
    made = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(root)
        .last_update(at - timedelta(minutes=5))
        .next_update(at + timedelta(days=365 * ROOT_YEARS))
        .add_extension(x509.CRLNumber(1), False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), False)
    )
    return made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


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
