import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO, cast
from uuid import UUID

from django.core.files.storage import storages
from django.db.models import QuerySet

from ledger.audit import queries as audit
from ledger.files.models import StoredFile
from ledger.files.rules import FileAltered, FileType, path_of, sniff
from ledger.kernel.actors import Actor, Role
from ledger.kernel.errors import NotFound


def files_of(by: Actor) -> QuerySet[StoredFile]:
    files = StoredFile.objects.order_by("-stored_at")
    return files if by.has(Role.SYSTEM, Role.AUDITOR) else files.filter(party_id=by.own_party)


def get_file(*, file_id: UUID, by: Actor) -> StoredFile:
    """:raises NotFound: not there, or another party's"""
    stored = files_of(by).filter(pk=file_id).first()
    if stored is None:
        raise NotFound(str(file_id))
    return stored


def content_of(stored: StoredFile) -> bytes:
    """:raises FileAltered: the bytes are not those that were stored"""
    with storages["evidence"].open(path_of(stored.sha256)) as file:
        content: bytes = file.read()
    if hashlib.sha256(content).hexdigest() != stored.sha256:
        raise FileAltered(str(stored.pk))
    return content


@contextmanager
def open_content(stored: StoredFile) -> Iterator[BinaryIO]:
    """The bytes as a file, for those who read it piece by piece; nothing is held in memory.

    :raises FileAltered: the bytes are not those that were stored
    """
    with storages["evidence"].open(path_of(stored.sha256)) as file:
        if hashlib.file_digest(cast(Any, file), "sha256").hexdigest() != stored.sha256:
            raise FileAltered(str(stored.pk))
        file.seek(0)
        yield cast(BinaryIO, file)


def row_facts(stored: StoredFile) -> dict[str, Any]:
    """What the log keeps of a file: all but its name, which may be a person's."""
    names = [field.attname for field in StoredFile._meta.concrete_fields if field.name != "name"]
    return {name: getattr(stored, name) for name in names}


def check_rows_and_contents() -> Iterator[audit.Fault]:
    """Each file is as its event says, and its bytes are those that came in."""
    files = StoredFile.objects.order_by("pk")
    yield from audit.compare_rows_with_events(
        ((f"files.StoredFile:{one.pk}", row_facts(one)) for one in files.iterator()),
        kind="files.StoredFile",
        verbs=["file.stored"],
    )
    for one in files.iterator():
        yield from _content_faults(one)


def _content_faults(stored: StoredFile) -> Iterator[audit.Fault]:
    subject = f"files.StoredFile:{stored.pk}"
    try:
        content_of(stored)
    except FileAltered:
        yield audit.Fault("files.content", subject, "its bytes are not those that came in")
    except OSError:
        yield audit.Fault("files.content", subject, "its bytes are not in the file store")


__all__ = [
    "FileType",
    "check_rows_and_contents",
    "content_of",
    "files_of",
    "get_file",
    "open_content",
    "row_facts",
    "sniff",
]
