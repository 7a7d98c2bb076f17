"""A detached signature of the verifier's own: taken apart, held against the bytes, or refused."""

import subprocess
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from reporting.verification.rules import signatures
from tests.factories.certificates import Certified, verifiers_own

NOW = datetime(2026, 2, 5, 4, 0, tzinfo=UTC)
STATEMENT = '{"opinion":"UNMODIFIED","text":"公允反映"}'.encode()


def check(raw, statement=STATEMENT, at=NOW):
    return signatures.check_signature(raw, statement=statement, at=at)


@pytest.mark.parametrize("pem", [False, True])
def test_a_signature_names_its_signer_and_the_chain_above(pem):
    signer = verifiers_own(NOW)
    found = check(signer.sign(STATEMENT, pem=pem))
    assert found.signer.sha256 == signer.sha256
    assert [one.sha256 for one in found.chain] == [signer.sha256, signer.above.sha256]
    assert "Lin Verifier" in found.signer.subject
    assert not found.signer.is_self_signed and found.chain[-1].is_self_signed
    assert found.algorithm.endswith("sha256")
    inside = found.certificate_pem.encode()
    assert inside.strip() == signer.certificate.public_bytes(serialization.Encoding.PEM).strip()


def test_an_rsa_key_and_a_certificate_of_ones_own_do_too():
    signer = Certified("Lin", NOW, key=rsa.generate_private_key(65537, 2048))
    found = check(signer.sign(STATEMENT))
    assert found.signer.is_self_signed and len(found.chain) == 1


def test_openssl_makes_what_is_taken(tmp_path):
    signer = verifiers_own(NOW, days=3650)
    (tmp_path / "statement.json").write_bytes(STATEMENT)
    pem = serialization.Encoding.PEM
    (tmp_path / "certificate.pem").write_bytes(signer.certificate.public_bytes(pem))
    (tmp_path / "chain.pem").write_bytes(signer.above.certificate.public_bytes(pem))
    (tmp_path / "key.pem").write_bytes(
        signer.key.private_bytes(
            pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    # as the page says it
    command = (
        "openssl cms -sign -binary -md sha256 -in statement.json -signer certificate.pem "
        "-inkey key.pem -certfile chain.pem -outform DER -out statement.json.p7s"
    )
    subprocess.run(command.split(), cwd=tmp_path, check=True)
    found = check((tmp_path / "statement.json.p7s").read_bytes())
    assert found.signer.sha256 == signer.sha256
    assert len(found.chain) == 2


def test_other_bytes_are_not_what_was_signed():
    raw = verifiers_own(NOW).sign(STATEMENT)
    for other in (STATEMENT + b" ", STATEMENT.replace(b"UNMODIFIED", b"DISCLAIMED"), b""):
        with pytest.raises(signatures.SignatureWrong):
            check(raw, other)


def test_every_flipped_byte_of_the_signature_is_refused_by_name():
    raw = verifiers_own(NOW).sign(STATEMENT)
    kept = check(raw)
    for place in range(0, len(raw), 7):
        flipped = bytearray(raw)
        flipped[place] ^= 0x55
        try:
            found = check(bytes(flipped))
        except signatures.DomainError:
            continue
        # what is not signed may differ (an unused certificate above), the signer never
        assert found.signer.sha256 == kept.signer.sha256, place


def test_a_signature_with_the_content_inside_is_not_detached():
    with pytest.raises(signatures.SignatureHoldsContent):
        check(verifiers_own(NOW).sign(STATEMENT, detached=False))


@pytest.mark.parametrize("raw", [b"", b"hello", b"0\x03\x02\x01\x05", b"-----BEGIN CMS-----\n"])
def test_what_is_no_signature_is_called_so(raw):
    with pytest.raises(signatures.NotASignature):
        check(raw)


def test_a_certificate_that_is_over_or_not_begun_signs_nothing():
    raw = verifiers_own(NOW).sign(STATEMENT)
    for at in (NOW - timedelta(days=2), NOW + timedelta(days=366)):
        with pytest.raises(signatures.CertificateNotValid):
            check(raw, at=at)


def test_a_certificate_for_another_use_signs_nothing():
    signer = verifiers_own(NOW, uses=("key_encipherment",))
    with pytest.raises(signatures.CertificateNotForSigning):
        check(signer.sign(STATEMENT))


def test_a_certificate_that_says_no_use_is_for_every_use():
    signer = verifiers_own(NOW, uses=())
    assert check(signer.sign(STATEMENT)).signer.sha256 == signer.sha256


def test_weak_keys_and_digests_are_refused():
    small = Certified("Lin", NOW, key=rsa.generate_private_key(65537, 1024))  # noqa: S505
    with pytest.raises(signatures.SignatureWeak):
        check(small.sign(STATEMENT))
    odd = Certified("Lin", NOW, key=ec.generate_private_key(ec.SECP256K1()))
    with pytest.raises(signatures.SignatureWeak):
        check(odd.sign(STATEMENT))


def test_a_chain_whose_top_did_not_sign_what_is_below_is_broken():
    real = verifiers_own(NOW)
    false_root = Certified("Body of Verification Root", NOW, is_ca=True)
    real.above = false_root  # the same name, another key
    with pytest.raises(signatures.ChainBroken):
        check(real.sign(STATEMENT))


def test_a_certificate_that_is_no_authority_issues_none():
    not_ca = Certified("Somebody", NOW)
    with pytest.raises(signatures.ChainBroken):
        check(Certified("Lin", NOW, above=not_ca).sign(STATEMENT))


def test_without_the_certificate_above_the_chain_ends_at_the_signer():
    signer = verifiers_own(NOW)
    found = check(signer.sign(STATEMENT, with_chain=False))
    assert [one.sha256 for one in found.chain] == [signer.sha256]
    assert not found.chain[-1].is_self_signed


def test_the_signature_hash_is_sha_2():
    found = check(verifiers_own(NOW).sign(STATEMENT, hash=hashes.SHA384()))
    assert "sha384" in found.algorithm
