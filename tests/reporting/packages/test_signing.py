"""Signatures: what outside tools say of a signed document, and of one that was touched."""

import io
import json
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID
from django.utils.translation import trans_real
from pyhanko.keys import load_cert_from_pemder
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.writer import PageObject, PdfFileWriter
from pyhanko.sign.fields import MDPPerm
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from config import messages
from reporting.documents import queries as documents
from reporting.packages import rules, signing
from reporting.packages.signing import keys as keys_of

SAMPLE = Path(__file__).parents[1] / "documents" / "sample_statement.json"


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("keys") / "k"
    signing.make_document_keys(folder, demonstration=True, at=datetime.now(UTC))
    return folder


@pytest.fixture(scope="module")
def unsigned() -> bytes:
    messages.compile_all()
    trans_real._translations.clear()
    statement: dict[str, Any] = json.loads(SAMPLE.read_text())
    return documents.get_pdf(statement, language="en")


@pytest.fixture(scope="module")
def signed(keys: Path, unsigned: bytes) -> signing.SignedDocument:
    return signing.FileDocumentSigner(keys).sign(unsigned)


def judged(content: bytes, keys: Path) -> Any:
    root = load_cert_from_pemder(str(keys / signing.ROOT))
    found = PdfFileReader(io.BytesIO(content)).embedded_signatures[0]
    return validate_pdf_signature(found, ValidationContext(trust_roots=[root]))


def pdfsig(content: bytes, tmp_path: Path) -> str:
    if not shutil.which("pdfsig"):
        pytest.skip("pdfsig is not installed")
    file = tmp_path / "report.pdf"
    file.write_bytes(content)
    said = subprocess.run(["pdfsig", file], capture_output=True, text=True, check=False)
    return said.stdout


def test_a_signed_report_is_valid_certified_and_signed_whole(
    signed: signing.SignedDocument, keys: Path
) -> None:
    status = judged(signed.content, keys)
    assert (status.valid, status.intact, status.trusted) == (True, True, True)
    assert status.bottom_line is True
    assert status.coverage.name == "ENTIRE_FILE"
    found = PdfFileReader(io.BytesIO(signed.content)).embedded_signatures
    assert len(found) == 1
    assert found[0].docmdp_level is MDPPerm.NO_CHANGES


def test_pdfsig_says_valid_and_total_document_signed(
    signed: signing.SignedDocument, tmp_path: Path
) -> None:
    said = pdfsig(signed.content, tmp_path)
    assert "Signature is Valid" in said
    assert "Total document signed" in said and "Not total document signed" not in said


@pytest.mark.parametrize("place", [0.1, 0.5, 0.9])
def test_a_flipped_byte_is_refused(
    signed: signing.SignedDocument, keys: Path, tmp_path: Path, place: float
) -> None:
    reader = PdfFileReader(io.BytesIO(signed.content))
    first, length, _second, _rest = reader.embedded_signatures[0].byte_range
    at = first + int(length * place * 0.8) + 20
    touched = bytearray(signed.content)
    touched[at] ^= 1
    try:
        status = judged(bytes(touched), keys)
    except Exception:  # noqa: S110  so broken that it cannot even be read: refused
        pass
    else:
        assert not status.bottom_line
    assert "Signature is Valid" not in pdfsig(bytes(touched), tmp_path)


def small_pdf() -> bytes:
    """One empty page: comparing two revisions of a whole report takes minutes."""
    pdf, out = PdfFileWriter(), io.BytesIO()
    nothing = pdf.add_object(generic.StreamObject(stream_data=b""))
    pdf.insert_page(PageObject(contents=nothing, media_box=(0, 0, 595, 842)))
    pdf.write(out)
    return out.getvalue()


def test_an_appended_revision_is_refused(keys: Path) -> None:
    signed = signing.FileDocumentSigner(keys).sign(small_pdf())
    assert judged(signed.content, keys).bottom_line
    writer = IncrementalPdfFileWriter(io.BytesIO(signed.content))
    paint = writer.add_object(generic.StreamObject(stream_data=b"0 0 500 500 re f"))
    page, _ = writer.find_page_for_modification(0)
    page.get_object()["/Contents"] = paint
    writer.mark_update(page)
    out = io.BytesIO()
    writer.write(out)
    assert len(out.getvalue()) > len(signed.content)
    status = judged(out.getvalue(), keys)
    assert status.coverage.name != "ENTIRE_FILE"
    assert not status.bottom_line


