"""Issuing attestations, printing them, and taking them back."""

import hashlib
import io
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils import timezone

from ledger.audit import operations as audit
from ledger.audit import queries as log
from ledger.audit.keeping import subject_of
from ledger.doors.operation import operation
from ledger.doors.permissions import check_may
from ledger.files import operations as files
from ledger.files.queries import FileType
from ledger.jobs import operations as jobs
from ledger.kernel.actors import SYSTEM, Actor
from ledger.kernel.errors import NotFound
from ledger.kernel.ids import new_id
from ledger.kernel.keys import key_of
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


def make_ready(*, hold_ids: Collection[UUID], by: Actor, at: datetime) -> None:
    """Have the ledger commit to the pledges as they stand, and seal it, unless it has.

    Outside of a transaction: what is sealed must be committed.

    :raises NotAllowed, NotFound, NotAnActivePledge: no attestation for this actor
    :raises NotSealedYet: an older transaction holds the seal back
    :raises TooFewWitnesses: fewer have cosigned than this ledger wants
    """
    check_may(by, "attestations.issue_attestation")
    holds, former = queries.get_pledges(hold_ids, by=by), queries.former_of(hold_ids)
    try:
        assembling.proofs_of(holds, since=assembling.size_before(former.values()))
    except StateNotCommitted:
        made = proofs.commit_state(by=SYSTEM, at=at)
        if made is not None:
            told = assembling.events_of(holds).values()
            newest = [event_id for one in told for event_id in (one.placed, *one.more)]
            for event_id in log.unsealed_among([made.event_id, *newest]):
                audit.ensure_sealed(event_id=event_id, by=SYSTEM, at=at)
            _have_it_witnessed(at)


def _have_it_witnessed(at: datetime) -> None:
    troubles = audit.ask_witnesses(by=SYSTEM, at=at)
    latest = log.latest_checkpoint()
    if latest is not None and not log.witness_policy().is_met_by(log.shown(latest).note):
        raise TooFewWitnesses("; ".join(troubles))


def attest(
    *, hold_id: UUID, by: Actor, at: datetime, idempotency_key: str, previous: int | None = None
) -> Attestation:
    """The attestation of a pledge as it stands now; the same key gives the same one.

    `previous`: how many events the checkpoint covers that the reader has kept.

    :raises NotFound, NotAnActivePledge, StateNotCommitted, NotSealedYet: there can be none
    :raises TooFewWitnesses: fewer have cosigned than this ledger wants
    :raises ProofRefused: the log was never as long as what the reader has kept
    """
    asked: dict[str, Any] = {"hold_id": hold_id, "by": by, "at": at, "previous": previous}
    try:
        return issue_attestation(idempotency_key=idempotency_key, **asked)
    except StateNotCommitted:
        make_ready(hold_ids=[hold_id], by=by, at=at)
    return issue_attestation(idempotency_key=idempotency_key, **asked)


@operation
def issue_attestation(
    *, hold_id: UUID, by: Actor, at: datetime, idempotency_key: str, previous: int | None = None
) -> Attestation:
    """Put the document together, sign it, and put it on record.

    :raises NotFound: not there, or neither the creditor's officer nor the pledgor asks
    :raises NotAnActivePledge: the pledge is not in force
    :raises StateNotCommitted: the ledger has not committed to the pledge as it stands
    :raises ProofRefused: the log was never as long as what the reader has kept
    :raises OutsideCheckpointAhead, OutsideCheckpointDiffers: this database is not the newest
    """
    return _issued({hold_id: key_of(by, idempotency_key)}, kept=previous, by=by, at=at)[0]


@operation
def issue_attestations(
    *, hold_ids: Collection[UUID], by: Actor, at: datetime, idempotency_key: str
) -> list[Attestation]:
    """One for each pledge, all under one checkpoint; all or none.

    :raises NotFound, NotAnActivePledge, StateNotCommitted: as of one, for any of them
    """
    keys = {one: key_of(by, f"{idempotency_key}:{one}") for one in hold_ids}
    return _issued(keys, kept=None, by=by, at=at)


def _issued(
    keys: Mapping[UUID, str], *, kept: int | None, by: Actor, at: datetime
) -> list[Attestation]:
    """In the order of the keys of their holds; those of known keys are the known ones."""
    holds = {hold.pk: hold for hold in queries.get_pledges(keys, by=by)}
    _one_at_a_time(*keys)
    known = queries.find_by_keys(keys.values())
    fresh = [hold_id for hold_id, key in keys.items() if key not in known]
    if fresh:
        log.check_not_behind_outside_checkpoint()
        for row in _made([holds[one] for one in fresh], keys, kept=kept, by=by, at=at):
            known[row.idempotency_key] = row
    return [known[key] for key in keys.values()]


def _made(
    holds: Sequence[Any], keys: Mapping[UUID, str], *, kept: int | None, by: Actor, at: datetime
) -> list[Attestation]:
    former = queries.former_of([hold.pk for hold in holds])
    wanted = []
    for hold in holds:
        made_id = new_id()
        number = f"ATT-{timezone.localtime(at):%Y%m%d}-{made_id.hex[-10:].upper()}"
        wanted.append(assembling.Wanted(made_id, number, hold, former.get(hold.pk, ()), kept))
    documents = assembling.assemble(wanted, at=at)
    rows = [_row(one, *documents[one.id], key=keys[one.hold.pk], by=by, at=at) for one in wanted]
    with connection.cursor() as cursor, cursor.copy(COPY) as copy:
        for row in rows:
            copy.write_row([getattr(row, name) for name in COLUMNS])
    happenings = [
        audit.Happening("attestation.issued", subject_of(row), {"row": queries.facts_of(row)})
        for row in rows
    ]
    audit.record_many(happenings, by=by, at=at)
    return rows


COLUMNS = [field.attname for field in Attestation._meta.concrete_fields]
# documents are long: COPY needs no quoting
COPY = f"COPY {Attestation._meta.db_table} ({', '.join(COLUMNS)}) FROM STDIN"


def _row(
    one: assembling.Wanted, document: bytes, size: int, *, key: str, by: Actor, at: datetime
) -> Attestation:
    return Attestation(
        id=one.id,
        number=one.number,
        hold_id=one.hold.pk,
        creditor_id=one.hold.in_favour_of,
        debtor_id=one.hold.account.holder_id,
        unit_count=one.hold.controlled_count,
        checkpoint_size=size,
        supersedes_id=one.before.id if one.before else None,
        document=document.decode(),
        sha256=assembling.sha256_of(document),
        idempotency_key=key,
        issued_at=at,
        issued_by=by.user_id,
    )


def _one_at_a_time(*subjects: UUID) -> None:
    """Until the end of the transaction; the rows themselves may not be locked."""
    told = sorted(f"attestations:{one}" for one in subjects)
    with connection.cursor() as cursor:
        cursor.execute(LOCK, [told])


LOCK = """
SELECT pg_advisory_xact_lock(hashtextextended(one, 0)) FROM unnest(%s::text[]) AS one
"""


def _keep(row: Print | Revocation, verb: str, *, by: Actor, at: datetime, reason: str = "") -> None:
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
