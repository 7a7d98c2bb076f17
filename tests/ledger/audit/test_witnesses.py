"""Outside witnesses, over real HTTP: they cosign what continues, and nothing else."""

import http.client
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.core.management import call_command
from django.test import Client

from ledger.audit import keys, operations, queries, tree
from ledger.audit.cosigning import WitnessKey
from ledger.audit.merkle import consistency_stretches, hash_of_stretch
from ledger.audit.merkle import root_of as root_over
from ledger.audit.models import Cosignature
from ledger.audit.notes import CheckpointText, VerifierKey, open_note, sign_note
from ledger.audit.paths import EMPTY_ROOT, leaf_hash
from ledger.audit.policy import Policy, PolicyWrong
from ledger.audit.witnessing.asking import WitnessNotReached, WitnessRefused, ask
from ledger.audit.witnessing.protocol import SIZE_TYPE, Submission
from ledger.audit.witnessing.server import WitnessServer
from ledger.audit.witnessing.witness import NoWitness, Witness
from ledger.kernel.actors import SYSTEM
from tests.ledger.audit.conftest import NOON, happen

ORIGIN = "ledger.example/log"


class SmallLog:
    """A log in memory, with its key: what a ledger is to a witness."""

    def __init__(self, leaves: int = 0, mark: str = "") -> None:
        self.verifier = VerifierKey(ORIGIN, KEY.public_key().public_bytes_raw())
        self.leaves = [leaf_hash(f"{mark}{n}".encode()) for n in range(leaves)]

    def sign(self, message: bytes) -> bytes:
        return KEY.sign(message)

    def note(self, size: int) -> str:
        root = root_over(self.leaves[:size]) if size else EMPTY_ROOT
        return sign_note(str(CheckpointText(ORIGIN, size, root, {"time": "now"})), [self])

    def path(self, old: int, size: int) -> list[bytes]:
        def node(place: tuple[int, int]) -> bytes:
            level, at = place
            return root_over(self.leaves[at << level : (at + 1) << level])

        return [hash_of_stretch(one, node) for one in consistency_stretches(old, size)]

    def submission(self, old: int, size: int) -> bytes:
        return Submission(old, self.path(old, size) if old else [], self.note(size)).body()


KEY = Ed25519PrivateKey.generate()


@pytest.fixture
def witness(tmp_path: Path) -> Witness:
    made = Witness.found(tmp_path / "witness", name="bank.example/w1")
    made.trust(SmallLog().verifier)
    return made


@pytest.fixture
def serve() -> Iterator[Callable[[Witness], str]]:
    """Start witnesses behind HTTP; gives the address of each."""
    running = list[WitnessServer]()

    def start(witness: Witness) -> str:
        server = WitnessServer(witness, "127.0.0.1", 0)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        running.append(server)
        return f"http://127.0.0.1:{server.server_address[1]}"

    yield start
    for server in running:
        server.shutdown()
        server.server_close()


def post(address: str, body: bytes, path: str = "/add-checkpoint") -> tuple[int, str, str]:
    link = http.client.HTTPConnection(address.removeprefix("http://"), timeout=10)
    link.request("POST", path, body)
    answer = link.getresponse()
    text = answer.read().decode()
    link.close()
    return answer.status, answer.headers.get_content_type(), text


def size_seen(witness: Witness) -> int:
    note = open_note(witness.seen()[ORIGIN], [witness.key])
    return CheckpointText.parse(note.text).tree_size


# --- the witness, as the protocol says


def test_a_witness_cosigns_the_first_and_what_continues_it(witness, serve):
    address, log = serve(witness), SmallLog(20)
    for old, size in ((0, 5), (5, 13), (13, 13), (13, 20)):
        status, _, text = post(address, log.submission(old, size))
        assert status == 200
        opened = open_note(log.note(size) + text, [witness.key])
        assert opened.verified_by == ("bank.example/w1",)
    assert CheckpointText.parse(
        open_note(witness.seen()[ORIGIN], [witness.key]).text
    ).tree_size == (20)


def test_a_stale_size_is_answered_with_the_size_that_was_seen(witness, serve):
    address, log = serve(witness), SmallLog(20)
    post(address, log.submission(0, 9))
    assert post(address, log.submission(5, 13)) == (409, SIZE_TYPE, "9\n")
    assert post(address, log.submission(0, 5)) == (409, SIZE_TYPE, "9\n")  # a rewind
    assert post(address, log.submission(9, 20))[0] == 200


