"""The offline verifier: no forgery passes, and who kept something finds a rewritten history."""

import json
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.core.management import call_command

from ledger.audit import keys
from ledger.audit import operations as audit
from ledger.audit.cosigning import WitnessKey, cosign
from ledger.audit.notes import parse_note
from ledger.kernel.actors import SYSTEM
from reporting.packages.verifier.checking import check_file
from reporting.packages.verifier.trust import Policy, Refused
from tests.conftest import superuser_url
from tests.factories import attestations as made_of
from tests.factories.units import NOON
from tests.reporting.attestations.forging import forgeries

pytestmark = pytest.mark.usefixtures("log")
ROOT = Path(__file__).resolve().parents[3]


def two_attestations() -> tuple[bytes, bytes]:
    """Of two banks; the first has a former one behind it."""
    mine, theirs = made_of.pledged(300), made_of.pledged(120)
    other = made_of.attest(theirs).document.encode()
    made_of.attest(mine)
    made_of.something_happens()
    return made_of.attest(mine, 5).document.encode(), other


def accepted(count: int, seed: int) -> list[str]:
    mine, theirs = two_attestations()
    policy, passed = made_of.policy(), list[str]()
    check_file(mine, policy=policy)
    check_file(theirs, policy=policy)
    for name, forged in forgeries(mine, theirs, count=count, seed=seed):
        assert forged != mine, name
        try:
            check_file(forged, policy=policy)
        except Refused as no:
            assert no.item
        else:
            passed.append(name)
    return passed


def test_none_of_five_hundred_forgeries_is_accepted():
    assert accepted(500, seed=1) == []


@pytest.mark.full
def test_none_of_five_thousand_forgeries_is_accepted():
    assert accepted(5000, seed=2) == []


def test_another_key_and_no_key_are_refused():
    document = made_of.attest(made_of.pledged()).document.encode()
    with pytest.raises(Refused) as no:
        check_file(document, policy=Policy())
    assert no.value.item == "trust"
    other = Ed25519PrivateKey.generate().public_key().public_bytes_raw()
    name = keys.key_store().signer(keys.CHECKPOINT_KEY).verifier.name
    stranger = keys.VerifierKey(name=name, public_key=other)
    with pytest.raises(Refused) as no:
        check_file(document, policy=Policy(logs=(stranger,)))
    assert no.value.item == "checkpoint"


# --- who kept something finds what the key cannot hide


def _as_superuser(database: str, *statements: str) -> None:
    with psycopg.connect(superuser_url(database), autocommit=True) as attacker:
        for statement in ("SET session_replication_role = replica", *statements):
            attacker.execute(statement.encode())


REWRITE = """UPDATE ledger_audit_event SET
  body = convert_to(replace(convert_from(body, 'UTF8'), 'things.Thing:1', 'things.Thing:9'), 'UTF8')
  WHERE verb = 'thing.done'"""
HASH = "UPDATE ledger_audit_event SET leaf_hash = sha256('\\x00'::bytea || body)"
FORGET = """TRUNCATE ledger_audit_seal, ledger_audit_tile, ledger_audit_checkpoint;
            TRUNCATE reporting_attestations_attestation CASCADE;
            UPDATE ledger_audit_event SET xid = 3"""


def rewritten(log: str, settings: object, tmp_path: Path) -> tuple[bytes, bytes]:
    """What the bank kept, and an attestation after all was rewritten with the stolen key."""
    made_of.something_happens()
    pledged = made_of.pledged()
    kept = made_of.attest(pledged).document.encode()
    _as_superuser(log, REWRITE, HASH, FORGET)
    settings.CHECKPOINT_DIR = tmp_path / "other-checkpoints"  # type: ignore[attr-defined]
    event = audit.record(verb="thing.done", subject="things.Thing:3", by=SYSTEM, at=NOON)
    audit.ensure_sealed(event_id=event, by=SYSTEM, at=NOON)
    return kept, made_of.attest(pledged, 9).document.encode()


def checkpoint_in(document: bytes) -> str:
    note: str = json.loads(document)["statement"]["checkpoint"]
    return note


def test_a_history_rewritten_with_the_stolen_key_is_exposed_by_the_checkpoint_that_was_kept(
    log, settings, tmp_path
):
    kept, forged = rewritten(log, settings, tmp_path)
    policy = made_of.policy()
    check_file(forged, policy=policy)  # alone it cannot be told
    with pytest.raises(Refused) as no:
        check_file(forged, policy=policy, previous=checkpoint_in(kept))
    assert no.value.item == "previous"


