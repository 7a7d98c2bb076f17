"""Many hands at one obligation: what is owed is never surrendered twice."""

from ledger.compliance import operations as compliance
from ledger.compliance import queries
from ledger.compliance.models import Obligation, Surrender
from ledger.instruments.operations import load_schemes
from ledger.kernel.actors import SYSTEM
from ledger.parameters import operations as parameters
from tests.factories import holdings
from tests.ledger.compliance.conftest import SEEDS
from tests.ledger.compliance.test_years import NOON, emissions, entity, line, surrender
from tests.ledger.holds.test_racing import race


def test_ten_surrenders_at_once_never_exceed_what_is_owed(committed_db):
    parameters.load_seeds(folder=SEEDS, by=SYSTEM, at=NOON)
    load_schemes(by=SYSTEM, at=NOON)
    compliance.load_regimes(folder=SEEDS, by=SYSTEM, at=NOON)
    row = entity()
    emissions(row, 1000)
    held = [holdings.holdings(300) for _ in range(5)]
    calls = [
        lambda made=made, n=n: surrender(row, [line(made, 150)], key=f"s-{n}")
        for n, made in enumerate(held * 2)
    ]
    refusals = race(*calls)

    assert {refusal.code for refusal in refusals} == {"more_than_owed"}
    assert Surrender.objects.count() == 6
    year = Obligation.objects.get(entity=row, year=2025)
    assert (year.allowances_t, year.open_t) == (900, 100)
    assert list(queries.check_reckonings()) == []
    assert list(queries.check_rows_match_events()) == []
