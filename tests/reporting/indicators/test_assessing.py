"""Assessing a park from its data, facts and claims; keeping it; and what is refused."""

from datetime import date
from decimal import Decimal

import pytest

from ledger.kernel.actors import Role
from ledger.kernel.canonical import digest
from ledger.kernel.errors import NotAllowed, NotFound
from ledger.kernel.measures import Measure, MeasureMismatch
from ledger.kernel.quantities import Quantity
from ledger.parties.models import Party
from reporting.activity import operations as activity
from reporting.indicators import models, operations, queries
from reporting.indicators.rules import facts
from reporting.indicators.rules.verdicts import RawCoalMustBeSplit
from reporting.indicators.states import FactKind, Indicator
from reporting.parks import operations as parks
from reporting.parks.states import SourceKind
from tests.reporting.inventories.conftest import NOON, START, person

D = Decimal
pytestmark = pytest.mark.django_db
TODAY = date(2026, 2, 5)


def fact(park, by, **told):
    given = {"year": 2025, "kind": FactKind.SOLID_WASTE, "name": "ash", "part": D(80),
             "whole": D(100), "unit": "t", "evidence": "ledger"}  # fmt: skip
    given |= {"park_id": park.id, "by": by, "at": NOON, "idempotency_key": str(told)}
    return operations.record_fact(**(given | told))


def assess(park, by, key="a"):
    return operations.assess_park(park_id=park.id, year=2025, by=by, at=NOON, idempotency_key=key)


def verdict(content, indicator):
    return next(one for one in content["verdicts"] if one["indicator"] == indicator)


def test_a_year_of_data_becomes_an_assessment_with_every_line(dataset, park, manager):
    found = assess(park, manager).content
    lines = {one["source"] or one["carrier"]: one for one in found["lines"]}
    # 120 × 10⁴ Nm³ × 389.310 GJ × 56.1 t/TJ; 60 t × 42.652 GJ × 74.1 t/TJ
    assert D(lines["BOILER"]["tco2"]) == D("120") * D("389.310") * D("56.1") / 1000
    assert D(lines["TRUCKS"]["tco2"]) == D("60") * D("42.652") * D("74.1") / 1000
    assert D(lines["POWER_OTHER"]["tco2"]) == D("12000") * D("0.8325")
    assert D(lines["STEAM"]["tco2"]) == D("1200") * D("0.11")
    assert "CHILLER" not in lines  # CO2 only (R1.10)
    total = sum(D(one["tco2"]) for one in found["lines"])
    assert D(found["core"]["tco2"]) == total
    # electricity at its equivalent value, what was made on the roof too
    assert D(found["energy_tce"]["POWER_OTHER"]) == D("12000") * D("0.3024")
    assert D(found["energy_tce"]["POWER_SELF"]) == D("600") * D("0.3024")
    assert found["core"]["status"] == "NO_TIER"
    assert {"code": "parameter_of_another_year", "about": "energy.electricity.equivalent"} in (
        found["flags"]
    )


def test_an_assessment_is_kept_once_whole_and_as_it_hashes(dataset, park, manager):
    first = assess(park, manager)
    assert assess(park, manager).id == first.id
    assert models.Assessment.objects.count() == 1
    assert digest(first.content).hex() == first.content_hash
    assert queries.find_assessment(park.id, 2025) == first
    assert queries.emissions_by_year(park.id) == {2025: D(first.content["core"]["tco2"])}
    assert not queries.is_stale(first.id)
    assert list(queries.check_rows()) == []


def test_a_fact_told_later_makes_the_assessment_stale(dataset, park, manager):
    before = assess(park, manager)
    assert verdict(before.content, Indicator.SOLID_WASTE)["status"] == "NO_DATA"
    fact(park, manager)
    assert queries.is_stale(before.id)
    after = assess(park, manager, key="b")
    told = verdict(after.content, Indicator.SOLID_WASTE)
    assert (told["status"], told["value"]) == ("MET", "0.8")
    assert after.dataset_hash != before.dataset_hash


def test_a_correction_is_a_version_and_the_newest_counts(dataset, park, manager):
    fact(park, manager)
    second = fact(park, manager, part=D(70))
    assert second.version == 2
    told = verdict(assess(park, manager).content, Indicator.SOLID_WASTE)
    assert (told["status"], told["gap"]) == ("NOT_MET", "0.1")


def test_an_indicator_is_left_out_only_with_a_reason(dataset, park, manager):
    told = {"kind": FactKind.EXCLUSION, "name": "WATER_REUSE", "part": None, "whole": None,
            "unit": "", "evidence": ""}  # fmt: skip
    with pytest.raises(facts.ReasonForExclusionMissing):
        fact(park, manager, **told)
    with pytest.raises(facts.NotAGuidingIndicator, match="CORE"):
        fact(park, manager, **{**told, "name": "CORE"}, reason="x")
    fact(park, manager, **told, reason="no industrial water")
    found = verdict(assess(park, manager).content, Indicator.WATER_REUSE)
    assert (found["status"], found["reason"]) == ("EXCLUDED", "no industrial water")


@pytest.mark.parametrize(
    ("told", "refusal"),
    [
        ({"evidence": " "}, facts.EvidenceMissing),
        ({"whole": None}, facts.SecondAmountMissing),
        ({"part": D(101)}, facts.PartBeyondWhole),
        ({"part": D(-1)}, facts.AmountNegative),
        ({"unit": "GJ"}, MeasureMismatch),
    ],
)
def test_a_fact_that_cannot_be_is_refused_and_nothing_is_kept(park, manager, told, refusal):
    with pytest.raises(refusal):
        fact(park, manager, **told)
    assert not models.ParkFact.objects.exists()


def test_what_is_sent_out_and_measured_heat_count_by_the_facts(dataset, park, manager):
    fact(park, manager, kind=FactKind.SENT_POWER_FOSSIL, name="", part=D(1000), whole=None,
         unit="MWh")  # fmt: skip
    fact(park, manager, kind=FactKind.HEAT_FACTOR, name="STEAM", part=D("0.09"), whole=None,
         unit="tCO2/GJ")  # fmt: skip
    found = assess(park, manager).content
    assert D(found["parts_tco2"]["POWER"]) == D("11000") * D("0.8325")
    assert D(found["parts_tco2"]["HEAT"]) == D("1200") * D("0.09")


def test_r1_23_raw_coal_is_refused_whatever_else_there_is(dataset, park, operator, manager):
    source = parks.add_source(
        park_id=park.id, code="COAL", name_zh="煤", kind=SourceKind.STATIONARY_FUEL,
        carrier="RAW_COAL", unit="t", valid_from=START, by=manager, at=NOON,
    )  # fmt: skip
    activity.reopen_dataset(dataset_id=dataset.pk, reason="coal", by=manager, at=NOON)
    activity.correct_row(
        dataset_id=dataset.pk, source_code=source.code, month=date(2025, 1, 1),
        quantity=Quantity(D(5), Measure.T), reason="coal",
        by=person(operator, Role.DATA_OFFICER), at=NOON,
    )  # fmt: skip
    with pytest.raises(RawCoalMustBeSplit, match="COAL"):
        assess(park, manager)
    assert not models.Assessment.objects.exists()


def test_another_partys_park_is_not_there_and_a_verifier_may_not_assess(dataset, park, operator):
    stranger = person(
        Party.objects.create(kind=Party.Kind.COMPANY, name_zh="他"), Role.CARBON_MANAGER
    )
    with pytest.raises(NotFound):
        assess(park, stranger)
    with pytest.raises(NotAllowed):
        assess(park, person(operator, Role.VERIFIER))
