"""An entity's year, from its verified emissions to the units handed in."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import count
from types import SimpleNamespace

import pytest
from django.utils import translation

from ledger.audit import queries as audit
from ledger.compliance import operations as compliance
from ledger.compliance import queries
from ledger.compliance.models import Entity, Fact, Obligation, Surrender
from ledger.compliance.queries import years
from ledger.compliance.queries.content import content_of
from ledger.compliance.rules.obligations import (
    EvidenceMissing,
    MoreThanOwed,
    NotAnObligation,
    OffsetCapExceeded,
)
from ledger.compliance.rules.regimes import NotEligible, OffsetFromCovered, VintageRefused
from ledger.compliance.rules.standing import OutsideReportingYears
from ledger.kernel import ids
from ledger.kernel.errors import NotFound
from ledger.kernel.keys import KeyUsedOtherwise
from ledger.units import operations as units
from ledger.units.states import UnitState
from tests.factories import holdings
from tests.factories.units import MANAGER

D = Decimal
NOON = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)
TODAY = NOON.date()
HASH = "ab" * 32


def entity(**given):
    facts = {
        "party_id": MANAGER.party_id,
        "regime": "CN_NATIONAL",
        "code": "91330000X",
        "sector": "POWER",
        "first_year": 2025,
        "told_on": TODAY,
    }
    return compliance.enter_entity(**{**facts, **given}, by=MANAGER, at=NOON)


def emissions(row, tonnes, *, year=2025, at=NOON, **given):
    facts = {
        "parts": {"1": D(tonnes)},
        "purpose": "ETS",
        "verification": "V-2026-1",
        "content_hash": HASH,
        "evidence": "核查报告 2026-0601",
        "told_on": TODAY,
    }
    return compliance.record_emissions(
        entity_id=row.pk, year=year, **{**facts, **given}, by=MANAGER, at=at
    )


def the_year(row, year=2025):
    return Obligation.objects.get(entity=row, year=year)


def line(made, count):
    account, lot_id = made
    return compliance.Line(account.pk, lot_id, count)


def surrender(row, lines, *, key="s-1", at=NOON, year=2025):
    return compliance.surrender(
        obligation_id=the_year(row, year).pk,
        lines=lines,
        happened_on=TODAY,
        by=MANAGER,
        at=at,
        idempotency_key=key,
    )


def test_an_entity_told_with_its_last_year_has_entered_first(rule_book, monkeypatch):
    """Facts of one moment stand in no order by themselves; here the last year has the lower id."""
    ticks = count(2_000_000_000_000_000_000, -(10**9))
    monkeypatch.setattr(ids, "time", SimpleNamespace(time_ns=lambda: next(ticks)))
    row = entity(last_year=2025)
    kinds = list(row.facts.order_by("recorded_at", "id").values_list("kind", flat=True))
    assert kinds == ["LAST_YEAR", "ENTERED"]
    state = queries.standing_at(row.pk, NOON, by=MANAGER).state
    assert (state.first_year, state.last_year) == (2025, 2025)


def test_verified_emissions_make_the_obligation(rule_book):
    row = entity()
    assert the_year(row).status == "AWAITING"
    emissions(row, 0, parts={"1": D("1234566.4"), "2": D("0.1")})
    year = the_year(row)
    assert (year.emissions_t, year.owed_t, year.open_t) == (1_234_567, 1_234_567, 1_234_567)
    assert (year.offset_cap_t, year.due_on) == (61_728, date(2026, 12, 31))
    assert year.status == "OPEN"


@pytest.mark.parametrize("purpose", ["ISO14064-1", "PARK", ""])
def test_a_total_made_for_something_else_is_no_obligation(rule_book, purpose):
    row = entity()
    with pytest.raises(NotAnObligation):
        emissions(row, 100, purpose=purpose)
    with pytest.raises(EvidenceMissing):
        emissions(row, 100, verification=" ")
    assert Fact.objects.filter(kind="EMISSIONS").count() == 0
    assert the_year(row).owed_t is None


def test_emissions_before_the_first_year_are_refused(rule_book):
    row = entity()
    with pytest.raises(OutsideReportingYears):
        emissions(row, 100, year=2024)
    assert not Obligation.objects.filter(entity=row, year=2024).exists()


def test_anothers_entity_is_not_there(rule_book):
    row = entity()
    with pytest.raises(NotFound):
        compliance.record_emissions(
            entity_id=row.pk,
            year=2025,
            parts={"1": D(1)},
            purpose="ETS",
            verification="V",
            content_hash=HASH,
            evidence="E",
            told_on=TODAY,
            by=holdings.STRANGER,
            at=NOON,
        )


def test_allowances_and_offsets_cover_the_year(rule_book):
    row = entity()
    emissions(row, 1000)
    cea, ccer = holdings.holdings(2000), holdings.holdings(200, scheme="CCER", first=1)
    surrender(row, [line(cea, 950), line(ccer, 50)])
    year = the_year(row)
    assert (year.allowances_t, year.offsets_t, year.open_t, year.status) == (950, 50, 0, "MET")
    assert holdings.quantities(cea[0].pk, cea[1]) == {"FREE": 1050, "SURRENDERED": 950}
    assert list(years.check_reckonings()) == []


def test_a_key_of_another_entitys_surrender_is_refused_and_nothing_moves(rule_book):
    first, second = entity(), entity(code="91330000Y")
    for row in (first, second):
        emissions(row, 1000)
    cea = holdings.holdings(2000)
    surrender(first, [line(cea, 100)])
    with pytest.raises(KeyUsedOtherwise):
        surrender(second, [line(cea, 100)])
    assert the_year(second).allowances_t == 0
    assert holdings.quantities(cea[0].pk, cea[1]) == {"FREE": 1900, "SURRENDERED": 100}


def test_surrendering_twice_under_one_key_is_once(rule_book):
    row = entity()
    emissions(row, 1000)
    cea = holdings.holdings(2000)
    first = surrender(row, [line(cea, 400)])
    assert surrender(row, [line(cea, 400)]) == first
    assert the_year(row).open_t == 600


def test_offsets_above_their_cap_are_refused_and_nothing_moves(rule_book):
    row = entity()
    emissions(row, 1000)
    cea, ccer = holdings.holdings(2000), holdings.holdings(200, scheme="CCER", first=1)
    surrender(row, [line(ccer, 30)])
    with pytest.raises(OffsetCapExceeded):
        surrender(row, [line(cea, 900), line(ccer, 21)], key="s-2")
    assert Surrender.objects.count() == 1
    assert holdings.quantities(cea[0].pk, cea[1]) == {"FREE": 2000}


def test_more_than_owed_is_refused(rule_book):
    row = entity()
    emissions(row, 1000)
    cea = holdings.holdings(2000)
    with pytest.raises(MoreThanOwed):
        surrender(row, [line(cea, 1001)])
    assert holdings.quantities(cea[0].pk, cea[1]) == {"FREE": 2000}


def test_an_old_vintage_does_not_serve_2025(rule_book):
    row = entity()
    emissions(row, 1000)
    old = holdings.holdings(2000, vintage_year=2023)
    with pytest.raises(VintageRefused):
        surrender(row, [line(old, 1)])
    assert holdings.quantities(old[0].pk, old[1]) == {"FREE": 2000}


def test_credits_from_a_covered_activity_offset_nothing(rule_book):
    row = entity()
    emissions(row, 1000)
    made = holdings.holdings(50, scheme="CCER", traits={"inside_covered_activity": True})
    with pytest.raises(OffsetFromCovered):
        surrender(row, [line(made, 10)])
    [held] = queries.holdings_for(the_year(row), TODAY)
    assert not held.is_eligible


def test_a_reversal_in_the_ledger_opens_the_year_again(rule_book):
    row = entity()
    emissions(row, 1000)
    cea = holdings.holdings(1000)
    [made] = surrender(row, [line(cea, 1000)])
    later = NOON + timedelta(hours=1)
    units.reverse_entry(
        entry_id=made.entry_id,
        happened_on=TODAY,
        reason="wrong year",
        by=MANAGER,
        at=later,
        idempotency_key="r-1",
    )
    assert (the_year(row).open_t, the_year(row).status) == (1000, "OPEN")
    assert list(years.check_reckonings()) == []


def test_after_the_deadline_an_open_year_is_short(rule_book):
    row = entity()
    emissions(row, 1000)
    late = datetime(2026, 12, 31, 17, 0, tzinfo=UTC)  # 1 January in Beijing
    compliance.reckon_again(entity_id=row.pk, by=MANAGER, at=late)
    assert the_year(row).status == "SHORT"
    assert the_year(row, 2026).status == "AWAITING"


def test_a_stored_year_that_its_facts_do_not_give_is_found(rule_book):
    row = entity()
    emissions(row, 1000)
    Obligation.objects.filter(entity=row).update(open_t=1, status="MET")
    [fault] = years.check_reckonings()
    assert fault.kind == "compliance.reckoning"
    assert "open_t, status" in fault.text


def test_a_british_operator_has_the_registrys_letters(rule_book):
    row = entity(regime="UK_ETS", sector="INSTALLATION", first_year=2024, code="UK-1")
    emissions(row, 100, year=2024)
    assert the_year(row, 2024).entity_status == "C"
    emissions(row, 100, year=2025)
    assert the_year(row, 2025).entity_status == "B"
    uka = holdings.holdings(200, scheme="UKA", first=1)
    surrender(row, [line(uka, 100)], year=2024)
    surrender(row, [line(uka, 100)], key="s-2")
    assert the_year(row).entity_status == "A"
    compliance.tell_fact(
        entity_id=row.pk,
        kind="LAST_YEAR",
        year=2026,
        told_on=TODAY,
        reason="closed",
        by=MANAGER,
        at=NOON,
    )
    assert the_year(row).entity_status == "C"
    assert queries.standing_at(row.pk, NOON, by=MANAGER).standing.closing_status == "C"
    assert list(years.check_reckonings()) == []


def test_a_californian_period_owes_a_share_each_year_and_then_the_rest(rule_book):
    row = entity(regime="CA_CAP_AND_TRADE", sector="COVERED_ENTITY", first_year=2021, code="CA1")
    for year, tonnes in ((2021, "1001.5"), (2022, "2000"), (2023, "500.4")):
        emissions(row, tonnes, year=year)
    assert [the_year(row, year).owed_t for year in (2021, 2022, 2023)] == [300, 600, 2602]
    assert the_year(row, 2023).offset_cap_t == 140


def test_the_log_tells_of_everything(rule_book):
    row = entity()
    told = emissions(row, 1000)
    assert audit.events_of(f"compliance.Fact:{told.pk}").get().verb == "emissions.recorded"
    assert UnitState.SURRENDERED


def test_an_entity_is_called_in_the_readers_language():
    row = Entity(code="X-1", name="热电站", name_en="Power plant")
    with translation.override("zh-hans"):
        assert str(row) == "X-1 热电站"
    with translation.override("en"):
        assert str(row) == "X-1 Power plant"
        assert str(Entity(code="X-1", name="热电站")) == "X-1 热电站"


def test_an_event_of_before_the_english_name_still_tells_its_entity(rule_book):
    row = entity()
    assert "name_en" not in content_of(row)
    assert list(queries.check_rows_match_events()) == []
    named = entity(code="X-2", name="热电站", name_en="Power plant")
    assert content_of(named)["name_en"] == "Power plant"


def test_a_pilots_allowances_answer_for_a_year_under_an_unverified_cap(rule_book):
    row = entity(regime="CN_PILOT_CQ", sector="COVERED_ENTITY", code="CQ-1")
    emissions(row, 1000)
    year = the_year(row)
    # 8 to 10 % may be covered by credits: the lower end is safe; no due day is known
    assert (year.offset_cap_t, year.due_on, year.status) == (80, None, "OPEN")
    assert queries.get_regime("CN_PILOT_CQ").is_unverified
    own = holdings.holdings(2000, scheme="PILOT_CQ")
    national = holdings.holdings(2000)
    with pytest.raises(NotEligible):
        surrender(row, [line(national, 1)])
    surrender(row, [line(own, 1000)])
    assert the_year(row).status == "MET"


def test_every_pilot_surrenders_in_its_year(rule_book):
    pilots = [f"PILOT_{city}" for city in ("BJ", "TJ", "SH", "CQ", "HB", "GD", "SZ", "FJ")]
    assert all(queries.answers_in_a_year(scheme) for scheme in pilots)
    regimes = {one: queries.get_regime(f"CN_{one}") for one in pilots}
    caps = {one: queries.offset_cap_of(regime, {2025: 1000}) for one, regime in regimes.items()}
    assert caps == {
        "PILOT_BJ": 50,
        "PILOT_TJ": 100,
        "PILOT_SH": 50,
        "PILOT_CQ": 80,
        "PILOT_HB": 100,
        "PILOT_GD": 100,
        "PILOT_SZ": 200,
        "PILOT_FJ": 100,
    }
