"""The ledger for machines: exact figures, other parties' things as if not there, acts done once."""

import re
from dataclasses import asdict
from datetime import UTC, date, datetime
from types import SimpleNamespace

import pytest
from django.db import connection

from ledger.accounts import operations as accounts
from ledger.approvals import operations as approvals
from ledger.approvals.models import Approval
from ledger.instruments.operations import load_schemes
from ledger.kernel.actors import SYSTEM, Actor, Role
from ledger.kernel.ids import new_id
from ledger.units import approvable, queries
from ledger.units.models import Entry
from ledger.units.queries.as_of import PLACES
from ledger.units.queries.past import movement_statement
from ledger.units.queries.searching import FIND, WAY
from ledger.units.states import UnitState
from tests.factories.machines import machine
from tests.factories.people import make_actor, make_party
from tests.factories.units import FREE, ISSUER, UNISSUED, leg, lot
from tests.factories.units import post as posted

pytestmark = pytest.mark.django_db

RETIRED = UnitState.RETIRED
NOON = datetime(2026, 5, 4, 4, 0, tzinfo=UTC)


def post(legs, **more):
    return posted(legs, at=NOON, **more)


def opened(party, number):
    return accounts.open_account(
        holder_id=party.id, type="HOLDING", registry="CCRC", number=number, by=SYSTEM, at=NOON
    ).pk


@pytest.fixture
def world():
    """Two parties; 100 units of ours with the numbers 1–100, then three movements, one late."""
    load_schemes(by=SYSTEM, at=NOON)
    park, other = make_party(), make_party(name_zh="别家", name_en="Other")
    ours, theirs = opened(park, "A-1"), opened(other, "B-1")
    lot_id = lot("LOT-1", space=True)
    post(leg(lot_id, (ISSUER, UNISSUED), (ours, FREE), 100, 1), kind="ISSUE", on=date(2026, 1, 5))
    post(leg(lot_id, (ours, FREE), (theirs, FREE), 40, 1), on=date(2026, 3, 10))
    post(leg(lot_id, (theirs, FREE), (theirs, RETIRED), 5, 1), kind="RETIRE", on=date(2026, 4, 1))
    # recorded late: it happened before the transfer of March
    post(leg(lot_id, (ours, FREE), (ours, RETIRED), 10, 91), kind="RETIRE", on=date(2026, 2, 1))
    return SimpleNamespace(park=park, other=other, ours=ours, theirs=theirs, lot_id=lot_id)


def places(answer):
    return {(row["state"], row["quantity"]["amount"]) for row in answer.json()["items"]}


def test_positions_now_and_at_the_end_of_a_day(world):
    mine = machine(world.park.id)
    assert places(mine.get("positions/")) == {("FREE", 50), ("RETIRED", 10)}
    assert places(mine.get("positions/", as_of="2026-03-09")) == {("FREE", 90), ("RETIRED", 10)}
    assert places(mine.get("positions/", as_of="2026-01-31")) == {("FREE", 100)}
    assert places(mine.get("positions/", as_of="2026-01-04")) == set()
    row = mine.get("positions/", state="FREE").json()["items"][0]
    assert row == {
        "id": row["id"],
        "account_id": str(world.ours),
        "lot_id": str(world.lot_id),
        "lot_code": "LOT-1",
        "scheme": "CEA",
        "vintage_year": 2025,
        "expires_on": None,
        "state": "FREE",
        "quantity": {"amount": 50, "measure": "t"},
    }


def test_many_positions_at_once_are_as_each_alone(world):
    days = [date(2026, month, day) for month in (1, 2, 3, 4) for day in (1, 5, 10, 28)]
    for day in days:
        found = queries.places(queries.Wanted(account_ids=None, day=day))
        for state in (FREE, RETIRED):
            for account in (world.ours, world.theirs):
                alone = queries.position_as_of(
                    account_id=account, lot_id=world.lot_id, state=state, day=day
                )
                together = sum(
                    one.unit_count
                    for one in found
                    if (one.account_id, one.state) == (account, state)
                )
                assert together == alone, (day, state)


