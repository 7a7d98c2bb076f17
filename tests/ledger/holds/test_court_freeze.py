"""Orders of courts: what is free at once, the rest in line (轮候); renewal, expiry, ranks."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from ledger.holds import operations, queries, rules
from ledger.holds.models import Hold, Renewal
from ledger.kernel.actors import SYSTEM
from ledger.kernel.errors import NotFound
from ledger.kernel.keys import KeyUsedOtherwise
from ledger.parameters.operations import load_seeds
from ledger.units.rules import NotEnoughUnits
from tests.factories.holdings import (
    NOON,
    PARK_MANAGER,
    STRANGER,
    holdings,
    pledge,
    quantities,
    release,
)
from tests.ledger.holds.test_racing import race

SEEDS = Path(__file__).resolve().parents[3] / "seeds"
ORDER = operations.Order(
    number="(2026)浙02执保7号",
    body="宁波市中级人民法院",
    begins_on=date(2026, 1, 4),
    expires_on=date(2027, 1, 4),
    evidence="协助执行通知书",
)
SECOND = replace(ORDER, number="(2026)沪01执9号", body="上海市第一中级人民法院")


@pytest.fixture
def law(db: None) -> None:
    load_seeds(folder=SEEDS, by=SYSTEM, at=NOON)


def court(account: Any, lot: Any, count: int, order: Any = ORDER, **more: Any) -> list[Hold]:
    given: dict[str, Any] = {"by": PARK_MANAGER, "at": NOON, "idempotency_key": order.number}
    return operations.freeze_by_order(
        account_id=account.pk, lot_id=lot, unit_count=count, order=order, **{**given, **more}
    )


def renew(hold: Hold, order: Any, **more: Any) -> Hold:
    given: dict[str, Any] = {"by": PARK_MANAGER, "at": NOON, "idempotency_key": "renewal"}
    return operations.renew_hold(hold_id=hold.pk, order=order, **{**given, **more})


def clean() -> bool:
    return [*queries.check_against_positions(), *queries.check_rows_match_events()] == []


def test_what_is_free_is_frozen_and_the_rest_waits_behind_the_pledge(law):
    account, lot = holdings(100)
    pledged = pledge(account.pk, lot, 60)
    now, later = court(account, lot, 70)

    assert quantities(account.pk, lot) == {"FROZEN": 40, "PLEDGED": 60}
    assert (now.state, now.unit_count, later.state, later.unit_count) == (
        "ACTIVE",
        40,
        "WAITING",
        30,
    )
    assert (later.stack_id, later.rank) == (pledged.pk, 2)
    assert (now.order_body, now.begins_on, now.evidence) == (
        "宁波市中级人民法院",
        date(2026, 1, 4),
        "协助执行通知书",
    )
    release(pledged)
    assert quantities(account.pk, lot) == {"FROZEN": 70, "FREE": 30}
    assert clean()


def test_a_second_order_waits_and_takes_over_on_the_day_the_first_ends(law):
    account, lot = holdings(100, first=1, scheme="CCER")
    (first,) = court(account, lot, 100)
    later = replace(SECOND, expires_on=date(2028, 1, 1))
    (second,) = court(account, lot, 80, later)
    assert (second.state, second.rank) == ("WAITING", 2)

    day_before = NOON + timedelta(days=363)
    with pytest.raises(rules.NotDueYet):
        operations.expire_hold(hold_id=first.pk, by=SYSTEM, at=day_before)
    operations.expire_hold(hold_id=first.pk, by=SYSTEM, at=day_before + timedelta(days=1))

    second.refresh_from_db()
    assert (second.state, second.controlled_count) == ("ACTIVE", 80)
    assert quantities(account.pk, lot) == {"FROZEN": 80, "FREE": 20}
    assert clean()


def test_three_orders_follow_each_other_in_the_order_of_their_arrival(law):
    account, lot = holdings(10)
    orders = [replace(ORDER, number=f"({n})", expires_on=date(2027, n, 1)) for n in (2, 3, 4)]
    holds = [court(account, lot, 10, order)[0] for order in orders]
    assert [hold.rank for hold in holds] == [1, 2, 3]
    seen = []
    for number, hold in enumerate(holds):
        due = NOON + timedelta(days=400 + 31 * number)
        operations.expire_hold(hold_id=hold.pk, by=SYSTEM, at=due)
        for one in holds:
            one.refresh_from_db()
        seen.append([one.state for one in holds])
    assert seen == [
        ["EXPIRED", "ACTIVE", "WAITING"],
        ["EXPIRED", "EXPIRED", "ACTIVE"],
        ["EXPIRED", "EXPIRED", "EXPIRED"],
    ]
    assert quantities(account.pk, lot) == {"FREE": 10}


def test_a_waiting_order_that_ends_leaves_the_line(law):
    account, lot = holdings(10)
    (first,) = court(account, lot, 10)
    (second,) = court(account, lot, 10, replace(SECOND, expires_on=date(2026, 2, 1)))
    operations.expire_hold(hold_id=second.pk, by=SYSTEM, at=NOON + timedelta(days=40))
    operations.release_hold(
        hold_id=first.pk, by=PARK_MANAGER, at=NOON, idempotency_key="r", order_number="解除 8号"
    )
    assert quantities(account.pk, lot) == {"FREE": 10}


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"number": " "}, rules.OrderNeeded),
        ({"body": ""}, rules.OrderNeeded),
        ({"begins_on": date(2026, 1, 6)}, rules.OrderNotBegun),
        ({"expires_on": date(2026, 1, 5)}, rules.EndsInThePast),
        ({"expires_on": date(2029, 1, 5)}, rules.OrderTooLong),
    ],
)
def test_an_order_without_number_body_begin_or_end_freezes_nothing(law, change, refusal):
    account, lot = holdings(10)
    with pytest.raises(refusal):
        court(account, lot, 10, replace(ORDER, **change))
    assert quantities(account.pk, lot) == {"FREE": 10}
    assert Hold.objects.count() == 0


def test_more_than_free_and_held_is_refused_and_a_stranger_sees_nothing(law):
    account, lot = holdings(10)
    pledge(account.pk, lot, 4)
    with pytest.raises(NotEnoughUnits, match="11 wanted, 10 free"):
        court(account, lot, 11)
    with pytest.raises(NotFound):
        court(account, lot, 1, by=STRANGER)
    assert quantities(account.pk, lot) == {"FREE": 6, "PLEDGED": 4}


def test_the_same_request_freezes_once_and_another_under_its_key_is_refused(law):
    account, lot = holdings(100)
    pledge(account.pk, lot, 60)
    first, again = court(account, lot, 70), court(account, lot, 70)
    assert [hold.pk for hold in first] == [hold.pk for hold in again]
    with pytest.raises(KeyUsedOtherwise):
        court(account, lot, 71)
    assert Hold.objects.count() == 3


def test_a_renewal_keeps_rank_and_units_beyond_the_first_end(law):
    account, lot = holdings(10)
    (first,) = court(account, lot, 10)
    (second,) = court(account, lot, 10, SECOND)
    longer = replace(ORDER, number="续冻 7-1", expires_on=date(2028, 1, 4))
    renewed = renew(first, longer)
    assert (renewed.expires_on, renewed.rank, renewed.state) == (date(2028, 1, 4), 1, "ACTIVE")
    assert Renewal.objects.get().expired_on == date(2027, 1, 4)

    renew(first, longer)
    assert Renewal.objects.count() == 1
    with pytest.raises(rules.NotDueYet):
        operations.expire_hold(hold_id=first.pk, by=SYSTEM, at=NOON + timedelta(days=365))
    second.refresh_from_db()
    assert second.state == "WAITING"
    assert clean()


def test_what_has_ended_or_is_no_courts_is_not_renewed(law):
    account, lot = holdings(20)
    (hold,) = court(account, lot, 10)
    with pytest.raises(rules.RenewalNotLater):
        renew(hold, ORDER)
    late = NOON + timedelta(days=364)
    with pytest.raises(rules.NotRenewable):
        renew(hold, replace(ORDER, expires_on=date(2028, 1, 4)), at=late)
    with pytest.raises(rules.NotRenewable):
        renew(pledge(account.pk, lot, 5), replace(ORDER, expires_on=date(2028, 1, 4)))
    hold.refresh_from_db()
    assert (hold.expires_on, Renewal.objects.count()) == (date(2027, 1, 4), 0)


def test_two_orders_at_once_both_stand_one_behind_the_other(committed_db):
    load_seeds(folder=SEEDS, by=SYSTEM, at=NOON)
    account, lot = holdings(100, first=1, scheme="CCER")
    refused = race(
        lambda: court(account, lot, 100),
        lambda: court(account, lot, 100, SECOND),
    )
    assert refused == []
    assert quantities(account.pk, lot) == {"FROZEN": 100}
    states = Hold.objects.order_by("rank").values_list("rank", "state", "controlled_count")
    assert list(states) == [(1, "ACTIVE", 100), (2, "WAITING", 0)]
    assert clean()
