"""A second pair of eyes: who asks moves nothing, who approves lets exactly that happen."""

from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_otp import DEVICE_ID_SESSION_KEY
from django_otp.plugins.otp_totp.models import TOTPDevice

from ledger.accounts.models import Account
from ledger.approvals import operations as approvals
from ledger.approvals.models import Approval
from ledger.approvals.rules import MakerIsChecker, StateChanged
from ledger.instruments.operations import load_schemes
from ledger.kernel.actors import SYSTEM, Actor
from ledger.kernel.errors import DomainError
from ledger.kernel.ids import new_id
from ledger.parties import queries as parties
from ledger.parties.middleware import SIGNED_IN_AT
from ledger.parties.models import User
from ledger.units import approvable
from ledger.units.models import Entry, Position
from tests.factories.holdings import open_account, pledge, quantities, release
from tests.factories.people import NOON, give, make_actor, make_party
from tests.factories.units import issued, lot

pytestmark = pytest.mark.django_db
RETIRE = "units.retire_units"


class Desk:
    """A park with 300 units, its carbon manager and its approver."""

    def __init__(self) -> None:
        load_schemes(by=SYSTEM, at=NOON)
        self.party = make_party(name_zh="梅山园区")
        self.manager = make_actor("CARBON_MANAGER", party=self.party, name="陈安")
        self.approver = make_actor("APPROVER", party=self.party, name="林青")
        self.account: Account = open_account("A-1", by=self.manager)
        self.lot_id: UUID = lot(scheme="CCER", vintage_year=2024)
        issued(self.account.pk, 300, lot_id=self.lot_id)

    def held(self) -> dict[str, int]:
        return quantities(self.account.pk, self.lot_id)

    def payload(self, **more: Any) -> dict[str, Any]:
        return {
            "lot_id": str(self.lot_id),
            "account_id": str(self.account.pk),
            "unit_count": 100,
            "ranges": [],
            "beneficiary_id": str(self.party.pk),
            "purpose": "零碳会议",
            "happened_on": "2026-03-02",
            "reason": "2025 年会",
            "key": "k-1",
            **more,
        }

    def ask(
        self, operation: str = RETIRE, *, by: Actor | None = None, payload: Any = None
    ) -> Approval:
        payload = payload or self.payload()
        return approvals.request_approval(
            operation=operation,
            payload=payload,
            summary=["100 units are retired"],
            party_id=self.party.pk,
            by=by or self.manager,
            at=NOON,
        )

    def approve(self, approval: Approval, *, by: Actor | None = None) -> Approval:
        return approvals.approve(approval_id=approval.pk, by=by or self.approver, at=NOON)


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_asking_moves_nothing_and_approving_retires_under_the_approvals_id(desk):
    asked = desk.ask()
    assert desk.held() == {"FREE": 300}
    given = desk.approve(asked)
    assert desk.held() == {"FREE": 200, "RETIRED": 100}
    entry = Entry.objects.get(pk=given.result["entry"])
    assert entry.approval_id == asked.pk


def test_whoever_asked_cannot_approve_even_with_the_other_role(desk):
    asked = desk.ask()
    maker = User.objects.get(pk=desk.manager.user_id)
    give(maker, desk.party, "DATA_OFFICER")
    both = Actor(
        user_id=desk.manager.user_id,
        party_id=desk.party.pk,
        roles=desk.manager.roles | desk.approver.roles,
    )
    with pytest.raises(MakerIsChecker):
        desk.approve(asked, by=both)
    assert desk.held() == {"FREE": 300}


def test_units_pledged_in_between_refuse_the_approval(desk):
    asked = desk.ask()
    pledge(desk.account.pk, desk.lot_id, 250, by=desk.manager)
    before = (desk.held(), Entry.objects.count())
    with pytest.raises(StateChanged):
        desk.approve(asked)
    assert (desk.held(), Entry.objects.count()) == before
    asked.refresh_from_db()
    assert asked.state == "REQUESTED"


def test_approving_twice_executes_once(desk):
    asked = desk.ask()
    desk.approve(asked)
    with pytest.raises(DomainError, match="APPROVED"):
        desk.approve(asked)
    assert desk.held() == {"FREE": 200, "RETIRED": 100}


