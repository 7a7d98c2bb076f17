"""Signing PDF documents: PAdES, one revision, certified so that any change breaks it.

The key lies in files by default. `DOCUMENT_SIGNER` names who makes the signer: `file_signer`,
`p12_signer`, `token_signer`, or a key service's own with the methods of `DocumentSigner`.
"""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from django.conf import settings
from django.utils.module_loading import import_string

from reporting.packages.rules import DraftIsNotSigned
from reporting.packages.signing.by_file import FileDocumentSigner, P12DocumentSigner
from reporting.packages.signing.by_token import TokenDocumentSigner
from reporting.packages.signing.contract import DocumentSigner, SignedDocument
from reporting.packages.signing.keys import (
    CERTIFICATE,
    KEY,
    ROOT,
    ROOT_KEY,
    make_document_keys,
)

__all__ = [
    "CERTIFICATE",
    "KEY",
    "ROOT",
    "ROOT_KEY",
    "DocumentSigner",
    "FileDocumentSigner",
    "P12DocumentSigner",
    "SignedDocument",
    "TokenDocumentSigner",
    "check_may_be_signed",
    "document_signer",
    "file_signer",
    "make_document_keys",
    "make_missing_key",
    "p12_signer",
    "token_signer",
]


def file_signer() -> FileDocumentSigner:
    """The signer of this deployment's key folder."""
    return FileDocumentSigner(Path(settings.KEY_DIR), settings.TSA_URL)


def p12_signer() -> P12DocumentSigner:
    """The signer of a PKCS#12 file (`DOCUMENT_P12`)."""
    password = settings.DOCUMENT_KEY_PASSWORD.encode()
    return P12DocumentSigner(Path(settings.DOCUMENT_P12), password, settings.TSA_URL)


def token_signer() -> TokenDocumentSigner:
    """The signer of a token (`DOCUMENT_TOKEN`: library, token and label, parted by `|`)."""
    module, token, label = (*settings.DOCUMENT_TOKEN.split("|"), "", "", "")[:3]
    pin = settings.DOCUMENT_KEY_PASSWORD
    return TokenDocumentSigner(module, token, pin, label, settings.TSA_URL)


_KNOWN: dict[tuple[str, str, str], DocumentSigner] = {}


def document_signer() -> DocumentSigner:
    """The deployment's signer, made once for each folder: loading a key is slow."""
    made_by = settings.DOCUMENT_SIGNER
    place = made_by, str(settings.KEY_DIR), settings.TSA_URL
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
