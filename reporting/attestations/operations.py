"""Issuing attestations, printing them, and taking them back."""

import hashlib
import io
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from ledger.audit import operations as audit
from ledger.audit import queries as log
from ledger.audit.keeping import key_of, subject_of
from ledger.doors.operation import operation
from ledger.doors.permissions import check_may
from ledger.files import operations as files
from ledger.files.queries import FileType
from ledger.jobs import operations as jobs
from ledger.kernel.actors import SYSTEM, Actor
from ledger.kernel.errors import NotFound
from ledger.kernel.ids import new_id
from ledger.proofs import operations as proofs
from reporting.attestations import assembling, queries
from reporting.attestations.models import Attestation, Language, Print, Revocation
from reporting.attestations.rules import (
    AlreadyRevoked,
    StateNotCommitted,
    TooFewWitnesses,
    UnknownLanguage,
)
from reporting.packages.signing import SignedDocument, document_signer

TASK = "attestations.print_attestation"
PURPOSE = "attestation"


def make_ready(*, hold_id: UUID, by: Actor, at: datetime) -> None:
    """Have the ledger commit to the pledge as it stands, and seal it, unless it has.

    Outside of a transaction: what is sealed must be committed.

    :raises NotAllowed, NotFound, NotAnActivePledge: no attestation for this actor
    :raises NotSealedYet: an older transaction holds the seal back
    :raises TooFewWitnesses: fewer have cosigned than this ledger wants
    """
    check_may(by, "attestations.issue_attestation")
    hold, before = queries.get_pledge(hold_id, by=by), queries.latest_of(hold_id)
    try:
        assembling.proofs_of(hold, since=before.checkpoint_size if before else 0)
    except StateNotCommitted:
        made = proofs.commit_state(by=SYSTEM, at=at)
        if made is not None:
            audit.ensure_sealed(event_id=made.event_id, by=SYSTEM, at=at)
            _have_it_witnessed(at)


def _have_it_witnessed(at: datetime) -> None:
    troubles = audit.ask_witnesses(by=SYSTEM, at=at)
    latest = log.latest_checkpoint()
    if latest is not None and not log.witness_policy().is_met_by(log.shown(latest).note):
        raise TooFewWitnesses("; ".join(troubles))


def attest(*, hold_id: UUID, by: Actor, at: datetime, idempotency_key: str) -> Attestation:
    """The attestation of a pledge as it stands now; the same key gives the same one.

    :raises NotFound, NotAnActivePledge, StateNotCommitted, NotSealedYet: there can be none
    :raises TooFewWitnesses: fewer have cosigned than this ledger wants
    """
    asked: dict[str, Any] = {"hold_id": hold_id, "by": by, "at": at}
    try:
        return issue_attestation(**asked, idempotency_key=idempotency_key)
    except StateNotCommitted:
        make_ready(**asked)
    return issue_attestation(**asked, idempotency_key=idempotency_key)


@operation
def issue_attestation(
    *, hold_id: UUID, by: Actor, at: datetime, idempotency_key: str
) -> Attestation:
    """Put the document together, sign it, and put it on record.

    :raises NotFound: not there, or neither the creditor's officer nor the pledgor asks
    :raises NotAnActivePledge: the pledge is not in force
    :raises StateNotCommitted: the ledger has not committed to the pledge as it stands
    :raises OutsideCheckpointAhead, OutsideCheckpointDiffers: this database is not the newest
    """
    hold, key = queries.get_pledge(hold_id, by=by), key_of(by, idempotency_key)
    _one_at_a_time(hold_id)
    if known := queries.find_by_key(key):
        return known
    log.check_not_behind_outside_checkpoint()
    before, made_id = queries.latest_of(hold_id), new_id()
    number = f"ATT-{at:%Y%m%d}-{made_id.hex[-10:].upper()}"
    document, size = assembling.assemble(
        attestation_id=made_id, number=number, hold=hold, before=before, at=at
    )
    row = Attestation(
        id=made_id,
        number=number,
        hold_id=hold_id,
        creditor_id=hold.in_favour_of,
        debtor_id=hold.account.holder_id,
        unit_count=hold.controlled_count,
        checkpoint_size=size,
        supersedes_id=before.pk if before else None,
        document=document.decode(),
        sha256=assembling.sha256_of(document),
        idempotency_key=key,
        issued_at=at,
        issued_by=by.user_id,
    )
    _keep(row, "attestation.issued", by=by, at=at)
    return row


