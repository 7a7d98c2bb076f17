"""Storing files. What is stored is never executed, rendered inline or changed."""

import hashlib
from collections.abc import Iterable
from datetime import datetime
from typing import IO
from uuid import UUID

from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import storages
from django.utils.module_loading import import_string

from ledger.audit import operations as audit
from ledger.doors.operation import operation
from ledger.files import queries
from ledger.files.models import StoredFile
from ledger.files.rules import (
    UPLOADED,
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
HEAD = 65_536  # what a file's type is told by
ZIP = b"PK\x03\x04"


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
    accepted: Iterable[FileType] = UPLOADED,
    limit_mb: int | None = None,
) -> StoredFile:
    """Keep a file under its hash. The same file for the same purpose is kept once.

    Walks through the content piece by piece: a large file is never in memory as a whole.

    :raises FileTooLarge, FileEmpty, FileTypeRefused, FileLooksLikeABomb, FileInfected, NotAllowed:
    """
    if not by.is_machine and by.party_id != party_id:
        raise NotAllowed
    sha256, byte_count = _measured(content, limit_mb=limit_mb)
    kind = _checked_kind(content, frozenset(accepted))
    known = StoredFile.objects.filter(party_id=party_id, purpose=purpose, sha256=sha256).first()
    if known is not None:
        return known
    _put(sha256, content)
    stored = StoredFile.objects.create(
        sha256=sha256,
        byte_count=byte_count,
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


def _measured(content: IO[bytes], *, limit_mb: int | None) -> tuple[str, int]:
    """SHA-256 and size; the file stands at its beginning again."""
    limit = limit_mb or settings.LARGEST_UPLOAD_MB
    digest, size = hashlib.sha256(), 0
    while chunk := content.read(MEGABYTE):
        digest.update(chunk)
        size += len(chunk)
        if size > limit * MEGABYTE:
            raise FileTooLarge(limit=limit)
    if not size:
        raise FileEmpty
    content.seek(0)
    return digest.hexdigest(), size


def _checked_kind(content: IO[bytes], accepted: frozenset[FileType]) -> FileType:
    found = content.read(HEAD)
    if found.startswith(ZIP) or settings.VIRUS_SCAN:
        found += content.read()  # a workbook tells what it is at its end
    content.seek(0)
    kind = sniff(found)
    if kind is None or kind not in accepted:
        raise FileTypeRefused(accepted=", ".join(sorted(one.name for one in accepted)))
    if kind is FileType.XLSX:
        check_not_a_bomb(found)
    if settings.VIRUS_SCAN and not import_string(settings.VIRUS_SCAN)(found):
        raise FileInfected
    return kind


def _put(sha256: str, content: IO[bytes]) -> None:
    # Before the row: a crash between leaves an orphan file, never a row without its file.
    store = storages["evidence"]
    if not store.exists(path_of(sha256)):
        store.save(path_of(sha256), File(content))
