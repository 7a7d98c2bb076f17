"""What a file may be. Its type comes from its bytes, never from its name."""

import zipfile
from enum import StrEnum
from io import BytesIO

from ledger.kernel.errors import N_, DomainError


class FileType(StrEnum):
    PDF = "application/pdf"
    PNG = "image/png"
    JPEG = "image/jpeg"
    XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    JSON = "application/json"
    TEXT = "text/plain"
    PACKAGE = "application/vnd.etsi.asic-e+zip"  # one of ours, signed; never an upload


UPLOADED = frozenset(FileType) - {FileType.PACKAGE}
MAGIC = {b"%PDF-": FileType.PDF, b"\x89PNG\r\n\x1a\n": FileType.PNG, b"\xff\xd8\xff": FileType.JPEG}
# Behind a zip's 30 bytes of head: the name of the first part, and what stands in it unpacked.
PACKAGE_HEAD = b"mimetypeapplication/vnd.etsi.asic-e+zip"
# A workbook of honest data packs about 10 to 1; a bomb packs 1000 to 1.
LARGEST_RATIO, LARGEST_UNPACKED, MOST_PARTS = 200, 300 * 1024 * 1024, 2_000


class FileTooLarge(DomainError):
    code = "file_too_large"
    message = N_("The file is larger than the %(limit)s MB that are allowed.")


class FileEmpty(DomainError):
    code = "file_empty"
    message = N_("The file is empty.")


class FileTypeRefused(DomainError):
    code = "file_type_refused"
    message = N_("Files of this kind are not accepted here. Accepted: %(accepted)s.")


class FileLooksLikeABomb(DomainError):
    code = "file_looks_like_a_bomb"
    message = N_("The file unpacks to far more than its size; it was not opened.")


class FileInfected(DomainError):
    code = "file_infected"
    message = N_("The virus scan refused the file.")


class FileAltered(DomainError):
    code = "file_altered"
    message = N_("The stored file is not what was stored: its hash differs.")


def sniff(content: bytes) -> FileType | None:
    """The type by the bytes, or None when it is none that we accept."""
    for magic, kind in MAGIC.items():
        if content.startswith(magic):
            return kind
    if content.startswith(b"PK\x03\x04"):
        if content.startswith(PACKAGE_HEAD, 30):
            return FileType.PACKAGE
        return FileType.XLSX if _is_workbook(content) else None
    if b"\x00" in content[:65536] or content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return None  # binary, or UTF-16
    return FileType.JSON if content.lstrip()[:1] in {b"{", b"["} else FileType.TEXT


def _is_workbook(content: bytes) -> bool:
    try:
        with zipfile.ZipFile(BytesIO(content)) as book:
            return "xl/workbook.xml" in book.namelist()
    except zipfile.BadZipFile:
        return False


def check_not_a_bomb(content: bytes) -> None:
    """Look at the archive's own table before anything is unpacked.

    :raises FileLooksLikeABomb:
    """
    try:
        with zipfile.ZipFile(BytesIO(content)) as book:
            parts = book.infolist()
    except zipfile.BadZipFile:
        raise FileLooksLikeABomb from None
    unpacked = sum(part.file_size for part in parts)
    if (
        len(parts) > MOST_PARTS
        or unpacked > LARGEST_UNPACKED
        or unpacked > LARGEST_RATIO * max(len(content), 1)
    ):
        raise FileLooksLikeABomb


def path_of(sha256: str) -> str:
    """Where the content lies in the store."""
    return f"{sha256[:2]}/{sha256}"
