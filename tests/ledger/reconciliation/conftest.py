import pytest

from ledger.kernel.actors import SYSTEM
from ledger.parameters.operations import load_seeds
from tests.factories.populated import ROOT
from tests.factories.statements import compare, line, shop, statement
from tests.factories.units import NOON


@pytest.fixture
def place():
    load_seeds(folder=ROOT / "seeds", by=SYSTEM, at=NOON)
    return shop()


@pytest.fixture
def found(place):
    """Ten serials that the registry does not have."""
    statement(place.account_id, line(90, 1, space=place.space), by=place.maker)
    (one,) = compare(place.account_id)
    return one
