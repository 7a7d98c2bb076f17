import io
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from uuid import uuid4

import pytest
from django.conf import settings
from django.test import override_settings

from ledger.kernel.actors import SYSTEM, Actor, Role
from ledger.kernel.periods import Period
from ledger.parameters import operations as parameters
from ledger.parties.models import Party
from reporting.activity import operations as activity
from reporting.factors import operations as factors
from reporting.inventories import operations
from reporting.inventories.states import Consolidation
from reporting.parks import operations as parks
from reporting.parks.states import SourceKind

SEEDS = Path(__file__).resolve().parents[3] / "seeds"
NOON = datetime(2026, 2, 5, 4, 0, tzinfo=UTC)
YEAR = Period.year(2025)
START = date(2024, 1, 1)
SOURCES = (
    ("BOILER", SourceKind.STATIONARY_FUEL, "NATURAL_GAS", "1e4 Nm3", "10"),
    ("TRUCKS", SourceKind.MOBILE_FUEL, "DIESEL", "t", "5"),
    ("GRID", SourceKind.PURCHASED_POWER, "ELECTRICITY", "MWh", "1000"),
    ("STEAM", SourceKind.PURCHASED_HEAT, "HEAT", "GJ", "100"),
    ("CHILLER", SourceKind.REFRIGERANT, "R-410A", "kg", "5"),
    ("ROOF", SourceKind.SELF_GENERATED_POWER, "ELECTRICITY", "MWh", "50"),
)


def person(party, *roles):
    return Actor(uuid4(), party.pk, frozenset(roles))


@pytest.fixture(autouse=True, scope="module")
def own_folder(tmp_path_factory):
    place = {"location": tmp_path_factory.mktemp("evidence")}
    storage = {**settings.STORAGES["evidence"], "OPTIONS": place}
    with override_settings(STORAGES={**settings.STORAGES, "evidence": storage}):
        yield


# Once for a module: each of its tests rolls back to here.


@pytest.fixture(scope="module")
def reference(module_db):
    parameters.load_seeds(folder=SEEDS, by=SYSTEM, at=NOON)
    factors.load_seeds(folder=SEEDS, by=SYSTEM, at=NOON)


@pytest.fixture(scope="module")
def operator(module_db):
    return Party.objects.create(kind=Party.Kind.PARK_OPERATOR, name_zh="梅山园区")


@pytest.fixture(scope="module")
def manager(operator):
    return person(operator, Role.CARBON_MANAGER)


@pytest.fixture(scope="module")
def park(manager):
    return parks.register_park(code="MS", name_zh="梅山", province="330000", by=manager, at=NOON)


@pytest.fixture(scope="module")
def dataset(own_folder, reference, park, operator, manager):
    return checked_year(park, operator, manager)


def checked_year(park, operator, manager, also=None):
    """A checked year: the same amounts every month; `also` may tell more before it is handed in."""
    officer = person(operator, Role.DATA_OFFICER)
    for code, kind, carrier, unit, _ in SOURCES:
        parks.add_source(
            park_id=park.id,
            code=code,
            name_zh=code,
            kind=kind,
            carrier=carrier,
            unit=unit,
            valid_from=START,
            by=manager,
            at=NOON,
        )
    rows = [
        f"{code},2025-{month:02d},{amount},{unit},B-{month},\n"
        for code, _, _, unit, amount in SOURCES
        for month in range(1, 13)
    ]
    content = io.BytesIO(("source,month,quantity,unit,evidence,note\n" + "".join(rows)).encode())
    taken = activity.upload_year(
        park_id=park.id, year=2025, content=content, name="2025.csv", by=officer, at=NOON
    )
    dataset = taken.dataset
    if also is not None:
        also(park, officer)
    activity.submit_dataset(dataset_id=dataset.pk, by=officer, at=NOON)
    checker = person(operator, Role.APPROVER)
    activity.check_dataset(dataset_id=dataset.pk, by=checker, at=NOON)
    return dataset


def build(park, manager, **change):
    given = {"consolidation": Consolidation.OPERATIONAL_CONTROL, "gwp_set": "AR5"}
    given |= {"park_id": park.id, "period": YEAR, "by": manager, "at": NOON}
    return operations.build_inventory(**(given | change))


@pytest.fixture(scope="module")
def facility(reference, park, manager):
    """One of the public Californian facilities, frozen."""
    built = operations.build_from_gases(
        park_id=park.id,
        period=Period.year(2020),
        gwp_set="SAR",
        tonnes={
            "CO2": Decimal("1574423.98690983"),
            "CH4": Decimal("153.366189543999"),
            "N2O": Decimal("22.1716560063999"),
        },
        source="CARB MRR 2020, facility 100011",
        biogenic_inside=True,
        by=manager,
        at=NOON,
    )
    return operations.freeze_inventory(inventory_id=built.id, by=manager, at=NOON)
