"""PAdES by pyHanko: one revision, certified so that any change breaks it.

Heavy to load: imported where a signature is made, never at start.
"""

import io
from pathlib import Path
from typing import Any

from pyhanko.keys import load_cert_from_pemder, load_private_key_from_pemder
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields, signers
from pyhanko.sign.timestamps import HTTPTimeStamper
from pyhanko_certvalidator.registry import SimpleCertificateStore

FIELD = "ReportSignature"


def load_signer(*, certificate: Path, key: Path, root: Path) -> signers.Signer:
    """The signer of PEM files; the root travels along in the signature."""
    trusted = load_cert_from_pemder(str(root))  # type: ignore[no-untyped-call]
    return signers.SimpleSigner(
        signing_cert=load_cert_from_pemder(str(certificate)),  # type: ignore[no-untyped-call]
        signing_key=load_private_key_from_pemder(str(key), passphrase=None),
        cert_registry=SimpleCertificateStore.from_certs([trusted]),  # type: ignore[no-untyped-call]
    )


def sign(pdf: bytes, *, signer: signers.Signer, time_service: str = "") -> bytes:
    """The signed file: baseline B-B, or B-T with a time-stamping service (RFC 3161)."""
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
    stamper = HTTPTimeStamper(time_service) if time_service else None
    out: Any = signers.PdfSigner(meta, signer=signer, timestamper=stamper).sign_pdf(writer)
    return bytes(out.getbuffer())
