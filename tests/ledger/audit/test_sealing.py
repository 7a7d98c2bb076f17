import stat
import threading
from collections.abc import Callable
from uuid import UUID

import psycopg
import pytest
from django.conf import settings
from django.db import DatabaseError, connection, transaction

from ledger.audit import keys, operations, proofs, queries, tree
from ledger.audit.merkle import ProofRefused, chain_value, root_of
from ledger.audit.models import Checkpoint, Event, Seal, Tile
from ledger.audit.notes import open_note
from ledger.audit.rules import NotSealedYet, OutsideCheckpointAhead, OutsideCheckpointDiffers
from ledger.kernel.actors import SYSTEM
from ledger.kernel.errors import NotFound
from tests.conftest import superuser_url
from tests.ledger.audit.conftest import NOON, happen

Seals = Callable[[], operations.Sealed]


def test_seals_are_gap_free_in_the_order_of_commits_and_the_chain_links_them(
    log: str, seal: Seals
) -> None:
    happen(600)
    assert seal().sealed_count == 601
    happen(5, start=600)
    assert seal().sealed_count == 5

    seals = list(Seal.objects.order_by("seq"))
    leaves = dict(Event.objects.values_list("id", "leaf_hash"))
    assert [one.seq for one in seals] == list(range(606))
    assert [one.event_row for one in seals] == sorted(leaves)
    chain = bytes(32)
    for one in seals:
        chain = chain_value(chain, bytes(leaves[one.event_row]))
        assert bytes(one.chain_hash) == chain