def test_a_history_rewritten_with_the_stolen_key_has_no_cosignature_of_the_witness(
    log, settings, tmp_path
):
    kept, forged = rewritten(log, settings, tmp_path)
    private = Ed25519PrivateKey.generate()
    key = WitnessKey(name="bank.example/w", public_key=private.public_key().public_bytes_raw())
    policy = made_of.policy(f"witness bank {key}", "group g 1 bank", "quorum g")
    with pytest.raises(Refused) as no:
        check_file(forged, policy=policy)
    assert no.value.item == "witnesses"
    note = parse_note(checkpoint_in(kept))
    seen = cosign(note.text, name=key.name, private=private, seconds=1)
    said = policy.open_checkpoint(str(note) + seen.line())
    assert said.tree_size > 0
    stolen = checkpoint_in(forged) + seen.line()  # the witness never saw this text
    with pytest.raises(Refused):
        policy.open_checkpoint(stolen)


def test_a_history_rewritten_and_not_signed_again_gives_no_attestation_that_holds(log):
    made_of.something_happens()
    pledged = made_of.pledged()
    made_of.attest(pledged)
    _as_superuser(
        log,
        """UPDATE ledger_audit_event SET body = convert_to(replace(
             convert_from(body, 'UTF8'), '"unit_count":300', '"unit_count":900'), 'UTF8')
           WHERE verb = 'hold.placed'""",
        HASH,
    )
    forged = made_of.attest(pledged, 9).document.encode()
    with pytest.raises(Refused) as no:
        check_file(forged, policy=made_of.policy())
    assert no.value.item == "pledge"


def test_an_older_attestation_than_what_was_kept_is_told():
    pledged = made_of.pledged()
    old = made_of.attest(pledged).document.encode()
    made_of.something_happens()
    new = made_of.attest(pledged, 5).document.encode()
    with pytest.raises(Refused) as no:
        check_file(old, policy=made_of.policy(), previous=checkpoint_in(new))
    assert no.value.item == "previous"


# --- the command


ALONE = """
import sys
sys.path[:0] = {paths!r}
from reporting.packages.verifier.__main__ import main
try:
    import django
except ImportError:
    pass
else:
    sys.exit(9)
code = main(sys.argv[1:])
loaded = {{name.split(".")[0] for name in sys.modules}}
strange = loaded & {{"django", "celery", "rest_framework"}}
sys.exit(code if not strange else 8)
"""


def verifier(tmp_path: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The command where there is Python and `cryptography`, and nothing else of ours."""
    import _cffi_backend
    import cryptography

    site = tmp_path / "site"
    if not site.exists():
        site.mkdir()
        for found in (Path(cryptography.__file__).parent, Path(_cffi_backend.__file__)):
            (site / found.name).symlink_to(found)
    program = ALONE.format(paths=[str(ROOT), str(site)])
    return subprocess.run(
        [sys.executable, "-I", "-S", "-c", program, *arguments],
        capture_output=True, text=True, check=False, cwd=tmp_path,
    )  # fmt: skip


def test_the_command_needs_python_and_cryptography_alone(tmp_path):
    file, trust = tmp_path / "a.json", tmp_path / "trust"
    file.write_text(made_of.attest(made_of.pledged()).document)
    trust.write_text(made_of.trust())
    done = verifier(tmp_path, str(file), "--trust", str(trust), "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["answer"] == "YES"
    done = verifier(tmp_path, str(file))
    assert (done.returncode, done.stdout.split("\n")[0]) == (1, "NO 否")
    file.write_text(file.read_text().replace('"first":1,', '"first":2,'))
    done = verifier(tmp_path, str(file), "--trust", str(trust), "--json")
    assert (done.returncode, json.loads(done.stdout)["item"]) == (1, "signature")
    assert verifier(tmp_path, str(tmp_path / "none")).returncode == 2


def test_the_verifier_stands_in_one_file_of_its_own(tmp_path):
    target, file = tmp_path / "verifier.pyz", tmp_path / "a.json"
    call_command("build_verifier", target, verbosity=0)
    file.write_text(made_of.attest(made_of.pledged()).document)
    (tmp_path / "trust").write_text(made_of.trust())
    done = subprocess.run(
        [sys.executable, str(target), str(file), "--trust", str(tmp_path / "trust"), "--json"],
        capture_output=True, text=True, check=False, cwd=tmp_path,
    )  # fmt: skip
    assert (done.returncode, json.loads(done.stdout)["answer"]) == (0, "YES"), done.stderr


def test_the_verifier_stays_small_enough_to_be_read():
    own = sorted((ROOT / "reporting/packages/verifier").glob("*.py"))
    below = ["audit/merkle", "audit/notes", "audit/proofs", "audit/cosigning", "proofs/sumtree"]
    files = own + [ROOT / f"ledger/{name}.py" for name in [*below, "kernel/errors"]]
    lines = [line for file in files for line in file.read_text().splitlines() if line.strip()]
    assert len(lines) <= 1500
