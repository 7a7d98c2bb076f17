"""The offline verifier: no forgery passes, and who kept something finds a rewritten history."""

import json
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.core.management import call_command
from django.test import Client

from ledger.audit import keys
from ledger.audit import operations as audit
from ledger.audit.cosigning import WitnessKey
from ledger.audit.notes import parse_note
from ledger.audit.witnessing.server import WitnessServer
from ledger.audit.witnessing.witness import Witness
from ledger.kernel.actors import SYSTEM
from reporting.attestations.models import Attestation
from reporting.attestations.rules import TooFewWitnesses
from reporting.packages.verifier.checking import check_file
from reporting.packages.verifier.trust import Policy, Refused
from tests.conftest import superuser_url
from tests.factories import attestations as made_of
from tests.factories.units import NOON
from tests.reporting.attestations.alone import judged, lines_behind, verifier
from tests.reporting.attestations.forging import forgeries

pytestmark = pytest.mark.usefixtures("log")


def two_attestations() -> tuple[bytes, bytes]:
    """Of two banks; the first has a former one behind it."""
    mine, theirs = made_of.pledged(300), made_of.pledged(120)
    other = made_of.attest(theirs).document.encode()
    made_of.attest(mine)
    made_of.something_happens()
    return made_of.attest(mine, 5).document.encode(), other


def accepted(folder: Path, *, count: int, seed: int) -> list[str]:
    """The names of those forgeries that the verifier takes, alone and without a network."""
    mine, theirs = two_attestations()
    made = dict[str, int]()
    names, documents = [], []
    for name, forged in forgeries(mine, theirs, count=count, seed=seed):
        assert forged != mine, name
        names.append(name)
        documents.append(forged)
        made[name] = made.get(name, 0) + 1
    assert len(made) == 30  # kinds
    answers = judged(folder, [mine, theirs, *documents], trust=made_of.trust())
    assert answers[:2] == ["YES", "YES"]
    assert len(answers) == count + 2
    return [name for name, answer in zip(names, answers[2:], strict=True) if answer == "YES"]


def test_none_of_five_hundred_forgeries_is_accepted(tmp_path):
    assert accepted(tmp_path, count=500, seed=1) == []


@pytest.mark.full
def test_none_of_five_thousand_forgeries_is_accepted(tmp_path):
    assert accepted(tmp_path, count=5000, seed=2) == []


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
FORGET = """TRUNCATE ledger_audit_seal, ledger_audit_tile, ledger_audit_checkpoint,
              ledger_audit_cosignature;
            TRUNCATE reporting_attestations_attestation CASCADE;
            UPDATE ledger_audit_event SET xid = 3"""


def rewrite(log: str, settings: Any, tmp_path: Path) -> None:
    """Another history from the first event on, sealed and signed with the stolen current key."""
    _as_superuser(log, REWRITE, HASH, FORGET)
    settings.CHECKPOINT_DIR = tmp_path / "other-checkpoints"
    event = audit.record(verb="thing.done", subject="things.Thing:3", by=SYSTEM, at=NOON)
    audit.ensure_sealed(event_id=event, by=SYSTEM, at=NOON)


def rewritten(log: str, settings: Any, tmp_path: Path) -> tuple[bytes, bytes]:
    """What the bank kept, and an attestation after all was rewritten with the stolen key."""
    made_of.something_happens()
    pledged = made_of.pledged()
    kept = made_of.attest(pledged).document.encode()
    rewrite(log, settings, tmp_path)
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


@pytest.fixture
def watching(log: str, tmp_path: Path, settings: Any) -> Iterator[Witness]:
    """A witness of the bank's own behind HTTP, without whom this ledger attests nothing."""
    witness = Witness.found(tmp_path / "witness", name="bank.example/w")
    witness.trust(keys.key_store().signer(keys.CHECKPOINT_KEY).verifier)
    with WitnessServer(witness, "127.0.0.1", 0) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_address[1]}"
        path = tmp_path / "policy"
        path.write_text(f"witness bank {witness.key} {address}\nquorum bank\n")
        settings.WITNESS_POLICY = str(path)
        yield witness
        server.shutdown()


