import hashlib
from uuid import UUID

from django.core.files.storage import storages
from django.db.models import QuerySet

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


__all__ = ["FileType", "content_of", "files_of", "get_file", "sniff"]
