"""Every cell of the matrix, tried: the allowed is done, the refused refused with its reason."""

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction

from ledger.accounts import operations as accounts
from ledger.accounts.models import Account
from ledger.accounts.queries import AccountType, Kind, Reach, TransactionNotAllowed, matrix
from ledger.audit.models import Event
from ledger.claims import operations as claims
from ledger.holds import operations as holds
from ledger.instruments.operations import load_schemes
from ledger.kernel.actors import SYSTEM, Actor, Role
from ledger.kernel.ids import new_id
from ledger.kernel.periods import Period
from ledger.units import operations as units
from ledger.units.models import Entry, Position
from ledger.units.states import UnitState
from tests.factories.units import FREE, ISSUER, NOON, UNISSUED, leg, lot, post

pytestmark = pytest.mark.django_db

DAY = date(2026, 1, 5)
PARK, BUYER = new_id(), new_id()
BY = Actor(user_id=new_id(), party_id=PARK, roles=frozenset({Role.SYSTEM}))
RESERVED = UnitState.RESERVED


class Undo(Exception):
    """Leaves the savepoint, so that each cell finds the same books."""


class World:
    """Two accounts of every type for the park, one for the buyer; ten units where they start."""

    def __init__(self) -> None:
        load_schemes(by=SYSTEM, at=NOON)
        self.accounts: dict[tuple[AccountType, str], UUID] = {}
        for kind in AccountType:
            for name, holder in (("A", PARK), ("B", PARK), ("C", BUYER)):
                made: Account = accounts.open_account(
                    holder_id=holder,
                    type=kind,
                    registry="CCRC",
                    number=f"{kind}-{name}",
                    by=SYSTEM,
                    at=NOON,
                )
                self.accounts[kind, name] = made.pk
        self.lots = {
            "CEA": lot(vintage_year=2024),
            "NEW": lot(vintage_year=2025),
            "CCER": lot(scheme="CCER", vintage_year=2024),
            "GEC": lot(scheme="GEC", expires_on=date(2027, 1, 1)),
            "IREC": lot(scheme="IREC"),
            "OLD": lot(expires_on=date(2026, 1, 1)),
        }
        for kind in AccountType:
            for name in ("CEA", "CCER", "GEC", "IREC", "OLD"):
                target = (self.accounts[kind, "A"], FREE)
                post(leg(self.lots[name], (ISSUER, UNISSUED), target, 10), kind="ISSUE")

    def pair(self, source: AccountType, target: AccountType, reach: Reach) -> tuple[UUID, UUID]:
        name = {Reach.WITHIN: "A", Reach.SAME: "B", Reach.OTHER: "C"}[reach]
        return self.accounts[source, "A"], self.accounts[target, name]


@pytest.fixture
def world() -> World:
    return World()


def common() -> dict[str, Any]:
    return {"by": BY, "at": NOON, "idempotency_key": str(new_id())}


def moved(world: World, operate: Callable[..., Any], **more: Any) -> Callable[[UUID, UUID], Any]:
    given = {"unit_count": 1, "happened_on": DAY, **common(), **more}
    given["lot_id"] = world.lots[given.pop("lot", "CEA")]
    if operate in {units.issue_units, units.transfer_units}:
        return lambda a, b: operate(from_account_id=a, to_account_id=b, **given)
    return lambda a, b: operate(account_id=a, to_account_id=b, **given)


def _capture(world: World) -> Callable[[UUID, UUID], Any]:
    def capture(source: UUID, target: UUID) -> None:
        hold = holds.place_hold(
            kind="RESERVE", account_id=source, lot_id=world.lots["CEA"], unit_count=1, **common()
        )
        holds.capture_hold(hold_id=hold.pk, to_account_id=target, **common())

    return capture


def _claim(world: World, name: str, **more: Any) -> Callable[[UUID, UUID], Any]:
    return lambda account, _: claims.claim_units(
        lot_id=world.lots[name],
        account_id=account,
        unit_count=1,
        claimant_id=PARK,
        purpose="2025",
        period=Period.year(2025),
        **more,
        **common(),
    )


def _hold(world: World) -> Callable[[UUID, UUID], Any]:
    return lambda account, _: holds.place_hold(
        kind="RESERVE", account_id=account, lot_id=world.lots["CEA"], unit_count=1, **common()
    )


def _carry(world: World) -> Callable[[UUID, UUID], Any]:
    return lambda account, _: units.carry_over_units(
        account_id=account,
        parts=[(world.lots["CEA"], 1)],
        into_lot_id=world.lots["NEW"],
        issuer_account_id=world.accounts[AccountType.ISSUER, "C"],
        happened_on=DAY,
        **common(),
    )


def deeds(world: World) -> dict[Kind, Callable[[UUID, UUID], Any]]:
    return {
        Kind.ISSUE: moved(world, units.issue_units),
        Kind.TRANSFER: moved(world, units.transfer_units),
        Kind.RETIRE: moved(
            world, units.retire_units, lot="CCER", beneficiary_id=PARK, purpose="2025"
        ),
        Kind.SURRENDER: moved(world, units.surrender_units, obligation="2025"),
        Kind.CANCEL: moved(world, units.cancel_units, reason="for nobody"),
        Kind.EXPIRE: moved(world, units.expire_units, lot="OLD"),
        Kind.CAPTURE: _capture(world),
        Kind.HOLD: _hold(world),
        Kind.CLAIM: _claim(world, "GEC"),
        Kind.REDEEM: _claim(world, "IREC", country="CN"),
        Kind.CARRY_OVER: _carry(world),
    }


ONE_ACCOUNT = {Kind.HOLD, Kind.CLAIM, Kind.REDEEM, Kind.CARRY_OVER}


def books() -> list[Any]:
    rows = Position.objects.exclude(quantity=0).order_by("pk")
    return [Entry.objects.count(), Event.objects.count(), *rows.values_list("pk", "quantity")]


@pytest.mark.parametrize("kind", Kind)
def test_every_cell_is_done_or_refused_with_its_reason(world: World, kind: Kind) -> None:
    deed, before = deeds(world)[kind], books()
    tried = 0
    for (found, source, target, reach), cell in matrix().items():
        if found is not kind or (kind in ONE_ACCOUNT and reach is not Reach.WITHIN):
            continue  # an operation on one account has no other account to name
        if kind is Kind.CAPTURE and (reach is Reach.WITHIN or not _holds(source)):
            continue  # captured into its own account it is a release; where nothing is held: below
        tried += 1
        ends = world.pair(source, target, reach)
        if cell.allowed:
            with pytest.raises(Undo), transaction.atomic():
                deed(*ends)
                assert Entry.objects.count() > before[0], (source, target, reach)
                raise Undo
            continue
        with pytest.raises(TransactionNotAllowed) as refused, transaction.atomic():
            deed(*ends)
        assert refused.value.params["reason"] == cell.reason, (source, target, reach)
    assert tried >= len(AccountType)
    assert books() == before


def _holds(source: AccountType) -> bool:
    return matrix()[Kind.HOLD, source, source, Reach.WITHIN].allowed


def test_an_entry_tells_the_name_of_its_transaction(world: World) -> None:
    deed = deeds(world)[Kind.TRANSFER]
    source, target = world.pair(AccountType.HOLDING, AccountType.TRADING, Reach.SAME)
    receipt = deed(source, target)
    body = bytes(Event.objects.get(event_id=receipt.entry_id).body).decode()
    assert '"transaction":"TO_TRADING"' in body