def test_the_line_of_a_chart_ends_at_the_balance(world):
    wanted = queries.Wanted(account_ids=[world.ours])
    months = [date(2026, month, 1) for month in (1, 2, 3, 4, 5)]
    assert queries.line(wanted, months=months) == {
        ("CEA", UnitState.FREE): [0, 100, 90, 50, 50],
        ("CEA", UnitState.RETIRED): [0, 0, 10, 10, 10],
    }


def test_a_number_beyond_exact_doubles_is_text(world):
    lot_id = lot("BIG")
    for count in (2**53 - 1, 2**53):
        post(leg(lot_id, (ISSUER, UNISSUED), (opened(world.park, f"A-{count}"), FREE), count))
    rows = machine(world.park.id).get("positions/", lot_id=str(lot_id)).json()["items"]
    assert [row["quantity"]["amount"] for row in rows] == [9007199254740991, "9007199254740992"]


@pytest.mark.parametrize("path", ["positions/", "movements/"])
def test_another_partys_account_as_a_filter_is_as_if_not_there(world, path):
    mine = machine(world.park.id)
    refused = mine.get(path, account_id=str(world.theirs))
    absent = mine.get(path, account_id=str(new_id()))
    assert refused.status_code == absent.status_code == 404
    assert refused.json() == absent.json()


def test_movements_come_once_newest_first_and_only_ours(world):
    rows = machine(world.park.id).get("movements/").json()["items"]
    assert [(one["kind"], one["happened_on"], one["quantity"]["amount"]) for one in rows] == [
        ("TRANSFER", "2026-03-10", 40),
        ("RETIRE", "2026-02-01", 10),
        ("ISSUE", "2026-01-05", 100),
    ]
    assert rows[0]["target"] == {
        "account_id": str(world.theirs), "number": "B-1", "state": "FREE", "is_yours": False,
    }  # fmt: skip
    assert (rows[0]["first_serial"], rows[0]["last_serial"]) == (1, 40)


def issue_more(world):
    other = lot()
    for day in (date(2026, 1, 2), date(2026, 5, 1)):
        post(leg(other, (ISSUER, UNISSUED), (world.ours, FREE), 1), kind="ISSUE", on=day)


def test_movements_are_filtered_and_paged_without_drift(world):
    mine = machine(world.park.id)
    before = {one["id"] for one in mine.get("movements/").json()["items"]}
    for more in ({"order": "happened_on"}, {}):
        page, seen = mine.get("movements/", limit=1, **more).json(), []
        while True:
            seen += [one["id"] for one in page["items"]]
            if page["next"] is None:
                break
            if len(seen) == 1:
                issue_more(world)  # the oldest of all, and the newest
            page = mine.get(page["next"]).json()
        assert len(seen) == len(set(seen))
        assert set(seen) >= before
    kinds = mine.get("movements/", kind="RETIRE", since="2026-02-01", until="2026-02-01").json()
    assert [one["kind"] for one in kinds["items"]] == ["RETIRE"]


def test_few_and_many_positions_give_the_same_movements(world, monkeypatch):
    wanted, span = queries.Wanted(account_ids=[world.ours, world.theirs]), queries.Span()
    few = queries.movements(wanted, span)
    monkeypatch.setattr("ledger.units.queries.past.MANY", 0)
    assert queries.movements(wanted, span) == few
    assert len(few) == 4


def test_an_entry_of_others_is_as_if_not_there(world):
    mine = machine(world.park.id)
    theirs = Entry.objects.get(kind="RETIRE", happened_on=date(2026, 4, 1))
    assert mine.get(f"entries/{theirs.pk}/").status_code == 404
    listed = mine.get("entries/").json()["items"]
    assert str(theirs.pk) not in {one["id"] for one in listed}
    assert len(listed) == 3
    whole = mine.get(f"entries/{listed[0]['id']}/").json()
    assert [one["quantity"]["amount"] for one in whole["movements"]] == [10]


def test_where_is_unit_95_and_where_was_it(world):
    found = machine(world.park.id).get("serials/", serial=95, as_of="2026-01-31").json()["items"]
    assert len(found) == 1
    unit = found[0]
    assert unit["series"] == ["REG", "CEA", "LOT-1"]
    assert (unit["now"]["number"], unit["now"]["state"]) == ("A-1", "RETIRED")
    assert (unit["as_of"]["number"], unit["as_of"]["state"]) == ("A-1", "FREE")
    assert [one["kind"] for one in unit["movements"]] == ["ISSUE", "RETIRE"]


