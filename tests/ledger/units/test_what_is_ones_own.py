"""A party keeps outside accounts in its books; what stands in them is other people's."""

import pytest

from finance.prices import queries as prices
from ledger.accounts import operations as accounts
from ledger.compliance import operations as compliance
from ledger.instruments.operations import load_schemes
from ledger.kernel.actors import SYSTEM
from ledger.parameters import operations as parameters
from ledger.units import operations as units
from ledger.units import queries
from reporting.desk import queries as desk
from tests.factories import prices as marks
from tests.factories.holdings import NOON, holdings, open_account
from tests.factories.machines import machine
from tests.factories.people import make_party
from tests.factories.prices import ROOT
from tests.factories.units import MANAGER, issued, lot

pytestmark = pytest.mark.django_db


def handed_out(count):
    """So many of 100 own units go to a counterparty's account in the party's own books."""
    account, lot_id = holdings(100)
    outside = open_account("O-1", kind="OUTSIDE")
    units.transfer_units(
        lot_id=lot_id, from_account_id=account.pk, to_account_id=outside.pk, unit_count=count,
        happened_on=NOON.date(), by=SYSTEM, at=NOON, idempotency_key="out",
    )  # fmt: skip
    return outside


def test_what_was_handed_out_is_not_held_any_more():
    handed_out(30)
    party_id = MANAGER.own_party
    assert sum(one.unit_count for one in queries.positions(party_id)) == 70
    assert sum(one.unit_count for one in queries.holdings(party_id)) == 70
    assert [line.live for line in desk.holdings(party_id)] == [70]
    (choice,) = queries.place_choices(party_id)
    assert "O-1" not in choice[1]


def test_nor_does_it_count_in_what_a_party_is_worth():
    parameters.load_seeds(folder=ROOT / "seeds", by=SYSTEM, at=NOON)
    compliance.load_regimes(folder=ROOT / "seeds", by=SYSTEM, at=NOON)
    marks.load()
    handed_out(30)
    lines = prices.value_holdings(MANAGER.own_party, NOON.date())
    assert sum(line.unit_count for line in lines) == 70


def test_it_is_read_where_the_account_is_named():
    load_schemes(by=SYSTEM, at=NOON)
    party = make_party()
    mine, outside = (
        accounts.open_account(
            holder_id=party.id, type=kind, registry="CCRC", number=kind, by=SYSTEM, at=NOON
        )
        for kind in ("HOLDING", "OUTSIDE")
    )
    lot_id = lot(vintage_year=2025)
    issued(mine.pk, 70, lot_id=lot_id)
    issued(outside.pk, 30, lot_id=lot_id)
    client = machine(party.id)
    counts = [one["quantity"]["amount"] for one in client.get("positions/").json()["items"]]
    assert counts == [70]
    told = client.get("positions/", account_id=str(outside.pk)).json()["items"]
    assert [one["quantity"]["amount"] for one in told] == [30]
