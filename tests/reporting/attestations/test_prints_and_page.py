"""The signed PDF, and the page on which strangers check what they were given."""

import hashlib
from datetime import UTC, datetime
from itertools import chain
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from django.conf import settings as live
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils.translation import trans_real

from config import messages
from ledger.jobs.models import Job
from ledger.kernel.actors import SYSTEM
from reporting.attestations import operations, queries, tasks
from reporting.attestations.models import Attestation
from reporting.documents import queries as documents
from reporting.packages import signing
from reporting.packages.verifier.checking import check_file
from reporting.packages.verifier.history import kept_checkpoint
from reporting.packages.verifier.pdf import embedded_file
from reporting.packages.verifier.trust import Policy, Refused
from tests.factories import attestations as made_of
from tests.factories.units import NOON
from tests.reporting.attestations.alone import judged, lines_behind
from tests.reporting.attestations.forging import forged_prints

pytestmark = pytest.mark.usefixtures("log", "own_root")


@pytest.fixture
def own_root(log: str, settings: Any) -> None:
    messages.compile_all()
    trans_real._translations.clear()
    settings.API_LIMITS = {**live.API_LIMITS, "strangers": 1000}
    signing.make_document_keys(settings.KEY_DIR, demonstration=True, at=datetime.now(UTC))


def printed(row: Attestation, language: str = "zh-hans") -> bytes:
    pdf = documents.get_attestation_pdf(row.document.encode(), language=language)
    signed = operations.sign_print(pdf)
    given: dict[str, Any] = {"asked_by": SYSTEM.user_id, "by": SYSTEM, "at": NOON}
    operations.keep_print(attestation_id=row.pk, language=language, signed=signed, **given)
    return signed.content


def policy() -> Policy:
    root = x509.load_pem_x509_certificate((live.KEY_DIR / signing.ROOT).read_bytes())
    return made_of.policy(f"root {root.fingerprint(hashes.SHA256()).hex()}")


def test_a_print_is_checked_to_its_last_byte_and_has_the_signed_file_inside():
    row = made_of.attest(made_of.pledged())
    for language in ("zh-hans", "en"):
        pdf = printed(row, language)
        assert embedded_file(pdf) == row.document.encode()
        answer = check_file(pdf, policy=policy())
        assert answer.sha256 == row.sha256
        assert any("Every byte of the PDF is signed" in str(one) for one in answer.proved)
    assert kept_checkpoint(pdf) == made_of.content(row)["statement"]["checkpoint"]
    with pytest.raises(Refused) as no:
        check_file(pdf, policy=made_of.policy())
    assert no.value.item == "pdf"


@pytest.mark.parametrize(
    ("count", "seed"), [(600, 7), pytest.param(5000, 8, marks=pytest.mark.full)]
)
def test_no_forged_print_is_accepted(tmp_path, count, seed):
    row = made_of.attest(made_of.pledged())
    pdf, other = printed(row), printed(row, "en")
    trust = Client().get("/verify/trust").content.decode()
    made = dict(enumerate(forged_prints(pdf, other, count=count, seed=seed)))
    doubled = pdf.replace(b"%%EOF", b"%%EOF\n%%EOF")
    forged = (one for _name, one in made.values())
    answers = judged(tmp_path, chain([pdf, other, doubled], forged), trust=trust)
    assert answers[:2] == ["YES", "YES"]
    assert len(answers) == count + 3
    assert answers[2] != "YES"
    accepted = [n for n, answer in enumerate(answers[3:]) if answer == "YES"]
    assert [made[n][0] for n in accepted] == []


def test_what_judges_a_print_stays_small_enough_to_be_read(tmp_path):
    file = tmp_path / "a.pdf"
    file.write_bytes(printed(made_of.attest(made_of.pledged()), "en"))
    trust = Client().get("/verify/trust").content.decode()
    assert 500 < lines_behind(tmp_path, file, trust=trust) <= 1500


def test_a_job_prints_once():
    pledged = made_of.pledged()
    row = made_of.attest(pledged)
    asked: dict[str, Any] = {"attestation_id": row.pk, "language": "en", "by": pledged.bank}
    job_id = operations.request_print(at=NOON, **asked)
    assert operations.request_print(at=NOON, **asked) == job_id
    tasks.print_attestation(job_id=str(job_id))
    made = queries.find_print(row.pk, "en")
    assert made is not None
    assert Job.objects.get(pk=job_id).result["sha256"] == made.sha256
    name, content = operations.take_away(attestation_id=row.pk, form="en", by=pledged.bank, at=NOON)
    assert (name, hashlib.sha256(content).hexdigest()) == (f"{row.number}-en.pdf", made.sha256)


def test_the_trust_file_of_the_server_is_one_that_the_verifier_reads():
    row = made_of.attest(made_of.pledged())
    answer = Client().get("/verify/trust")
    trusted = Policy.parse(answer.content.decode())
    check_file(printed(row), policy=trusted)


def brought(content: bytes) -> str:
    answer = Client().post(
        "/verify/",
        {"file": SimpleUploadedFile("a", content)},
        headers={"accept-language": "en"},
    )
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_stranger_is_told_what_a_document_is_worth_and_nothing_else():
    pledged = made_of.pledged()
    row = made_of.attest(pledged)
    pdf = printed(row, "en")
    assert "Yes: authentic" in brought(row.document.encode())
    page = brought(pdf)
    assert "Yes: authentic" in page
    assert "Current: no later attestation" in page
    made_of.attest(pledged, 1)
    assert "Superseded: it was true when issued" in brought(pdf)
    operations.revoke_attestation(
        attestation_id=row.pk, reason="secret reason", by=pledged.bank, at=NOON
    )
    page = brought(pdf)
    assert "Revoked: do not rely on it." in page
    assert "secret reason" not in page
    assert "No: not authentic" in brought(pdf.replace(b"/EmbeddedFile", b"/EmbeddedFilf"))


def test_a_hash_alone_tells_the_standing():
    row = made_of.attest(made_of.pledged())
    client = Client()
    english = {"accept-language": "en"}
    given = {"sha256": row.sha256.upper()}
    found = client.post("/verify/", given, headers=english).content.decode()
    assert "Current: no later attestation" in found
    given = {"sha256": "0" * 64}
    unknown = client.post("/verify/", given, headers=english).content.decode()
    assert "This ledger has issued no document with this SHA-256." in unknown
    assert row.number not in found


def test_the_page_needs_no_login_and_refuses_what_is_too_much(settings):
    client = Client()
    answer = client.get("/verify/d/TZ-1")
    assert answer.status_code == 200
    assert "script-src" in answer["Content-Security-Policy"] or (
        "default-src 'self'" in answer["Content-Security-Policy"]
    )
    assert "unsafe" not in answer["Content-Security-Policy"]
    assert "tanzhang" not in answer.cookies  # no session
    too_long = client.post(
        "/verify/", b"", content_type="application/x", headers={"content-length": "20000001"}
    )
    assert too_long.status_code == 413
    settings.API_LIMITS = {**live.API_LIMITS, "strangers": 0}
    refused = client.post("/verify/", {"sha256": "0" * 64})
    assert (refused.status_code, 0 < int(refused["Retry-After"]) <= 60) == (429, True)
