"""Targets set, held against frozen years, and withdrawn."""

from decimal import Decimal

import pytest
from django.utils import translation

from ledger.kernel.actors import Role
from ledger.kernel.errors import NotAllowed, NotFound
from ledger.kernel.periods import Period
from ledger.kernel.transitions import IllegalTransition
from ledger.parties.models import Party
from reporting.inventories import operations as inventories
from reporting.targets import models, operations, queries
from reporting.targets.rules import paths, setting
from reporting.targets.states import Coverage, Reason, Standing, TargetKind, TargetState
from tests.reporting.inventories.conftest import NOON, person

D = Decimal
pytestmark = pytest.mark.django_db


def set_target(park, by, **change):
    given = {
        "name_zh": "绝对减排",
        "kind": TargetKind.ABSOLUTE,
        "coverage": Coverage.SCOPES_1_2_MARKET,
        "base_year": 2022,
        "base": D(100000),
        "stages": [{"year": 2030, "cut": "0.42"}],
        "evidence": "resolution",
        "idempotency_key": str(change),
    }
    given |= {"park_id": park.id, "by": by, "at": NOON}
    return operations.set_target(**(given | change))


def frozen(park, by, year, co2, **more):
    tonnes = {"CO2": D(co2), **more}
    built = inventories.build_from_gases(
        park_id=park.id, period=Period.year(year), gwp_set="AR5", tonnes=tonnes, source="measured",
        by=by, at=NOON,
    )  # fmt: skip
    return inventories.freeze_inventory(inventory_id=built.id, by=by, at=NOON)


def test_a_target_is_held_against_the_frozen_years(reference, park, manager):
    target = set_target(park, manager)
    assert queries.standing_of(target.pk) == (Standing.NO_DATA, None)
    frozen(park, manager, 2025, 80000)
    frozen(park, manager, 2026, 80000)
    years = {one.year: one for one in queries.progress_of(target.pk)}
    assert (years[2025].over, years[2025].standing) == (D(-4250), Standing.ON_TRACK)
    assert (years[2026].over, years[2026].standing) == (D(1000), Standing.OFF_TRACK)
    assert queries.standing_of(target.pk) == (Standing.OFF_TRACK, 2026)


def test_a_restated_year_counts_by_what_took_its_place(reference, park, manager):
    target = set_target(park, manager)
    first = frozen(park, manager, 2026, 80000)
    inventories.restate_inventory(
        inventory_id=first.inventory_id, reason="meter", by=manager, at=NOON
    )
    assert queries.standing_of(target.pk) == (Standing.NO_DATA, None)


def test_a_peak_claim_is_broken_by_any_later_year_above_it(reference, park, manager):
    peak = set_target(
        park, manager, kind=TargetKind.PEAK, base_year=2025, base=None, stages=[],
        coverage=Coverage.SCOPE_1,
    )  # fmt: skip
    frozen(park, manager, 2025, 100)
    frozen(park, manager, 2026, 100)
    assert queries.standing_of(peak.pk) == (Standing.ON_TRACK, 2026)
    frozen(park, manager, 2027, "100.001")
    assert queries.standing_of(peak.pk) == (Standing.BROKEN, 2027)


def test_the_reasons_between_two_frozen_years(reference, park, manager):
    before = frozen(park, manager, 2025, 1000, CH4=D(1))
    after = frozen(park, manager, 2026, 900, CH4=D(3))
    found = queries.reasons_between(before.id, after.id)
    assert sum(found.values()) == D(-100) + 2 * D(28)
    assert found[Reason.INSTRUMENT] == 0


def test_r9_7_a_target_is_not_validated_unless_an_id_says_so(park, reference, manager):
    own = queries.view(set_target(park, manager))
    style = queries.view(set_target(park, manager, standard="SBTi V1"))
    real = queries.view(set_target(park, manager, standard="SBTi V1", validation_id="X-1"))
    with translation.override("en"):
        assert own.validation_wording() == "The party's own target, not validated"
        assert style.validation_wording() == "SBTi-style, not validated"
        assert real.validation_wording() == "Validated under SBTi V1, id X-1"
    with translation.override("zh-hans"):
        assert style.validation_wording() == "SBTi 式目标，未经验证"
    with pytest.raises(setting.ValidationUnnamed):
        set_target(park, manager, validation_id="X-2")


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"base": None}, setting.BaseMissing),
        ({"base": D(0)}, setting.BaseMissing),
        ({"kind": TargetKind.INTENSITY}, setting.DenominatorMissing),
        ({"evidence": ""}, setting.TargetEvidenceMissing),
        ({"stages": []}, paths.StagesOutOfOrder),
        ({"stages": [{"year": 2020, "cut": "0.1"}]}, paths.StagesOutOfOrder),
        ({"stages": [{"year": 2030, "cut": "1.2"}]}, paths.CutOutOfRange),
        ({"standard": "SBTi V1", "base_year": 2014}, paths.BaseYearTooEarly),
    ],
)
def test_a_target_that_cannot_be_is_refused_and_not_kept(reference, park, manager, change, refusal):
    with pytest.raises(refusal):
        set_target(park, manager, **change)
    assert not models.Target.objects.exists()


def test_a_target_is_withdrawn_once_with_a_reason_and_stays(reference, park, manager):
    target = set_target(park, manager)
    with pytest.raises(setting.WithdrawnWithoutReason):
        operations.withdraw_target(target_id=target.pk, reason=" ", by=manager, at=NOON)
    operations.withdraw_target(target_id=target.pk, reason="replaced", by=manager, at=NOON)
    target.refresh_from_db()
    assert target.state == TargetState.WITHDRAWN
    assert queries.targets_of(park.id) == []
    with pytest.raises(IllegalTransition):
        operations.withdraw_target(target_id=target.pk, reason="again", by=manager, at=NOON)
    assert list(queries.check_rows()) == []


def test_strangers_and_verifiers_set_no_targets(reference, park, operator, manager):
    stranger = Party.objects.create(kind=Party.Kind.COMPANY, name_zh="他")
    with pytest.raises(NotFound):
        set_target(park, person(stranger, Role.CARBON_MANAGER))
    with pytest.raises(NotAllowed):
        set_target(park, person(operator, Role.VERIFIER))


def test_the_least_cut_comes_from_the_rule_book(reference):
    assert queries.least_cut_of(2023, 2033) == D("0.546")
