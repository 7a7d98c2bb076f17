"""PAdES by pyHanko: one revision, certified so that any change breaks it.

Heavy to load: imported where a signature is made, never at start.
"""

import asyncio
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from asn1crypto import crl, pem, x509
from pyhanko.keys import (
    load_cert_from_pemder,
    load_certs_from_pemder,
    load_private_key_from_pemder,
)
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields, signers
from pyhanko.sign.signers.pdf_signer import DSSContentSettings, SigDSSPlacementPreference
from pyhanko.sign.timestamps import HTTPTimeStamper
from pyhanko.sign.validation.generic_cms import validate_tst_signed_data
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.registry import SimpleCertificateStore

from reporting.packages.rules import DocumentKeyMissing, NoTimeStamp

FIELD = "ReportSignature"
PATIENCE_SECONDS = 15


class CheckedTimeStamper(HTTPTimeStamper):
    """What a stranger answers is a sound stamp of what was asked, or it is one refusal.

    Whether the authority is to be trusted is for the reader to say; that its signature holds is
    checked here, because an issued report is never signed again.
    """

    async def async_timestamp(self, message_digest: bytes, md_algorithm: str) -> Any:
        """:raises NoTimeStamp: none came, or not one of this digest"""
        try:
            token = await super().async_timestamp(message_digest, md_algorithm)
            told = await validate_tst_signed_data(
                token["content"],
                ValidationContext(trust_roots=[]),
                expected_tst_imprint=lambda _algorithm: message_digest,
            )
        except Exception as error:
            raise self._refusal(type(error).__name__) from error
        if not (told["intact"] and told["valid"]):
            raise self._refusal("unsound")
        return token

    def _refusal(self, why: str) -> NoTimeStamp:
        # the host alone: an address may hold a password
        return NoTimeStamp(service=urlsplit(self.url).hostname or "?", why=why)


def load_signer(*, certificate: Path, key: Path, root: Path) -> signers.Signer:
    """The signer of PEM files; the root and all between travel along in the signature."""
    above = list(load_certs_from_pemder([str(root)]))  # type: ignore[no-untyped-call]
    return signers.SimpleSigner(
        signing_cert=load_cert_from_pemder(str(certificate)),  # type: ignore[no-untyped-call]
        signing_key=load_private_key_from_pemder(str(key), passphrase=None),
        cert_registry=SimpleCertificateStore.from_certs(above),  # type: ignore[no-untyped-call]
    )


@dataclass(frozen=True)
class LongTerm:
    """What a reader needs long after: the roots, and the lists of what was withdrawn under them."""

    roots: tuple[x509.Certificate, ...]
    lists: tuple[crl.CertificateList, ...]

    def validation(self) -> ValidationContext:
        """Of today: a certificate that its issuer has withdrawn signs nothing."""
        return ValidationContext(
            trust_roots=list(self.roots),
            crls=list(self.lists),
            allow_fetching=False,
            revocation_mode="hard-fail",
        )


def load_long_term(*, roots: Sequence[Path], lists: Sequence[Path]) -> LongTerm:
    """From PEM files: certificates of roots, and revocation lists."""
    found = [one for path in roots for one in load_certs_from_pemder([str(path)])]  # type: ignore[no-untyped-call]
    told = [crl.CertificateList.load(_der_of(path.read_bytes())) for path in lists]
    return LongTerm(tuple(found), tuple(told))


def _der_of(raw: bytes) -> bytes:
    _kind, _headers, content = pem.unarmor(raw) if pem.detect(raw) else ("", {}, raw)
    return bytes(content)


def load_p12_signer(*, path: Path, password: bytes) -> signers.Signer:
    """The signer of a PKCS#12 file, with whatever certificates lie in it."""
    found: signers.Signer | None = signers.SimpleSigner.load_pkcs12(  # type: ignore[no-untyped-call]
        str(path), passphrase=password
    )
    if found is None:
        raise DocumentKeyMissing
    return found


def sign_detached(content: bytes, *, signer: signers.Signer, time_service: str = "") -> bytes:
    """A CAdES signature beside the content, with a time stamp where there is a service.

    :raises NoTimeStamp: the service gave none
    """
    stamper = CheckedTimeStamper(time_service, timeout=PATIENCE_SECONDS) if time_service else None
    told = asyncio.run(
        signer.async_sign_general_data(
            content, "sha256", detached=True, timestamper=stamper, use_cades=True
        )
    )
    return bytes(told.dump())


def sign(
    pdf: bytes,
    *,
    signer: signers.Signer,
    time_service: str = "",
    long_term: LongTerm | None = None,
) -> bytes:
    """The signed file: baseline B-B; B-T with a time-stamping service (RFC 3161); B-LT with what
    a reader needs long after, in the same and only revision.

    :raises NoTimeStamp: the service gave none
    """
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
        embed_validation_info=long_term is not None,
        validation_context=long_term.validation() if long_term else None,
        dss_settings=DSSContentSettings(
            include_vri=False, placement=SigDSSPlacementPreference.TOGETHER_WITH_SIGNATURE
        ),
    )
    stamper = CheckedTimeStamper(time_service, timeout=PATIENCE_SECONDS) if time_service else None
    out: Any = signers.PdfSigner(meta, signer=signer, timestamper=stamper).sign_pdf(writer)
    return bytes(out.getbuffer())
