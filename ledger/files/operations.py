"""Storing files. What is stored is never executed, rendered inline or changed."""

import hashlib
from collections.abc import Iterable
from datetime import datetime
from typing import IO
from uuid import UUID

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.utils.module_loading import import_string

from ledger.audit import operations as audit
from ledger.doors.operation import operation
from ledger.files import queries
from ledger.files.models import StoredFile
from ledger.files.rules import (
    FileEmpty,
    FileInfected,
    FileTooLarge,
    FileType,
    FileTypeRefused,
    check_not_a_bomb,
    path_of,
    sniff,
)
from ledger.kernel.actors import Actor
from ledger.kernel.errors import NotAllowed

MEGABYTE = 1024 * 1024


def read_limited(content: IO[bytes], *, limit_mb: int | None = None) -> bytes:
    """The bytes, reading no more than the limit.

    :raises FileTooLarge, FileEmpty:
    """
    limit = limit_mb or settings.LARGEST_UPLOAD_MB
    found = content.read(limit * MEGABYTE + 1)
    if len(found) > limit * MEGABYTE:
        raise FileTooLarge(limit=limit)
    if not found:
        raise FileEmpty
    return found


@operation
def store_file(
    *,
    content: IO[bytes],
    name: str,
    purpose: str,
    party_id: UUID,
    by: Actor,
    at: datetime,
    accepted: Iterable[FileType] = tuple(FileType),
) -> StoredFile:
    """Keep a file under its hash. The same file for the same purpose is kept once.

    :raises FileTooLarge, FileEmpty, FileTypeRefused, FileLooksLikeABomb, FileInfected, NotAllowed:
    """
    if not by.is_machine and by.party_id != party_id:
        raise NotAllowed
    found = read_limited(content)
    kind = _checked_kind(found, frozenset(accepted))
    sha256 = hashlib.sha256(found).hexdigest()
    known = StoredFile.objects.filter(party_id=party_id, purpose=purpose, sha256=sha256).first()
    if known is not None:
        return known
    _put(sha256, found)
    stored = StoredFile.objects.create(
        sha256=sha256,
        byte_count=len(found),
        kind=kind,
        name=name.replace("\\", "/").rsplit("/", 1)[-1][:255],
        purpose=purpose,
        party_id=party_id,
        stored_at=at,
        stored_by=by.user_id,
    )
    audit.record(
        verb="file.stored",
        subject=f"files.StoredFile:{stored.pk}",
        by=by,
        at=at,
        data={"row": queries.row_facts(stored)},
    )
    return stored


def _checked_kind(content: bytes, accepted: frozenset[FileType]) -> FileType:
    kind = sniff(content)
    if kind is None or kind not in accepted:
        raise FileTypeRefused(accepted=", ".join(sorted(one.name for one in accepted)))
    if kind is FileType.XLSX:
        check_not_a_bomb(content)
    if settings.VIRUS_SCAN and not import_string(settings.VIRUS_SCAN)(content):
        raise FileInfected
    return kind


def _put(sha256: str, content: bytes) -> None:
    # Before the row: a crash between leaves an orphan file, never a row without its file.
    store = storages["evidence"]
    if not store.exists(path_of(sha256)):
        store.save(path_of(sha256), ContentFile(content))
