"""The books as trees: what is pledged to a bank can be shown to it, and to nobody else."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connection

from ledger.audit import operations as audit
from ledger.audit import queries as log
from ledger.audit.proofs import check_inclusion_document
from ledger.kernel.actors import SYSTEM, Actor, Role
from ledger.kernel.ids import new_id
from ledger.proofs import operations, queries
from ledger.proofs.models import Commitment, Tree, TreeTile
from ledger.proofs.sumtree import Proved, StateProofRefused, check_document
from tests.factories.holdings import holdings, pledge, release, reserve
from tests.factories.units import FREE, NOON, issued, leg, post

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