@pytest.mark.parametrize("portions", [[1], [255, 1, 1], [256], [257, 700, 3, 1600]])
def test_the_tree_in_tiles_is_the_tree_over_all_leaves(
    log: str, seal: Seals, portions: list[int]
) -> None:
    for portion in portions:
        happen(portion)
        seal()
    size = sum(portions) + 1
    leaves = [
        bytes(leaf) for leaf in Event.objects.order_by("id").values_list("leaf_hash", flat=True)
    ]

    assert tree.sealed_size() == size
    for part in {1, size // 2 or 1, size}:
        assert tree.root_at(part) == root_of(leaves[:part])
    level0 = Tile.objects.filter(level=0).order_by("position").values_list("hashes", flat=True)
    assert b"".join(bytes(hashes) for hashes in level0) == b"".join(leaves)


def test_a_checkpoint_is_signed_stored_and_kept_outside(log: str, seal: Seals) -> None:
    happen(3)
    seal()

    checkpoint = Checkpoint.objects.get()
    opened = open_note(checkpoint.note, queries.checkpoint_keys())
    outside = settings.CHECKPOINT_DIR
    assert checkpoint.tree_size == 4
    assert opened.text.splitlines()[:2] == ["demonstration.tanzhang.invalid/ledger", "4"]
    assert (outside / "latest").read_text() == checkpoint.note
    assert [path.read_text() for path in outside.glob("0*/*")] == [checkpoint.note]


def test_an_event_of_an_open_transaction_holds_back_later_ones_and_never_slips_in(
    log: str, seal: Seals
) -> None:
    seal()
    body = operations.event_body(
        event_id=UUID(int=7), verb="slow.done", subject="x.Y:1", by=SYSTEM, at=NOON
    )
    url = superuser_url(log)
    with psycopg.connect(url) as slow:
        slow.execute("SELECT ledger_audit_append(%s)", [[body]])
        happen(3)
        assert seal().sealed_count == 0, "an older transaction is still open"
        slow.commit()
    assert seal().sealed_count == 4
    order = Seal.objects.filter(seq__gt=0).order_by("seq").values_list("event_row", flat=True)
    assert [Event.objects.get(pk=row).verb for row in order] == ["slow.done"] + ["thing.made"] * 3


def test_two_sequencers_at_once_seal_nothing_twice(log: str, seal: Seals) -> None:
    happen(3000)

    def run() -> None:
        try:
            for _ in range(20):
                operations.seal_events(by=SYSTEM, at=NOON, limit=101)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert tree.sealed_size() == Seal.objects.count() == 3001


def test_nothing_is_sealed_while_an_outside_checkpoint_is_ahead(log: str, seal: Seals) -> None:
    happen(5)
    seal()
    with psycopg.connect(superuser_url(log)) as attacker:
        attacker.execute("DELETE FROM ledger_audit_seal WHERE seq >= 3")
        attacker.execute("DELETE FROM ledger_audit_checkpoint")
    happen(1)

    with pytest.raises(OutsideCheckpointAhead, match=r"covers 6 events.*only 3"):
        seal()
    assert (tree.sealed_size(), Checkpoint.objects.count()) == (3, 0)
    assert queries.seal_state().is_behind_outside


def test_nothing_is_sealed_while_an_outside_checkpoint_differs(log: str, seal: Seals) -> None:
    happen(5)
    seal()
    with psycopg.connect(superuser_url(log)) as attacker:
        attacker.execute(
            "UPDATE ledger_audit_tile SET hashes = set_byte(hashes, 40, 255 - get_byte(hashes, 40))"
        )
    happen(1)

    with pytest.raises(OutsideCheckpointDiffers):
        seal()
    assert tree.sealed_size() == 6


def test_a_checkpoint_that_did_not_get_outside_is_taken_there_by_the_next_run(
    log: str, seal: Seals
) -> None:
    seal()
    latest = settings.CHECKPOINT_DIR / "latest"
    for path in settings.CHECKPOINT_DIR.glob("0*/*"):
        path.unlink()
    latest.unlink()

    assert operations.publish_checkpoints() == 1
    assert latest.read_text() == Checkpoint.objects.get().note


def test_a_rotated_key_signs_no_more_but_its_checkpoints_stay_verifiable(
    log: str, seal: Seals
) -> None:
    old = keys.key_store().signer(keys.CHECKPOINT_KEY)
    seal()
    operations.rotate_key(by=SYSTEM, at=NOON, is_demonstration=True, reason="yearly")
    with pytest.raises(operations.KeyNotInLog):
        operations.seal_events(by=SYSTEM, at=NOON, key=old)
    seal()

    first, second = Checkpoint.objects.order_by("id")
    assert len(queries.checkpoint_keys()) == 2
    assert first.key_id != second.key_id
    for checkpoint in (first, second):
        open_note(checkpoint.note, queries.checkpoint_keys())


def test_the_key_file_is_for_its_owner_alone(log: str) -> None:
    pem = settings.KEY_DIR / "checkpoint.pem"
    assert stat.S_IMODE(pem.stat().st_mode) == 0o600
    assert operations.make_keys(by=SYSTEM, at=NOON, is_demonstration=True) == []


def test_an_inclusion_proof_convinces_a_stranger_who_has_only_the_key(
    log: str, seal: Seals
) -> None:
    ids = happen(300)
    known = queries.checkpoint_keys()
    with pytest.raises(NotSealedYet):
        queries.get_inclusion_proof(UUID(ids[41]))
    document = operations.ensure_sealed(event_id=UUID(ids[41]), by=SYSTEM, at=NOON)

    assert proofs.check_inclusion_document(document, keys=known).tree_size == 301
    forged = document | {"body": document["body"].replace('"n":41', '"n":42')}
    with pytest.raises(ProofRefused):
        proofs.check_inclusion_document(forged, keys=known)
    with pytest.raises(NotFound):
        queries.get_inclusion_proof(UUID(int=5))


def test_a_consistency_proof_ties_two_checkpoints_together(log: str, seal: Seals) -> None:
    seal()
    happen(700)
    seal()

    document = queries.get_consistency_proof(1, 701)
    first, second = proofs.check_consistency_document(document, keys=queries.checkpoint_keys())
    assert (first.tree_size, second.tree_size) == (1, 701)
    with pytest.raises(ProofRefused):
        proofs.check_consistency_document(
            document | {"path": document["path"][:-1]}, keys=queries.checkpoint_keys()
        )


def test_the_seal_state_counts_what_waits(log: str, seal: Seals) -> None:
    seal()
    happen(4)
    state = queries.seal_state()
    assert (state.sealed_count, state.unsealed_count, state.is_behind_outside) == (1, 4, False)
    assert state.latest_checkpoint and state.latest_checkpoint.tree_size == 1


@pytest.mark.django_db
@pytest.mark.parametrize("table", ["seal", "tile", "checkpoint", "event", "era"])
@pytest.mark.parametrize("act", ["DELETE FROM {}", "TRUNCATE {}", "INSERT INTO {} DEFAULT VALUES"])
def test_the_application_writes_no_table_of_the_log_itself(table: str, act: str) -> None:
    statement = act.format(f"ledger_audit_{table}")
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        connection.cursor().execute(statement)


def test_sealing_goes_on_after_a_dump_was_restored_into_a_new_cluster(
    log: str, seal: Seals
) -> None:
    happen(3)
    seal()
    happen(2, start=3)
    with psycopg.connect(superuser_url(log)) as admin:  # as if the old cluster had been far ahead
        admin.execute("UPDATE ledger_audit_event SET xid = xid + 1000000")
    happen(2, start=5)  # written before anybody noticed

    seal()
    happen(2, start=7)
    seal()

    assert queries.seal_state().unsealed_count == 0
    assert Seal.objects.count() == Event.objects.count() == 10
