"""Plans out of the ledger, kept with what they were made from."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.urls import resolve

from finance.planner import models, operations, queries
from finance.planner.queries.gathering import Terms
from finance.planner.rules.planning import Act
from finance.planner.rules.problem import Demand, FinerThanFen, NothingToPlan
from finance.planner.rules.steps import OddSteps
from finance.planner.showing.page import act_url
from ledger.audit.queries import events_of
from ledger.compliance import operations as compliance
from ledger.instruments.queries import NoSuchScheme
from ledger.kernel.actors import SYSTEM, Actor, Role
from ledger.kernel.errors import NotAllowed, NotFound
from ledger.kernel.ids import new_id
from ledger.parameters import operations as parameters
from tests.factories import holdings
from tests.factories.populated import ROOT
from tests.factories.units import MANAGER, issued, lot

NOON = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)
TODAY = date(2026, 11, 21)
DUE = date(2026, 12, 31)

pytestmark = pytest.mark.django_db


def priced(scheme: str, vintage: int | None, buy: str | None, sell: str | None, **given: Any):
    wanted = {"quoted_on": TODAY, "source": "CNEEEX", "by": MANAGER, "at": NOON}
    return operations.record_price(
        scheme=scheme,
        vintage_year=vintage,
        buy=Decimal(buy) if buy else None,
        sell=Decimal(sell) if sell else None,
        idempotency_key=str(new_id()),
        **{**wanted, **given},
    )


@pytest.fixture
def park():
    """400 CEA of 2025, of which 150 are pledged and 30 frozen; 90 CEA of 2023; 60 CCER."""
    parameters.load_seeds(folder=ROOT / "seeds", by=SYSTEM, at=NOON)
    compliance.load_regimes(folder=ROOT / "seeds", by=SYSTEM, at=NOON)
    account, lot_id = holdings.holdings(400, vintage_year=2025)
    hold = holdings.pledge(account.pk, lot_id, 150)
    holdings.freeze(account.pk, lot_id, 30)
    issued(account.pk, 90, lot_id=lot(vintage_year=2023))
    issued(account.pk, 60, lot_id=lot(scheme="CCER", vintage_year=2024))
    issued(account.pk, 5, lot_id=lot(scheme="CCER", vintage_year=2016))
    priced("CEA", 2025, "74.63", "74.00")
    priced("CCER", None, "70.76", "70.00")
    return account, lot_id, hold


def gathered(hold, obligation=1000, **terms):
    return queries.gather(
        party_id=MANAGER.own_party,
        on=TODAY,
        demands=[Demand(2025, obligation, DUE, Decimal("0.05"))],
        terms={str(hold.pk): Terms(**terms)},
    )


def saved(problem, **given: Any) -> models.Plan:
    wanted: dict[str, Any] = {
        "title": "2025",
        "price_steps": [-1000, 0, 1000],
        "emission_steps": [0],
        "by": MANAGER,
        "at": NOON,
        "idempotency_key": str(new_id()),
    }
    return operations.save_plan(problem=problem, **{**wanted, **given})


def test_a_plan_is_made_of_what_the_ledger_holds(park):
    _account, lot_id, hold = park
    plan = queries.make_plan(gathered(hold, cost_fen=20, days=7))
    told = [(x.act.value, x.scheme, x.vintage, x.quantity, x.unit_fen, x.by_on) for x in plan.lines]
    assert told == [
        ("RELEASE", "CEA", 2025, 150, 20, date(2026, 12, 24)),
        ("BUY", "CEA", 2025, 580, 7463, DUE),
        ("USE", "CCER", 2024, 50, 7000, DUE),
        ("USE", "CEA", 2025, 220, 7400, DUE),
        ("USE", "CEA", 2025, 150, 7400, DUE),
        ("USE", "CEA", 2025, 580, 0, DUE),
        ("KEEP", "CCER", 2024, 10, 0, None),
        ("LOSE", "CEA", 2023, 90, 0, None),
        ("BLOCKED", "CCER", 2016, 5, 0, None),
        ("BLOCKED", "CEA", 2025, 30, 0, None),
    ]
    released = plan.lines[0]
    assert (released.hold_id, released.lot_id) == (str(hold.pk), str(lot_id))
    assert (released.full_fen, released.next_fen) == (7420, 7463)
    assert plan.years[0].cap_binds and plan.years[0].draft


def test_a_release_dearer_than_the_market_is_left(park):
    plan = queries.make_plan(gathered(park[2], cost_fen=64))
    assert [x for x in plan.lines if x.act is Act.RELEASE] == []


def test_nothing_moves_by_a_plan(park):
    account, lot_id, hold = park
    before = holdings.quantities(account.pk, lot_id)
    saved(gathered(hold))
    assert holdings.quantities(account.pk, lot_id) == before


def test_a_saved_plan_can_be_read_back_and_made_again(park):
    row = saved(gathered(park[2], cost_fen=20, days=7))
    row.refresh_from_db()
    again = queries.make_plan(queries.problem_of(row))
    assert queries.plan_of(row) == again
    assert [one.total_fen for one in queries.scenarios_of(row)][1] == again.total_fen
    assert (row.open_t, row.missing_t, row.total_fen) == (1000, 0, again.total_fen)
    assert [event.verb for event in events_of(f"planner.Plan:{row.pk}")] == ["plan.saved"]
    assert list(queries.check_rows_match_events()) == []


def test_a_plan_asked_for_twice_is_kept_once(park):
    problem = gathered(park[2])
    first = saved(problem, idempotency_key="k")
    assert saved(problem, idempotency_key="k").pk == first.pk
    assert models.Plan.objects.count() == 1


def test_a_saved_plan_never_changes(park):
    row = saved(gathered(park[2]))
    for change in (lambda: models.Plan.objects.update(title="x"), row.delete):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


def test_the_newest_price_of_the_day_counts(park):
    priced("CEA", 2025, "80.00", None, quoted_on=date(2026, 11, 20))
    priced("CEA", 2025, "60.00", None, quoted_on=date(2026, 11, 22))
    found = queries.prices_on(MANAGER.own_party, TODAY)
    assert [(x.scheme, x.vintage, x.buy_fen, x.sell_fen) for x in found] == [
        ("CCER", None, 7076, 7000),
        ("CEA", 2025, 7463, 7400),
    ]


@pytest.mark.parametrize(
    ("change", "refusal"),
    [({"scheme": "XYZ"}, NoSuchScheme), ({"buy": "74.631"}, FinerThanFen)],
)
def test_an_odd_price_is_refused_and_not_kept(park, change, refusal):
    count = models.Price.objects.count()
    facts = {"scheme": "CEA", "vintage": 2025, "buy": "1", "sell": None, **change}
    with pytest.raises(refusal):
        priced(**facts)
    assert models.Price.objects.count() == count


def test_a_price_that_says_nothing_is_refused_by_the_database(park):
    with pytest.raises(DatabaseError, match="price_says_something"), transaction.atomic():
        priced("CEA", 2025, None, None)


def test_a_plan_without_years_or_with_odd_steps_is_refused(park):
    problem = gathered(park[2])
    with pytest.raises(OddSteps):
        saved(problem, price_steps=[])
    with pytest.raises(OddSteps):
        saved(problem, emission_steps=[-10_001])
    with pytest.raises(NothingToPlan):
        saved(
            queries.gather(party_id=MANAGER.own_party, on=TODAY, demands=[], terms={}),
        )
    assert models.Plan.objects.count() == 0


def test_others_see_no_plan_and_an_auditor_does(park):
    row = saved(gathered(park[2]))
    with pytest.raises(NotFound):
        queries.get_plan(row.pk, by=holdings.STRANGER)
    auditor = Actor(new_id(), new_id(), frozenset({Role.AUDITOR}))
    assert queries.get_plan(row.pk, by=auditor) == row
    with pytest.raises(NotAllowed):
        saved(gathered(park[2]), by=auditor)


def test_the_rule_books_numbers_fill_the_form(park):
    found = queries.next_demands(TODAY)
    assert [(x.year, x.due_on, x.offset_share) for x in found] == [
        (2025, DUE, Decimal("0.05")),
        (2026, date(2027, 12, 31), Decimal("0.05")),
    ]
    facts = gathered(park[2])
    assert all(cell.is_draft for cell in facts.cells)
    pairs = [(v, y) for v in (2023, 2025) for y in (2024, 2025)]
    serving = [pair for pair in pairs if facts.serves("CEA", *pair)]
    assert serving == [(2023, 2024), (2025, 2024), (2025, 2025)]


def test_what_an_entity_owes_comes_from_its_obligations(park):
    account, lot_id, _hold = park
    assert queries.default_demands(MANAGER.own_party) == []
    entity = compliance.enter_entity(
        party_id=MANAGER.own_party,
        regime="CN_NATIONAL",
        code="91330200X",
        sector="POWER",
        first_year=2025,
        told_on=TODAY,
        by=MANAGER,
        at=NOON,
    )
    compliance.record_emissions(
        entity_id=entity.pk,
        year=2025,
        parts={"1": Decimal(1000)},
        purpose="ETS",
        verification="V-1",
        content_hash="ab" * 32,
        evidence="核查报告",
        told_on=TODAY,
        by=MANAGER,
        at=NOON,
    )
    obligation = entity.obligations.get(year=2025)
    compliance.surrender(
        obligation_id=obligation.pk,
        lines=[compliance.Line(account.pk, lot_id, 100)],
        happened_on=TODAY,
        idempotency_key="s",
        by=MANAGER,
        at=NOON,
    )
    (found,) = queries.default_demands(MANAGER.own_party)
    assert (found.year, found.obligation, found.open, found.offset_cap) == (2025, 1000, 900, 50)
    assert (found.due_on, found.obligation_id) == (DUE, str(obligation.pk))
    assert queries.default_demands(holdings.STRANGER.own_party) == []


def test_each_line_leads_to_the_act_it_proposes(park):
    demand = Demand(2025, 1000, DUE, Decimal("0.05"), obligation_id=str(new_id()))
    problem = queries.gather(party_id=MANAGER.own_party, on=TODAY, demands=[demand], terms={})
    lines = queries.make_plan(problem).lines
    found = {line.act: resolve(act_url(line).partition("?")[0]) for line in lines}
    assert found[Act.RELEASE].kwargs["object_id"] == str(park[2].pk)
    assert found[Act.RELEASE].kwargs["action"] == "release"
    assert found[Act.USE].url_name == "ledger_compliance_obligation_act"
    assert found[Act.USE].kwargs["action"] == "surrender"
    assert found[Act.BUY].url_name == "finance_planner_price_changelist"
