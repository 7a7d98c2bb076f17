"""What the rooms say, from real breaks, requests, years, units and holds."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.utils.translation import override

from config import messages
from ledger.approvals import operations as approvals
from ledger.compliance import operations as compliance
from ledger.instruments.operations import load_schemes
from ledger.jobs.models import OutboxMessage
from ledger.kernel.actors import SYSTEM
from ledger.notices import operations, queries
from ledger.notices.models import Notice
from ledger.parameters.operations import load_seeds
from ledger.parties.models import Party
from ledger.reconciliation.models import Break
from tests.factories import holdings, people, statements
from tests.factories.statements import LATER, line
from tests.factories.units import issued, lot

pytestmark = pytest.mark.django_db
SEEDS = Path(__file__).resolve().parents[3] / "seeds"
NOON = datetime(2026, 1, 5, 4, 0, tzinfo=UTC)
TODAY, DAY = date(2026, 1, 5), timedelta(days=1)


@pytest.fixture(autouse=True)
def _rule_book(db):
    messages.compile_all()
    load_seeds(folder=SEEDS, by=SYSTEM, at=NOON)
    load_schemes(by=SYSTEM, at=NOON)


def collect(kind, at=NOON):
    return operations.collect(kind=kind, by=SYSTEM, at=at)


def said(actor, language="en", at=NOON):
    with override(language):
        rows = queries.inbox(actor, on=at.date())
        return [queries.told(row).sentence for row in rows]


def test_differences_are_one_notice_a_vintage_until_they_are_closed():
    place = statements.shop()
    statements.statement(
        place.account_id, line(90, 1, space=place.space), by=place.maker, file_sha256="ab" * 32
    )
    (found,) = statements.compare(place.account_id)
    assert OutboxMessage.objects.filter(args={"kind": "reconciliation.breaks"}).count() == 1

    collect("reconciliation.breaks", LATER)
    (sentence,) = said(place.maker, at=LATER)
    assert sentence.startswith("CCER 2025 in account S-")
    assert "1 difference from the registry's statement is open" in sentence
    assert "有 1 处差异未结" in said(place.maker, "zh-hans", at=LATER)[0]
    assert said(place.checker, at=LATER) == []

    collect("reconciliation.breaks", LATER + 2 * DAY)  # nobody read it for 48 hours
    assert len(said(place.checker, at=LATER)) == 1

    Break.objects.filter(pk=found.pk).update(
        state="CLOSED", closed_at=LATER, closed_by=place.maker.user_id
    )
    assert collect("reconciliation.breaks", LATER + 3 * DAY).settled_count == 1
    assert said(place.maker, at=LATER) == []


def ask(maker):
    name = "holds.release_hold"
    return approvals.request_approval(
        operation=name,
        payload={"hold_id": str(SYSTEM.user_id), "key": "1"},
        summary=["x"],
        party_id=maker.party_id,
        by=maker,
        at=NOON,
    )


@pytest.fixture
def thing(monkeypatch):
    """An act that waits for approval, of the tests' own making."""
    name = "holds.release_hold"
    from ledger.approvals import queries as known

    was = known.get_approvable(name)
    approvals.register(
        name, execute=lambda *_, **__: {}, describe=lambda _: ["x"], fingerprint=lambda _: {},
        title="Release",
    )  # fmt: skip
    yield
    known.register(was)


def test_a_request_reaches_the_checkers_at_once_and_never_its_maker(thing):
    party = people.make_party()
    maker = people.make_actor("CARBON_MANAGER", party=party, name="陈安")
    people.give(queries_user(maker), party, "APPROVER")  # she could decide those of others
    from ledger.parties.queries import actor_for

    maker = actor_for(maker.user_id, party.pk, people.TODAY)
    checker = people.make_actor("APPROVER", party=party)
    asked = ask(maker)
    assert OutboxMessage.objects.filter(
        task="notices.collect_kind", args={"kind": "approvals.waiting"}
    ).exists()

    collect("approvals.waiting")
    assert said(checker) == ["陈安 asks for approval: Release."]
    assert said(checker, "zh-hans") == ["陈安 提请审批：Release。"]
    assert said(maker) == []

    approvals.reject(approval_id=asked.pk, by=checker, at=NOON, reason="no")
    collect("approvals.waiting")
    assert said(checker) == []


def queries_user(actor):
    from ledger.parties.models import User

    return User.objects.get(pk=actor.user_id)


