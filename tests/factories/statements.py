"""Short set-ups for reconciliation: a statement of an account, and what came of comparing it."""

from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from ledger.approvals import operations as approvals
from ledger.instruments.operations import load_schemes
from ledger.kernel.actors import SYSTEM, Actor
from ledger.kernel.ids import new_id
from ledger.reconciliation import operations
from ledger.reconciliation.models import Break, Override, Statement
from ledger.reconciliation.operations import Line
from ledger.reconciliation.rules import Coverage
from ledger.units.queries import get_lot
from tests.factories import holdings, people
from tests.factories.units import MANAGER, NOON, issued, lot

LATER = NOON + timedelta(days=1)


def covers(scheme: str = "CCER", *, vintages: Any = None, states: Any = ("FREE",)) -> Coverage:
    return Coverage(scheme, None if vintages is None else frozenset(vintages), frozenset(states))


def line(count: int, first: int | None = None, **given: Any) -> Line:
    space = given.pop("space", None)
    told: dict[str, Any] = {"scheme": "CCER", "vintage_year": 2025, "state": "FREE", **given}
    last = None if first is None else first + count - 1
    return Line(
        quantity=count, first=first, last=last, **({"space": space} if space else {}), **told
    )


def statement(
    account_id: UUID, *lines: Line, as_of: datetime = NOON, coverage: Any = None, **given: Any
) -> Statement:
    wanted: dict[str, Any] = {"by": MANAGER, "at": max(as_of, LATER), **given}
    return operations.record_statement(
        account_id=account_id,
        as_of_at=as_of,
        coverage=coverage or [covers()],
        lines=lines,
        **wanted,
    )


def compare(account_id: UUID, at: datetime = LATER) -> list[Break]:
    """The breaks of the account that are not closed, after comparing it now."""
    operations.compare_account(account_id=account_id, by=SYSTEM, at=at)
    open_ones = Break.objects.filter(account_id=account_id).exclude(state="CLOSED")
    return list(open_ones.order_by("first_serial", "id"))


def said(one: Break) -> tuple[str, int | None, int | None, int]:
    return one.kind, one.first_serial, one.last_serial, one.unit_count


def space_of(lot_id: UUID) -> tuple[str, str, str]:
    found = get_lot(lot_id).space
    assert found
    return found


class Shop(NamedTuple):
    """A real party with a maker, a checker and an account that holds one lot of CCER 2025."""

    maker: Actor
    checker: Actor
    account_id: UUID
    lot_id: UUID
    space: tuple[str, str, str]


def shop(count: int = 100, *, serials: bool = True) -> Shop:
    load_schemes(by=SYSTEM, at=NOON)
    party = people.make_party()
    maker = people.make_actor("CARBON_MANAGER", party=party)
    checker = people.make_actor("APPROVER", party=party)
    account = holdings.open_account(f"S-{new_id()}", by=maker)
    lot_id = lot(space=serials, scheme="CCER")
    issued(account.pk, count, lot_id=lot_id, first=1 if serials else None)
    space = space_of(lot_id) if serials else ("", "", "")
    return Shop(maker, checker, account.pk, lot_id, space)


def override(at: Shop, *, expires_on: date, moment: datetime = LATER, **given: Any) -> Override:
    """Asked for by the maker, approved by the checker."""
    told = {"scheme": "CCER", "vintage_year": 2025, "reason": "清缴在即"}
    wanted = {**told, "deadline_on": expires_on, **given}
    approval_id = operations.request_override(
        account_id=at.account_id,
        expires_on=expires_on,
        by=at.maker,
        at=moment,
        idempotency_key=str(new_id()),
        summary=["The block is lifted."],
        **wanted,
    )
    approvals.approve(approval_id=approval_id, by=at.checker, at=moment)
    return Override.objects.get(approval_id=approval_id)
