"""Attestations: who may read them, and what they are worth today."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterator
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Model, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from ledger.audit import queries as audit
from ledger.audit.keeping import content_of, subject_of
from ledger.files import queries as files
from ledger.holds import queries as holds
from ledger.holds.states import HoldKind, HoldState
from ledger.jobs.queries import Told
from ledger.kernel.actors import SYSTEM, Actor, Role
from ledger.kernel.errors import NotFound
from reporting.attestations.assembling import Former, sha256_of
from reporting.attestations.models import Attestation, Language, Print, Revocation
from reporting.attestations.rules import NotAnActivePledge
from reporting.attestations.states import AttestationState

CREDITOR = (Role.BANK_OFFICER,)
PLEDGOR = (Role.CARBON_MANAGER, Role.APPROVER)


def attestations_for(by: Actor) -> QuerySet[Attestation]:
    """To the actor's bank as its officer, or of her party's pledges; auditors see all."""
    if by.is_machine or by.has(Role.AUDITOR):
        return Attestation.objects.all()
    mine = Q(pk__in=())
    if by.has(*CREDITOR) and by.party_id:
        mine |= Q(creditor_id=by.party_id)
    if by.has(*PLEDGOR) and by.party_id:
        mine |= Q(debtor_id=by.party_id)
    return Attestation.objects.filter(mine)


def get_attestation(attestation_id: UUID, *, by: Actor) -> Attestation:
    """:raises NotFound: not there, or not the actor's to read"""
    found = attestations_for(by).filter(pk=attestation_id).first()
    if found is None:
        raise NotFound
    return found


def get_pledges(hold_ids: Collection[UUID], *, by: Actor) -> list[Any]:
    """The pledges that the actor may have attested.

    :raises NotFound: one is not there, or neither the creditor's officer nor the pledgor asks
    :raises NotAnActivePledge: one is released, waiting behind another, or no pledge at all
    """
    rows = holds.holds_visible_to(SYSTEM).filter(pk__in=hold_ids).select_related("account")
    found = list(rows)
    if len(found) != len(set(hold_ids)) or not all(_is_partys(hold, by) for hold in found):
        raise NotFound
    if not all(map(is_attestable, found)):
        raise NotAnActivePledge
    return found


def _is_partys(hold: Any, by: Actor) -> bool:
    is_creditor = by.has(*CREDITOR) and by.party_id == hold.in_favour_of
    is_pledgor = by.has(*PLEDGOR) and by.party_id == hold.account.holder_id
    return by.party_id is not None and (is_creditor or is_pledgor)


def is_attestable(hold: Any) -> bool:
    return (
        hold.kind == HoldKind.PLEDGE
        and hold.state == HoldState.ACTIVE
        and hold.controlled_count > 0
        and hold.in_favour_of is not None
    )


def pledges_to_attest(by: Actor) -> list[Any]:
    """What the actor may have attested now."""
    found = holds.holds_visible_to(by).filter(kind=HoldKind.PLEDGE, state=HoldState.ACTIVE)
    return [one for one in found.select_related("account", "lot") if is_attestable(one)]


FORMER = """
SELECT a.id, a.hold_id, a.number, a.sha256, a.checkpoint_size
FROM unnest(%s::uuid[]) AS h(id) CROSS JOIN LATERAL (
    SELECT one.*
    FROM reporting_attestations_attestation one WHERE one.hold_id = h.id
    ORDER BY one.issued_at DESC, one.id DESC LIMIT %s) a
ORDER BY a.issued_at DESC, a.id DESC
"""
LOOK_BACK = 100  # of one pledge: many may stand on one checkpoint


def former_of(hold_ids: Collection[UUID]) -> dict[UUID, list[Former]]:
    """The newest attestations of each pledge that has some, the very newest first."""
    found = defaultdict[UUID, list[Former]](list)
    with connection.cursor() as cursor:
        cursor.execute(FORMER, [list(hold_ids), LOOK_BACK])
        for row in cursor.fetchall():
            found[row[1]].append(Former(*row))
    return found


def find_by_keys(keys: Collection[str]) -> dict[str, Attestation]:
    """What was issued under these keys before."""
    found = Attestation.objects.filter(idempotency_key__in=list(keys))
    return {row.idempotency_key: row for row in found}


def find_by_hash(sha256: str) -> Attestation | None:
    """By the hash of the document or of one of its prints."""
    found = Attestation.objects.filter(sha256=sha256).first()
    if found is None:
        printed = Print.objects.filter(sha256=sha256).select_related("attestation").first()
        found = printed.attestation if printed else None
    return found


