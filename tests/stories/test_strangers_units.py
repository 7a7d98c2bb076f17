"""What was sold lies in an account that stands for the buyer: it is in no total of the seller."""

import json

import pytest
from django.utils import timezone

from finance.planner.queries.gathering import default_demands, gather
from finance.prices.queries import value_holdings
from ledger.accounts import queries as accounts
from ledger.compliance import queries as compliance
from ledger.compliance.models import Obligation
from ledger.units import queries as units
from ledger.units.queries import Wanted
from ledger.units.states import LIVE
from reporting.desk.queries import holdings as on_the_desk
from tests.factories.machines import machine

pytestmark = pytest.mark.demo


@pytest.fixture
def year(committed_db):
    return Obligation.objects.select_related("entity").order_by("-year").first()


@pytest.fixture
def party(year):
    return year.entity.party_id


@pytest.fixture
def own(party):
    """CEA that the party owns, by adding up account by account; some were sold before."""
    outside = accounts.accounts_of(party).filter(type="OUTSIDE").values_list("pk", flat=True)
    sold = [one for one in units.positions_in(outside) if one.scheme == "CEA"]
    assert sum(one.unit_count for one in sold) > 0
    mine = accounts.accounts_of(party).filter(type__in=["HOLDING", "TRADING"])
    held = units.positions_in(mine.values_list("pk", flat=True))
    return sum(one.unit_count for one in held if one.scheme == "CEA" and one.state in LIVE)


def test_no_total_of_the_ledger_counts_what_lies_outside(party, own):
    held = [one for one in units.holdings(party) if one.scheme == "CEA" and one.state in LIVE]
    assert sum(one.unit_count for one in held) == own
    asked = Wanted(accounts.account_ids_of(party), scheme="CEA", only_owned=True)
    assert sum(one.unit_count for one in units.sums(asked) if one.state in LIVE) == own
    numbers = {one.number for one in accounts.accounts_of(party).filter(type="OUTSIDE")}
    offered = [said for _place, said in units.place_choices(party)]
    assert not any(number in said for said in offered for number in numbers)


def test_no_total_of_other_rooms_counts_it(year, party, own):
    today = timezone.localdate()
    cea = next(one for one in on_the_desk(party) if one.scheme == "CEA")
    assert sum(count for state, count in cea.by_state.items() if state in LIVE) == own
    valued = [one for one in value_holdings(party, today) if one.scheme == "CEA"]
    assert sum(one.unit_count for one in valued) == own
    problem = gather(party_id=party, on=today, demands=default_demands(party), terms={})
    assert sum(one.quantity for one in problem.stocks if one.scheme == "CEA") == own
    covering = [one for one in compliance.holdings_for(year, today) if one.scheme == "CEA"]
    assert sum(one.unit_count for one in covering) == own
    now = compliance.gap_over_time(year, on=today)[-1]
    assert now.free_allowances == compliance.gap_of(year, covering).free_allowances


def test_machines_and_files_are_told_the_same(party, own):
    mine = machine(party)
    told = mine.get("positions/", scheme="CEA", limit=500).json()["items"]
    assert sum(one["quantity"]["amount"] for one in told if one["state"] in set(LIVE)) == own
    sheet = mine.get("/api/v1/exports/cad-trust-units.json")
    units_told = [one for one in _streamed(sheet)["units"] if one["unitStatus"] == "Held"]
    lots = {one.lot_code for one in units.positions(party) if one.scheme == "CEA"}
    assert sum(one["unitCount"] for one in units_told if one["issuanceId"] in lots) == own


def test_an_account_that_is_named_is_shown_whatever_it_stands_for(party):
    outside = accounts.accounts_of(party).filter(type="OUTSIDE").first()
    told = machine(party).get("positions/", account_id=str(outside.pk)).json()["items"]
    assert {one["account_id"] for one in told} == {str(outside.pk)}


def _streamed(answer):
    return json.loads(b"".join(answer.streaming_content))
