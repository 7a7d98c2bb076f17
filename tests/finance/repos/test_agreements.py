"""Repo, borrowing and custody: who holds, who owns, what is owed; the ledger moves the units."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finance.repos import models, operations, queries, rules
from finance.repos.states import AgreementState
from ledger.accounts import operations as accounts
from ledger.accounts.queries import CounterpartyNotTrusted
from ledger.compliance import operations as compliance
from ledger.instruments.operations import load_schemes
from ledger.kernel.actors import SYSTEM, Actor, Role
from ledger.kernel.errors import IllegalTransition, NotFound
from ledger.kernel.ids import new_id
from ledger.kernel.keys import KeyUsedOtherwise
from ledger.kernel.money import Money
from ledger.parameters import operations as parameters
from tests.factories.holdings import NOON, open_account, quantities
from tests.factories.populated import ROOT
from tests.factories.units import issued, lot

ROLES = frozenset({Role.CARBON_MANAGER, Role.APPROVER})
TODAY = NOON.date()
LONG_AGO = NOON - timedelta(days=60)

pytestmark = pytest.mark.django_db


@dataclass(frozen=True)
class Shop:
    """Two parties that trust each other's accounts; the giver has units."""

    giver: Actor
    taker: Actor
    from_account_id: UUID
    to_account_id: UUID
    lot_id: UUID

    def terms(self, **given: Any) -> operations.Terms:
        wanted: dict[str, Any] = {
            "number": f"R-{new_id()}", "kind": "REPO", "from_account_id": self.from_account_id,
            "to_account_id": self.to_account_id, "lot_id": self.lot_id, "unit_count": 1000,
            "starts_on": TODAY, "ends_on": date(2026, 7, 6), "first_price": Decimal(30),
            "second_price": Decimal("31.50"),
        }  # fmt: skip
        return operations.Terms(**{**wanted, **given})


def shop(*, kind: str = "HOLDING", trusted: bool = True) -> Shop:
    parameters.load_seeds(folder=ROOT / "seeds", by=SYSTEM, at=NOON)
    load_schemes(by=SYSTEM, at=NOON)
    giver, taker = (Actor(new_id(), new_id(), ROLES) for _ in range(2))
    mine, theirs = (
        open_account(f"G-{new_id()}", by=giver),
        open_account(f"T-{new_id()}", by=taker, kind=kind),
    )
    lot_id = lot(vintage_year=2025)
    issued(mine.pk, 1500, lot_id=lot_id)
    if trusted:
        for by, account in ((giver, theirs), (taker, mine)):
            accounts.trust_account(account_id=account.pk, by=by, at=LONG_AGO, reason="合同")
    return Shop(giver, taker, mine.pk, theirs.pk, lot_id)


def made(place: Shop, **given: Any) -> models.Agreement:
    return operations.make_agreement(
        terms=place.terms(**given), by=place.giver, at=NOON, idempotency_key=str(new_id())
    )


def started(place: Shop, **given: Any) -> models.Agreement:
    row = made(place, **given)
    start(row, place.giver)
    return row


def start(row: models.Agreement, by: Actor, **given: Any) -> models.Handover:
    wanted: dict[str, Any] = {"happened_on": TODAY, "idempotency_key": str(new_id()), "at": NOON}
    return operations.start_agreement(agreement_id=row.pk, by=by, **{**wanted, **given})


def returned(row: models.Agreement, by: Actor, count: int, **given: Any) -> models.Handover:
    wanted: dict[str, Any] = {
        "lot_id": row.lot_id, "happened_on": TODAY, "idempotency_key": str(new_id()), "at": NOON,
    }  # fmt: skip
    return operations.return_units(
        agreement_id=row.pk, unit_count=count, by=by, **{**wanted, **given}
    )


def state_of(row: models.Agreement) -> str:
    return models.Agreement.objects.get(pk=row.pk).state


def test_the_implied_rate_of_a_repo():
    """TV-7.5: sold at 30.00, bought back at 31.50 after 182 days."""
    rate = rules.implied_rate(
        Decimal(30), Decimal("31.50"), start=date(2026, 1, 5), end=date(2026, 7, 6),
        day_count="ACT/365F",
    )  # fmt: skip
    assert (rate * 100).quantize(Decimal("0.01")) == Decimal("10.03")


def test_a_repo_passes_the_units_and_brings_them_back():
    place = shop()
    row = started(place)
    assert quantities(place.from_account_id, place.lot_id)["FREE"] == 500
    assert quantities(place.to_account_id, place.lot_id)["FREE"] == 1000
    assert queries.cash_of(row) == (Money("30000"), Money("31500"))
    assert row.handovers.get().amount == Decimal(30000)
    returned(row, place.taker, 400)
    assert state_of(row) == AgreementState.OPEN
    last = returned(row, place.taker, 600)
    assert (state_of(row), last.amount) == (AgreementState.CLOSED, Decimal(18900))
    assert quantities(place.from_account_id, place.lot_id)["FREE"] == 1500


