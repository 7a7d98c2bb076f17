"""Two banks, one range: exactly one gets it, the other a named refusal, and nothing else changes.

200 rounds, half by threads on the operations, half by two web processes through the API; with
`--full` ten thousand.
"""

import http.client
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import pytest
from django.db import connection

from finance.pledges import models, queries
from finance.pledges.states import PledgeState
from ledger.audit.models import Event
from ledger.holds import queries as holds
from ledger.holds.models import Hold
from ledger.kernel.errors import DomainError
from ledger.kernel.ids import new_id
from ledger.units.models import Entry
from tests.config.test_up import status, until
from tests.crashes.test_web import Site
from tests.factories.machines import machine
from tests.factories.pledges import Secured

LOSES = {"range_not_held", "not_enough_units"}
UNITS = 10  # of each round's range
HALF = [pytest.param(100, id="100"), pytest.param(5_000, id="5000", marks=pytest.mark.full)]


class Counted(NamedTuple):
    pledges: int
    parts: int
    holds: int
    entries: int
    events: int

    @classmethod
    def now(cls) -> "Counted":
        tables: tuple[Any, ...] = (models.Pledge, models.Part, Hold, Entry, Event)
        return cls(*(one.objects.count() for one in tables))

    def more_than(self, before: "Counted") -> tuple[int, ...]:
        return tuple(a - b for a, b in zip(self, before, strict=True))


def range_of(turn: int) -> tuple[int, int]:
    return 1 + turn * UNITS, (turn + 1) * UNITS


def pledged_at_once(deal: Secured, turn: int) -> None:
    """Reserved and pledged: what a debtor and her second person do."""
    deal.approve(deal.submit(UNITS, ranges=(range_of(turn),)))


def outcome(call: Callable[[], None]) -> str:
    try:
        call()
    except DomainError as refusal:
        return refusal.code
    finally:
        connection.close()
    return "won"


def settled(deal: Secured, rounds: int, state: str) -> None:
    """As many pledges as rounds, each range in one of them, and the books agree."""
    assert models.Pledge.objects.filter(state=PledgeState.DRAFT).count() in {0, rounds}
    assert deal.held() == {"FREE": 600_000 - rounds * UNITS, state: rounds * UNITS}
    taken = sorted(run for part in models.Part.objects.all() for run in queries.serials_of(part))
    assert taken == [range_of(turn) for turn in range(rounds)]
    assert list(holds.check_against_positions()) == []
    assert list(queries.check_rows_match_events()) == []


@pytest.mark.parametrize("rounds", HALF)
def test_of_two_banks_that_race_in_threads_exactly_one_wins(committed_db, rounds):
    one = Secured(first=1)
    other = one.another_bank()
    start = Counted.now()
    pledged_at_once(one, 0)
    alone = Counted.now().more_than(start)
    with ThreadPoolExecutor(2) as pool:
        for turn in range(1, rounds):
            calls = [lambda deal=deal, n=turn: pledged_at_once(deal, n) for deal in (one, other)]
            won, lost = sorted(pool.map(outcome, calls), reverse=True)
            assert won == "won"
            assert lost in LOSES
    whole = Counted.now().more_than(start)
    assert whole == tuple(each * rounds for each in alone)
    settled(one, rounds, "PLEDGED")


def body_of(deal: Secured, turn: int) -> dict[str, Any]:
    return {
        "facility_id": str(deal.loan.facility.pk), "number": f"P-{new_id()}",
        "collateral": [{
            "account_id": str(deal.account.pk), "lot_id": str(deal.lot), "unit_count": UNITS,
            "ranges": [list(range_of(turn))],
        }],
        "loan_share": "0.6", "reference": "LAST", "target_ltv": "0.6", "warning_ltv": "0.7",
        "top_up_ltv": "0.8", "close_out_ltv": "0.9", "evidence": "质押合同",
    }  # fmt: skip


def asked(site: Site, token: str, body: dict[str, Any]) -> str:
    """Through the API of one process: "won", or the code of the problem."""
    line = http.client.HTTPConnection("127.0.0.1", site.port, timeout=60)
    headers = {
        "Authorization": f"Bearer {token}", "Content-Type": "application/json",
        "Idempotency-Key": str(new_id()), "Host": "localhost",
    }  # fmt: skip
    try:
        line.request("POST", "/api/v1/pledges/", json.dumps(body), headers)
        answer = line.getresponse()
        told = json.loads(answer.read())
    finally:
        line.close()
    assert answer.status in {201, 409}, told
    return "won" if answer.status == 201 else str(told["code"])


@pytest.mark.parametrize("rounds", HALF)
def test_of_two_banks_that_race_through_two_processes_exactly_one_wins(
    committed_db, rounds, monkeypatch
):
    monkeypatch.setenv("API_WRITES_PER_MINUTE", "1000000")
    one = Secured(first=1)
    other = one.another_bank()
    token = machine(one.borrower.own_party).token
    start = Counted.now()
    sites = [Site(committed_db) for _each in range(2)]
    try:
        for site in sites:
            until(lambda site=site: status(site.port, "/livez") == 200)
        assert asked(sites[0], token, body_of(one, 0)) == "won"
        alone = Counted.now().more_than(start)
        with ThreadPoolExecutor(2) as pool:
            for turn in range(1, rounds):
                bodies = [body_of(deal, turn) for deal in (one, other)]
                turned = bodies if turn % 2 else bodies[::-1]  # either process has either bank
                won, lost = sorted(pool.map(asked, sites, (token,) * 2, turned), reverse=True)
                assert won == "won"
                assert lost in LOSES
    finally:
        for site in sites:
            site.process.terminate()
            site.process.wait(20)
    whole = Counted.now().more_than(start)
    assert whole == tuple(each * rounds for each in alone)
    settled(one, rounds, "RESERVED")
