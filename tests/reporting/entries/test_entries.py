"""Entering, correcting, withdrawing; and what an inventory makes of it."""

from datetime import date
from decimal import Decimal
from hashlib import sha256

import pytest

from ledger.kernel.actors import Role
from ledger.kernel.errors import NotAllowed, NotFound
from ledger.kernel.keys import KeyUnfit
from ledger.kernel.periods import Period
from ledger.parties.models import Party
from reporting.activity import operations as activity
from reporting.entries import models, operations, queries
from reporting.entries.rules import standing
from reporting.entries.rules.methods import InputMissing
from reporting.entries.states import Method, Part
from reporting.factors.queries import NoFactor
from reporting.inventories import operations as inventories
from reporting.inventories import queries as frozen_queries
from tests.reporting.inventories.conftest import NOON, build, person

D = Decimal
pytestmark = pytest.mark.django_db
STEEL = {"value": "2.05", "mass": "t", "per": "t", "source": "suppliers' mean"}


@pytest.fixture
def open_year(dataset, manager):
    activity.reopen_dataset(dataset_id=dataset.pk, reason="entries", by=manager, at=NOON)


def enter(park, by, code="E1", **change):
    given = {
        "year": 2025,
        "code": code,
        "title": "steel",
        "part": Part.PURCHASED_GOODS,
        "method": Method.AVERAGE,
        "inputs": {"amount": "100 t"},
        "given": STEEL,
        "evidence": "ledger",
        "idempotency_key": f"{code} {sha256(repr(change).encode()).hexdigest()}",
    }
    given |= {"park_id": park.id, "by": by, "at": NOON}
    return operations.record_entry(**(given | change))


def frozen_now(park, manager, **change):
    built = build(park, manager, **change)
    return inventories.freeze_inventory(inventory_id=built.id, by=manager, at=NOON)


@pytest.mark.parametrize("key", ["", "k" * 251])
def test_a_key_too_long_to_be_kept_enters_nothing(open_year, park, manager, key):
    with pytest.raises(KeyUnfit):
        enter(park, manager, idempotency_key=key)
    assert models.Entry.objects.count() == 0


def test_the_value_chain_stands_in_scope_3_and_changes_nothing_else(open_year, park, manager):
    before = frozen_now(park, manager).content["result"]["totals"]
    enter(park, manager)
    enter(park, manager, "E2", part=Part.DOWNSTREAM_TRANSPORT, method=Method.DISTANCE, given=None,
          inputs={"mass": "1000 t", "distance": "200 km"}, carrier="FREIGHT_ROAD",
          region="GB")  # fmt: skip
    enter(park, manager, "E3", part=Part.INVESTMENTS, method=Method.ASSET, given=None,
          inputs={"emission": "5000 t", "share": "0.1"})  # fmt: skip
    after = frozen_now(park, manager).content["result"]["totals"]
    chain = {"PURCHASED_GOODS": "205", "DOWNSTREAM_TRANSPORT": "20.326", "INVESTMENTS": "500"}
    assert (
        after["by_value_chain_tco2e"]
        == {
            "DOWNSTREAM_TRANSPORT": "20.326",
            "INVESTMENTS": "500",
            "PURCHASED_GOODS": "205",
        }
        == chain
    )
    assert after["scope_3_tco2e"] == "725.326"
    same = (
        "scope_1_tco2e",
        "scope_2_location_tco2e",
        "scope_2_market_tco2e",
        "by_subcategory_tco2e",
    )
    assert {name: after[name] for name in same} == {name: before[name] for name in same}
    categories = after["by_iso_category_tco2e"]
    assert (categories["3"], categories["4"], categories["5"]) == ("20.326", "205", "500")


def test_removals_stand_apart_and_are_never_netted(open_year, park, manager):
    before = frozen_now(park, manager).content["result"]["totals"]
    enter(park, manager, part=Part.REMOVALS, method=Method.SUPPLIER, given=None,
          inputs={"emission": "45 t"})  # fmt: skip
    after = frozen_now(park, manager).content["result"]["totals"]
    assert (before["removals_tco2e"], after["removals_tco2e"]) == ("0", "45")
    assert {**after, "removals_tco2e": "0"} == before


