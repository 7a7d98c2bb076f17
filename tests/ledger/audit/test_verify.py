# ruff: noqa: E501  attacks are read more easily on one line
import json
from collections.abc import Callable
from io import StringIO
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.core.management import call_command

from ledger.audit import operations, queries, verifying
from ledger.audit.models import Checkpoint
from ledger.kernel.actors import SYSTEM
from tests.conftest import superuser_url
from tests.ledger.audit.conftest import NOON, happen

Seals = Callable[[], operations.Sealed]


@pytest.fixture
def full_log(log: str, seal: Seals) -> str:
    """Two checkpoints over 301 and 601 events, and 4 events that wait."""
    happen(300)
    seal()
    happen(300, start=300)
    seal()
    happen(4, start=600)
    return log


def attack(database: str, statement: str) -> None:
    with psycopg.connect(superuser_url(database)) as attacker:
        attacker.execute("SET session_replication_role = replica")
        assert attacker.execute(statement.encode()).rowcount, "the attack changed nothing"


def kinds(report: verifying.Report) -> dict[str, str]:
    return {kind: fault.subject for kind, fault in report.first.items()}


def test_an_untouched_log_is_good(full_log: str) -> None:
    report = verifying.verify()
    assert report.first == {}
    assert (report.tree_size, report.unsealed_count) == (601, 4)
    assert (report.checkpoint_count, report.outside_count) == (2, 2)
    assert verifying.verify(since=301).first == {}


OTHER_BODY = """convert_to(replace(convert_from(body, 'UTF8'), '"n":48', '"n":49'), 'UTF8')"""
REHASH = "leaf_hash = sha256('\\x00'::bytea || set_byte(body, 60, 65))"


@pytest.mark.parametrize(
    ("statement", "kind", "subject"),
    [
        (
            "UPDATE ledger_audit_event SET body = set_byte(body, 60, 65) WHERE id = 50",
            "event.body",
            "audit.Event:50",
        ),
        (
            "UPDATE ledger_audit_event SET body = set_byte(body, 60, 65) WHERE id = 603",
            "event.body",
            "audit.Event:603",
        ),
        (
            f"UPDATE ledger_audit_event SET body = set_byte(body, 60, 65), {REHASH} WHERE id = 50",
            "seal.chain",
            "audit.Seal:49",
        ),
        (
            "UPDATE ledger_audit_event SET leaf_hash = set_byte(leaf_hash, 3, 255 - get_byte(leaf_hash, 3)) WHERE id = 50",
            "event.body",
            "audit.Event:50",
        ),
        (
            "UPDATE ledger_audit_event SET verb = 'x.y' WHERE id = 50",
            "event.columns",
            "audit.Event:50",
        ),
        (
            "UPDATE ledger_audit_event SET subject = 'x' WHERE id = 603",
            "event.columns",
            "audit.Event:603",
        ),
        (
            "UPDATE ledger_audit_event SET event_id = gen_random_uuid() WHERE id = 50",
            "event.columns",
            "audit.Event:50",
        ),
        (
            "UPDATE ledger_audit_event SET actor_id = gen_random_uuid() WHERE id = 50",
            "event.columns",
            "audit.Event:50",
        ),
        (
            "UPDATE ledger_audit_event SET party_id = gen_random_uuid() WHERE id = 50",
            "event.columns",
            "audit.Event:50",
        ),
        (
            "UPDATE ledger_audit_event SET happened_at = now() WHERE id = 50",
            "event.columns",
            "audit.Event:50",
        ),
        ("UPDATE ledger_audit_event SET id = 9999 WHERE id = 50", "event.missing", "audit.Seal:49"),
        ("DELETE FROM ledger_audit_event WHERE id = 50", "event.missing", "audit.Seal:49"),
        ("DELETE FROM ledger_audit_seal WHERE seq = 49", "seal.missing", "audit.Seal:49"),
        (
            "UPDATE ledger_audit_seal SET chain_hash = set_byte(chain_hash, 0, 255 - get_byte(chain_hash, 0)) WHERE seq = 49",
            "seal.chain",
            "audit.Seal:49",
        ),
        (
            "UPDATE ledger_audit_seal SET event_row = 603 WHERE seq = 49",
            "seal.chain",
            "audit.Seal:49",
        ),
        (
            "UPDATE ledger_audit_tile SET hashes = set_byte(hashes, 8000, 255 - get_byte(hashes, 8000)) WHERE level = 0 AND position = 1",
            "tile.hashes",
            "audit.Tile:0/1",
        ),
        (
            "UPDATE ledger_audit_tile SET hashes = set_byte(hashes, 33, 255 - get_byte(hashes, 33)) WHERE level = 1",
            "tile.hashes",
            "audit.Tile:1/0",
        ),
        (
            "DELETE FROM ledger_audit_tile WHERE level = 0 AND position = 2",
            "tile.hashes",
            "audit.Tile:0/2",
        ),
        (
            "UPDATE ledger_audit_checkpoint SET note = replace(note, '301', '302') WHERE id = 1",
            "checkpoint.signature",
            "audit.Checkpoint:1",
        ),
        (
            "UPDATE ledger_audit_checkpoint SET root_hash = set_byte(root_hash, 3, 255 - get_byte(root_hash, 3)) WHERE id = 1",
            "checkpoint.columns",
            "audit.Checkpoint:1",
        ),
        (
            "UPDATE ledger_audit_checkpoint SET tree_size = 300 WHERE id = 1",
            "checkpoint.columns",
            "audit.Checkpoint:1",
        ),
        (
            "UPDATE ledger_audit_checkpoint SET key_id = '00000000' WHERE id = 1",
            "checkpoint.columns",
            "audit.Checkpoint:1",
        ),
        (
            "UPDATE ledger_audit_checkpoint SET made_at = made_at + interval '1 s' WHERE id = 1",
            "checkpoint.columns",
            "audit.Checkpoint:1",
        ),
    ],
)
def test_one_altered_value_is_named(full_log: str, statement: str, kind: str, subject: str) -> None:
    attack(full_log, statement)
    assert kinds(verifying.verify()).get(kind) == subject


