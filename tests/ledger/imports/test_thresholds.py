"""Taking a file in asks for as many approvers as the party's thresholds say of its units."""

from dataclasses import replace
from datetime import date

import pytest

from ledger.approvals import operations as approvals
from ledger.approvals import queries as asked
from ledger.imports import approvable, queries
from ledger.imports.states import ImportState as S
from ledger.kernel.actors import Role
from ledger.kernel.errors import NotAllowed
from ledger.kernel.ids import new_id
from tests.factories import imports as files
from tests.factories.imports import NOON

pytestmark = pytest.mark.django_db
LINES = "P1,2022,100,A-1 to 100,2023-01-05\nP2,2023,7,B-1 to 7,2024-02-05\n"


@pytest.fixture
def by():
    return files.manager()


def limit(by, tiers, operation=approvable.COMMIT):
    approvals.set_thresholds(
        operation=operation, tiers=tiers, valid_from=date(2026, 1, 5), by=by, at=NOON, reason="内控"
    )


def propose(row, *, by, name=approvable.COMMIT, **more):
    return approvals.propose(
        operation=name,
        payload=approvable.payload_of(row, key=str(new_id()), **more),
        summary=approvable.sentences_of(row),
        party_id=by.own_party,
        by=by,
        at=NOON,
    )


@pytest.fixture
def row(by):
    return files.read(LINES, by=by, account_id=files.account(by))


def test_where_nothing_is_set_another_person_decides(row, by):
    assert propose(row, by=by).approval is not None
    assert queries.get_import(row.pk).state == S.READY


@pytest.mark.parametrize(("tiers", "needed"), [([[0, 0], [107, 1]], 1), ([[0, 1], [107, 2]], 2)])
def test_all_units_of_the_file_count(row, by, tiers, needed):
    limit(by, tiers)
    approval = propose(row, by=by).approval
    assert approval is not None
    assert approval.needed_count == needed
    assert queries.get_import(row.pk).state == S.READY


def test_below_the_threshold_its_maker_takes_it_in_and_undoes_it(row, by):
    limit(by, [[0, 0], [108, 1]], operation="")  # the line for all acts that move units
    done = propose(row, by=by)
    assert done.approval is None
    assert done.result is not None
    assert queries.get_import(row.pk).state == S.COMMITTING
    row = files.run(row.pk)
    propose(row, by=by, name=approvable.UNDO, reason="wrong file")
    assert queries.get_import(row.pk).state == S.UNDOING


def only(by, *roles):
    return replace(by, roles=frozenset(roles))


def test_below_the_threshold_a_manager_without_the_other_role_undoes_it_at_once(row, by):
    limit(by, [[0, 0], [108, 1]], operation="")
    manager = only(by, Role.CARBON_MANAGER)
    propose(row, by=manager)
    row = files.run(row.pk)
    assert propose(row, by=manager, name=approvable.UNDO, reason="wrong file").approval is None
    assert queries.get_import(row.pk).state == S.UNDOING


def test_at_the_threshold_her_undo_waits_for_another_person(row, by):
    limit(by, [[0, 0], [107, 1]], operation=approvable.UNDO)
    row = files.take_in(row, by=by)
    manager = only(by, Role.CARBON_MANAGER)
    assert propose(row, by=manager, name=approvable.UNDO, reason="wrong file").approval is not None
    assert queries.get_import(row.pk).state == S.COMMITTED


def test_no_other_role_does_what_a_threshold_leaves_to_one_person(row, by):
    limit(by, [[0, 0]], operation="")
    row = files.take_in(row, by=by)
    with pytest.raises(NotAllowed):
        propose(row, by=only(by, Role.DATA_OFFICER), name=approvable.UNDO, reason="wrong file")
    assert queries.get_import(row.pk).state == S.COMMITTED


def test_thresholds_can_be_set_for_imports_by_name():
    assert {approvable.COMMIT, approvable.UNDO} <= {name for name, _title in asked.movable()}
