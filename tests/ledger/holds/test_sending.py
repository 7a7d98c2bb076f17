"""A transfer to a counterparty not yet trusted waits under a reservation, and can be cancelled."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from ledger.accounts import operations as accounts
from ledger.accounts import queries as account_queries
from ledger.accounts.models import Account, TrustedAccount
from ledger.accounts.queries import CounterpartyNotTrusted
from ledger.accounts.rules import AlreadyTrusted, NotACounterparty
from ledger.audit.models import Event
from ledger.holds import operations, queries, rules, tasks
from ledger.holds.models import PendingTransfer
from ledger.kernel.actors import SYSTEM, Role
from ledger.kernel.errors import DomainError, IllegalTransition, NotAllowed, NotFound
from ledger.kernel.ids import new_id
from ledger.parameters.operations import load_seeds
from ledger.units import operations as units
from ledger.units.models import Entry
from ledger.units.rules import NotEnoughUnits
from tests.factories.holdings import (
    NOON,
    PARK_MANAGER,
    STRANGER,
    freeze,
    holdings,
    open_account,
    quantities,
)
from tests.ledger.holds.test_racing import race

SEEDS = Path(__file__).resolve().parents[3] / "seeds"
APPROVER = replace(PARK_MANAGER, roles=frozenset({Role.APPROVER}))
MONDAY = date(2026, 1, 5)
TOMORROW = NOON + timedelta(days=1)


class Desk:
    def __init__(self) -> None:
        load_seeds(folder=SEEDS, by=SYSTEM, at=NOON)
        self.account, self.lot = holdings(100)
        self.buyer: Account = open_account("B-1", by=STRANGER)

    def send(self, count: int = 40, **more: Any) -> operations.Sent:
        given: dict[str, Any] = {
            "to_account_id": self.buyer.pk,
            "by": PARK_MANAGER,
            "at": NOON,
            "idempotency_key": "s",
            "happened_on": MONDAY,
        }
        return operations.send_units(
            lot_id=self.lot,
            from_account_id=self.account.pk,
            unit_count=count,
            **{**given, **more},
        )

    def trust(self, *, at: datetime = NOON, account: Account | None = None) -> TrustedAccount:
        account = account or self.buyer
        return accounts.trust_account(account_id=account.pk, by=APPROVER, at=at, reason="年度合同")

    def held(self) -> tuple[dict[str, int], dict[str, int]]:
        return quantities(self.account.pk, self.lot), quantities(self.buyer.pk, self.lot)


@pytest.fixture
def desk(db: None) -> Desk:
    return Desk()


def execute(transfer_id: UUID | None, at: datetime = TOMORROW) -> PendingTransfer:
    assert transfer_id is not None
    return operations.execute_transfer(transfer_id=transfer_id, by=SYSTEM, at=at)


def cancel(transfer_id: UUID | None, **more: Any) -> PendingTransfer:
    assert transfer_id is not None
    given = {"by": PARK_MANAGER, "at": NOON, "reason": "户名有误", **more}
    return operations.cancel_transfer(transfer_id=transfer_id, **given)


def clean() -> bool:
    checks = queries.check_against_positions(), queries.check_rows_match_events()
    return [*checks[0], *checks[1], *account_queries.check_rows_match_events()] == []


# --- the list


def test_a_new_account_is_trusted_on_the_fourth_working_day(desk):
    assert desk.trust().trusted_from == date(2026, 1, 9)
    thursday = NOON + timedelta(days=3)
    other = open_account("B-2", by=STRANGER)
    assert desk.trust(at=thursday, account=other).trusted_from == date(2026, 1, 14)
    with pytest.raises(AlreadyTrusted):
        desk.trust()
    with pytest.raises(NotACounterparty):
        desk.trust(account=desk.account)


def test_off_the_list_is_off_at_once(desk):
    row = desk.trust(at=NOON - timedelta(days=30))
    with pytest.raises(NotFound):
        accounts.distrust_account(
            trusted_id=row.pk, by=replace(STRANGER, roles=APPROVER.roles), at=NOON, reason="x"
        )
    accounts.distrust_account(trusted_id=row.pk, by=APPROVER, at=NOON, reason="合同终止")
    assert desk.send().transfer_id is not None
    with pytest.raises(NotFound):
        accounts.distrust_account(trusted_id=row.pk, by=APPROVER, at=NOON, reason="again")
    assert clean()


def test_a_manager_alone_trusts_nobody(desk):
    manager = replace(PARK_MANAGER, roles=frozenset({Role.CARBON_MANAGER}))
    with pytest.raises(NotAllowed):
        accounts.trust_account(account_id=desk.buyer.pk, by=manager, at=NOON, reason="x")
    assert TrustedAccount.objects.count() == 0


# --- sending


def test_to_a_trusted_account_it_goes_at_once(desk):
    desk.trust(at=NOON - timedelta(days=30))
    assert desk.send().entry_id is not None
    assert desk.held() == ({"FREE": 60}, {"FREE": 40})


def test_between_ones_own_accounts_it_goes_at_once(desk):
    own = open_account("A-2")
    assert desk.send(to_account_id=own.pk).entry_id is not None


def test_an_outside_account_is_a_counterpartys_under_whosever_name_it_is_kept(desk):
    outside = open_account("MARKET-1", kind="OUTSIDE")
    assert outside.holder_id == desk.account.holder_id
    sent = desk.send(to_account_id=outside.pk)
    assert sent.entry_id is None
    assert PendingTransfer.objects.get().executes_on == date(2026, 1, 6)
    assert desk.held()[0] == {"FREE": 60, "RESERVED": 40}

    desk.trust(at=NOON - timedelta(days=30), account=outside)
    assert desk.send(to_account_id=outside.pk, idempotency_key="s-2").entry_id is not None


def test_to_a_new_one_the_units_wait_reserved_until_the_next_working_day(desk):
    sent = desk.send()
    assert desk.held() == ({"FREE": 60, "RESERVED": 40}, {})
    row = PendingTransfer.objects.get()
    assert (row.pk, row.state, row.executes_on) == (sent.transfer_id, "WAITING", date(2026, 1, 6))
    with pytest.raises(rules.TransferNotDue):
        execute(sent.transfer_id, at=NOON)

    assert execute(sent.transfer_id).state == "DONE"
    assert desk.held() == ({"FREE": 60}, {"FREE": 40})
    assert Entry.objects.order_by("recorded_at").last().kind == "TRANSFER"
    with pytest.raises(IllegalTransition):
        execute(sent.transfer_id)
    assert desk.held() == ({"FREE": 60}, {"FREE": 40})
    assert clean()


def test_over_a_holiday_it_waits_for_the_first_working_day_after(desk):
    friday = datetime(2026, 2, 13, 4, 0, tzinfo=NOON.tzinfo)
    sent = desk.send(at=friday, happened_on=friday.date())
    row = PendingTransfer.objects.get(pk=sent.transfer_id)
    assert row.executes_on == account_queries.parameters.next_working_day(friday.date())
    assert (row.executes_on - friday.date()).days >= 1


def test_the_plain_transfer_refuses_a_new_counterparty(desk):
    before = desk.held(), Event.objects.count()
    with pytest.raises(CounterpartyNotTrusted, match="B-1"):
        units.transfer_units(
            lot_id=desk.lot,
            from_account_id=desk.account.pk,
            to_account_id=desk.buyer.pk,
            unit_count=1,
            happened_on=MONDAY,
            by=PARK_MANAGER,
            at=NOON,
            idempotency_key="t",
        )
    assert (desk.held(), Event.objects.count()) == before


def test_what_could_never_be_transferred_does_not_wait(desk):
    accounts.block_account(account_id=desk.buyer.pk, by=STRANGER, at=NOON, reason="x")
    with pytest.raises(DomainError):
        desk.send()
    with pytest.raises(NotEnoughUnits):
        desk.send(101, to_account_id=open_account("B-3", by=STRANGER).pk)
    assert PendingTransfer.objects.count() == 0
    assert desk.held() == ({"FREE": 100}, {})


def test_the_same_request_waits_once_even_when_trusted_meanwhile(desk):
    first = desk.send()
    desk.trust(at=NOON - timedelta(days=30))
    assert desk.send().transfer_id == first.transfer_id
    assert desk.held() == ({"FREE": 60, "RESERVED": 40}, {})


def test_a_cancelled_transfer_frees_its_units_and_never_goes_out(desk):
    sent = desk.send()
    with pytest.raises(NotFound):
        cancel(sent.transfer_id, by=STRANGER)
    assert cancel(sent.transfer_id).state == "CANCELLED"
    assert desk.held() == ({"FREE": 100}, {})
    with pytest.raises(IllegalTransition):
        execute(sent.transfer_id)
    assert clean()


def test_its_reservation_is_not_released_or_delivered_by_hand(desk):
    desk.send()
    hold = PendingTransfer.objects.get().hold
    with pytest.raises(rules.KeptByAnother):
        operations.release_hold(hold_id=hold.pk, by=PARK_MANAGER, at=NOON, idempotency_key="r")
    with pytest.raises(rules.KeptByAnother):
        operations.capture_hold(
            hold_id=hold.pk,
            to_account_id=desk.buyer.pk,
            by=PARK_MANAGER,
            at=NOON,
            idempotency_key="c",
        )
    assert desk.held() == ({"FREE": 60, "RESERVED": 40}, {})


def test_an_ordinary_reservation_is_no_way_around_the_delay(desk):
    hold = operations.place_hold(
        kind="RESERVE",
        account_id=desk.account.pk,
        lot_id=desk.lot,
        unit_count=5,
        by=PARK_MANAGER,
        at=NOON,
        idempotency_key="h",
    )
    with pytest.raises(CounterpartyNotTrusted):
        operations.capture_hold(
            hold_id=hold.pk,
            to_account_id=desk.buyer.pk,
            by=APPROVER,
            at=NOON,
            idempotency_key="c",
        )


def test_a_freeze_in_line_holds_it_back_until_it_is_lifted(desk):
    sent = desk.send()
    hold = PendingTransfer.objects.get().hold
    order = freeze(desk.account.pk, desk.lot, 40, behind=hold.pk)
    row = execute(sent.transfer_id)
    assert (row.state, row.refusal) == ("WAITING", "freeze_in_force")
    events = Event.objects.count()
    execute(sent.transfer_id)
    assert Event.objects.count() == events
    operations.release_hold(
        hold_id=order.pk, by=PARK_MANAGER, at=NOON, idempotency_key="r", order_number="解除"
    )
    assert execute(sent.transfer_id).state == "DONE"
    assert desk.held() == ({"FREE": 60}, {"FREE": 40})
    assert clean()


def test_the_job_sends_what_is_due(desk, settings, monkeypatch):
    desk.send()
    monkeypatch.setattr(tasks.timezone, "now", lambda: TOMORROW)
    settings.CELERY_TASK_ALWAYS_EAGER = True
    for transfer_id in queries.due_transfer_ids(date(2026, 1, 6)):
        tasks.send_transfer(transfer_id=str(transfer_id))
    assert desk.held() == ({"FREE": 60}, {"FREE": 40})
    assert queries.due_transfer_ids(date(2026, 1, 6)) == []


# --- races


def test_going_out_and_cancelling_race_and_one_wins(committed_db):
    desk = Desk()
    sent = desk.send()
    refused = race(
        lambda: execute(sent.transfer_id),
        lambda: cancel(sent.transfer_id, at=TOMORROW),
    )
    assert [one.code for one in refused] == ["illegal_transition"]
    assert desk.held() in (({"FREE": 60}, {"FREE": 40}), ({"FREE": 100}, {}))
    assert clean()


def test_a_transfer_and_a_freeze_race_and_no_unit_is_in_both(committed_db):
    desk = Desk()
    desk.trust(at=NOON - timedelta(days=30))
    refused = race(
        lambda: desk.send(100),
        lambda: freeze(desk.account.pk, desk.lot, 100),
        lambda: desk.send(100, idempotency_key=str(new_id())),
    )
    assert {one.code for one in refused} == {"not_enough_units"} and len(refused) == 2
    assert desk.held() in (({"FROZEN": 100}, {}), ({}, {"FREE": 100}))
    assert clean()
