"""A verifier's own certificate and key, and detached signatures, made outside of the product."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import pkcs7
from cryptography.x509.oid import NameOID

USAGES = (
    "digital_signature", "content_commitment", "key_encipherment", "data_encipherment",
    "key_agreement", "key_cert_sign", "crl_sign", "encipher_only", "decipher_only",
)  # fmt: skip


def name(common: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "CN"),
            x509.NameAttribute(NameOID.COMMON_NAME, common),
        ]
    )


@dataclass
class Certified:
    """A key with its certificate, under another or under itself."""

    common: str
    at: datetime
    above: "Certified | None" = None
    days: int = 365
    is_ca: bool = False
    uses: tuple[str, ...] = ("digital_signature", "content_commitment")  # none: says nothing
    key: Any = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def __post_init__(self) -> None:
        issuer = self.above or self
        usage = {one: one in (("key_cert_sign",) if self.is_ca else self.uses) for one in USAGES}
        builder = (
            x509.CertificateBuilder()
            .subject_name(name(self.common))
            .issuer_name(name(issuer.common))
            .public_key(self.key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(self.at - timedelta(days=1))
            .not_valid_after(self.at + timedelta(days=self.days))
            .add_extension(x509.BasicConstraints(ca=self.is_ca, path_length=None), True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(self.key.public_key()), False)
        )
        if self.uses:
            builder = builder.add_extension(x509.KeyUsage(**usage), True)
        self.certificate = builder.sign(issuer.key, hashes.SHA256())

    @property
    def sha256(self) -> str:
        return self.certificate.fingerprint(hashes.SHA256()).hex()

    def sign(self, content: bytes, *, pem: bool = False, **change: Any) -> bytes:
        """A detached CMS signature with every certificate up to the top."""
        builder = pkcs7.PKCS7SignatureBuilder().set_data(content)
        builder = builder.add_signer(
            self.certificate, self.key, change.get("hash", hashes.SHA256())
        )
        link = self.above
        while link is not None and change.get("with_chain", True):
            builder = builder.add_certificate(link.certificate)
            link = link.above
        options = [pkcs7.PKCS7Options.Binary]
        if change.get("detached", True):
            options.append(pkcs7.PKCS7Options.DetachedSignature)
        form = serialization.Encoding.PEM if pem else serialization.Encoding.DER
        return builder.sign(form, options)


def verifiers_own(at: datetime, **more: Any) -> Certified:
    """A verifier's certificate under a small authority of her body."""
    root = Certified("Body of Verification Root", at, is_ca=True)
    return Certified("Lin Verifier", at, above=root, **more)
