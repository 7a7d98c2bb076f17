"""A file as it comes: an attestation as JSON, a PDF with its data inside, or a package.

What judges one kind is loaded when a file of that kind comes: who wonders how her attestation was
judged need not read how a report is.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from ledger.kernel.errors import N_
from reporting.packages.verifier.forms import part
from reporting.packages.verifier.trust import Answer, Policy, Refused

ATTESTATION = "tanzhang/attestation"
LARGEST = 200_000_000
Way = Mapping[str, Any] | None  # a consistency proof from an earlier checkpoint


def check_file(
    raw: bytes, *, policy: Policy, previous: str = "", way: Way = None, reading: bytes = b""
) -> Answer:
    """:raises Refused: names the item that does not hold"""
    if len(raw) > LARGEST:
        raise Refused("file", N_("too large"))
    if not policy.logs and not policy.roots:
        raise Refused("trust", N_("no key is trusted: without one anybody could have signed this"))
    if raw.startswith(b"PK"):
        if previous:
            raise Refused("previous", N_("a report says nothing of the log"))
        from reporting.packages.verifier.package import check_package

        return check_package(raw, policy=policy, reading=reading)
    if reading:
        raise Refused("reading", N_("only a package says which readings were counted"))
    if not raw.startswith(b"%PDF-"):
        return _check_attestation(raw, policy, previous, way)
    return _check_pdf(raw, policy, previous, way)


def _check_attestation(raw: bytes, policy: Policy, previous: str, way: Way) -> Answer:
    from reporting.packages.verifier.attestation import check_attestation

    return check_attestation(raw, policy=policy, previous=previous, way=way)


def _check_pdf(raw: bytes, policy: Policy, previous: str, way: Way) -> Answer:
    from reporting.packages.verifier.pdf import check_signature, embedded_file

    signer = check_signature(raw, roots=policy.roots)
    inside = embedded_file(raw)
    if _type_of(inside).startswith(ATTESTATION):
        answer = _check_attestation(inside, policy, previous, way)
    elif previous:
        raise Refused("previous", N_("a report says nothing of the log"))
    else:
        answer = Answer("report", hashlib.sha256(raw).hexdigest())
        answer.tell(N_("The figures of a report are what its maker says."))
    answer.prove(
        N_("Every byte of the PDF is signed by %(signer)s, under a root that you trust."),
        signer=signer.subject,
    )
    answer.prove(
        N_("The data inside has the SHA-256 %(hash)s: compare it with the seal on the document."),
        hash=hashlib.sha256(inside).hexdigest(),
    )
    if signer.is_stamped:
        answer.tell(N_("The time stamp beside its signature was not looked at."))
    answer.tell(N_("Whether the certificate was withdrawn cannot be seen offline."))
    return answer


def _type_of(inside: bytes) -> str:
    with part("pdf"):
        told = json.loads(inside)
        return str(told.get("type", "")) if isinstance(told, dict) else ""
