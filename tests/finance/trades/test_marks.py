"""Prices under trades: the close that gives the day's limits, rates, and the unrealised result."""

from datetime import date
from decimal import Decimal

import pytest

from finance.trades.queries.results import held_on
from finance.trades.rules import refusals
from finance.trades.states import Mode
from ledger.kernel.actors import SYSTEM
from ledger.parameters import operations as parameters
from tests.factories import prices
from tests.factories.holdings import holdings
from tests.factories.trades import NOON, TODAY, bought, deal, record
from tests.factories.units import MANAGER

pytestmark = pytest.mark.django_db
FRIDAY = date(2026, 2, 27)


@pytest.fixture
def account():
    account, _lot = holdings(1_000)
    prices.load()
    list(parameters.load_seeds(folder=prices.ROOT / "seeds", by=SYSTEM, at=NOON))
    return account


def listed(account, price):
    return record(deal("BUY", 10, price, account_id=account.pk, mode=Mode.LISTED))


def test_the_close_of_the_trading_day_before_gives_the_limits(account):
    prices.mark(FRIDAY, "74.63")
    taken = listed(account, "82.09")
    assert (taken.previous_close, taken.band["low"]) == (Decimal("74.63"), "67.17")
    with pytest.raises(refusals.OutsideBand):
        listed(account, "82.10")


def test_an_older_close_decides_nothing_and_is_shown_as_stale(account):
    prices.mark(date(2026, 1, 5), "74.63")
    assert listed(account, "900").band_verdict == "STALE_CLOSE"


def test_a_foreign_trade_takes_the_rate_of_its_day(account):
    euros = {"account_id": account.pk, "mode": Mode.FOREIGN, "currency": "EUR"}
    with pytest.raises(refusals.RateNeeded):
        record(deal("BUY", 10, "70", **euros))
    prices.rate(TODAY, "EUR", "7.85")
    assert record(deal("BUY", 10, "70", **euros)).booked_cny == Decimal("5495.00")


def test_unrealised_is_value_by_the_mark_less_cost_and_nothing_without_a_mark(account):
    bought(account.pk, 100, "60")
    (held,) = held_on(MANAGER.party_id, TODAY)
    assert (held.mark, held.unrealised) == (None, None)
    prices.mark(TODAY, "74.63")
    (held,) = held_on(MANAGER.party_id, TODAY)
    assert held.value == Decimal("74.63") * 1_100
    assert held.unrealised == held.value - 6_000
