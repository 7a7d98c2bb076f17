"""The pages of a compliance year with the demonstration park, in both languages."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse

from ledger.approvals import operations as approvals
from ledger.approvals.models import Approval
from ledger.compliance.models import CarryOver, Entity, Fact
from ledger.parties import queries as parties
from ledger.parties.models import User
from ledger.units import queries as units
from tests.house.walk import signed_in

pytestmark = pytest.mark.demo
NOW = datetime.now(tz=UTC)
TODAY = NOW.astimezone(ZoneInfo("Asia/Shanghai")).date().isoformat()


def address(name, *args):
    return reverse(f"admin:ledger_compliance_{name}", args=args)


def the_plant():
    return Entity.objects.get(code="DEMO-330000-KE-0001")


def the_year():
    return the_plant().obligations.order_by("year").first()


def posted(client, url, data, *, confirmed=False):
    more = {"confirmed": "yes", "idempotency_key": "k-1"} if confirmed else {}
    return client.post(url, {**data, **more})


@pytest.mark.parametrize(
    ("language", "sentences"),
    [
        ("en", ["to be acquired", "Held, by vintage", "law changed, verify", "Due days"]),
        ("zh-hans", ["需购入", "按年份列示的持有量", "法律已变更，请核实", "清缴截止"]),
    ],
)
def test_the_year_tells_owed_held_due_and_penalty(demo_db, language, sentences):
    client = signed_in("manager")
    client.cookies["django_language"] = language
    page = client.get(
        address("obligation_change", the_year().pk), {"price": "75"}, HTTP_ACCEPT_LANGUAGE=language
    )
    assert page.status_code == 200
    text = page.content.decode()
    assert [one for one in sentences if one not in text] == []


def test_a_surrender_is_proposed_read_and_waits(committed_db):
    client, row = signed_in("manager"), the_year()
    url = address("obligation_act", row.pk, "surrender")
    place, *_others = [
        value for value, _text in units.place_choices(row.entity.party_id)
        if "DEMO-CEA-Y0" in _text
    ]  # fmt: skip
    data = {
        "happened_on": TODAY,
        "reason": "2025 年度履约",
        "place_1": place,
        "unit_count_1": "1000",
    }
    read = posted(client, url, data)
    assert read.status_code == 200
    assert len(read.context["sentences"]) == 4
    assert posted(client, url, data, confirmed=True).status_code == 302
    asked = Approval.objects.get(operation="compliance.surrender")
    assert asked.payload["lines"][0]["unit_count"] == 1000
    assert the_year().allowances_t == 0


def test_what_would_be_refused_is_refused_when_it_is_read(demo_db):
    client, row = signed_in("manager"), the_year()
    url = address("obligation_act", row.pk, "surrender")
    place, *_others = [
        value for value, _text in units.place_choices(row.entity.party_id)
        if "DEMO-CCER-A" in _text
    ]  # fmt: skip
    data = {"happened_on": TODAY, "reason": "r", "place_1": place, "unit_count_1": "9921"}
    page = posted(client, url, data)
    assert (page.status_code, page.context["refusal_code"]) == (409, "offset_cap_exceeded")


def test_old_vintages_are_not_offered(demo_db):
    page = signed_in("manager").get(address("obligation_act", the_year().pk, "surrender"))
    assert "DEMO-CEA-Y0" in page.content.decode()
    assert "DEMO-CEA-Y1" not in page.content.decode()


def test_emissions_are_recorded_after_reading_what_they_mean(committed_db):
    client, entity = signed_in("manager"), the_plant()
    url = address("entity_act", entity.pk, "emissions")
    data = {
        "year": the_year().year,
        "parts": "1号机组 1,000.4\n2号机组 0.1",
        "purpose": "ETS",
        "verification": "V-2",
        "content_hash": "ef" * 32,
        "evidence": "复查报告",
        "told_on": TODAY,
    }
    read = posted(client, url, data)
    assert "1,001" in read.context["sentences"][0] or "1001" in read.context["sentences"][0]
    refused = posted(client, url, {**data, "purpose": "ISO14064-1"}, confirmed=True)
    assert refused.context["refusal_code"] == "not_an_obligation"
    assert posted(client, url, data, confirmed=True).status_code == 302
    assert the_year().owed_t == 1001
    assert Fact.objects.filter(entity=entity, kind="EMISSIONS").count() == 2


def test_the_carry_over_page_is_its_own_calculator(demo_db):
    client = signed_in("manager")
    data = {
        "entity": str(the_plant().pk),
        "to_year": "2025",
        "sold": "120000",
        "purchased": "20000",
        "held": "200000",
        "unit_count": "160000",
        "applied_on": "2026-03-01",
        "evidence": "申请表",
    }
    page = posted(client, address("carryover_do", "apply"), data)
    assert page.status_code == 200
    text = " ".join(page.context["sentences"]).replace(",", "").replace("\xa0", "")
    assert "16000" in text
    closed = posted(client, address("carryover_do", "apply"), {**data, "applied_on": "2026-06-11"})
    assert closed.context["refusal_code"] == "carry_over_closed"
    assert CarryOver.objects.count() == 0


def test_a_bank_sees_no_compliance_year(demo_db):
    page = signed_in("bank").get(address("obligation_changelist"))
    assert page.status_code != 200 or not page.context["cl"].result_list


def test_a_granted_carry_over_waits_for_its_approval(committed_db):
    client, entity = signed_in("manager"), the_plant()
    asked = {
        "entity": str(entity.pk),
        "to_year": "2025",
        "sold": "0",
        "purchased": "0",
        "held": "54000",
        "unit_count": "10000",
        "applied_on": "2026-03-01",
        "evidence": "申请表",
    }
    address_of_list = address("carryover_do", "apply")
    assert posted(client, address_of_list, asked, confirmed=True).status_code == 302
    row = CarryOver.objects.get()
    url = address("carryover_act", row.pk, "complete")
    form = client.get(url).context["form"]
    lots = {text.split(" · ")[0]: value for value, text in form.fields["lot_1"].choices}
    accounts = {text: value for value, text in form.fields["account_number"].choices}
    assert "DEMO-CEA-Y0" not in lots
    data = {
        "account_number": accounts["DEMO-CEA-330000-0001"],
        "into_lot_code": "DEMO-CEA-Y0",
        "issuer_number": "DEMO-CEA-ISSUER",
        "happened_on": TODAY,
        "lot_1": lots["DEMO-CEA-Y1"],
        "carried_1": "10000",
        "destroyed_1": "40000",
    }
    assert len(posted(client, url, data).context["sentences"]) == 3
    assert posted(client, url, data, confirmed=True).status_code == 302
    approval = Approval.objects.get(operation="compliance.complete_carry_over")
    approver = User.objects.get(email="approver@demo.example")
    by = parties.actor_for(approver.pk, entity.party_id, NOW.date())
    approvals.approve(approval_id=approval.pk, by=by, at=NOW)
    assert CarryOver.objects.get().state == "DONE"
    held = {
        (one.lot_code, one.state.value): one.unit_count
        for one in units.positions(entity.party_id)
        if one.scheme == "CEA"
    }
    assert held["DEMO-CEA-Y1", "CARRIED_OVER"] == 10_000
    assert held["DEMO-CEA-Y1", "CANCELLED"] == 40_000