def test_held_and_ours_are_two_numbers():
    place = shop()
    started(place)
    mine, theirs = (queries.ownership_of(one.own_party) for one in (place.giver, place.taker))
    assert [(x.held, x.owed, x.due, x.ours) for x in mine] == [(500, 0, 1000, 1500)]
    assert [(x.held, x.owed, x.due, x.ours) for x in theirs] == [(1000, 1000, 0, 0)]
    (debt,) = queries.owed_by_and_to(place.taker.own_party, date(2026, 8, 1))
    assert (debt.is_liability, debt.unit_count, debt.is_overdue, debt.value) == (
        True, 1000, True, None,
    )  # fmt: skip


def test_units_that_may_not_be_used_are_held_as_lent_in_favour_of_their_owner():
    place = shop()
    row = started(place, may_reuse=False, kind="CUSTODY", first_price=None, second_price=None)
    assert quantities(place.to_account_id, place.lot_id)["LENT"] == 1000
    returned(row, place.taker, 1000)
    assert quantities(place.from_account_id, place.lot_id)["FREE"] == 1500


def test_what_is_borrowed_comes_back_in_a_vintage_that_serves_the_year():
    place = shop()
    compliance.load_regimes(folder=ROOT / "seeds", by=SYSTEM, at=NOON)
    row = started(place, kind="LENDING", first_price=None, second_price=None, usable_for_year=2025)
    old, new = lot(vintage_year=2023), lot(vintage_year=2026)
    issued(place.to_account_id, 1000, lot_id=old)
    issued(place.to_account_id, 1000, lot_id=new)
    with pytest.raises(rules.WrongUnitsReturned):
        returned(row, place.taker, 1000, lot_id=old)
    assert quantities(place.to_account_id, old)["FREE"] == 1000
    returned(row, place.taker, 1000, lot_id=new)
    assert state_of(row) == AgreementState.CLOSED


def test_only_who_gives_hands_over():
    place = shop()
    row = made(place)
    with pytest.raises(rules.NotYoursToHandOver):
        start(row, place.taker)
    start(row, place.giver)
    with pytest.raises(rules.NotYoursToHandOver):
        returned(row, place.giver, 1000)
    with pytest.raises(NotFound):
        returned(row, Actor(new_id(), new_id(), ROLES), 1000)
    assert state_of(row) == AgreementState.OPEN


def test_an_outside_taker_returns_by_our_record_with_evidence():
    place = shop(kind="OUTSIDE")
    row = started(place)
    with pytest.raises(rules.EvidenceNeeded):
        returned(row, place.giver, 1000)
    returned(row, place.giver, 1000, evidence="中碳登划转单 7")
    assert quantities(place.from_account_id, place.lot_id)["FREE"] == 1500


def test_a_stranger_who_is_not_trusted_gets_nothing():
    place = shop(trusted=False)
    row = made(place)
    with pytest.raises(CounterpartyNotTrusted):
        start(row, place.giver)
    assert (state_of(row), quantities(place.from_account_id, place.lot_id)) == (
        AgreementState.AGREED, {"FREE": 1500},
    )  # fmt: skip


def test_no_more_comes_back_than_is_owed_and_nothing_twice():
    place = shop()
    row = started(place)
    with pytest.raises(rules.MoreThanOwed):
        returned(row, place.taker, 1001)
    first = returned(row, place.taker, 400, idempotency_key="k")
    assert returned(row, place.taker, 400, idempotency_key="k") == first
    with pytest.raises(KeyUsedOtherwise):
        returned(row, place.taker, 401, idempotency_key="k")
    assert models.Agreement.objects.get(pk=row.pk).returned_count == 400
    with pytest.raises(IllegalTransition):
        start(row, place.giver)


def test_a_default_leaves_the_debt_and_a_withdrawal_none():
    place = shop()
    row, other = started(place), made(place)
    common: dict[str, Any] = {"by": place.giver, "at": NOON, "reason": "r"}
    operations.declare_default(agreement_id=row.pk, **common)
    operations.withdraw_agreement(agreement_id=other.pk, **common)
    (debt,) = queries.owed_by_and_to(place.taker.own_party, TODAY)
    assert debt.agreement_id == row.pk
    returned(row, place.taker, 1000)
    assert (state_of(row), state_of(other)) == (AgreementState.CLOSED, AgreementState.WITHDRAWN)
    assert list(queries.check_rows_match_events()) == []


@pytest.mark.parametrize(
    ("given_", "refusal"),
    [
        ({"ends_on": TODAY}, rules.EndsTooEarly),
        ({"second_price": None}, rules.TermsMissing),
        ({"manager_share": Decimal(2)}, rules.ShareOutOfReach),
    ],
)
def test_terms_that_make_no_agreement_are_refused(given_, refusal):
    place = shop()
    with pytest.raises(refusal):
        made(place, **given_)
    with pytest.raises(rules.SameAccount):
        made(replace(place, to_account_id=place.from_account_id))
    row = made(place, number="R-1")
    with pytest.raises(rules.AgreementNumberTaken):
        made(place, number=row.number)


@given(
    st.decimals("-1000000", "1000000", places=2),
    st.decimals("0", "1", places=3),
    st.one_of(st.none(), st.decimals("0", "500000", places=2)),
)
def test_the_parts_of_a_custodys_result_are_the_result(result, share, floor):
    owner, manager = rules.split_result(Money(result), manager_share=share, loss_floor=floor)
    assert owner + manager == Money(result).rounded()
    if floor is not None and result < 0:
        assert owner.amount >= -floor