def test_what_a_witness_cosigned_is_in_the_attestation(watching):
    row = made_of.attest(made_of.pledged())
    policy = made_of.policy(f"witness bank {watching.key}", "quorum bank")
    answer = check_file(row.document.encode(), policy=policy)
    assert "Witnesses that you trust cosigned it: bank." in [str(one) for one in answer.proved]
    assert checkpoint_in(row.document.encode()) == next(iter(watching.seen().values()))
    served = Client().get("/verify/trust").content.decode()
    check_file(row.document.encode(), policy=Policy.parse(served.replace("# quorum", "quorum")))
    stranger = WitnessKey("bank.example/w", bytes(32))
    with pytest.raises(Refused) as no:
        check_file(
            row.document.encode(), policy=made_of.policy(f"witness bank {stranger}", "quorum bank")
        )
    assert no.value.item == "witnesses"


def test_without_its_witness_the_ledger_attests_nothing(watching, settings, tmp_path):
    pledged = made_of.pledged()
    silent = tmp_path / "silent"
    silent.write_text(f"witness bank {watching.key} http://127.0.0.1:9\nquorum bank\n")
    settings.WITNESS_POLICY = str(silent)
    with pytest.raises(TooFewWitnesses):
        made_of.attest(pledged)
    assert not Attestation.objects.exists()


def test_a_history_rewritten_with_the_stolen_key_is_exposed_by_the_witness(
    watching, log, settings, tmp_path
):
    made_of.something_happens()
    pledged = made_of.pledged()
    honest = made_of.attest(pledged).document.encode()
    trusted = made_of.policy(f"witness bank {watching.key}", "quorum bank")
    check_file(honest, policy=trusted)
    rewrite(log, settings, tmp_path)
    with pytest.raises(TooFewWitnesses):
        made_of.attest(pledged, 9)
    assert [why for why, _note in watching.refused()] == ["unproved"]
    settings.WITNESS_POLICY = ""  # the thief asks nobody
    forged = made_of.attest(pledged, 9).document.encode()
    check_file(forged, policy=made_of.policy())  # alone it cannot be told
    with pytest.raises(Refused) as no:
        check_file(forged, policy=trusted)
    assert no.value.item == "witnesses"
    seen = parse_note(checkpoint_in(honest)).signatures[-1]
    with pytest.raises(Refused):  # the witness never saw this text
        trusted.open_checkpoint(checkpoint_in(forged) + seen.line())


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


def test_the_verifier_can_be_installed_alone(tmp_path):
    wheel, file = tmp_path / "tanzhang_verifier-1.0-py3-none-any.whl", tmp_path / "a.json"
    call_command("build_verifier", wheel, verbosity=0)
    file.write_text(made_of.attest(made_of.pledged()).document)
    (tmp_path / "trust").write_text(made_of.trust())
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(tmp_path / "site")
        record = packed.read("tanzhang_verifier-1.0.dist-info/RECORD").decode()
        told = {line.split(",")[0] for line in record.split()}
        assert told == set(packed.namelist())
    done = subprocess.run(
        [sys.executable, "-m", "reporting.packages.verifier", str(file), "--trust", "trust"],
        capture_output=True, text=True, check=False, cwd=tmp_path,
        env={"PYTHONPATH": str(tmp_path / "site")},
    )  # fmt: skip
    assert (done.returncode, done.stdout.split("\n")[0]) == (0, "YES 是"), done.stderr


def test_the_verifier_stays_small_enough_to_be_read(tmp_path):
    """All of ours that runs to judge an attestation, below the verifier too."""
    file = tmp_path / "a.json"
    file.write_text(made_of.attest(made_of.pledged()).document)
    assert 500 < lines_behind(tmp_path, file, trust=made_of.trust()) <= 1500
