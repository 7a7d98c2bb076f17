import pytest
from django.core.management import call_command
from django.test import Client

from config.start import operations, views
from config.start.rules import SHEETS, AlreadyFounded, RowsRefused
from ledger.accounts import queries as accounts
from ledger.approvals import operations as approvals
from ledger.doors import tabular
from ledger.kernel.actors import Role
from ledger.parties import queries as parties
from ledger.parties.models import Party
from ledger.units import queries as units
from reporting.parks import queries as parks
from tests.factories.people import NOON, TODAY, give, make_actor, make_user

FOUND = {
    "name_zh": "某某园区运营有限公司", "name_en": "", "uscc": "", "region": "330000",
    "email": "first@example.cn", "person": "王一", "password": "correct horse battery 42",
}  # fmt: skip


@pytest.fixture
def manager(db):
    call_command("load_reference", verbosity=0)
    operations.found(**FOUND, at=NOON, on=TODAY)
    operator = Party.objects.get(kind="PARK_OPERATOR")
    return make_actor("CARBON_MANAGER", party=operator, name="赵三")


def take(kind, text, by):
    return operations.import_sheet(kind=kind, content=text.encode(), by=by, at=NOON)


def example(kind):
    sheet = SHEETS[kind]
    return tabular.to_csv(sheet.columns, [sheet.example]).decode("utf-8-sig")


def test_the_example_of_every_sheet_can_be_taken_in(manager):
    for kind in ("parties", "parks", "tenants", "sources", "accounts"):
        assert take(kind, example(kind), manager) == 1

    park = parks.find_park("PARK-1")
    assert [source.code for source in parks.sources_of(park.id)] == ["POWER-1"]
    assert [one.number for one in accounts.accounts_of(manager.party_id)] == ["330000-0001"]


def test_one_bad_row_refuses_the_file(manager):
    text = "type,registry,number,name\nHOLDING,CCRC,1,\nNONSENSE,CCRC,2,\nHOLDING,NOWHERE,3,\n"

    with pytest.raises(RowsRefused) as caught:
        take("accounts", text, manager)
    assert [row for row, _ in caught.value.problems] == [3, 4]
    assert not accounts.accounts_of(manager.party_id).exists()


def test_an_operator_is_founded_once(manager):
    with pytest.raises(AlreadyFounded):
        operations.found(**{**FOUND, "email": "other@example.cn"}, at=NOON, on=TODAY)
    assert Party.objects.filter(kind="PARK_OPERATOR").count() == 1


def test_opening_positions_are_posted_by_their_approval_and_not_before(manager, settings, tmp_path):
    take("accounts", example("accounts"), manager)
    positions = operations.read_positions(example("positions").encode(), by=manager)
    payload = {"positions": positions, "evidence": "ab" * 32}
    asked = approvals.request_approval(
        operation=views.OPENING, payload=payload, summary=views.describe(payload),
        party_id=manager.party_id, by=manager, at=NOON,
    )  # fmt: skip
    own = accounts.account_ids_of(manager.party_id)
    assert units.holdings_in(own) == []

    checker = make_user(name="李二", totp=True)
    give(checker, Party.objects.get(pk=manager.party_id), Role.APPROVER)
    approver = parties.actor_for(checker.pk, manager.party_id, TODAY)
    approvals.approve(approval_id=asked.pk, by=approver, at=NOON)

    assert [(h.scheme, h.unit_count) for h in units.holdings_in(own)] == [("CEA", 1000)]


@pytest.mark.django_db
def test_the_first_page_wants_the_servers_code(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    client = Client(SERVER_NAME="localhost")
    refused = client.post("/start/", {**FOUND, "code": "guess"})
    assert refused.status_code == 409
    assert not Party.objects.exists()

    done = client.post("/start/", {**FOUND, "code": views.setup_code()})
    assert done.status_code == 302
    assert Party.objects.get().name_zh == FOUND["name_zh"]
    assert client.get("/start/").status_code == 302


def test_a_bank_officer_cannot_take_parties_in(manager):
    officer = make_actor("BANK_OFFICER")
    with pytest.raises(RowsRefused):
        take("parties", example("parties"), officer)
