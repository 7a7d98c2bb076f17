"""A year whose surrender went through a lifted block says so, on its page and to machines."""

from datetime import timedelta

import pytest
from django.urls import reverse

from ledger.approvals import operations as approvals
from ledger.compliance import queries
from ledger.reconciliation.rules import OpenBreak
from tests.factories import complying
from tests.factories.complying import NOON, TODAY, ask_to_surrender
from tests.factories.machines import machine
from tests.factories.statements import Shop, compare, covers, line, override, statement
from tests.ledger.reconciliation.test_pages import signed_in

SOON = TODAY + timedelta(days=2)


@pytest.fixture
def company(rule_book):
    """Its account holds 300 by our books, 290 by the registry."""
    made = complying.company()
    told = line(290, scheme="CEA", vintage_year=2025)
    statement(made.account.pk, told, as_of=NOON, coverage=[covers("CEA")], by=made.manager, at=NOON)
    compare(made.account.pk, NOON)
    return made


def lift(company):
    place = Shop(company.manager, company.approver, company.account.pk, company.lot_id, ("",) * 3)
    return override(place, expires_on=SOON, moment=NOON, scheme="CEA", vintage_year=2025)


def test_an_open_difference_blocks_the_surrender(company):
    asked = ask_to_surrender(company).approval
    with pytest.raises(OpenBreak):
        approvals.approve(approval_id=asked.pk, by=company.approver, at=NOON)
    assert company.year.open_t == 100
    assert queries.blocks_lifted(company.year) == []


def test_what_went_through_a_lifted_block_shows_in_its_year(company):
    made = lift(company)
    assert queries.blocks_lifted(company.year) == []  # nothing has gone through yet
    asked = ask_to_surrender(company).approval
    approvals.approve(approval_id=asked.pk, by=company.approver, at=NOON)
    (told,) = queries.blocks_lifted(company.year)
    assert (told.id, len(told.entry_ids)) == (made.pk, 1)

    mine = machine(company.party.pk)
    (shown,) = mine.get(f"compliance/years/{company.year.pk}/").json()["blocks_lifted"]
    assert (shown["reason"], shown["expires_on"]) == ("清缴在即", SOON.isoformat())
    assert shown["entry_ids"] == [str(one) for one in told.entry_ids]
    page = signed_in(company.manager).get(
        reverse("admin:ledger_compliance_obligation_change", args=[company.year.pk])
    )
    read = page.content.decode()
    assert "清缴在即" in read
    assert "Blocks lifted by two persons" in read or "经两人批准的临时放行" in read