def test_a_foreign_root_is_not_trusted(signed: signing.SignedDocument, tmp_path: Path) -> None:
    other = tmp_path / "other"
    signing.make_document_keys(other, demonstration=True, at=datetime.now(UTC))
    assert not judged(signed.content, other).trusted


def test_keys_are_private_made_once_and_say_that_they_are_for_demonstration(keys: Path) -> None:
    assert (keys / signing.KEY).stat().st_mode & 0o077 == 0
    assert (keys / signing.ROOT_KEY).stat().st_mode & 0o077 == 0
    assert signing.make_document_keys(keys, demonstration=True, at=datetime.now(UTC)) == []
    certificate = x509.load_pem_x509_certificate((keys / signing.CERTIFICATE).read_bytes())
    assert "DEMONSTRATION" in certificate.subject.rfc4514_string()


def test_production_makes_and_uses_no_demonstration_key(
    keys: Path, unsigned: bytes, tmp_path: Path, settings: Any
) -> None:
    settings.PRODUCTION = True
    with pytest.raises(rules.DemonstrationKeyRefused):
        signing.make_document_keys(tmp_path / "x", demonstration=True, at=datetime.now(UTC))
    assert not (tmp_path / "x").exists()
    with pytest.raises(rules.DemonstrationKeyRefused):
        signing.FileDocumentSigner(keys).sign(unsigned)


def test_a_real_key_signs_in_production(unsigned: bytes, tmp_path: Path, settings: Any) -> None:
    settings.PRODUCTION = True
    signing.make_document_keys(tmp_path, demonstration=False, at=datetime.now(UTC))
    signed = signing.FileDocumentSigner(tmp_path).sign(unsigned)
    assert judged(signed.content, tmp_path).bottom_line
    assert "DEMONSTRATION" not in signed.subject


def test_without_a_key_or_with_the_wrong_one_nothing_is_signed(
    keys: Path, unsigned: bytes, tmp_path: Path
) -> None:
    with pytest.raises(rules.DocumentKeyMissing):
        signing.FileDocumentSigner(tmp_path / "none").sign(unsigned)
    mixed = tmp_path / "mixed"
    signing.make_document_keys(mixed, demonstration=True, at=datetime.now(UTC))
    shutil.copy(keys / signing.KEY, mixed / signing.KEY)
    with pytest.raises(rules.KeyOfAnotherCertificate):
        signing.FileDocumentSigner(mixed).sign(unsigned)


def test_a_draft_is_never_signed() -> None:
    with pytest.raises(rules.DraftIsNotSigned):
        signing.check_may_be_signed(is_draft=True)


def test_make_keys_hears_of_a_new_document_key_once(tmp_path: Path) -> None:
    public = signing.make_missing_key(tmp_path, True, datetime.now(UTC))
    assert public is not None and "DEMONSTRATION" in public["subject"]
    assert signing.make_missing_key(tmp_path, True, datetime.now(UTC)) is None


def issued(subject: str, issuer: str, key: Any, by: Any, *, is_authority: bool) -> Any:
    """A certificate as an authority writes it."""
    now = datetime.now(UTC)
    usage = dict.fromkeys(keys_of.USAGES, False)
    usage["key_cert_sign" if is_authority else "content_commitment"] = True
    names = [x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, n)]) for n in (subject, issuer)]
    return (
        x509.CertificateBuilder(issuer_name=names[1], subject_name=names[0])
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=30))
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), True)
        .add_extension(x509.KeyUsage(**usage), True)
        .sign(by, hashes.SHA256())
    )


