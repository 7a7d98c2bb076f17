from datetime import UTC, datetime
from pathlib import Path

import pytest

from ledger.compliance import operations as compliance
from ledger.instruments.operations import load_schemes
from ledger.kernel.actors import SYSTEM
from ledger.parameters import operations as parameters

SEEDS = Path(__file__).resolve().parents[3] / "seeds"
NOON = datetime(2026, 1, 5, 4, 0, tzinfo=UTC)


@pytest.fixture
def rule_book(db):
    """Rule numbers, schemes and trading systems as the seeds have them."""
    parameters.load_seeds(folder=SEEDS, by=SYSTEM, at=NOON)
    load_schemes(by=SYSTEM, at=NOON)
    compliance.load_regimes(folder=SEEDS, by=SYSTEM, at=NOON)
