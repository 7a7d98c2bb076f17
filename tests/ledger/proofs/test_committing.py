"""The books as trees: what is pledged to a bank can be shown to it, and to nobody else."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connection

from ledger.audit import operations as audit
from ledger.audit import queries as log
from ledger.audit.proofs import check_inclusion_document
from ledger.holds.models import Hold
from ledger.kernel.actors import SYSTEM, Actor, Role
from ledger.kernel.ids import new_id
from ledger.proofs import operations, queries
from ledger.proofs.building import rows_over
from ledger.proofs.models import Chunk, Commitment, HeldRange, Tree, TreeTile
from ledger.proofs.queries.standing import nodes_in
from ledger.proofs.sumtree import Proved, StateProofRefused, check_document
from ledger.units.states import UnitState
from tests.factories.holdings import holdings, pledge, release, reserve
from tests.factories.units import FREE, ISSUER, NOON, issued, leg, post

pytestmark = pytest.mark.usefixtures("log")


def commit(minutes: int = 0) -> Commitment:
    made = operations.commit_state(by=SYSTEM, at=NOON + timedelta(minutes=minutes))
    assert made is not None
    return made


def proved(hold_id: UUID, bank: UUID, account: UUID) -> Proved:
    if newest := queries.latest_commitment():
        audit.ensure_sealed(event_id=newest.event_id, by=SYSTEM, at=NOON)
    told = queries.get_state_proof(hold_id)
    check_inclusion_document(told["commitment"], keys=log.checkpoint_keys())
    found = check_document(
        told["state"], state="PLEDGED", pledgee=f"{bank}/{hold_id}", account=str(account)
    )
    assert found.state_root == queries.told_root(told["commitment"]["body"])
    return found


def officer(bank: UUID) -> Actor:
    return Actor(user_id=new_id(), party_id=bank, roles=frozenset({Role.BANK_OFFICER}))


def test_a_pledge_of_serials_is_shown_with_its_ranges():
    account, lot_id = holdings(1000, first=1, scheme="CCER")
    issued(account.pk, 70, lot_id=lot_id, first=5001)
    bank = new_id()
    hold = pledge(account.pk, lot_id, 300, in_favour_of=bank)
    commit()
    found = proved(hold.pk, bank, account.pk)
    assert (found.units, found.issued_units) == (300, 1070)
    assert [(first, last) for _, first, last in found.ranges] == [(1, 300)]


def test_a_pledge_of_counted_units_is_shown_beside_another_in_the_same_account():
    account, lot_id = holdings(1000)
    first_bank, second_bank = new_id(), new_id()
    one = pledge(account.pk, lot_id, 300, in_favour_of=first_bank)
    two = pledge(account.pk, lot_id, 250, in_favour_of=second_bank)
    commit()
    a, b = proved(one.pk, first_bank, account.pk), proved(two.pk, second_bank, account.pk)
    assert (a.units, b.units, a.issued_units) == (300, 250, 1000)
    (_, a_first, a_last), (_, b_first, b_last) = a.ranges[0], b.ranges[0]
    assert a_last < b_first or b_last < a_first
    assert a.state_root == b.state_root
    with pytest.raises(StateProofRefused):
        proved(one.pk, second_bank, account.pk)


def test_nothing_changed_is_the_same_commitment_and_a_book_that_did_not_change_keeps_its_tree():
    account, lot_id = holdings(1000)
    holdings(50, first=1, scheme="CCER")
    first = commit()
    assert commit(1).pk == first.pk
    reserve(account.pk, lot_id, 10)
    second = commit(2)
    assert second.pk != first.pk
    assert len(set(first.tree_ids) & set(second.tree_ids)) == 1
    assert Tree.objects.count() == 3


def test_a_released_pledge_has_no_proof_any_more():
    account, lot_id = holdings(100)
    bank = new_id()
    hold = pledge(account.pk, lot_id, 60, in_favour_of=bank)
    with pytest.raises(queries.NoStateProof):
        queries.get_state_proof(hold.pk)
    commit()
    assert proved(hold.pk, bank, account.pk).units == 60
    release(hold, by=officer(bank))
    commit(1)
    with pytest.raises(queries.NoStateProof):
        queries.get_state_proof(hold.pk)


def test_proofs_hold_in_a_book_of_many_ranges():
    account, lot_id = holdings(1, first=1, scheme="CCER")
    other = new_id()
    for n in range(1, 700, 2):
        issued(account.pk, 1, lot_id=lot_id, first=2 * n + 1)
    post(leg(lot_id, (account.pk, FREE), (other, FREE), 1, 1))
    bank = new_id()
    hold = pledge(account.pk, lot_id, 20, in_favour_of=bank)
    commit()
    found = proved(hold.pk, bank, account.pk)
    assert (found.units, found.issued_units, len(found.ranges)) == (20, 351, 20)


def scattered(count: int) -> tuple[UUID, UUID]:
    """An account with so many runs of one serial each, and gaps between them."""
    account, lot_id = holdings(1, first=1, scheme="CCER")
    legs = [
        leg(lot_id, (ISSUER, UnitState.UNISSUED), (account.pk, FREE), 1, 2 * n + 10)
        for n in range(count)
    ]
    post(legs, kind="ISSUE")
    return account.pk, lot_id


def chunk_ids() -> list[UUID]:
    newest = queries.latest_commitment()
    assert newest is not None
    return [one.id for tree in queries.trees_of(newest) for one in queries.chunks_of(tree)]


def test_a_change_of_one_range_makes_one_chunk_anew_and_the_books_agree_with_all_of_it():
    account, lot_id = scattered(3000)
    commit()
    before = chunk_ids()
    bank = new_id()
    hold = pledge(account, lot_id, 1, in_favour_of=bank)
    commit(1)
    after = chunk_ids()
    assert len(before) == len(after) == 12
    assert len(set(before) & set(after)) == 11
    assert proved(hold.pk, bank, account).units == 1
    assert list(queries.check_trees()) == []


def test_chunks_that_no_kept_version_has_are_removed_with_their_ranges():
    account, lot_id = scattered(600)
    for n in range(6):
        pledge(account, lot_id, 1, in_favour_of=new_id())
        commit(n)
    used = {key for ids in TreeTile.objects.values_list("chunk_ids", flat=True) for key in ids}
    assert set(Chunk.objects.values_list("pk", flat=True)) == used
    assert HeldRange.objects.exclude(chunk_id__in=used).count() == 0
    assert HeldRange.objects.filter(chunk_id__in=chunk_ids()).count() == 6


def test_many_changes_in_turn_lead_to_the_state_that_is_there():
    account, lot_id = scattered(1500)
    bank, live = new_id(), list[Hold]()
    for n in range(8):
        live += [pledge(account, lot_id, 7 * n + 3, in_favour_of=bank) for _ in range(3)]
        release(live.pop(n % len(live)), by=officer(bank))
        issued(account, 40 * n + 1, lot_id=lot_id, first=100_000 + 1000 * n)
        commit(n)
        assert list(queries.check_trees()) == []
    for hold in live:
        assert proved(hold.pk, bank, account).units == hold.unit_count


def test_a_lie_in_a_chunk_is_found_although_the_book_moved_on():
    account, lot_id = scattered(1200)
    commit()
    victim = Chunk.objects.exclude(pk=chunk_ids()[0]).first()
    assert victim is not None
    leaves = [
        leaf._replace(hash=bytes(32)) if n == 3 else leaf
        for n, leaf in enumerate(nodes_in(bytes(victim.nodes)[: victim.leaf_count * 56]))
    ]
    nodes, _root = rows_over(leaves)
    Chunk.objects.filter(pk=victim.pk).update(nodes=nodes)
    pledge(account, lot_id, 1, in_favour_of=new_id())  # elsewhere in the book
    assert "proofs.books" in {fault.kind for fault in queries.check_trees()}


def test_what_moved_since_the_commitment_is_not_held_against_it():
    account, lot_id = holdings(1000, first=1, scheme="CCER")
    counted, counted_lot = holdings(500)
    commit()
    pledge(account.pk, lot_id, 300, in_favour_of=new_id())
    pledge(counted.pk, counted_lot, 300, in_favour_of=new_id())
    assert list(queries.check_trees()) == []


def test_a_state_that_the_books_never_had_is_found():
    holdings(1000, first=1, scheme="CCER")
    holdings(500)
    commit()
    Chunk.objects.update(secret=b"x" * 32)
    kinds = [fault.kind for fault in queries.check_trees()]
    assert kinds.count("proofs.books") == 2


def test_what_is_verified_is_the_newest_state():
    account, lot_id = holdings(1000, first=1, scheme="CCER")
    pledge(account.pk, lot_id, 300, in_favour_of=new_id())
    commit()
    assert list(queries.check_commitments()) + list(queries.check_trees()) == []
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE ledger_proofs_treetile SET nodes = set_byte(nodes, 30, get_byte(nodes, 30) # 1)"
        )
    assert {fault.kind for fault in queries.check_trees()} >= {"proofs.tile"}


def test_tiles_of_old_versions_are_removed_and_the_newest_stay():
    account, lot_id = holdings(1000)
    for n in range(5):
        reserve(account.pk, lot_id, 10)
        commit(n)
    assert Tree.objects.count() == 5
    assert TreeTile.objects.values("tree_id").distinct().count() == operations.KEPT_COMMITMENTS