def test_a_unit_that_left_is_followed_to_the_door_and_no_further(world):
    mine, others = machine(world.park.id), machine(world.other.id)
    unit = mine.get("serials/", serial=3, as_of="2026-03-31").json()["items"][0]
    assert [one["kind"] for one in unit["movements"]] == ["ISSUE", "TRANSFER"]
    assert unit["now"] == {"known": False, "account_id": None, "number": None, "state": None}
    assert (unit["as_of"]["number"], unit["as_of"]["state"]) == ("B-1", "FREE")
    assert unit["hidden_count"] == 1
    theirs = others.get("serials/", serial=3, as_of="2026-01-31").json()["items"][0]
    assert [one["kind"] for one in theirs["movements"]] == ["TRANSFER", "RETIRE"]
    assert theirs["as_of"]["known"] is False
    assert others.get("serials/", serial=95).json()["items"] == []
    assert mine.get("serials/", serial=101).json()["items"] == []


def transfer(world, **changed):
    return {
        "account_id": str(world.ours),
        "lot_id": str(world.lot_id),
        "unit_count": 20,
        "happened_on": "2026-05-02",
        "reason": "sold",
        "to": {"registry": "CCRC", "number": "B-1"},
    } | changed


def test_a_proposal_waits_for_a_person_and_then_moves(world):
    mine = machine(world.park.id)
    answer = mine.post("transfers/", transfer(world), key="t-1")

    assert answer.status_code == 202
    told = answer.json()
    assert answer.headers["Location"] == told["href"] == f"/api/v1/approvals/{told['approval_id']}/"
    assert told["operation"] == "units.transfer_units"
    assert "20 units of LOT-1 go from account A-1 to account B-1." in told["will_happen"]
    assert places(mine.get("positions/")) == {("FREE", 50), ("RETIRED", 10)}  # nothing moved yet

    approver = make_actor("APPROVER", party=world.park, name="王审")
    approvals.approve(approval_id=told["approval_id"], by=approver, at=NOON)

    after = mine.get(told["href"]).json()
    assert after["state"] == "APPROVED"
    assert mine.get(f"entries/{after['result']['entry']}/").json()["kind"] == "TRANSFER"
    assert places(mine.get("positions/")) == {("FREE", 30), ("RETIRED", 10)}
    assert mine.post("transfers/", transfer(world), key="t-1").json() == told
    assert Approval.objects.count() == 1


def test_the_same_key_is_one_act_and_other_content_is_refused(world):
    mine = machine(world.park.id)
    first = mine.post("transfers/", transfer(world), key="t-1")
    again = mine.post("transfers/", transfer(world), key="t-1")
    other = mine.post("transfers/", transfer(world, unit_count=21), key="t-1")
    elsewhere = mine.post("cancellations/", {**transfer(world)}, key="t-1")

    assert (first.status_code, again.status_code) == (202, 202)
    assert first.json() == again.json()
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert elsewhere.status_code in {400, 422}
    assert Approval.objects.count() == 1
    assert machine(world.other.id).post("transfers/", transfer(world), key="t-1").status_code == 404


@pytest.mark.parametrize("key", [None, "", "a b", "ü", "x" * 101])
def test_a_write_without_a_proper_key_is_refused(world, key):
    answer = machine(world.park.id).post("transfers/", transfer(world), key=key)
    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_missing")
    assert Approval.objects.count() == 0


@pytest.mark.parametrize(
    ("changed", "status", "code", "field"),
    [
        ({"unit_count": 51}, 409, "not_enough_units", None),
        ({"unit_count": 0}, 400, "invalid", "unit_count"),
        ({"unit_count": 1.5}, 400, "invalid", "unit_count"),
        ({"unit_count": True}, 400, "invalid", "unit_count"),
        ({"unit_count": 2**63}, 400, "invalid", "unit_count"),
        ({"happened_on": "2026-02-30"}, 400, "invalid", "happened_on"),
        ({"to": {"registry": "CCRC", "number": "nowhere"}}, 400, "invalid", "to.number"),
        ({"serials": [{"first": 41, "last": 42}]}, 400, "invalid", "serials"),
        ({"colour": "green"}, 400, "invalid", "colour"),
        ({"lot_id": "00000000-0000-7000-8000-000000000001"}, 404, "not_found", None),
    ],
)
def test_a_faulty_proposal_is_refused_and_leaves_nothing(world, changed, status, code, field):
    mine = machine(world.park.id)
    answer = mine.post("transfers/", transfer(world, **changed), key="t-1")
    told = answer.json()
    assert (answer.status_code, told["code"]) == (status, code)
    if field:
        assert [one["field"] for one in told["errors"]] == [field]
    assert Approval.objects.count() == 0
    # the key is still free
    assert mine.post("transfers/", transfer(world), key="t-1").status_code == 202