@pytest.mark.skipif(not shutil.which("openssl"), reason="openssl unpacks the key")
def test_a_bought_key_unpacked_as_the_guide_says_signs_with_its_whole_chain(tmp_path: Path) -> None:
    root_key, middle_key, own_key = (
        rsa.generate_private_key(public_exponent=65537, key_size=2048) for _ in range(3)
    )
    root = issued("Root", "Root", root_key, root_key, is_authority=True)
    middle = issued("Middle", "Root", middle_key, root_key, is_authority=True)
    own = issued("Park", "Middle", own_key, middle_key, is_authority=False)
    secret = serialization.BestAvailableEncryption(b"x")
    bought = pkcs12.serialize_key_and_certificates(b"k", own_key, own, [middle, root], secret)
    (tmp_path / "bought.p12").write_bytes(bought)
    for wanted, name in (
        (["-clcerts", "-nokeys"], signing.CERTIFICATE),
        (["-nocerts", "-nodes"], signing.KEY),
        (["-cacerts", "-nokeys"], signing.ROOT),
    ):
        command = ["openssl", "pkcs12", "-in", "bought.p12", "-passin", "pass:x", *wanted]
        subprocess.run([*command, "-out", name], cwd=tmp_path, check=True, capture_output=True)
    signed = signing.FileDocumentSigner(tmp_path).sign(small_pdf())
    trusted = tmp_path / "trusted"
    trusted.mkdir()
    (trusted / signing.ROOT).write_bytes(root.public_bytes(serialization.Encoding.PEM))
    assert judged(signed.content, trusted).bottom_line
    assert signed.subject == "CN=Park"


# --- keys elsewhere


def p12(keys: Path, folder: Path, password: bytes) -> Path:
    """The document key as a certification authority would hand it out."""
    own = x509.load_pem_x509_certificate((keys / signing.CERTIFICATE).read_bytes())
    root = x509.load_pem_x509_certificate((keys / signing.ROOT).read_bytes())
    key: Any = serialization.load_pem_private_key((keys / signing.KEY).read_bytes(), None)
    packed = pkcs12.serialize_key_and_certificates(
        b"documents", key, own, [root], serialization.BestAvailableEncryption(password)
    )
    path = folder / "documents.p12"
    path.write_bytes(packed)
    return path


def test_a_key_in_a_p12_file_signs_as_well(keys: Path, tmp_path: Path) -> None:
    signer = signing.P12DocumentSigner(p12(keys, tmp_path, b"open"), b"open")
    signed = signer.sign(small_pdf())
    assert judged(signed.content, keys).bottom_line
    assert (
        signed.certificate_sha256
        == signing.FileDocumentSigner(keys).sign(small_pdf()).certificate_sha256
    )


def test_a_wrong_password_or_a_missing_file_or_token_signs_nothing(
    keys: Path, tmp_path: Path
) -> None:
    with pytest.raises(rules.DocumentKeyMissing):
        signing.P12DocumentSigner(p12(keys, tmp_path, b"open"), b"shut").sign(small_pdf())
    with pytest.raises(rules.DocumentKeyMissing):
        signing.P12DocumentSigner(tmp_path / "none.p12", b"").sign(small_pdf())
    with pytest.raises(rules.DocumentKeyMissing):
        signing.TokenDocumentSigner("/none.so", "token", "", "key").sign(small_pdf())


def test_the_settings_name_the_maker_of_the_signer(
    keys: Path, tmp_path: Path, settings: Any
) -> None:
    settings.DOCUMENT_SIGNER = "reporting.packages.signing.p12_signer"
    settings.DOCUMENT_P12 = str(p12(keys, tmp_path, b"open"))
    settings.DOCUMENT_KEY_PASSWORD = "open"
    settings.KEY_DIR = tmp_path
    assert isinstance(signing.document_signer(), signing.P12DocumentSigner)


def test_a_detached_signature_is_good_for_its_content_alone(keys: Path) -> None:
    from reporting.packages.verifier.pdf import check_detached
    from reporting.packages.verifier.trust import Refused

    root = x509.load_pem_x509_certificate((keys / signing.ROOT).read_bytes())
    roots = frozenset({root.fingerprint(hashes.SHA256()).hex()})
    made = signing.FileDocumentSigner(keys).sign_detached(b"a list of digests")
    assert "documents" in check_detached(made, b"a list of digests", roots=roots).subject
    with pytest.raises(Refused):
        check_detached(made, b"another list", roots=roots)
    with pytest.raises(Refused):
        check_detached(made, b"a list of digests", roots=frozenset())
