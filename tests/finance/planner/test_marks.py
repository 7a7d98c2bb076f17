"""The planner takes the market's marks where nothing newer was typed."""

from datetime import date
from decimal import Decimal

import pytest

from finance.planner import operations, queries
from ledger.kernel.actors import SYSTEM
from ledger.parameters import operations as parameters
from tests.factories import prices
from tests.factories.prices import LATE, ROOT, mark
from tests.factories.units import MANAGER

MONDAY, TUESDAY = date(2026, 11, 16), date(2026, 11, 17)

pytestmark = pytest.mark.django_db


def test_the_newer_of_a_typed_price_and_a_mark_is_taken():
    parameters.load_seeds(folder=ROOT / "seeds", by=SYSTEM, at=LATE)
    prices.load()
    mark(MONDAY, "74.63")
    mark(MONDAY, "58.20", vintage_year=2024)
    for vintage, day, buy in ((2025, MONDAY, "74.00"), (2024, date(2026, 11, 13), "57.00")):
        operations.record_price(
            scheme="CEA", vintage_year=vintage, buy=Decimal(buy), sell=None, quoted_on=day,
            source="typed", by=MANAGER, at=LATE, idempotency_key=f"{vintage}",
        )  # fmt: skip
    asked = {"party_id": MANAGER.own_party, "schemes": ["CEA"]}
    found = {one.vintage: one for one in queries.best_prices(on=TUESDAY, **asked)}
    assert (found[2025].buy_fen, found[2025].source) == (7400, "typed")
    assert (found[2024].buy_fen, found[2024].sell_fen) == (5820, 5820)
    assert found[2024].quoted_on == MONDAY
    assert queries.best_prices(on=date(2026, 11, 12), **asked) == ()