def power_plant(manager):
    compliance.load_regimes(folder=SEEDS, by=SYSTEM, at=NOON)
    entity = compliance.enter_entity(
        party_id=manager.party_id, regime="CN_NATIONAL", code="P", name="热电站",
        name_en="Power plant", sector="POWER", first_year=2025, told_on=TODAY,
        by=manager, at=NOON,
    )  # fmt: skip
    compliance.record_emissions(
        entity_id=entity.pk, year=2025, parts={"1": Decimal(100)}, purpose="ETS",
        verification="V-1", content_hash="ab" * 32, evidence="核查报告", told_on=TODAY,
        by=manager, at=NOON,
    )  # fmt: skip
    return entity


def test_a_surrender_is_reminded_of_becomes_urgent_and_reaches_the_approver():
    party = people.make_party()
    manager = people.make_actor("CARBON_MANAGER", party=party)
    approver = people.make_actor("APPROVER", party=party)
    power_plant(manager)

    def at(month, day, year=2026):
        return datetime(year, month, day, 4, tzinfo=UTC)

    def surrender():
        return Notice.objects.get(params__zh="清缴截止", settled_at=None)

    collect("compliance.due", at(10, 31))  # 61 days before
    assert not Notice.objects.filter(params__zh="清缴截止").exists()
    collect("compliance.due", at(11, 1))
    assert (surrender().round, surrender().severity) == (0, 2)
    collect("compliance.due", at(12, 1))
    assert surrender().round == 1
    assert said(approver, at=at(12, 1)) == []
    collect("compliance.due", at(12, 24))
    assert (surrender().round, surrender().severity) == (3, 3)
    assert any("100 t are still open." in one for one in said(approver, at=at(12, 24)))
    collect("compliance.due", at(1, 2, 2027))
    late = surrender()
    assert late.params["late"] == 2
    assert "Surrender of P Power plant for 2025 was due on" in said(manager, at=at(1, 2, 2027))[0]
    assert "已于" in said(manager, "zh-hans", at=at(1, 2, 2027))[0]


def test_units_that_end_are_told_of_by_account_and_scheme():
    party = people.make_party()
    manager = people.make_actor("CARBON_MANAGER", party=party)
    account = holdings.open_account("E-1", by=manager)
    for _ in range(2):
        issued(account.pk, 30, lot_id=lot(scheme="CCER", expires_on=TODAY + 31 * DAY))
    collect("units.ending")

    (notice,) = Notice.objects.filter(kind="units.ending")
    assert (notice.params["units"], notice.due_on, notice.round) == (60, TODAY + 30 * DAY, 1)
    assert said(manager) == [
        "60 units of CCER in account E-1 can be used until 4 Feb 2026, and not after it."
    ]
    assert "最迟可用至" in said(manager, "zh-hans")[0]


def test_the_end_of_a_pledge_is_told_to_both_sides_and_to_nobody_else():
    park, bank = people.make_party(), people.make_party(kind="BANK", name_zh="银行")
    manager = people.make_actor("CARBON_MANAGER", party=park)
    officer = people.make_actor("BANK_OFFICER", party=bank)
    stranger = people.make_actor("BANK_OFFICER")
    account = holdings.open_account("H-1", by=manager)
    lot_id = lot()
    issued(account.pk, 50, lot_id=lot_id)
    holdings.pledge(
        account.pk, lot_id, 20, by=manager, in_favour_of=bank.pk, expires_on=TODAY + 7 * DAY
    )
    collect("holds.ending")

    assert len(said(manager)) == len(said(officer)) == 1
    assert said(stranger) == []
    assert "pledge of 20 units" in said(officer)[0]
    assert "质押" in said(officer, "zh-hans")[0]


def test_a_transfer_that_waits_is_told_before_it_goes_out():
    from ledger.holds import operations as holds

    manager = people.make_actor("CARBON_MANAGER")
    party = Party.objects.get(pk=manager.party_id)
    approver = people.make_actor("APPROVER", party=party)
    account = holdings.open_account("T-1", by=manager)
    lot_id = lot()
    issued(account.pk, 50, lot_id=lot_id)
    buyer = holdings.open_account("T-2", by=holdings.STRANGER)
    holds.send_units(
        lot_id=lot_id, from_account_id=account.pk, to_account_id=buyer.pk, unit_count=5,
        happened_on=TODAY, idempotency_key="s", by=manager, at=NOON,
    )  # fmt: skip
    collect("holds.transfers")

    assert "5 units of lot" in said(approver)[0]
    assert "unless somebody stops the transfer" in said(manager)[0]
    assert "除非有人中止" in said(manager, "zh-hans")[0]
