"""The sweep says of every serial what a plain dictionary says of it."""

import itertools
from collections import Counter
from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger.instruments.operations import load_schemes
from ledger.kernel.actors import SYSTEM
from ledger.kernel.ids import new_id
from ledger.reconciliation.comparing import Compared, differences
from ledger.reconciliation.rules import Cell, Spoken
from ledger.units.operations import LotFacts, open_lot
from ledger.units.states import UnitState
from tests.factories.holdings import open_account
from tests.factories.statements import LATER, covers, line, statement
from tests.factories.units import DAY, FREE, MANAGER, NOON, issued, leg, post

TOP = 24
STATES = (FREE, UnitState.IN_TRANSIT)
SPOKEN = covers("CCER", vintages=[2024, 2025], states=("FREE", "IN_TRANSIT", "RETIRED"))


class World:
    """Two vintages in one serial space, two accounts, and where each serial is on which day."""

    def __init__(self):
        self.ours, self.other = (open_account(f"M-{new_id()}").pk for _ in range(2))
        self.space = ("REG", "CCER", f"X{self.ours}")
        self.vintage, self.place, self.then = {}, {}, None
        self.lots = {}

    def issue(self, spans):
        for number, (first, last) in enumerate(spans):
            year = 2024 + number % 2
            self.lots[year] = self.lots.get(year) or self.open(year)
            issued(self.ours, last - first + 1, lot_id=self.lots[year], first=first)
            for serial in range(first, last + 1):
                self.vintage[serial], self.place[serial] = year, (self.ours, FREE)

    def open(self, year):
        facts = LotFacts(f"L{new_id()}", "CCER", year, space=self.space)
        return open_lot(facts=facts, by=MANAGER, at=NOON)

    def move(self, first, last, account, state, day):
        """Every serial of the stretch goes there, from wherever it is."""
        target = (account, state)
        for serial in range(first, last + 1):
            source = self.place.get(serial)
            if source in (None, target):
                continue
            lot_id = self.lots[self.vintage[serial]]
            post(leg(lot_id, source, target, 1, serial), on=day, at=LATER)
            self.place[serial] = target

    def cell(self, serial):
        found = (self.then or self.place).get(serial)
        if found is None or found[0] != self.ours:
            return None
        return Cell("CCER", self.vintage[serial], str(found[1]))


def expected(world, told):
    """Per serial: ours, theirs and the kind, by looking at each of them."""
    here = {serial: world.cell(serial) for serial in range(1, TOP + 1)}
    here = {serial: cell for serial, cell in here.items() if cell}
    ours, theirs = Counter(here.values()), Counter(told.values())
    found = {}
    for serial in here.keys() | told.keys():
        a, b = here.get(serial), told.get(serial)
        if a == b:
            continue
        if a and b:
            kind = "STATE" if a.vintage_year == b.vintage_year else "ATTRIBUTE"
        elif ours[a or b] == theirs[a or b]:
            kind = "RANGE"
        else:
            kind = "MISSING_THERE" if a else "MISSING_HERE"
        found[serial] = (a, b, kind)
    return found


serial = st.integers(1, TOP)
stretch = st.tuples(serial, serial).map(sorted).map(tuple)
cuts = st.lists(st.integers(1, TOP), unique=True, max_size=4).map(sorted)
moves = st.lists(st.tuples(stretch, st.booleans(), st.sampled_from(STATES)), max_size=4)
lines = st.lists(
    st.tuples(stretch, st.sampled_from([2024, 2025]), st.sampled_from(["FREE", "IN_TRANSIT"])),
    max_size=5,
)


def spans_of(points):
    edges = [0, *points, TOP]
    return [(a + 1, b) for a, b in itertools.pairwise(edges) if b > a]


@pytest.fixture
def registries(db):
    load_schemes(by=SYSTEM, at=NOON)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(points=cuts, before=moves, after=moves, told=lines)
def test_every_serial_is_told_as_a_dictionary_would(registries, points, before, after, told):
    with transaction.atomic():
        world = World()
        world.issue(spans_of(points)[:-1] or spans_of(points))
        for (first, last), away, state in before:
            world.move(first, last, world.other if away else world.ours, state, DAY)
        world.then = dict(world.place)
        for (first, last), away, state in after:
            day = DAY + timedelta(days=1)
            world.move(first, last, world.other if away else world.ours, state, day)

        says = {}
        for (first, last), year, state in told:
            for number in range(first, last + 1):
                says.setdefault(number, Cell("CCER", year, state))
        made = statement(
            world.ours,
            *[
                line(1, number, space=world.space, vintage_year=cell.vintage_year, state=cell.state)
                for number, cell in says.items()
            ],
            coverage=[SPOKEN],
        )
        compared = Compared(made.pk, world.ours, DAY, Spoken.of(made.coverage))
        runs = list(differences(compared))

        found = {}
        for run in runs:
            for number in range(run.first, run.last + 1):
                assert number not in found
                found[number] = (run.ours, run.theirs, run.kind.value)
        assert found == expected(world, says)
        for one, two in itertools.pairwise(runs):
            touching = one.last + 1 == two.first
            assert not (touching and (one.ours, one.theirs) == (two.ours, two.theirs))
        transaction.set_rollback(True)
