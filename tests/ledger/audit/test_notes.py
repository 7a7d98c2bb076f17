import json
from base64 import b64decode
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from ledger.audit import merkle, notes, paths
from ledger.audit.keys import FileSigner
from ledger.audit.notes import CheckpointText, VerifierKey

CASES = Path(__file__).parents[2] / "golden" / "cases" / "crypto_signed_notes_checkpoints.json"
ERRORS = {"malformed": notes.NoteMalformed, "invalid signature": notes.NoteSignatureWrong}


@pytest.mark.parametrize(
    "case", [pytest.param(c, id=c["id"]) for c in json.loads(CASES.read_text())["cases"]]
)
def test_a_published_note_is_judged_as_published(case: Any) -> None:
    given, expected = case["inputs"], case["expected"]
    if "checkpoint" in given:
        _tessera(given, expected)
    elif "valid" in expected:
        _note(given, expected)
    elif "origin" in expected:
        parsed = notes.parse_note(given["note"])
        checkpoint = CheckpointText.parse(parsed.text)
        assert (checkpoint.origin, checkpoint.tree_size) == (
            expected["origin"],
            expected["tree_size"],
        )
        assert checkpoint.root == b64decode(expected["root_b64"])
        assert parsed.signatures[0].key_id.hex() == expected["key_id_hex"]
    else:
        parsed = notes.parse_note(given["note"])
        assert parsed.text.endswith(expected["text_ends_with"])
        assert [s.name for s in parsed.signatures] == [expected["key_name"]]
        assert parsed.signatures[0].key_id.hex() == expected["key_id_hex"]


def _tessera(given: Any, expected: Any) -> None:
    opened = notes.open_note(given["checkpoint"], [VerifierKey.parse(given["verifier_key"])])
    checkpoint = CheckpointText.parse(opened.text)
    leaves = [paths.leaf_hash(entry.encode()) for entry in given["entries_utf8"]]
    assert (checkpoint.origin, checkpoint.tree_size) == (expected["origin"], len(leaves))
    assert checkpoint.root == merkle.root_of(leaves) == b64decode(expected["root_b64"])


def _note(given: Any, expected: Any) -> None:
    keys = [VerifierKey.parse(key) for key in given["verifier_keys"]]
    if not expected["valid"]:
        with pytest.raises(ERRORS[expected["error"]]):
            notes.open_note(given["note"], keys)
        return
    opened = notes.open_note(given["note"], keys)
    assert list(opened.verified_by) == expected["verified_by"]
    assert list(opened.unverified) == expected["unverified"]


def a_signer(name: str) -> FileSigner:
    private = Ed25519PrivateKey.generate()
    public = private.public_key().public_bytes_raw()
    return FileSigner(verifier=VerifierKey(name=name, public_key=public), private=private)


def test_two_signatures_stand_under_one_note_and_each_is_known_by_its_key() -> None:
    log, witness = a_signer("log.example"), a_signer("witness.example")
    note = notes.sign_note("said\n", [log, witness])

    assert notes.open_note(note, [log.verifier]).unverified == ("witness.example",)
    assert notes.open_note(note, [witness.verifier, log.verifier]).unverified == ()
    with pytest.raises(notes.NoteNotSigned):
        notes.open_note(note, [a_signer("log.example").verifier])


def test_a_verifier_key_with_a_foreign_key_id_is_refused() -> None:
    name, _, public = str(a_signer("log.example").verifier).split("+", 2)
    with pytest.raises(notes.NoteMalformed):
        VerifierKey.parse(f"{name}+00000000+{public}")


@given(st.integers(0, 400), st.integers(1, 255))
def test_a_changed_byte_anywhere_in_a_note_is_never_accepted(place: int, change: int) -> None:
    signer = a_signer("log.example")
    text = CheckpointText("log.example", 7, bytes(32), {"time": "2026-01-05T04:00:00Z"})
    good = notes.sign_note(str(text), [signer]).encode()
    place %= len(good)
    bad = good[:place] + bytes([good[place] ^ change]) + good[place + 1 :]
    try:
        opened = notes.open_note(bad.decode(), [signer.verifier])
    except (UnicodeDecodeError, notes.NoteMalformed, notes.NoteNotSigned, notes.NoteSignatureWrong):
        return
    assert opened.text == str(text)  # only base64's unused last bits may change unseen