def test_one_key_in_two_requests_posts_once(desk):
    first, second = desk.ask(), desk.ask()
    desk.approve(first)
    with pytest.raises(StateChanged):
        desk.approve(second)
    execute = approvable.execute_with(approvable.MOVES[RETIRE])
    again = execute(desk.payload(), by=desk.manager, at=NOON, approval_id=second.pk)
    first.refresh_from_db()
    assert again == first.result
    assert desk.held() == {"FREE": 200, "RETIRED": 100}


def test_a_managers_reversal_happens_by_the_approvers_authority(desk):
    retired = desk.approve(desk.ask())
    payload = {
        "entry_id": retired.result["entry"],
        "happened_on": "2026-03-02",
        "reason": "wrong year",
        "key": "k-2",
    }
    desk.approve(desk.ask(approvable.REVERSE, payload=payload))
    assert desk.held() == {"FREE": 300}


def test_a_bank_releases_by_two_officers_and_a_smaller_hold_refuses(desk):
    bank = make_party(kind="BANK", name_zh="甬江银行")
    one, two = (make_actor("BANK_OFFICER", party=bank, name=name) for name in ("周", "吴"))
    hold = pledge(desk.account.pk, desk.lot_id, 300, by=desk.manager, in_favour_of=bank.pk)

    def ask(count: int) -> Approval:
        return approvals.request_approval(
            operation="holds.release_hold",
            payload={
                "hold_id": str(hold.pk),
                "unit_count": count,
                "order_number": "",
                "reason": "repaid",
                "key": str(new_id()),
            },
            summary=["released"],
            party_id=bank.pk,
            by=one,
            at=NOON,
        )

    first, late = ask(100), ask(50)
    approvals.approve(approval_id=first.pk, by=two, at=NOON)
    assert desk.held() == {"FREE": 100, "PLEDGED": 200}
    with pytest.raises(StateChanged):
        approvals.approve(approval_id=late.pk, by=two, at=NOON)
    release(hold, by=one)
    assert desk.held() == {"FREE": 300}


def signed_in(actor: Actor) -> Client:
    client = Client(SERVER_NAME="localhost")
    user = User.objects.get(pk=actor.user_id)
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    session = client.session
    session[SIGNED_IN_AT] = timezone.now().isoformat()
    device = TOTPDevice.objects.filter(user=user).first()
    if device:
        session[DEVICE_ID_SESSION_KEY] = device.persistent_id
    session.save()
    return client


def test_through_the_pages_the_manager_asks_and_the_approver_lets_it_happen(desk):
    position = Position.objects.get(account_id=desk.account.pk, state="FREE")
    act = reverse("admin:ledger_units_position_act", args=[position.pk, "retire"])
    filled = {
        "unit_count": "100",
        "ranges": "",
        "happened_on": "2026-03-02",
        "reason": "annual meeting",
        "beneficiary_id": str(desk.party.pk),
        "purpose": "zero-carbon meeting",
    }
    manager = signed_in(desk.manager)
    page = manager.post(act, filled, HTTP_ACCEPT_LANGUAGE="zh-hans")
    assert page.status_code == 200
    said = " ".join(page.context["sentences"])
    assert "100" in said and "A-1" in said and parties.name_of(desk.party.pk) in said
    sure = {**filled, "confirmed": "yes", "idempotency_key": page.context["key"]}
    assert manager.post(act, sure).status_code == 302
    assert manager.post(act, sure).status_code == 302  # sent twice, asked once
    assert desk.held() == {"FREE": 300}
    asked = Approval.objects.get()

    decide = reverse("admin:ledger_approvals_approval_act", args=[asked.pk, "approve"])
    seen = {"seen": bytes(asked.payload_digest).hex(), "reason": "", "confirmed": "yes"}
    manager.post(decide, seen)
    assert desk.held() == {"FREE": 300}
    approver = signed_in(desk.approver)
    assert approver.post(decide, {**seen, "idempotency_key": "x"}).status_code == 302
    assert desk.held() == {"FREE": 200, "RETIRED": 100}


def test_asking_for_more_than_is_free_is_refused_on_the_page(desk):
    position = Position.objects.get(account_id=desk.account.pk, state="FREE")
    act = reverse("admin:ledger_units_position_act", args=[position.pk, "cancel"])
    filled = {"unit_count": "301", "ranges": "", "happened_on": "2026-03-02", "reason": "x"}
    assert signed_in(desk.manager).post(act, filled).status_code == 409
    assert not Approval.objects.exists()
