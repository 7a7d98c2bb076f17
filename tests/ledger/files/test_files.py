import io
import zipfile
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from ledger.files import operations, queries
from ledger.files.models import StoredFile
from ledger.files.rules import (
    FileAltered,
    FileEmpty,
    FileInfected,
    FileLooksLikeABomb,
    FileTooLarge,
    FileType,
    FileTypeRefused,
    sniff,
)
from ledger.kernel.actors import Actor, Role
from ledger.kernel.errors import NotAllowed, NotFound
from ledger.parties.models import Party
from tests.factories.machines import machine

NOON = datetime(2026, 1, 5, 4, 0, tzinfo=UTC)
PARK = uuid4()
OFFICER = Actor(user_id=uuid4(), party_id=PARK, roles=frozenset({Role.DATA_OFFICER}))
PDF = b"%PDF-1.7 gas bill"


@pytest.fixture(autouse=True)
def own_folder(settings, tmp_path):
    storage = {**settings.STORAGES["evidence"], "OPTIONS": {"location": tmp_path}}
    settings.STORAGES = {**settings.STORAGES, "evidence": storage}
    return tmp_path


def store(content=PDF, **changes):
    facts = {"name": "bill.pdf", "purpose": "evidence", "party_id": PARK, "by": OFFICER, "at": NOON}
    return operations.store_file(content=io.BytesIO(content), **{**facts, **changes})


def workbook(size: int) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("xl/workbook.xml", b"0" * size)
    return out.getvalue()


@pytest.mark.django_db
def test_the_same_file_is_kept_once(own_folder):
    first, second = store(), store(name="again.pdf")

    assert first.pk == second.pk
    assert (first.kind, first.byte_count) == (FileType.PDF, 17)
    assert sum(1 for path in own_folder.rglob("*") if path.is_file()) == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        (b"", FileEmpty),
        (b"MZ\x00\x00 a program", FileTypeRefused),
        ("表".encode("utf-16"), FileTypeRefused),
        (workbook(50_000_000), FileLooksLikeABomb),
    ],
)
def test_what_is_no_honest_document_is_refused_and_not_kept(own_folder, content, refusal):
    with pytest.raises(refusal):
        store(content)

    assert not StoredFile.objects.exists()
    assert not any(own_folder.rglob("*"))


@pytest.mark.django_db
def test_a_file_over_the_limit_is_refused_without_reading_it_all(settings):
    settings.LARGEST_UPLOAD_MB = 1

    class Endless(io.RawIOBase):
        asked = 0

        def read(self, size=-1):
            self.asked += size
            return b"0" * size

    endless = Endless()
    with pytest.raises(FileTooLarge):
        operations.store_file(
            content=endless, name="x", purpose="p", party_id=PARK, by=OFFICER, at=NOON
        )
    assert endless.asked <= 2 * 1024 * 1024


@pytest.mark.django_db
def test_another_party_neither_stores_nor_finds():
    stored = store()
    stranger = Actor(user_id=uuid4(), party_id=uuid4(), roles=frozenset({Role.DATA_OFFICER}))

    with pytest.raises(NotAllowed):
        store(by=stranger)
    with pytest.raises(NotFound):
        queries.get_file(file_id=stored.pk, by=stranger)


@pytest.mark.django_db
def test_a_file_altered_on_disk_is_refused_at_reading(own_folder):
    stored = store()
    (own_folder / stored.sha256[:2] / stored.sha256).write_bytes(PDF + b"!")

    with pytest.raises(FileAltered):
        queries.content_of(stored)


def test_the_type_comes_from_the_bytes():
    assert sniff(workbook(10)) is FileType.XLSX
    assert sniff("来源,月份".encode("gb18030")) is FileType.TEXT
    assert sniff(b'{"a": 1}') is FileType.JSON


def is_clean(content: bytes) -> bool:
    """A scanner's answer, as VIRUS_SCAN names one."""
    return b"EICAR" not in content


@pytest.mark.django_db
def test_the_scanner_sees_the_whole_file_and_an_infected_one_is_not_kept(settings, own_folder):
    settings.VIRUS_SCAN = f"{__name__}.is_clean"
    far = b"%PDF-1.7 " + b"0" * 200_000 + b"EICAR"  # beyond what tells the type
    with pytest.raises(FileInfected):
        store(far)
    assert not StoredFile.objects.exists()
    assert not [path for path in own_folder.rglob("*") if path.is_file()]
    assert store(far[:-5]).byte_count == len(far) - 5


@pytest.mark.django_db
@pytest.mark.parametrize(
    "content", [b"<html><script>alert(1)</script></html>", b'<svg xmlns="x" onload="a()"/>']
)
def test_what_a_browser_would_run_leaves_as_an_attachment_of_no_type_of_its_own(content):
    """By machine's door and by the page's: bytes to save, never to show."""
    party = Party.objects.create(kind=Party.Kind.PARK_OPERATOR, name_zh="梅山")
    officer = Actor(user_id=uuid4(), party_id=party.pk, roles=OFFICER.roles)
    facts = {"name": "evil.html", "party_id": party.pk, "by": officer, "accepted": list(FileType)}
    stored = store(content, **facts)
    gateway = machine(party.pk, "DATA_OFFICER")
    answer = gateway.get(f"files/{stored.pk}/content/")
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "html" not in answer["Content-Type"] and "svg" not in answer["Content-Type"]
