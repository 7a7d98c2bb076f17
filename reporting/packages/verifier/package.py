"""A package: every part is what was signed, all of it belongs together, and the figures add up."""

import hashlib
import io
import re
import zipfile
from base64 import b64encode
from collections.abc import Mapping
from typing import Any
from xml.sax.saxutils import quoteattr

from ledger.kernel.errors import N_
from reporting.packages.verifier.forms import part, read
from reporting.packages.verifier.pdf import check_detached, check_signature, embedded_file
from reporting.packages.verifier.recount import check_figures, check_tagged
from reporting.packages.verifier.tracing import check_evidence, check_opinion, check_proofs
from reporting.packages.verifier.trust import Answer, Policy, Refused

TYPE = "tanzhang/package/v1"
MIMETYPE = "application/vnd.etsi.asic-e+zip"
MANIFEST = "manifest.json"
ASIC_MANIFEST = "META-INF/ASiCManifest001.xml"
SIGNATURE = "META-INF/signature001.p7s"
OUTSIDE = {"mimetype", MANIFEST, ASIC_MANIFEST, SIGNATURE}
NEEDED = {
    "report.pdf", "statement.json", "inventory.json", "activity.json", "entries.json",
    "readings.json", "evidence/index.json", "ledger/proofs.json",
}  # fmt: skip
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)?")
LARGEST, MOST_PARTS = 300_000_000, 2_000
HEAD = """<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<asic:ASiCManifest xmlns:asic="http://uri.etsi.org/02918/v1.2.1#" \
xmlns:ds="http://www.w3.org/2000/09/xmldsig#">
<asic:SigReference URI="META-INF/signature001.p7s" MimeType="application/pkcs7-signature"/>
"""


def asic_manifest(hashes: Mapping[str, str]) -> bytes:
    """The one form of the list of digests that is signed."""
    lines = [
        f"<asic:DataObjectReference URI={quoteattr(name)}>"
        '<ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/>'
        f"<ds:DigestValue>{_base64(sha256)}</ds:DigestValue></asic:DataObjectReference>\n"
        for name, sha256 in sorted(hashes.items())
    ]
    return (HEAD + "".join(lines) + "</asic:ASiCManifest>\n").encode()


def _base64(sha256: str) -> str:
    return b64encode(bytes.fromhex(sha256)).decode()


def check_package(raw: bytes, *, policy: Policy, reading: bytes = b"") -> Answer:
    """`reading` is the proof of a meter's day that the reader asked for.

    :raises Refused: names the part that does not hold
    """
    with part("package"):
        parts = _parts(raw)
    answer = Answer("package", hashlib.sha256(raw).hexdigest())
    with part("manifest"):
        manifest = read(parts, MANIFEST)
        _check_manifest(parts, manifest)
    signer = check_detached(parts[SIGNATURE], parts[ASIC_MANIFEST], roots=policy.roots)
    answer.prove(
        N_("Every part of the package is signed by %(signer)s, under a root that you trust."),
        signer=signer.subject,
    )
    with part("report"):
        statement = _check_report(parts, manifest, policy)
    answer.statement = {"number": statement["number"], "totals": statement["totals"]}
    answer.prove(N_("The report carries the statement of the package inside."))
    inventory = _check_inventory(parts, statement)
    with part("figures"):
        count = check_figures(inventory, statement)
        answer.prove(N_("The totals were added up anew from %(count)s lines."), count=count)
        if "report.xhtml" in parts:
            check_tagged(parts["report.xhtml"].decode(), statement)
            answer.prove(N_("The tagged report says the same totals."))
    rows = check_evidence(parts, inventory, statement, answer)
    opinion = check_opinion(parts, statement, answer)
    check_proofs(
        parts, statement=statement, opinion=opinion, rows=rows, policy=policy, answer=answer
    )
    if reading:
        from reporting.packages.verifier.reading import check_reading

        check_reading(reading, parts, answer)
    answer.tell(N_("The workbook was not counted anew; it is what was signed."))
    if signer.is_stamped:
        answer.tell(N_("The time stamp beside its signature was not looked at."))
    answer.tell(N_("Whether the certificate was withdrawn cannot be seen offline."))
    return answer


def _parts(raw: bytes) -> dict[str, bytes]:
    """What lies in it, by name; each name once, nothing hidden, nothing that explodes.

    :raises Refused: another kind of container
    """
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as box:
            known = box.infolist()
            _check_names([one.filename for one in known])
            if len(known) > MOST_PARTS or sum(one.file_size for one in known) > LARGEST:
                raise Refused("package", N_("too large"))
            if known[0].filename != "mimetype" or known[0].compress_type != zipfile.ZIP_STORED:
                raise Refused("package", N_("not of the form of a package"))
            parts = {one.filename: box.read(one) for one in known}
    except (zipfile.BadZipFile, NotImplementedError, EOFError, RuntimeError) as wrong:
        raise Refused("package", N_("it cannot be unpacked")) from wrong
    if parts["mimetype"] != MIMETYPE.encode() or not set(parts) >= OUTSIDE:
        raise Refused("package", N_("not of the form of a package"))
    return parts


def _check_names(names: list[str]) -> None:
    if not names or len(set(names)) != len(names):
        raise Refused("package", N_("a name stands in it twice"))
    if any(not NAME.fullmatch(name) for name in names):
        raise Refused("package", N_("a name in it could lead elsewhere"))


def _check_manifest(parts: Mapping[str, bytes], manifest: Mapping[str, Any]) -> None:
    files = manifest["files"]
    if manifest["type"] != TYPE or not set(files) >= NEEDED:
        raise Refused("manifest", N_("not of the form of a package"))
    if set(files) != set(parts) - OUTSIDE:
        raise Refused("manifest", N_("other parts than it names"))
    for name, said in files.items():
        if hashlib.sha256(parts[name]).hexdigest() != said:
            raise Refused(name, N_("it is not what was signed"))
    own = hashlib.sha256(parts[MANIFEST]).hexdigest()
    if parts[ASIC_MANIFEST] != asic_manifest({**files, MANIFEST: own}):
        raise Refused("manifest", N_("what is signed is not what it names"))


def _check_report(
    parts: Mapping[str, bytes], manifest: Mapping[str, Any], policy: Policy
) -> dict[str, Any]:
    pdf, inside = parts["report.pdf"], parts["statement.json"]
    check_signature(pdf, roots=policy.roots)
    if embedded_file(pdf) != inside:
        raise Refused("report", N_("the report carries another statement"))
    said = {
        "report_sha256": hashlib.sha256(pdf).hexdigest(),
        "statement_sha256": hashlib.sha256(inside).hexdigest(),
    }
    statement: dict[str, Any] = read(parts, "statement.json")
    if any(manifest[name] != value for name, value in said.items()):
        raise Refused("report", N_("the manifest is of another report"))
    if not str(manifest["number"]).startswith(str(statement["number"])):
        raise Refused("report", N_("the manifest is of another report"))
    if statement["is_draft"]:
        raise Refused("report", N_("a draft has no package"))
    return statement


def _check_inventory(parts: Mapping[str, bytes], statement: Mapping[str, Any]) -> dict[str, Any]:
    with part("inventory"):
        inventory: dict[str, Any] = read(parts, "inventory.json")
        found = hashlib.sha256(parts["inventory.json"]).hexdigest()
        if found != statement["inputs"]["frozen_inventory_hash"]:
            raise Refused("inventory", N_("the statement was made of another inventory"))
        return inventory