def test_a_refusal_is_said_in_chinese_to_who_asks_so(world):
    mine = machine(world.park.id)
    mine.language = "zh-CN,zh;q=0.9"
    told = mine.post("transfers/", transfer(world, unit_count=51), key="t-1").json()
    assert told["code"] == "not_enough_units"
    assert "51" in told["detail"]
    assert "50" in told["detail"]
    assert "wanted" not in told["detail"]


def test_only_roles_that_may_ask_may_propose(world):
    for role, status in (("CARBON_MANAGER", 202), ("DATA_OFFICER", 403), ("AUDITOR", 403)):
        answer = machine(world.park.id, role).post("transfers/", transfer(world), key=role)
        assert answer.status_code == status, role
    reader = machine(world.park.id, scopes=("read",))
    assert reader.post("transfers/", transfer(world), key="r").status_code == 403


@pytest.mark.parametrize(
    ("path", "more"),
    [
        ("retirements/", {"purpose": "travel"}),
        ("surrenders/", {"obligation": "2025"}),
        ("cancellations/", {}),
    ],
)
def test_the_ends_of_units_are_proposed_alike(world, path, more):
    body = transfer(world, **more)
    del body["to"]
    if path == "retirements/":
        body["beneficiary_id"] = str(world.other.id)
    answer = machine(world.park.id).post(path, body, key="e-1")
    assert answer.status_code == 202, answer.json()
    assert Approval.objects.get().payload["unit_count"] == 20


def test_a_reversal_is_proposed_of_ones_own_entry_only(world):
    mine = machine(world.park.id)
    body = {"happened_on": "2026-02-02", "reason": "typed twice"}
    own = Entry.objects.get(kind="RETIRE", happened_on=date(2026, 2, 1))
    theirs = Entry.objects.get(kind="RETIRE", happened_on=date(2026, 4, 1))
    assert mine.post(f"entries/{own.pk}/reversals/", body, key="r-1").status_code == 202
    assert mine.post(f"entries/{theirs.pk}/reversals/", body, key="r-2").status_code == 404
    assert mine.post(f"entries/{new_id()}/reversals/", body, key="r-3").status_code == 404


def test_an_auditor_reads_all_and_others_their_own(world):
    everything = machine(world.other.id, "AUDITOR").get("positions/")
    assert places(everything) == {("FREE", 50), ("RETIRED", 10), ("FREE", 35), ("RETIRED", 5)}
    one = machine(world.other.id, "AUDITOR").get("positions/", holder_id=str(world.park.id))
    assert places(one) == {("FREE", 50), ("RETIRED", 10)}
    mine = machine(world.park.id)
    assert places(mine.get("positions/", holder_id=str(world.park.id))) == places(one)
    assert mine.get("positions/", holder_id=str(world.other.id)).status_code == 404
    assert machine(world.park.id, "DATA_OFFICER").get("positions/").status_code == 200


