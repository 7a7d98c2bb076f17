"""Old allowances end, the new vintage is issued for them, the rest is destroyed: one chain."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from ledger.audit.models import Event
from ledger.instruments.queries import WrongEndUse
from ledger.kernel.actors import Role
from ledger.kernel.errors import NotAllowed, NotFound
from ledger.units import operations
from ledger.units.models import Entry
from ledger.units.rules import (
    AlreadyReversed,
    IdempotencyConflict,
    MalformedLeg,
    NotCarriedOver,
    NotEnoughUnits,
    NotReversible,
)
from tests.factories.holdings import (
    NOON,
    PARK_MANAGER,
    STRANGER,
    freeze,
    holdings,
    open_account,
    quantities,
)
from tests.factories.units import issued, lot

pytestmark = pytest.mark.django_db

DAY = date(2026, 1, 5)
APPROVER = replace(PARK_MANAGER, roles=frozenset({Role.APPROVER}))


@pytest.fixture
def books() -> dict[str, Any]:
    account, old = holdings(140_000, vintage_year=2024)
    issuer = open_account("CCRC-ISSUER", kind="ISSUER")
    return {"account": account.pk, "old": old, "issuer": issuer.pk, "new": lot(vintage_year=2025)}


def carry(books: dict[str, Any], count: int = 100, **more: Any) -> operations.CarriedOver:
    given: dict[str, Any] = {
        "account_id": books["account"],
        "parts": [(books["old"], count)],
        "into_lot_id": books["new"],
        "issuer_account_id": books["issuer"],
        "happened_on": DAY,
        "application": "结转-2026-17",
        "by": PARK_MANAGER,
        "at": NOON,
        "idempotency_key": "c-1",
    }
    return operations.carry_over_units(**{**given, **more})


def held(books: dict[str, Any]) -> tuple[dict[str, int], dict[str, int]]:
    return quantities(books["account"], books["old"]), quantities(books["account"], books["new"])


def test_carried_units_end_and_as_many_of_the_new_vintage_are_issued(books):
    """TV-2.5: of 200,000 held 160,000 go over; here 100 of 140,000, and 7 are given up."""
    done = carry(books, destroyed=[(books["old"], 7)])

    assert held(books) == ({"FREE": 139_893, "CARRIED_OVER": 100, "CANCELLED": 7}, {"FREE": 100})
    assert done.destroyed is not None
    entries = [done.carried.entry_id, done.issued.entry_id, done.destroyed.entry_id]
    kinds = [Entry.objects.get(pk=entry).kind for entry in entries]
    assert kinds == ["CARRY_OVER", "ISSUE", "CANCEL"]
    subjects = {Event.objects.get(event_id=entry).subject for entry in entries}
    assert len(subjects) == 1


def test_the_new_vintage_may_be_issued_some_days_later(books):
    later = {"happened_on": DAY, "issued_on": date(2026, 1, 9), "at": NOON + timedelta(days=5)}
    done = carry(books, **later)
    days = [Entry.objects.get(pk=r.entry_id).happened_on for r in (done.carried, done.issued)]
    assert days == [DAY, date(2026, 1, 9)]


def test_the_same_request_is_carried_over_once(books):
    first, again = carry(books), carry(books)
    assert again.carried.replayed and again.carried.entry_id == first.carried.entry_id
    with pytest.raises(IdempotencyConflict):
        carry(books, 101)
    assert held(books) == ({"FREE": 139_900, "CARRIED_OVER": 100}, {"FREE": 100})


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"parts": []}, MalformedLeg),
        ({"by": STRANGER}, NotFound),
        ({"by": replace(PARK_MANAGER, roles=frozenset({Role.DATA_OFFICER}))}, NotAllowed),
    ],
)
def test_a_refusal_changes_nothing(books, change, refusal):
    before, entries = held(books), Entry.objects.count()
    with pytest.raises(refusal):
        carry(books, **change)
    assert (held(books), Entry.objects.count()) == (before, entries)


def test_only_to_a_later_vintage_of_the_same_scheme(books):
    for scheme, year in (("CEA", 2024), ("PILOT_SH", 2025)):
        with pytest.raises(NotCarriedOver):
            carry(books, into_lot_id=lot(scheme=scheme, vintage_year=year))
    assert held(books) == ({"FREE": 140_000}, {})


def test_a_scheme_without_carry_over_refuses(books):
    old = lot(scheme="PILOT_SH", vintage_year=2024)
    issued(books["account"], 10, lot_id=old)
    with pytest.raises(WrongEndUse):
        carry(books, parts=[(old, 1)], into_lot_id=lot(scheme="PILOT_SH", vintage_year=2025))


def test_frozen_units_are_not_carried_over(books):
    freeze(books["account"], books["old"], 139_950)
    with pytest.raises(NotEnoughUnits, match="100 wanted, 50 free"):
        carry(books)
    assert held(books) == ({"FREE": 50, "FROZEN": 139_950}, {})


def take_back(entry_id: UUID, key: str = "back") -> list[operations.Receipt]:
    return operations.reverse_carry_over(
        entry_id=entry_id,
        happened_on=DAY,
        by=APPROVER,
        at=NOON,
        idempotency_key=key,
        reason="退回申请",
    )


def test_a_chain_is_taken_back_whole_and_once(books):
    done = carry(books, destroyed=[(books["old"], 7)])
    receipts = take_back(done.carried.entry_id)

    assert held(books) == ({"FREE": 140_000}, {})
    assert len(receipts) == 3
    assert done.destroyed is not None
    undone = {Entry.objects.get(pk=r.entry_id).reverses_id for r in receipts}
    assert undone == {done.carried.entry_id, done.issued.entry_id, done.destroyed.entry_id}
    with pytest.raises(AlreadyReversed):
        take_back(done.carried.entry_id, "again")


def test_a_link_of_a_chain_is_not_taken_back_alone(books):
    done = carry(books)
    for entry in (done.carried.entry_id, done.issued.entry_id):
        with pytest.raises(NotReversible):
            operations.reverse_entry(
                entry_id=entry,
                happened_on=DAY,
                by=APPROVER,
                at=NOON,
                idempotency_key="x",
                reason="r",
            )
    with pytest.raises(NotReversible):
        take_back(done.issued.entry_id)


def test_what_was_carried_over_and_sold_is_not_taken_back(books):
    done = carry(books)
    operations.cancel_units(
        lot_id=books["new"],
        account_id=books["account"],
        unit_count=1,
        reason="gone",
        happened_on=DAY,
        by=PARK_MANAGER,
        at=NOON,
        idempotency_key="gone",
    )
    before = held(books)
    with pytest.raises(NotEnoughUnits):
        take_back(done.carried.entry_id)
    assert held(books) == before