def state_of(row: Attestation) -> AttestationState:
    """What it is worth today: revoked, followed by another, or overtaken by the pledge itself."""
    if Revocation.objects.filter(attestation=row).exists():
        return AttestationState.REVOKED
    followed = Attestation.objects.filter(supersedes_id=row.pk).exists()
    hold = holds.get_hold(row.hold_id)
    if followed or not is_attestable(hold) or hold.controlled_count != row.unit_count:
        return AttestationState.SUPERSEDED
    return AttestationState.CURRENT


def states_of(rows: list[Attestation]) -> dict[UUID, AttestationState]:
    """The same for a page of them."""
    ids = [row.pk for row in rows]
    revoked = set(
        Revocation.objects.filter(attestation_id__in=ids).values_list("attestation_id", flat=True)
    )
    followed = set(
        Attestation.objects.filter(supersedes_id__in=ids).values_list("supersedes_id", flat=True)
    )
    standing = {
        hold.pk: hold.controlled_count
        for hold in holds.holds_visible_to(SYSTEM).filter(pk__in=[row.hold_id for row in rows])
        if is_attestable(hold)
    }
    told = {}
    for row in rows:
        gone = row.pk in followed or standing.get(row.hold_id) != row.unit_count
        told[row.pk] = AttestationState.SUPERSEDED if gone else AttestationState.CURRENT
    return told | dict.fromkeys(revoked, AttestationState.REVOKED)


def way_to(row: Attestation, *, previous: int) -> dict[str, Any]:
    """The consistency proof from a checkpoint that the reader kept to that of an attestation.

    :raises NotFound: there is no checkpoint over so many events
    :raises ProofRefused: it is newer than the attestation
    """
    note = json.loads(row.document)["statement"]["checkpoint"]
    return audit.get_consistency_proof(
        previous, row.checkpoint_size, under=audit.Shown(row.checkpoint_size, note)
    )


def number_of(attestation_id: UUID | None) -> str:
    if attestation_id is None:
        return "–"
    return Attestation.objects.values_list("number", flat=True).get(pk=attestation_id)


def why_revoked(row: Attestation) -> str:
    found = Revocation.objects.filter(attestation=row).values_list("reason", flat=True).first()
    return found or "–"


def find_print(attestation_id: UUID, language: str) -> Print | None:
    return Print.objects.filter(attestation_id=attestation_id, language=language).first()


def content_of_print(row: Print) -> bytes:
    """:raises FileAltered: the stored file is not what was signed"""
    return files.content_of(files.get_file(file_id=row.file_id, by=SYSTEM))


def links_of(row: Attestation) -> list[tuple[str, str]]:
    """The files of an attestation."""
    file = "admin:reporting_attestations_attestation_file"
    links = [(_("Download as JSON"), reverse(file, args=[row.pk, "json"]))]
    for one in Print.objects.filter(attestation=row).order_by("language"):
        name = _("Download the PDF in %(language)s") % {"language": Language(one.language).label}
        links.append((name, reverse(file, args=[row.pk, one.language])))
    return links


def tell_job(job: Any, actor: Actor | None) -> Told:
    """What a print job is about, and where its file is: for the job's page."""
    row = Attestation.objects.filter(pk=job.args["attestation_id"]).first()
    if row is None:
        return Told(subject="")
    subject = f"{row.number} · {Language(job.args['language']).label}"
    if not job.result.get("print"):
        return Told(subject)
    may_read = actor is not None and attestations_for(actor).filter(pk=row.pk).exists()
    said = _("The attestation was printed and signed.")
    page = reverse("admin:reporting_attestations_attestation_change", args=[row.pk])
    links = [(row.number, page), *links_of(row)] if may_read else ()
    return Told(subject, said, links)


# --- for `verify_ledger`

VERBS: dict[type[Model], list[str]] = {
    Attestation: ["attestation.issued"],
    Print: ["attestation.printed"],
    Revocation: ["attestation.revoked"],
}


def facts_of(row: Any) -> dict[str, Any]:
    """Every column; of the document its hash, which is a column too."""
    return {name: value for name, value in content_of(row).items() if name != "document"}


def check_rows() -> Iterator[audit.Fault]:
    """Every row as its event tells it; every document as its hash."""
    for model, verbs in VERBS.items():
        yield from audit.compare_rows_with_events(
            (
                (subject_of(row), facts_of(row))
                for row in model._default_manager.order_by("pk").iterator()
            ),
            kind=f"attestations.{model.__name__.lower()}",
            verbs=verbs,
        )
    for row in Attestation.objects.order_by("pk").iterator(chunk_size=200):
        if sha256_of(row.document.encode()) != row.sha256:
            yield audit.Fault("attestations.document", subject_of(row), "not the hash it had")
