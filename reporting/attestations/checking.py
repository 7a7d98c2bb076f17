"""A document that a stranger brings: held against our own keys, and against what was issued."""

import hashlib
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from ledger.audit import queries as log
from ledger.doors.wording import number_format
from ledger.kernel.errors import DomainError
from reporting.attestations import queries
from reporting.attestations.states import AttestationState
from reporting.packages import queries as packages
from reporting.packages.signing import ROOT
from reporting.packages.states import ReportState
from reporting.packages.verifier.checking import check_file
from reporting.packages.verifier.pdf import embedded_file
from reporting.packages.verifier.trust import Finding, Policy, Refused


def trust_text() -> str:
    """Our public keys, our root and the witnesses we ask, as a trust file.

    Whether she insists on the witnesses is the reader's own to say.
    """
    lines = [
        "# Compare with what you were given by another way: paper, telephone, a witness.",
        *(f"log {key}" for key in log.checkpoint_keys()),
    ]
    if fingerprint := _root():
        lines.append(f"root {fingerprint}")
    return "\n".join([*lines, *_witnesses()]) + "\n"


def _witnesses() -> list[str]:
    policy = log.witness_policy()
    lines = [f"witness {name} {key}" for name, key in policy.witnesses.items()]
    for name, (needed, members) in policy.groups.items():
        lines.append(f"group {name} {needed} {' '.join(members)}")
    return [*lines, *([f"# quorum {policy.quorum}"] if policy.quorum else [])]


def _root() -> str:
    from pathlib import Path

    path = Path(settings.KEY_DIR) / ROOT
    if not path.exists():
        return ""
    return x509.load_pem_x509_certificate(path.read_bytes()).fingerprint(hashes.SHA256()).hex()


def judge(raw: bytes) -> tuple[bool, list[str], list[str], str]:
    """Authentic or not, what was proved or what is wrong, what was not looked at, and its worth."""
    try:
        answer = check_file(raw, policy=Policy.parse(trust_text()))
    except Refused as no:
        said = {"item": _items().get(no.item, no.item), "why": _why(no)}
        why = _("This does not hold: %(item)s (%(why)s).") % said
        return False, [why], [], ""
    known = [hashlib.sha256(raw).hexdigest(), answer.sha256]
    if raw.startswith(b"%PDF-"):
        known.append(hashlib.sha256(embedded_file(raw)).hexdigest())
    return True, _said(answer.proved), _said(answer.told), standing_of(known)


def _items() -> dict[str, str]:
    return {
        "file": _("the file"),
        "trust": _("the keys"),
        "form": _("the form of the file"),
        "pdf": _("the PDF and its signature"),
        "signature": _("the signature of the ledger"),
        "checkpoint": _("the checkpoint"),
        "witnesses": _("the witnesses"),
        "pledge": _("the event of the pledge"),
        "commitment": _("the commitment to the state"),
        "state": _("the proof of the state"),
        "ranges": _("the ranges and sums"),
        "consistency": _("the way from the former attestation"),
        "package": _("the form of the package"),
        "manifest": _("the list of its parts"),
        "report": _("the report"),
        "inventory": _("the frozen inventory"),
        "figures": _("the figures"),
        "activity": _("the activity data"),
        "evidence": _("the evidence"),
        "opinion": _("the verifier's opinion"),
        "proofs": _("the proofs of the ledger"),
    }


def _why(no: Refused) -> str:
    cause = no.__cause__
    if isinstance(cause, DomainError):
        return _(cause.message) % cause.params if cause.params else _(cause.message)
    return _(no.why)


def _said(findings: Iterable[Finding]) -> list[str]:
    return [
        _(one.sentence) % {name: _fact(value) for name, value in one.facts.items()}
        for one in findings
    ]


def _fact(value: Any) -> str:
    """Counts and moments as the reader writes them."""
    if isinstance(value, int):
        return str(number_format(value, force_grouping=True))
    with suppress(ValueError):
        at = datetime.fromisoformat(str(value).replace("Z", "+00:00"))
        return timezone.localtime(at).strftime("%Y-%m-%d %H:%M:%S (UTC%z)")
    return str(value)


def standing_of(sha256s: Iterable[str]) -> str:
    """What the document of one of these hashes is worth today, in a sentence."""
    for sha256 in sha256s:
        if row := queries.find_by_hash(sha256):
            return _attestations()[queries.state_of(row)]
        if report := packages.find_by_hash(sha256):
            return _reports()[packages.state_of(report)]
    return _("This ledger has issued no document with this SHA-256.")


def _attestations() -> dict[AttestationState, str]:
    return {
        AttestationState.CURRENT: _("Current: no later attestation, the pledge stands unchanged."),
        AttestationState.SUPERSEDED: _("Superseded: it was true when issued; ask for a new one."),
        AttestationState.REVOKED: _("Revoked: do not rely on it."),
    }


def _reports() -> dict[ReportState, str]:
    return {
        ReportState.DRAFT: _("A draft: it was never signed."),
        ReportState.CURRENT: _("Current: this is the latest report of its period."),
        ReportState.STALE: _("Stale: an input has changed since; ask for a new report."),
        ReportState.SUPERSEDED: _("Superseded by a later report of its period."),
        ReportState.WITHDRAWN: _("Withdrawn by its issuer: do not rely on it."),
    }