def test_a_fork_is_refused_and_kept_as_evidence(witness, serve):
    address, log, other = serve(witness), SmallLog(20), SmallLog(20, mark="other")
    post(address, log.submission(0, 9))
    assert post(address, other.submission(9, 9))[0] == 409
    assert post(address, other.submission(9, 20))[0] == 422
    assert witness.refused() == [("fork", other.note(9)), ("unproved", other.note(20))]
    assert post(address, log.submission(9, 20))[0] == 200


def test_strangers_and_odd_requests_are_refused_as_the_protocol_says(witness, serve):
    address, log = serve(witness), SmallLog(20)
    unknown = log.submission(0, 9).replace(ORIGIN.encode(), b"other.example/log")
    unsigned = log.submission(0, 9).replace(b"time now", b"time odd")
    assert post(address, unknown)[0] == 404
    assert post(address, unsigned)[0] == 403
    assert post(address, Submission(12, [], log.note(9)).body())[0] == 400
    assert post(address, Submission(0, [bytes(32)], log.note(9)).body())[0] == 422
    for odd in (b"", b"old 1", b"9\n\n" + log.note(9).encode(), b"old 01\n\n", b"\xff\n\n\n"):
        assert post(address, odd)[0] == 400
    assert post(address, b"old 0\n" + b"AA==\n" * 64 + b"\n" + log.note(9).encode())[0] == 400
    assert post(address, log.submission(0, 9), path="/elsewhere")[0] == 404
    assert post(address, bytes(70_000))[0] == 413
    assert witness.seen() == {}


def test_a_witness_remembers_when_it_starts_again_and_not_without_its_memory(witness, tmp_path):
    log = SmallLog(20)
    assert witness.add_checkpoint(log.submission(0, 9)).status == 200
    again = Witness(witness.folder)
    assert again.add_checkpoint(log.submission(0, 5)).status == 409
    with pytest.raises(NoWitness):
        Witness.found(witness.folder, name="bank.example/w1")
    (witness.folder / "memory.sqlite3").unlink()
    with pytest.raises(NoWitness):
        WitnessServer(again, "127.0.0.1", 0)


def test_two_requests_at_once_never_take_a_witness_back(witness):
    log, sizes = SmallLog(60), list(range(1, 61))
    replies = list[int]()

    def submit(size: int) -> None:
        seen = 0
        for _try in range(100):
            reply = witness.add_checkpoint(log.submission(min(seen, size), size))
            replies.append(reply.status)
            if reply.status != 409 or int(reply.text) > size:
                return
            seen = int(reply.text)

    threads = [threading.Thread(target=submit, args=[size]) for size in sizes]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert set(replies) <= {200, 409}
    assert CheckpointText.parse(
        open_note(witness.seen()[ORIGIN], [witness.key]).text
    ).tree_size == (60)
    assert witness.refused() == []


# --- asking


def test_asking_finds_what_the_witness_saw_and_takes_only_its_own_signature(witness, serve):
    address, log = serve(witness), SmallLog(20)
    given: dict[str, Any] = {"note": log.note(20), "size": 20}
    post(address, log.submission(0, 9))
    paths = {"path_from": lambda old: log.path(old, 20)}
    signed = ask(address, witness.key, old_size=3, **paths, **given)
    open_note(log.note(20) + signed.line(), [witness.key])
    stranger = WitnessKey("bank.example/w1", bytes(32))
    with pytest.raises(WitnessNotReached):
        ask(address, stranger, old_size=20, **paths, **given)
    shorter: dict[str, Any] = {"note": log.note(13), "size": 13, "path_from": lambda old: []}
    with pytest.raises(WitnessRefused):
        ask(address, witness.key, old_size=0, **shorter)
    for nowhere in ("http://127.0.0.1:9", "ftp://bank.example", "http://"):
        with pytest.raises(WitnessNotReached):
            ask(nowhere, witness.key, old_size=0, **paths, **given)


# --- the ledger and its witnesses


@pytest.fixture
def three(
    log: str, tmp_path: Path, settings: Any, serve: Callable[[Witness], str]
) -> list[Witness]:
    """Three witnesses of this ledger, two of whom are wanted; the third does not answer."""
    made, lines = [], []
    for number in (1, 2, 3):
        witness = Witness.found(tmp_path / f"w{number}", name=f"bank{number}.example/w")
        for key in queries.checkpoint_keys() or [
            keys.key_store().signer(keys.CHECKPOINT_KEY).verifier
        ]:
            witness.trust(key)
        address = serve(witness) if number < 3 else "http://127.0.0.1:9"
        lines.append(f"witness bank{number} {witness.key} {address}")
        made.append(witness)
    path = tmp_path / "policy"
    path.write_text("\n".join([*lines, "group most 2 bank1 bank2 bank3", "quorum most"]))
    settings.WITNESS_POLICY = str(path)
    return made