def redo_everything(database: str) -> None:
    """The strongest attacker: all seals, tiles and checkpoints anew, with the product's own key."""
    with psycopg.connect(superuser_url(database)) as attacker:
        for table in ("seal", "tile", "checkpoint"):
            attacker.execute(f"DELETE FROM ledger_audit_{table}".encode())
    kept, empty = settings.CHECKPOINT_DIR, settings.CHECKPOINT_DIR.parent / "empty"
    settings.CHECKPOINT_DIR = empty
    signer = operations.keys.key_store().signer("checkpoint")
    operations.seal_events(by=SYSTEM, at=NOON, key=signer, limit=301)
    operations.seal_events(by=SYSTEM, at=NOON, key=signer, limit=300)
    assert verifying.verify().first == {}, "inside, it all fits again"
    settings.CHECKPOINT_DIR = kept


@pytest.mark.parametrize(
    "statement",
    [
        f"UPDATE ledger_audit_event SET body = {OTHER_BODY}, leaf_hash = sha256('\\x00'::bytea || {OTHER_BODY}) WHERE id = 50",
        "UPDATE ledger_audit_event SET id = 2000 - id WHERE id IN (50, 51)",
    ],
)
def test_a_history_rewritten_with_all_its_seals_is_seen_from_outside_alone(
    full_log: str, statement: str, settings: Any
) -> None:
    attack(full_log, statement)
    redo_everything(full_log)
    assert "outside.root" in kinds(verifying.verify())


def test_a_tail_cut_off_with_its_checkpoints_is_seen_from_outside_alone(full_log: str) -> None:
    for statement in (
        "DELETE FROM ledger_audit_event WHERE id > 301",
        "DELETE FROM ledger_audit_seal WHERE seq > 300",
        "DELETE FROM ledger_audit_checkpoint WHERE id = 2",
        "DELETE FROM ledger_audit_tile WHERE level = 0 AND position = 2",
        "UPDATE ledger_audit_tile SET hashes = substr(hashes, 1, 45 * 32) WHERE level = 0 AND position = 1",
        "UPDATE ledger_audit_tile SET hashes = substr(hashes, 1, 32) WHERE level = 1",
    ):
        attack(full_log, statement)
    assert set(kinds(verifying.verify())) == {"outside.ahead"}


def test_an_event_put_in_behind_the_seals_is_named(full_log: str) -> None:
    attack(
        full_log,
        "INSERT INTO ledger_audit_event (id, event_id, xid, verb, subject, actor_id, happened_at, body, leaf_hash) SELECT 9000, gen_random_uuid(), 1, verb, subject, actor_id, happened_at, body, leaf_hash FROM ledger_audit_event WHERE id = 9",
    )
    assert kinds(verifying.verify())["event.unsealed"] == "audit.Event:9000"


def test_a_changed_or_missing_file_outside_is_named(full_log: str) -> None:
    first = min(settings.CHECKPOINT_DIR.glob("0*/*"))
    first.chmod(0o644)
    first.write_text(first.read_text().replace("301", "300"))
    assert kinds(verifying.verify())["outside.signature"] == f"outside:{first.name}"
    first.unlink()
    assert kinds(verifying.verify())["outside.missing"] == f"outside:{first.name}"


def test_verification_since_a_checkpoint_sees_what_came_after_and_refuses_another_start(
    full_log: str,
) -> None:
    attack(full_log, "UPDATE ledger_audit_event SET body = set_byte(body, 60, 65) WHERE id = 400")
    assert kinds(verifying.verify(since=301))["event.body"] == "audit.Event:400"
    assert "since" in kinds(verifying.verify(since=300))


def test_the_command_fails_and_says_what_was_altered(full_log: str) -> None:
    out = StringIO()
    call_command("verify_ledger", "--json", stdout=out, stderr=StringIO())
    assert json.loads(out.getvalue())["good"] is True
    attack(full_log, "UPDATE ledger_audit_event SET verb = 'x.y' WHERE id = 50")
    out = StringIO()
    with pytest.raises(SystemExit) as stopped:
        call_command("verify_ledger", "--json", stdout=out, stderr=StringIO())
    assert stopped.value.code == 1
    assert json.loads(out.getvalue())["faults"] == [
        {"kind": "event.columns", "first": "audit.Event:50", "text": "verb", "count": 1}
    ]


def test_rows_of_other_rooms_are_held_against_their_events(log: str, seal: Seals) -> None:
    for name, amount in (("a", 1), ("b", 2), ("c", 3)):
        operations.record(
            verb="thing.loaded",
            subject=f"t.T:{name}",
            by=SYSTEM,
            at=NOON,
            data={"row": {"n": amount}},
        )
    rows = [("t.T:a", {"n": 1}), ("t.T:b", {"n": 5}), ("t.T:d", {"n": 4})]
    found = queries.compare_rows_with_events(rows, kind="things", verbs=["thing.loaded"])
    assert [(fault.subject, fault.text) for fault in found] == [
        ("t.T:b", "differs from its event in n"),
        ("t.T:d", "no event tells of this row"),
        ("t.T:c", "its event is there, the row is gone"),
    ]
    assert Checkpoint.objects.count() == 0
