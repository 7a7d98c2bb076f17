"""Safeguards through the pages: thresholds, trusted accounts, a transfer that waits; and orders."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from ledger.accounts.models import TrustedAccount
from ledger.approvals.models import Approval, Threshold
from ledger.claims.models import Issuance
from ledger.holds.models import Hold, PendingTransfer, Renewal
from ledger.instruments.models import Plant, Project
from ledger.kernel.actors import SYSTEM
from ledger.parameters.operations import load_seeds
from ledger.units.models import Position
from tests.factories.holdings import NOON, STRANGER, open_account
from tests.factories.people import give, make_user
from tests.stories.test_approved_acts import Desk, signed_in

pytestmark = pytest.mark.django_db
SEEDS = Path(__file__).resolve().parents[2] / "seeds"


@pytest.fixture
def desk() -> Desk:
    load_seeds(folder=SEEDS, by=SYSTEM, at=NOON)
    return Desk()


def act_on_list(client: Client, model: str, act: str, filled: dict[str, Any]) -> list[str]:
    return act_at(client, reverse(f"admin:{model}_do", args=[act]), filled)


def act_on(client: Client, model: str, pk: Any, act: str, filled: dict[str, Any]) -> list[str]:
    return act_at(client, reverse(f"admin:{model}_act", args=[pk, act]), filled)


def act_at(client: Client, address: str, filled: dict[str, Any]) -> list[str]:
    """Fill in, read the page of plain words, confirm; answers with the words."""
    assert client.get(address).status_code == 200
    page = client.post(address, filled)
    assert page.status_code == 200, page.context["refusal"]
    said: list[str] = page.context["sentences"]
    sure = {**filled, "confirmed": "yes", "idempotency_key": page.context["key"]}
    assert client.post(address, sure).status_code == 302
    return said


def approve_newest(client: Client) -> Approval:
    asked = Approval.objects.order_by("-requested_at", "-id")[0]
    seen = {"seen": bytes(asked.payload_digest).hex(), "reason": ""}
    act_on(client, "ledger_approvals_approval", asked.pk, "approve", seen)
    asked.refresh_from_db()
    return asked


def today() -> str:
    return timezone.localdate().isoformat()


def test_a_large_act_needs_two_approvers_and_a_small_one_none(desk):
    manager, approver = signed_in(desk.manager), signed_in(desk.approver)
    filled = {"act": "", "tiers": "0:0, 50:2", "valid_from": today(), "reason": "内控"}
    act_on_list(manager, "ledger_approvals_threshold", "set", filled)
    assert Threshold.objects.count() == 0
    assert approve_newest(approver).state == "APPROVED"
    assert Threshold.objects.get().tiers == [[0, 0], [50, 2]]

    position = Position.objects.get(account_id=desk.account.pk, state="FREE")
    small = {"unit_count": "49", "ranges": "", "happened_on": "2026-03-02", "reason": "r"}
    act_on(manager, "ledger_units_position", position.pk, "cancel", small)
    assert desk.held() == {"FREE": 251, "CANCELLED": 49}

    act_on(manager, "ledger_units_position", position.pk, "cancel", {**small, "unit_count": "50"})
    assert approve_newest(approver).state == "REQUESTED"
    second = make_user(totp=True)
    give(second, desk.party, "APPROVER")
    from ledger.parties.queries import actor_for

    other = signed_in(actor_for(second.pk, desk.party.pk, timezone.localdate()))
    assert approve_newest(other).state == "APPROVED"
    assert desk.held() == {"FREE": 201, "CANCELLED": 99}


def test_a_transfer_to_a_new_counterparty_waits_and_is_cancelled_on_its_page(desk):
    manager, approver = signed_in(desk.manager), signed_in(desk.approver)
    buyer = open_account("B-1", by=STRANGER)
    position = Position.objects.get(account_id=desk.account.pk, state="FREE")
    filled = {
        "unit_count": "100",
        "ranges": "",
        "happened_on": today(),
        "reason": "销售合同 7",
        "registry": "CCRC",
        "number": "B-1",
    }
    said = act_on(manager, "ledger_units_position", position.pk, "transfer", filled)
    assert any("1" in one and "B-1" not in one for one in said)
    approve_newest(approver)
    row = PendingTransfer.objects.get()
    assert (row.state, row.to_account_id) == ("WAITING", buyer.pk)
    assert desk.held() == {"FREE": 200, "RESERVED": 100}

    page = manager.get(reverse("admin:ledger_holds_pendingtransfer_change", args=[row.pk]))
    assert page.status_code == 200
    act_on(manager, "ledger_holds_pendingtransfer", row.pk, "cancel", {"reason": "误填"})
    assert desk.held() == {"FREE": 300}


def test_an_account_goes_on_the_list_and_off_it_by_two(desk):
    manager, approver = signed_in(desk.manager), signed_in(desk.approver)
    open_account("B-1", by=STRANGER)
    filled = {"registry": "CCRC", "number": "B-1", "reason": "年度合同"}
    act_on_list(manager, "ledger_accounts_trustedaccount", "trust", filled)
    assert TrustedAccount.objects.count() == 0
    approve_newest(approver)
    row = TrustedAccount.objects.get()
    assert row.trusted_from > timezone.localdate() + timedelta(days=3)
    act_on(manager, "ledger_accounts_trustedaccount", row.pk, "distrust", {"reason": "终止"})
    approve_newest(approver)
    row.refresh_from_db()
    assert row.removed_at is not None


def test_an_order_is_recorded_and_renewed_on_its_pages(desk):
    manager = signed_in(desk.manager)
    ends = timezone.localdate() + timedelta(days=300)
    filled = {
        "place": f"{desk.account.pk}:{desk.lot_id}",
        "unit_count": "70",
        "order_number": "(2026)浙02执保7号",
        "order_body": "宁波市中级人民法院",
        "begins_on": today(),
        "expires_on": ends.isoformat(),
        "evidence": "协助执行通知书",
    }
    act_on_list(manager, "ledger_holds_hold", "freeze", filled)
    hold = Hold.objects.get()
    assert desk.held() == {"FREE": 230, "FROZEN": 70}
    later = {
        **{name: filled[name] for name in ("order_body", "begins_on", "evidence")},
        "order_number": "续冻 7-1",
        "expires_on": (ends + timedelta(days=300)).isoformat(),
    }
    act_on(manager, "ledger_holds_hold", hold.pk, "renew", later)
    assert Renewal.objects.get().order_number == "续冻 7-1"


def test_a_plant_is_metered_issued_registered_as_a_project_and_withdrawn(desk):
    manager, approver = signed_in(desk.manager), signed_in(desk.approver)
    plant = {"code": "W-1", "name_zh": "象山海上风电", "technology": "OFFSHORE_WIND"}
    act_on_list(manager, "ledger_instruments_plant", "register", plant)
    made = Plant.objects.get(code="W-1")
    assert made.owner_id == desk.party.pk
    month = "2026-01-01"
    meter = {"plant": str(made.pk), "month": month, "metered_mwh": "100.5", "evidence": "结算单"}
    act_on_list(manager, "ledger_claims_generation", "record", meter)
    issuer = open_account("NEA", kind="ISSUER")
    issue = {
        "plant": str(made.pk),
        "month": month,
        "issuer": str(issuer.pk),
        "account": str(desk.account.pk),
        "scheme": "GEC",
        "first_serial": "1",
    }
    act_on_list(manager, "ledger_claims_issuance", "issue", issue)
    issuance = Issuance.objects.get()
    assert issuance.unit_count == 100

    project = {
        "scheme": "CCER",
        "code": "CCER-1",
        "name_zh": "象山海上风电",
        "plant": str(made.pk),
        "crediting_from": "2025-01-01",
        "crediting_to": "2035-01-01",
    }
    act_on_list(manager, "ledger_instruments_project", "register", project)
    states = Position.objects.filter(lot=issuance.lot, quantity__gt=0)
    assert [row.state for row in states] == ["FROZEN"]
    reduced = {
        "project": str(Project.objects.get().pk),
        "first_day": "2026-01-01",
        "last_day": "2026-01-31",
        "reason": "减排量登记 17",
    }
    act_on_list(manager, "ledger_holds_hold", "registered", reduced)
    approve_newest(approver)
    assert [row.state for row in states.all()] == ["CANCELLED"]
    act_on(
        manager, "ledger_instruments_project", Project.objects.get().pk, "withdraw", {"reason": "r"}
    )
    assert Project.objects.get().state == "WITHDRAWN"


def test_what_ends_soon_is_found_by_its_filter(desk):
    page = signed_in(desk.manager).get("/admin/ledger_units/position/?ends_within=90")
    assert page.status_code == 200 and not page.context["cl"].result_list