def _one_at_a_time(subject: UUID) -> None:
    """Until the end of the transaction; the rows themselves may not be locked."""
    with connection.cursor() as cursor:
        told = f"attestations:{subject}"
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [told])


def _keep(
    row: Attestation | Print | Revocation, verb: str, *, by: Actor, at: datetime, reason: str = ""
) -> None:
    row.save(force_insert=True)
    told = {"row": queries.facts_of(row)}
    audit.record(verb=verb, subject=subject_of(row), by=by, at=at, data=told, reason=reason)


@operation
def request_print(*, attestation_id: UUID, language: str, by: Actor, at: datetime) -> UUID:
    """Ask for the signed PDF; gives the id of the job that makes it, the same for the same file.

    :raises NotFound: not there, or not the actor's
    :raises UnknownLanguage: neither Chinese nor English
    """
    row = queries.get_attestation(attestation_id, by=by)
    if language not in Language.values:
        raise UnknownLanguage(language=language)
    job = jobs.enqueue(
        kind="attestation",
        task=TASK,
        args={"attestation_id": str(row.pk), "language": language},
        by=by,
        at=at,
        subject=subject_of(row),
        key=f"attestation:{row.pk}:{language}:{by.party_id}",
    )
    return job.pk


def sign_print(pdf: bytes) -> SignedDocument:
    """:raises DocumentKeyMissing, DemonstrationKeyRefused: it cannot, it must not be signed"""
    log.check_not_behind_outside_checkpoint()
    return document_signer().sign(pdf)


@operation
def keep_print(
    *,
    attestation_id: UUID,
    language: str,
    signed: SignedDocument,
    asked_by: UUID,
    by: Actor,
    at: datetime,
) -> Print:
    """Put the signed file on record, once for ever; the first one stays."""
    _one_at_a_time(attestation_id)
    row = Attestation.objects.get(pk=attestation_id)
    if known := queries.find_print(attestation_id, language):
        return known
    stored = files.store_file(
        content=io.BytesIO(signed.content),
        name=f"{row.number}-{language}.pdf",
        purpose=PURPOSE,
        party_id=row.creditor_id,
        by=by,
        at=at,
        accepted=(FileType.PDF,),
    )
    made = Print(
        attestation=row,
        language=language,
        file_id=stored.pk,
        sha256=hashlib.sha256(signed.content).hexdigest(),
        signature_level=signed.level,
        certificate_sha256=signed.certificate_sha256,
        certificate_subject=signed.subject,
        asked_by=asked_by,
        printed_at=at,
        printed_by=by.user_id,
    )
    _keep(made, "attestation.printed", by=by, at=at)
    return made


@operation
def take_away(*, attestation_id: UUID, form: str, by: Actor, at: datetime) -> tuple[str, bytes]:
    """Name and bytes of a file: `form` is json, zh-hans or en. That she took it is on record.

    :raises NotFound: not there, not printed, or not the actor's to read
    :raises FileAltered: the stored file is not what was signed
    """
    row = queries.get_attestation(attestation_id, by=by)
    if form == "json":
        name, content = f"{row.number}.json", row.document.encode()
    else:
        printed = queries.find_print(row.pk, form)
        if printed is None:
            raise NotFound
        name, content = f"{row.number}-{form}.pdf", queries.content_of_print(printed)
    sha256 = hashlib.sha256(content).hexdigest()
    audit.record(
        verb="attestation.downloaded",
        subject=subject_of(row),
        by=by,
        at=at,
        data={"form": form, "sha256": sha256},
    )
    return name, content


@operation
def revoke_attestation(*, attestation_id: UUID, reason: str, by: Actor, at: datetime) -> Revocation:
    """Say that nobody should rely on it any more. The document itself stays as it is.

    :raises NotFound: not there, or not the actor's
    :raises AlreadyRevoked: once is enough
    """
    row = queries.get_attestation(attestation_id, by=by)
    _one_at_a_time(row.pk)
    if Revocation.objects.filter(attestation=row).exists():
        raise AlreadyRevoked
    made = Revocation(attestation=row, reason=reason, revoked_at=at, revoked_by=by.user_id)
    _keep(made, "attestation.revoked", by=by, at=at, reason=reason)
    return made
