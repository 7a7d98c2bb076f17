"""PAdES by pyHanko: one revision, certified so that any change breaks it.

Heavy to load: imported where a signature is made, never at start.
"""

import io
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pyhanko.keys import (
    load_cert_from_pemder,
    load_certs_from_pemder,
    load_private_key_from_pemder,
)
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields, signers
from pyhanko.sign.timestamps import HTTPTimeStamper
from pyhanko.sign.validation.generic_cms import validate_tst_signed_data
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.registry import SimpleCertificateStore

from reporting.packages.rules import NoTimeStamp

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


def sign(pdf: bytes, *, signer: signers.Signer, time_service: str = "") -> bytes:
    """The signed file: baseline B-B, or B-T with a time-stamping service (RFC 3161).

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
    )
    stamper = CheckedTimeStamper(time_service, timeout=PATIENCE_SECONDS) if time_service else None
    out: Any = signers.PdfSigner(meta, signer=signer, timestamper=stamper).sign_pdf(writer)
    return bytes(out.getbuffer())
