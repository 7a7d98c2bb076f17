"""A room above may refuse what this room would allow."""

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest

from ledger.kernel.errors import DomainError
from ledger.units import operations
from ledger.units.operations import decisions
from tests.factories.holdings import (
    NOON,
    PARK_MANAGER,
    holdings,
    open_account,
    pledge,
    quantities,
    reserve,
)

pytestmark = pytest.mark.django_db

DAY = date(2026, 1, 5)
Asked = list[dict[str, Any]]


class Disputed(DomainError):
    code = "disputed"


@pytest.fixture
def asked() -> Iterator[Asked]:
    """A guard that refuses everything and notes what it was asked."""
    seen: Asked = []

    def refuse(**question: Any) -> None:
        seen.append(question)
        raise Disputed

    decisions.register_guard(refuse)
    yield seen
    decisions._guards.remove(refuse)


def _act(operate: Callable[..., Any], account: Any, lot: Any, **more: Any) -> None:
    operate(
        lot_id=lot,
        unit_count=1,
        happened_on=DAY,
        by=PARK_MANAGER,
        at=NOON,
        idempotency_key="g",
        **more,
    )


def test_a_guard_refuses_transfer_surrender_and_pledge_and_nothing_changes(asked: Asked):
    account, lot = holdings(100)
    target = open_account("H-2")
    before = quantities(account.pk, lot)
    with pytest.raises(Disputed):
        _act(
            operations.transfer_units,
            account,
            lot,
            from_account_id=account.pk,
            to_account_id=target.pk,
        )
    with pytest.raises(Disputed):
        _act(operations.surrender_units, account, lot, account_id=account.pk, obligation="2025")
    with pytest.raises(Disputed):
        pledge(account.pk, lot, 1)

    assert [(each["kind"], each["account_id"], each["lot"].id) for each in asked] == [
        (kind, account.pk, lot) for kind in ("TRANSFER", "SURRENDER", "PLEDGE")
    ]
    assert {each["by"] for each in asked} == {PARK_MANAGER}
    assert quantities(account.pk, lot) == before == {"FREE": 100}


def test_a_guard_is_not_asked_of_what_stays_or_ends_otherwise(asked: Asked):
    account, lot = holdings(100)
    reserve(account.pk, lot, 10)
    _act(operations.cancel_units, account, lot, account_id=account.pk, reason="for nobody")

    assert asked == []
    assert quantities(account.pk, lot) == {"FREE": 89, "RESERVED": 10, "CANCELLED": 1}
