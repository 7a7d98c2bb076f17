from datetime import UTC, date, datetime
from uuid import uuid4

import pytest

from ledger.kernel.actors import SYSTEM, Actor, Role
from ledger.parties.models import Party
from reporting.parks import operations as parks
from reporting.parks.states import SourceKind

NOON = datetime(2026, 2, 5, 4, 0, tzinfo=UTC)
OPERATOR = uuid4()


def person(*roles, party_id=OPERATOR):
    return Actor(user_id=uuid4(), party_id=party_id, roles=frozenset(roles))


OFFICER = person(Role.DATA_OFFICER)
MANAGER = person(Role.CARBON_MANAGER)
APPROVER = person(Role.APPROVER)
SOURCES = (
    ("BOILER", SourceKind.STATIONARY_FUEL, "NATURAL_GAS", "1e4 Nm3"),
    ("TRUCKS", SourceKind.MOBILE_FUEL, "DIESEL", "t"),
    ("GRID", SourceKind.PURCHASED_POWER, "ELECTRICITY", "MWh"),
)


@pytest.fixture(autouse=True)
def own_folder(settings, tmp_path):
    storage = {**settings.STORAGES["evidence"], "OPTIONS": {"location": tmp_path}}
    settings.STORAGES = {**settings.STORAGES, "evidence": storage}
    return tmp_path


@pytest.fixture
def park(db):
    Party.objects.create(id=OPERATOR, kind=Party.Kind.PARK_OPERATOR, name_zh="梅山")
    made = parks.register_park(
        code="MS", name_zh="梅山", province="330000", operator_id=OPERATOR, by=SYSTEM, at=NOON
    )
    for code, kind, carrier, unit in SOURCES:
        parks.add_source(
            park_id=made.id, code=code, name_zh=code, kind=kind, carrier=carrier, unit=unit,
            valid_from=date(2025, 1, 1), by=SYSTEM, at=NOON,
        )  # fmt: skip
    return made