def test_processes_and_refrigerants_stand_in_category_1(open_year, park, manager):
    before = frozen_now(park, manager).content["result"]["totals"]
    enter(park, manager, part=Part.PROCESS, method=Method.CLINKER, given=None, carrier="CLINKER",
          inputs={"cement": "1000 t", "clinker_share": "0.75"})  # fmt: skip
    enter(park, manager, "E2", part=Part.FUGITIVE, method=Method.REFRIGERANT_BALANCE, given=None,
          carrier="R-410A", inputs={"serviced": "5 kg"})  # fmt: skip
    after = frozen_now(park, manager).content["result"]
    assert D(after["totals"]["scope_1_tco2e"]) - D(before["scope_1_tco2e"]) == (
        D("750") * D("0.52") + D("9.6175")
    )
    line = next(one for one in after["lines"] if one["source"] == "E1")
    assert line["formula"] == "750.00 t × 0.52 t/t"
    told = next(one for one in after["activities"] if one["source"] == "E1")
    assert (told["method"], told["formula"]) == ("CLINKER", "1000 t × 0.75 → 750.00 t")


def test_losses_of_the_grid_take_the_factor_of_the_parks_province(open_year, park, manager):
    enter(park, manager, part=Part.FUEL_AND_ENERGY, method=Method.GRID_LOSSES, given=None,
          carrier="POWER_GRID_AVERAGE", inputs={"power": "960 MWh", "loss": "0.04"})  # fmt: skip
    totals = frozen_now(park, manager).content["result"]["totals"]
    lost = D(totals["by_value_chain_tco2e"]["FUEL_AND_ENERGY"])
    assert round(lost, 9) == D(40) * D("0.4974")


def test_entries_are_bound_by_the_hash_and_make_what_was_frozen_stale(open_year, park, manager):
    first = frozen_now(park, manager)
    enter(park, manager)
    second = frozen_now(park, manager)
    assert first.dataset_hash != second.dataset_hash
    assert frozen_queries.stale_reasons(first.id)[0] == "ACTIVITY"
    assert frozen_queries.stale_reasons(second.id) == []
    enter(park, manager, inputs={"amount": "101 t"}, reason="invoice")
    assert "ACTIVITY" in frozen_queries.stale_reasons(second.id)


def test_a_correction_is_a_version_with_a_reason_and_a_withdrawal_the_last(
    open_year, park, manager
):
    first = enter(park, manager)
    with pytest.raises(standing.CorrectionWithoutReason):
        enter(park, manager, inputs={"amount": "90 t"})
    second = enter(park, manager, inputs={"amount": "90 t"}, reason="invoice")
    assert (second.version, second.code) == (2, first.code)
    assert [one.version for one in queries.entries_of(park.id, 2025)] == [2]
    operations.withdraw_entry(
        entry_id=second.pk, reason="not ours", by=manager, at=NOON, idempotency_key="w"
    )
    assert queries.entries_of(park.id, 2025) == []
    assert models.Entry.objects.count() == 3
    assert list(queries.check_rows()) == []


def test_the_same_request_twice_is_one_entry(open_year, park, manager):
    assert enter(park, manager).pk == enter(park, manager).pk
    assert models.Entry.objects.count() == 1


def test_a_submitted_year_takes_no_entries(dataset, park, manager):
    with pytest.raises(standing.YearIsClosed, match="2025"):
        enter(park, manager)
    assert not models.Entry.objects.exists()


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"evidence": " "}, standing.EvidenceMissing),
        ({"part": Part.FUGITIVE}, standing.MethodDoesNotFit),
        ({"inputs": {}}, InputMissing),
        ({"given": None}, standing.FactorMissing),
        ({"given": {**STEEL, "source": ""}}, standing.FactorMissing),
        ({"given": {**STEEL, "mass": "GJ"}}, standing.FactorMissing),
        ({"given": None, "carrier": "UNOBTAINIUM"}, NoFactor),
        ({"tenant_code": "NOBODY"}, NotFound),
        (
            {"part": Part.FUGITIVE, "method": Method.REFRIGERANT_BALANCE, "given": None,
             "inputs": {"serviced": "1 kg"}},
            standing.RefrigerantMissing,
        ),
    ],
)  # fmt: skip
def test_an_entry_that_cannot_be_is_refused_and_not_kept(open_year, park, manager, change, refusal):
    with pytest.raises(refusal):
        enter(park, manager, **change)
    assert not models.Entry.objects.exists()


def test_strangers_enter_nothing(open_year, park, operator):
    stranger = Party.objects.create(kind=Party.Kind.COMPANY, name_zh="他")
    with pytest.raises(NotFound):
        enter(park, person(stranger, Role.DATA_OFFICER))
    with pytest.raises(NotAllowed):
        enter(park, person(operator, Role.APPROVER))


def test_a_part_of_a_year_has_no_entries(open_year, park, manager):
    enter(park, manager)
    half = frozen_now(park, manager, period=Period(date(2025, 1, 1), date(2025, 7, 1)))
    assert half.content["result"]["totals"]["scope_3_tco2e"] == "0"
    assert half.content["entries_hash"] == ""
