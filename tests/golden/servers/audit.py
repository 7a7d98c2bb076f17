"""Merkle proofs and signed notes, as the offline verifier judges them."""

from base64 import b64decode, b64encode

from ledger.audit import merkle, notes, paths
from ledger.audit.notes import CheckpointText, VerifierKey
from tests.golden.running import Case, serves

ERRORS: dict[type[Exception], str] = {
    notes.NoteMalformed: "malformed",
    notes.NoteSignatureWrong: "invalid signature",
    notes.NoteNotSigned: "unverified",
}


@serves("crypto_merkle_hashes")
def hashes(case: Case) -> dict[str, object]:
    given = case.inputs
    if given.get("op") == "leaf":
        made = paths.leaf_hash(given["data_utf8"].encode())
    elif given.get("op") == "node":
        made = paths.node_hash(given["left_utf8"].encode(), given["right_utf8"].encode())
    else:
        leaves = [paths.leaf_hash(bytes.fromhex(leaf)) for leaf in given["leaves_hex"]]
        return {"root_hex": merkle.root_of(leaves).hex()}
    return {"hash_hex": made.hex(), "hash_b64": b64encode(made).decode()}


@serves("crypto_merkle_inclusion", prose=["description"])
def inclusion(case: Case) -> dict[str, object]:
    given = case.inputs
    try:
        paths.check_inclusion(
            index=given["leaf_index"],
            size=given["tree_size"],
            leaf=b64decode(given["leaf_hash_b64"]),
            root=b64decode(given["root_b64"]),
            path=[b64decode(text) for text in given["proof_b64"]],
        )
    except paths.ProofRefused:
        return {"valid": False}
    return {"valid": True}


@serves("crypto_merkle_consistency", prose=["description"])
def consistency(case: Case) -> dict[str, object]:
    given = case.inputs
    try:
        paths.check_consistency(
            size1=given["size1"],
            size2=given["size2"],
            root1=b64decode(given["root1_b64"]),
            root2=b64decode(given["root2_b64"]),
            path=[b64decode(text) for text in given["proof_b64"]],
        )
    except paths.ProofRefused:
        return {"valid": False}
    return {"valid": True}


@serves("crypto_signed_notes_checkpoints")
def signed_notes(case: Case) -> dict[str, object]:
    given = case.inputs
    if "checkpoint" in given:
        return _tessera(given)
    if "verifier_keys" in given:
        return _opened(given)
    parsed = notes.parse_note(given["note"])
    first = parsed.signatures[0]
    observed: dict[str, object] = {
        "signature_count": len(parsed.signatures),
        "key_name": first.name,
        "key_id_hex": first.key_id.hex(),
        # the end of the text, as long as was asked for
        "text_ends_with": parsed.text[-len(case.expected.get("text_ends_with", "")) :],
    }
    if "origin" in case.expected:
        observed |= _checkpoint(parsed.text)
    return observed


def _checkpoint(text: str) -> dict[str, object]:
    told = CheckpointText.parse(text)
    root = b64encode(told.root).decode()
    return {"origin": told.origin, "tree_size": told.tree_size, "root_b64": root}


def _tessera(given: dict[str, object]) -> dict[str, object]:
    key = VerifierKey.parse(str(given["verifier_key"]))
    opened = notes.open_note(str(given["checkpoint"]), [key])
    leaves = [paths.leaf_hash(entry.encode()) for entry in given["entries_utf8"]]  # type: ignore[attr-defined]
    told = _checkpoint(opened.text)
    assert told["root_b64"] == b64encode(merkle.root_of(leaves)).decode()
    return {**told, "signature_valid": True}


def _opened(given: dict[str, object]) -> dict[str, object]:
    keys = [VerifierKey.parse(key) for key in given["verifier_keys"]]  # type: ignore[attr-defined]
    try:
        opened = notes.open_note(str(given["note"]), keys)
    except tuple(ERRORS) as refused:
        return {"valid": False, "error": ERRORS[type(refused)]}
    return {
        "valid": True,
        "verified_by": list(opened.verified_by),
        "unverified": list(opened.unverified),
    }
