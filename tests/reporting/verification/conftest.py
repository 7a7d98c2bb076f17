import pytest

from ledger.kernel.actors import Role
from ledger.parties.models import Party
from reporting.inventories import operations as inventories
from reporting.verification import operations
from tests.reporting.inventories.conftest import (  # noqa: F401  the same park, data and people
    NOON,
    build,
    dataset,
    facility,
    manager,
    operator,
    own_folder,
    park,
    person,
    reference,
)
from tests.reporting.inventories.test_inventories import correct
from tests.reporting.verification.acting import engage


@pytest.fixture(scope="module")
def body(module_db):
    return Party.objects.create(kind=Party.Kind.VERIFIER, name_zh="某核查机构")


@pytest.fixture(scope="module")
def verifier(body):
    return person(body, Role.VERIFIER)


@pytest.fixture
def change_data(dataset, operator, manager):  # noqa: F811
    """A bill turns out to be another."""
    return lambda: correct(dataset, operator, manager)


@pytest.fixture(scope="module")
def frozen(dataset, park, manager):  # noqa: F811
    built = build(park, manager)
    return inventories.freeze_inventory(inventory_id=built.id, by=manager, at=NOON)


@pytest.fixture
def engagement(frozen, park, body, manager, verifier):  # noqa: F811
    key = engage(park, body, manager)
    operations.declare_independence(engagement_id=key, statement="无利害关系", by=verifier, at=NOON)
    return key
