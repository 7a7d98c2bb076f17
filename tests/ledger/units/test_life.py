"""Random lives of a ledger against a plain model: numbers in dictionaries, one unit at a time."""

from collections import Counter
from dataclasses import dataclass
from uuid import UUID

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from ledger.kernel.errors import DomainError
from ledger.kernel.ids import new_id
from ledger.units import queries
from ledger.units.models import Block, Position
from ledger.units.operations import Draft, Leg, post_entries
from ledger.units.rules import AlreadyReversed, NotEnoughUnits, RangeNotHeld, SerialsOverlap
from ledger.units.states import HELD
from ledger.units.states import UnitState as S
from tests.factories.units import DAY, MANAGER, NOON, lot, post

Place = tuple[UUID, S]
ENDS = [S.RETIRED, S.SURRENDERED, S.CANCELLED, S.EXPIRED, S.CARRIED_OVER]
accounts = st.integers(0, 2)
counts = st.integers(1, 12)
serials = st.integers(1, 60)
legs_of = st.sampled_from(["plain", "serial"])


@dataclass
class Posted:
    entry_id: UUID
    legs: list[Leg]
    kind: str
    reversed: bool = False


class Life(RuleBasedStateMachine):
    """The model: `plain` counts by place; `serial` maps each number to (place, hold)."""

    @initialize()
    def begin(self) -> None:
        self.accounts = [new_id() for _ in range(3)]
        self.issuer = new_id()
        self.lots = {"plain": lot(), "serial": lot(space=True)}
        self.newer = lot(vintage_year=2026)
        self.carried: Counter[UUID] = Counter()
        self.chains: list[tuple[list[Posted], UUID, int]] = []
        self.plain: Counter[Place] = Counter()
        self.serial: dict[int, tuple[Place, UUID | None]] = {}
        self.posted: list[Posted] = []
        self.holds: list[UUID] = []

    # --- the model

    def why_not(self, one: Leg) -> type[DomainError] | None:
        source = (one.from_account_id, one.from_state)
        if one.first_serial is None:
            enough = one.from_state is S.UNISSUED or self.plain[source] >= one.unit_count
            return None if enough else NotEnoughUnits
        assert one.last_serial is not None
        numbers = range(one.first_serial, one.last_serial + 1)
        if one.from_state is S.UNISSUED:
            return SerialsOverlap if any(n in self.serial for n in numbers) else None
        if sum(place == source for place, _ in self.serial.values()) < one.unit_count:
            return NotEnoughUnits
        hold = one.hold_id if one.from_state in HELD else None
        return None if all(self.serial.get(n) == (source, hold) for n in numbers) else RangeNotHeld

    def apply(self, one: Leg) -> None:
        target = (one.to_account_id, one.to_state)
        if one.first_serial is None:
            self.plain[one.from_account_id, one.from_state] -= one.unit_count
            self.plain[target] += one.unit_count
            return
        assert one.last_serial is not None
        hold = (one.to_hold_id or one.hold_id) if one.to_state in HELD else None
        for n in range(one.first_serial, one.last_serial + 1):
            if one.to_state is S.UNISSUED:
                del self.serial[n]
            else:
                self.serial[n] = (target, hold)

    # --- the deed, on both

    def leg(  # noqa: PLR0917
        self, kind: str, source: Place, target: Place, count: int, first: int, hold: UUID | None
    ) -> Leg:
        low, high = (first, first + count - 1) if kind == "serial" else (None, None)
        return Leg(self.lots[kind], *source, *target, count, low, high, hold)

    def do(self, kind: str, *legs: Leg) -> None:
        expected = None
        saved = self.plain.copy(), dict(self.serial)
        for one in legs:
            expected = self.why_not(one)
            if expected:
                break
            self.apply(one)
        if expected:
            self.plain, self.serial = saved
            with pytest.raises(expected):
                post(list(legs), kind=kind)
            return
        receipt = post(list(legs), kind=kind)
        self.posted.append(Posted(receipt.entry_id, list(legs), kind))

    @rule(kind=legs_of, to=accounts, count=counts, first=serials)
    def issue(self, kind: str, to: int, count: int, first: int) -> None:
        source, target = (self.issuer, S.UNISSUED), (self.accounts[to], S.FREE)
        self.do("ISSUE", self.leg(kind, source, target, count, first, None))

    @rule(kind=legs_of, a=accounts, b=accounts, count=counts, first=serials)
    def transfer(self, kind: str, a: int, b: int, count: int, first: int) -> None:
        if a != b:
            source, target = (self.accounts[a], S.FREE), (self.accounts[b], S.FREE)
            self.do("TRANSFER", self.leg(kind, source, target, count, first, None))

    @rule(kind=legs_of, a=accounts, count=counts, first=serials, state=st.sampled_from(ENDS))
    def end(self, kind: str, a: int, count: int, first: int, state: S) -> None:
        source, target = (self.accounts[a], S.FREE), (self.accounts[a], state)
        self.do("END", self.leg(kind, source, target, count, first, None))

    @rule(
        kind=legs_of,
        a=accounts,
        count=counts,
        first=serials,
        state=st.sampled_from(sorted(HELD)),
        hold=st.integers(0, 3),
    )
    def hold(self, *, kind: str, a: int, count: int, first: int, state: S, hold: int) -> None:
        while len(self.holds) <= hold:
            self.holds.append(new_id())
        source, target = (self.accounts[a], S.FREE), (self.accounts[a], state)
        self.do("HOLD", self.leg(kind, source, target, count, first, self.holds[hold]))

    @precondition(lambda self: self.holds)
    @rule(
        kind=legs_of,
        a=accounts,
        count=counts,
        first=serials,
        state=st.sampled_from(sorted(HELD)),
        hold=st.integers(0, 3),
    )
    def release(self, *, kind: str, a: int, count: int, first: int, state: S, hold: int) -> None:
        name = self.holds[hold % len(self.holds)]
        source, target = (self.accounts[a], state), (self.accounts[a], S.FREE)
        self.do("RELEASE", self.leg(kind, source, target, count, first, name))

    @rule(a=accounts, b=accounts, counts=st.lists(counts, min_size=2, max_size=4))
    def many_legs(self, a: int, b: int, counts: list[int]) -> None:
        if a != b:
            source, target = (self.accounts[a], S.FREE), (self.accounts[b], S.FREE)
            self.do("MANY", *(self.leg("plain", source, target, n, 0, None) for n in counts))

    @rule(to=accounts, b=accounts, counts=st.lists(counts, min_size=2, max_size=5))
    def bulk(self, to: int, b: int, counts: list[int]) -> None:
        """Issues and moves in one call: by sets where all is plain, one by one where not."""
        start = max(self.serial, default=0) + 1
        legs, issue = [], (self.issuer, S.UNISSUED)
        for count in counts:
            target = (self.accounts[to], S.FREE)
            legs.append(self.leg("serial", issue, target, count, start, None))
            legs.append(self.leg("plain", issue, target, count, 0, None))
            start += count
        if b != to:
            pair = (self.accounts[to], S.FREE), (self.accounts[b], S.FREE)
            legs.append(self.leg("plain", *pair, counts[0], 0, None))
        drafts = [Draft("BULK", [one], DAY, str(new_id())) for one in legs]
        receipts = post_entries(drafts=drafts, by=MANAGER, at=NOON)
        for one, receipt in zip(legs, receipts, strict=True):
            assert self.why_not(one) is None
            self.apply(one)
            self.posted.append(Posted(receipt.entry_id, [one], "BULK"))

    @rule(a=accounts, count=counts)
    def carry_over(self, a: int, count: int) -> None:
        """Old units end and as many of the newer lot are issued: both entries, or none."""
        here = self.accounts[a]
        old = self.leg("plain", (here, S.FREE), (here, S.CARRIED_OVER), count, 0, None)
        new = Leg(self.newer, self.issuer, S.UNISSUED, here, S.FREE, count)
        kinds = (("CARRY_OVER", old), ("ISSUE", new))
        drafts = [Draft(kind, [one], DAY, str(new_id())) for kind, one in kinds]
        if expected := self.why_not(old):
            with pytest.raises(expected):
                post_entries(drafts=drafts, by=MANAGER, at=NOON)
            return
        self.apply(old)
        self.carried[here] += count
        posted = [
            Posted(receipt.entry_id, list(draft.legs), draft.kind)
            for draft, receipt in zip(
                drafts, post_entries(drafts=drafts, by=MANAGER, at=NOON), strict=True
            )
        ]
        self.chains.append((posted, here, count))

    @precondition(lambda self: self.chains)
    @rule(which=st.integers(0, 1000))
    def reverse_chain(self, which: int) -> None:
        """The newest link first; a chain is taken back whole, and once."""
        posted, here, count = self.chains[which % len(self.chains)]
        drafts = [
            Draft(
                "REVERSE",
                [leg.mirrored() for leg in one.legs],
                DAY,
                str(new_id()),
                reverses=one.entry_id,
            )
            for one in reversed(posted)
        ]
        if posted[0].reversed:
            with pytest.raises(AlreadyReversed):
                post_entries(drafts=drafts, by=MANAGER, at=NOON)
            return
        post_entries(drafts=drafts, by=MANAGER, at=NOON)
        for one in posted:
            one.reversed = True
        self.apply(posted[0].legs[0].mirrored())
        self.carried[here] -= count

    @precondition(lambda self: self.posted)
    @rule(which=st.integers(0, 1000))
    def reverse(self, which: int) -> None:
        one = self.posted[which % len(self.posted)]
        if one.kind == "REVERSE":
            return
        legs = [leg.mirrored() for leg in reversed(one.legs)]
        saved = self.plain.copy(), dict(self.serial)
        expected: type[DomainError] | None = AlreadyReversed if one.reversed else None
        for leg in legs:
            expected = expected or self.why_not(leg)
            if expected:
                break
            self.apply(leg)
        if expected:
            self.plain, self.serial = saved
            with pytest.raises(expected):
                post(legs, kind="REVERSE", reverses=one.entry_id)
            return
        receipt = post(legs, kind="REVERSE", reverses=one.entry_id)
        one.reversed = True
        self.posted.append(Posted(receipt.entry_id, legs, "REVERSE"))

    # --- always

    @invariant()
    def positions_are_the_models(self) -> None:
        if not hasattr(self, "lots"):
            return
        rows = Position.objects.filter(lot__in=self.lots.values()).exclude(quantity=0)
        found = {(row.lot_id, row.account_id, S(row.state)): row.quantity for row in rows}
        model = Counter({(self.lots["plain"], *place): n for place, n in self.plain.items() if n})
        for place, _ in self.serial.values():
            model[self.lots["serial"], *place] += 1
        if self.serial:
            model[self.lots["serial"], self.issuer, S.UNISSUED] = -len(self.serial)
        assert found == dict(model)

    @invariant()
    def the_newer_vintage_is_what_was_carried_over(self) -> None:
        if not hasattr(self, "lots"):
            return
        rows = Position.objects.filter(lot=self.newer, state=S.FREE).exclude(quantity=0)
        assert {row.account_id: row.quantity for row in rows} == dict(+self.carried)

    @invariant()
    def blocks_are_the_models(self) -> None:
        if not hasattr(self, "lots"):
            return
        found = {}
        for block in Block.objects.filter(position__lot=self.lots["serial"]).select_related():
            place = (block.position.account_id, S(block.position.state))
            for n in range(block.first_serial, block.last_serial + 1):
                assert n not in found
                found[n] = (place, block.hold_id)
        assert found == self.serial

    def teardown(self) -> None:
        if hasattr(self, "lots"):
            assert list(queries.check_against_events()) == []


def live(examples: int, steps: int) -> None:
    run_state_machine_as_test(
        Life,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.mark.django_db
def test_random_lives_agree_with_a_plain_model():
    live(examples=12, steps=30)


@pytest.mark.full
@pytest.mark.django_db
def test_many_long_random_lives_agree_with_a_plain_model():
    live(examples=150, steps=80)
