"""PAdES B-T: a time stamp by a real authority, and what becomes of a report without one."""

import io
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pyhanko.keys import load_cert_from_pemder
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from ledger.jobs import operations as jobs
from ledger.jobs.models import Job
from ledger.jobs.states import JobState
from reporting.packages import operations, queries, rules, signing, tasks
from reporting.packages.models import Report
from reporting.packages.signing.keys import TIME_ROOTS
from tests.reporting.packages.test_reports import golden_facility, opine  # noqa: F401  a fixture
from tests.reporting.packages.test_signing import pdfsig, small_pdf
from tests.reporting.packages.time_stamps import (
    HAS_OPENSSL,
    make_authority,
    openssl_reply,
    serving,
)

pytestmark = pytest.mark.skipif(not HAS_OPENSSL, reason="openssl makes the time stamps")
REPLY = "application/timestamp-reply"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tsa")
    make_authority(folder)
    return folder


@pytest.fixture
def service(authority: Path) -> Iterator[str]:
    with serving(openssl_reply(authority)) as address:
        yield address


def judged(content: bytes, keys: Path, authority: Path) -> Any:
    signer = load_cert_from_pemder(str(keys / signing.ROOT))
    stamper = load_cert_from_pemder(str(authority / "tsa.pem"))
    found = PdfFileReader(io.BytesIO(content)).embedded_signatures[0]
    return validate_pdf_signature(
        found,
        ValidationContext(trust_roots=[signer]),
        ts_validation_context=ValidationContext(trust_roots=[stamper]),
    )


def test_a_signature_with_a_time_stamp_is_b_t_and_both_are_valid(
    key_folder: Path, authority: Path, service: str, tmp_path: Path
) -> None:
    before = datetime.now(UTC).replace(microsecond=0)
    signed = signing.FileDocumentSigner(key_folder, service).sign(small_pdf())
    assert signed.level == "B-T"
    status = judged(signed.content, key_folder, authority)
    assert status.bottom_line
    stamp = status.timestamp_validity
    assert (stamp.intact, stamp.valid, stamp.trusted) == (True, True, True)
    assert before <= stamp.timestamp <= datetime.now(UTC) + timedelta(seconds=1)
    assert status.coverage.name == "ENTIRE_FILE"
    said = pdfsig(signed.content, tmp_path)
    assert "Signature is Valid" in said
    assert "Total document signed" in said and "Not total document signed" not in said


def test_with_revocation_lists_at_hand_a_signature_lasts_in_the_same_single_revision(
    key_folder: Path, authority: Path, service: str, tmp_path: Path
) -> None:
    folder = tmp_path / "keys"
    shutil.copytree(key_folder, folder)
    shutil.copy(authority / "tsa.pem", folder / TIME_ROOTS)
    signed = signing.FileDocumentSigner(folder, service).sign(small_pdf())
    assert signed.level == "B-LT"
    reader = PdfFileReader(io.BytesIO(signed.content))
    store = reader.root["/DSS"]
    assert len(store["/CRLs"]) == 1 and len(store["/Certs"]) >= 2
    assert signed.content.count(b"%%EOF") == 2  # the unsigned file, and one revision
    status = judged(signed.content, folder, authority)
    assert status.bottom_line and status.coverage.name == "ENTIRE_FILE"
    said = pdfsig(signed.content, tmp_path)
    assert "Total document signed" in said and "Not total document signed" not in said


def test_a_stamp_of_another_authority_is_not_trusted(
    key_folder: Path, service: str, tmp_path: Path
) -> None:
    make_authority(tmp_path)
    signed = signing.FileDocumentSigner(key_folder, service).sign(small_pdf())
    status = judged(signed.content, key_folder, tmp_path)
    assert not status.timestamp_validity.trusted


def test_a_signature_without_a_service_has_no_time_stamp(key_folder: Path, authority: Path) -> None:
    signed = signing.FileDocumentSigner(key_folder).sign(small_pdf())
    assert signed.level == "B-B"
    assert judged(signed.content, key_folder, authority).timestamp_validity is None


@pytest.mark.parametrize(
    ("status", "kind", "content"),
    [
        (500, "text/html", b"out of order"),
        (200, "text/html", b"<h1>sign in</h1>"),
        (200, REPLY, b"no ASN.1 at all"),
        (200, REPLY, bytes.fromhex("30053003020102")),  # "rejected"
    ],
)
def test_an_authority_that_gives_no_stamp_leaves_nothing_signed(
    key_folder: Path, status: int, kind: str, content: bytes
) -> None:
    with serving(lambda _query: (status, kind, content)) as address:
        signer = signing.FileDocumentSigner(key_folder, address)
        with pytest.raises(rules.NoTimeStamp, match=r"127\.0\.0\.1"):
            signer.sign(small_pdf())


def test_an_old_stamp_sent_again_is_refused(key_folder: Path, authority: Path) -> None:
    fresh, kept = openssl_reply(authority), list[tuple[int, str, bytes]]()

    def always_the_first(query: bytes) -> tuple[int, str, bytes]:
        if not kept:
            kept.append(fresh(query))
        return kept[0]

    with serving(always_the_first) as address:
        signer = signing.FileDocumentSigner(key_folder, address)
        with pytest.raises(rules.NoTimeStamp):
            signer.sign(small_pdf())


def test_a_stamp_that_was_touched_is_refused(key_folder: Path, authority: Path) -> None:
    fresh = openssl_reply(authority)

    def touched(query: bytes) -> tuple[int, str, bytes]:
        status, kind, content = fresh(query)
        return status, kind, content[:-1] + bytes([content[-1] ^ 1])  # within its signature

    with serving(touched) as address:
        signer = signing.FileDocumentSigner(key_folder, address)
        with pytest.raises(rules.NoTimeStamp):
            signer.sign(small_pdf())


@pytest.fixture
def verified(golden_facility: Any, park: Any, manager: Any, own_keys: Path) -> Any:  # noqa: F811
    opine(golden_facility, park, manager)
    return golden_facility


def test_a_report_waits_for_its_time_stamp_and_gets_it_when_tried_again(
    verified: Any, manager: Any, service: str, authority: Path, settings: Any
) -> None:
    settings.TSA_URL = "http://user:secret@127.0.0.1:9/closed"
    asked = operations.request_report(
        frozen_inventory_id=verified.id, language="en", by=manager, at=datetime.now(UTC)
    )
    tasks.make_report(job_id=str(asked))
    job = Job.objects.get(pk=asked)
    assert job.state == JobState.FAILED
    assert job.error.startswith("The time-stamping service 127.0.0.1 gave no time stamp")
    assert "secret" not in job.error
    assert Report.objects.count() == 0

    settings.TSA_URL = service
    jobs.retry_job(job_id=job.pk, by=manager, at=datetime.now(UTC))
    tasks.make_report(job_id=str(asked))
    report = Report.objects.get()
    assert report.signature_level == "B-T"
    status = judged(queries.content_of(report), settings.KEY_DIR, authority)
    assert status.bottom_line and status.timestamp_validity.valid