def sources_read_whole(statement, asked):
    """The tables that the statement would read from end to end."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {statement}", asked)
        plan = "\n".join(row[0] for row in cursor.fetchall())
    return set(re.findall(r"Seq Scan on (\w+)", plan))


def test_history_as_of_and_search_go_by_index(world):
    """An index serves each of them. Which of two, with so few rows, is the planner's mood of the
    day; the bench times them over ten million."""
    wanted = asdict(queries.Wanted(account_ids=[world.ours], day=date(2026, 2, 1)))
    outside = {"not_ours": ["ISSUER", "OUTSIDE"]}
    span = asdict(queries.Span()) | {"day": date.max, "id": 2**63 - 1, "limit": 50}
    found = {"serial": 3, "prefix": None, "scheme": None, "account_ids": None, "limit": 50}
    way = {"serial": 3, "lot": world.lot_id, "position": 1}
    history = movement_statement(oldest_first=False, many=False)
    large = {"ledger_units_movement", "ledger_units_position", "ledger_units_block"}
    for statement, asked in (
        (PLACES, {**wanted, **outside, "after": 0, "limit": 50}),
        (history, {**wanted, **span}),
        (FIND, found),
        (WAY, way),
    ):
        assert not sources_read_whole(statement, asked) & large


def test_units_in_the_words_of_cad_trust(world):
    mine = machine(world.park.id)
    answer = mine.get("exports/cad-trust-units.json")
    rows = sorted(answer_json(answer)["units"], key=lambda row: row["unitCount"])
    assert [(one["unitCount"], one["unitStatus"], one["unitStatusDate"]) for one in rows] == [
        (10, "Retired", "2026-02-01"),
        (50, "Held", "2026-01-05"),
    ]
    assert rows[1]["unitStartBlock"] == "LOT-1-41"
    assert rows[1]["unitEndBlock"] == "LOT-1-90"
    assert rows[1]["unitMetric"] == "tCO2e"
    assert rows[1]["unitCurrentOwner"] == "梅山园区"
    sheet = b"".join(mine.get("exports/cad-trust-units.csv").streaming_content)
    heading, *lines = sheet.decode("utf-8-sig").splitlines()
    assert heading.split(",")[0] == "projectRegistryName"
    assert len(lines) == 2


def test_the_cad_trust_sheet_is_read_by_our_own_layout(world):
    import csv

    from ledger.imports.layouts import registry
    from ledger.imports.records import Row

    sheet = b"".join(machine(world.park.id).get("exports/cad-trust-units.csv").streaming_content)
    layout = registry.get("cad_trust_v2_units")
    rows = csv.DictReader(sheet.decode("utf-8-sig").splitlines())
    read = [
        record
        for number, row in enumerate(rows, start=2)
        for record in layout.read(Row(number, {name.lower(): text for name, text in row.items()}))
    ]
    assert sorted((one.quantity, str(one.act)) for one in read) == [(10, "RETIRED"), (50, "HELD")]


def answer_json(answer):
    import json

    return json.loads(b"".join(answer.streaming_content))


def test_a_unit_reader_without_a_party_sees_nothing(world):
    nobody = Actor(user_id=new_id(), roles=frozenset({Role.CARBON_MANAGER}))
    from ledger.accounts import queries as found

    assert found.account_ids_seen_by(nobody) == []
    assert queries.places(queries.Wanted(account_ids=[])) == []


def test_where_the_partys_threshold_asks_for_nobody_it_happens_at_once_and_once(world):
    approver = make_actor("APPROVER", party=world.park, name="王审")
    approvals.set_thresholds(
        operation="units.cancel_units",
        tiers=[(0, 0), (10, 1)],
        valid_from=NOON.date(),
        by=approver,
        at=NOON,
        reason="small things",
    )
    mine = machine(world.park.id)
    body = transfer(world, unit_count=9)
    del body["to"]

    done = mine.post("cancellations/", body, key="c-1")
    again = mine.post("cancellations/", body, key="c-1")

    assert (done.status_code, again.status_code) == (201, 201)
    assert done.json() == again.json()
    entry = mine.get(f"entries/{done.json()['result']['entry']}/").json()
    assert [one["quantity"]["amount"] for one in entry["movements"]] == [9]
    assert ("FREE", 41) in places(mine.get("positions/"))
    assert mine.post("cancellations/", {**body, "unit_count": 10}, key="c-2").status_code == 202
    assert ("FREE", 41) in places(mine.get("positions/"))


def test_units_that_answer_for_a_year_are_surrendered_there(world, monkeypatch):
    monkeypatch.setattr(approvable, "answers_in_a_year", [lambda scheme: True])
    body = transfer(world, obligation="2025")
    del body["to"]
    answer = machine(world.park.id).post("surrenders/", body, key="s-1")
    assert (answer.status_code, answer.json()["code"]) == (409, "surrendered_in_its_year")
    assert not Approval.objects.exists()