def test_witnesses_cosign_the_latest_checkpoint_once(three, seal):
    happen(5)
    seal()
    (trouble,) = operations.ask_witnesses(by=SYSTEM, at=NOON)
    assert trouble.startswith("bank3: The witness did not answer.")
    assert Cosignature.objects.count() == 2
    operations.ask_witnesses(by=SYSTEM, at=NOON)
    assert Cosignature.objects.count() == 2
    note = Client().get("/checkpoint").content.decode()
    assert queries.witness_policy().seen_by(note) == {"bank1", "bank2"}
    assert queries.witnessed_checkpoint().note == note
    assert list(queries.check_cosignatures()) == []


def test_an_older_checkpoint_with_enough_witnesses_is_shown_before_a_newer_one_without(three, seal):
    happen(5)
    seal()
    assert queries.witnessed_checkpoint() is None
    operations.ask_witnesses(by=SYSTEM, at=NOON)
    witnessed = queries.witnessed_checkpoint()
    happen(3, start=5)
    seal()
    assert queries.latest_checkpoint().tree_size > witnessed.tree_size
    assert queries.witnessed_checkpoint() == witnessed
    operations.ask_witnesses(by=SYSTEM, at=NOON)
    assert queries.witnessed_checkpoint().tree_size == queries.latest_checkpoint().tree_size


def test_checkpoints_and_the_way_between_them_are_public(three, seal):
    happen(5)
    seal()
    first = queries.latest_checkpoint()
    operations.ask_witnesses(by=SYSTEM, at=NOON)
    happen(3, start=5)
    seal()
    second, client = queries.latest_checkpoint(), Client()
    note = client.get(f"/checkpoint/{first.tree_size}").content.decode()
    assert note.startswith(first.note)
    assert queries.witness_policy().seen_by(note) == {"bank1", "bank2"}
    way = client.get(f"/checkpoint/{first.tree_size}/{second.tree_size}").json()
    assert way["checkpoint2"] == second.note
    assert len(way["path"]) == len(
        tree.consistency_path(size1=first.tree_size, size2=second.tree_size)
    )
    for nowhere in ("/checkpoint/777", "/checkpoint/1/777", f"/checkpoint/{second.tree_size}/1"):
        assert client.get(nowhere).status_code == 404


# --- policies


@pytest.mark.parametrize(
    "text",
    [
        "witness a {w1}\nwitness b {w1}",
        "witness a {w1}\nwitness a {w2}",
        "witness a {w1}\ngroup g 2 a\nquorum g",
        "witness a {w1}\ngroup g 0 a",
        "witness a {w1}\ngroup g 2 a a",
        "quorum nobody",
        "group g any nobody",
        "witness a {w1}\nquorum a\nquorum none",
        "log {w1}",
        "wittness a {w1}",
    ],
)
def test_a_policy_of_another_form_is_refused(text):
    w1, w2 = (
        WitnessKey(name, Ed25519PrivateKey.generate().public_key().public_bytes_raw())
        for name in ("a.example", "b.example")
    )
    with pytest.raises(PolicyWrong):
        Policy.parse(text.format(w1=w1, w2=w2))


# --- alone


def test_a_bank_runs_the_witness_from_one_file(tmp_path):
    target, folder, log = tmp_path / "witness.pyz", tmp_path / "w", SmallLog(20)
    call_command("build_witness", target, verbosity=0)

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-I", str(target), *words]
        return subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)

    done = run("init", str(folder), "--name", "bank.example/w", "--log", str(log.verifier))
    assert done.returncode == 0, done.stderr
    key = WitnessKey.parse(done.stdout.split()[2])
    assert run("init", str(folder), "--name", "bank.example/w").returncode == 2
    command = [sys.executable, "-I", str(target), "serve", str(folder), "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=tmp_path) as served:
        assert served.stdout is not None
        address = served.stdout.readline().split()[-1]
        status, _, text = post(address, log.submission(0, 9))
        served.terminate()
    assert status == 200
    open_note(log.note(9) + text, [key])
    assert log.note(9).split("\n")[2] in run("show", str(folder)).stdout


def test_the_command_of_a_checkout_is_the_same(tmp_path):
    from ledger.audit.witnessing.__main__ import main

    assert main(["init", str(tmp_path / "w"), "--name", "bank.example/w"]) == 0
    assert main(["trust", str(tmp_path / "w"), "--log", "rubbish"]) == 2
    assert main(["show", str(tmp_path / "none")]) == 2
