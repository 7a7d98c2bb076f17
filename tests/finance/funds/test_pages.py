"""Funds' pages with the demonstration: the manager's whole, an investor's own part, an approval."""

import csv
import io
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from finance.funds.models import Call, CallLine, CashEntry, DistributionLine, Fund, Nav
from finance.prices import queries as prices
from ledger.approvals import operations as approvals
from ledger.approvals.models import Approval
from ledger.kernel.errors import DomainError
from ledger.parties import queries as parties
from ledger.parties.models import User
from tests.house.walk import signed_in

pytestmark = pytest.mark.demo
TODAY = timezone.localdate()


def address(name, *args):
    return reverse(f"admin:finance_funds_{name}", args=args)


def the_fund():
    return Fund.objects.get(code="MW-CF1")


def person(name):
    user = User.objects.get(email=f"{name}@demo.example")
    membership = parties.memberships_on(user_id=user.pk, on=TODAY).first()
    return parties.actor_for(user.pk, membership.party_id, TODAY)


def read(name, url, language="en"):
    client = signed_in(name)
    answer = client.get(url, HTTP_ACCEPT_LANGUAGE=language)
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize(
    ("language", "sentences"),
    [
        ("en", ["Cash flows and J-curve", "multiplier of public money", "5.00×", "KS-PME"]),
        ("zh-hans", ["J曲线", "财政资金撬动倍数", "5.00×", "投资人持仓", "资金账"]),
    ],
)
def test_a_manager_sees_the_whole_fund(demo_db, language, sentences):
    text = read("fund", address("fund_change", the_fund().pk), language)
    assert [one for one in sentences if one not in text] == []
    assert "<svg" in text
    for holder in (
        ("甬湾政府引导基金", "甬江商业银行") if language == "zh-hans" else ("Yongwan", "Yongjiang")
    ):
        assert holder in text


@pytest.mark.parametrize("name", ["manager", "bank"])
def test_an_investor_sees_her_own_position_alone(demo_db, name):
    own = person(name).party_id
    text = read(name, address("fund_change", the_fund().pk))
    others = {"manager": ("Yongwan", "Yongjiang"), "bank": ("Yongwan", "Ningbo Meiwan Park")}[name]
    assert [one for one in others if one in text] == []
    assert "Carbon units behind your shares" in text
    client = signed_in(name)
    for model, page in ((CallLine, "callline"), (DistributionLine, "distributionline")):
        found = client.get(address(f"{page}_changelist")).context["cl"].result_list
        assert {one.investor_id for one in found} == {own}
        other = model.objects.exclude(investor_id=own).first()
        assert client.get(address(f"{page}_change", other.pk)).status_code == 302
    listed = client.get(address("commitment_changelist")).context["cl"].result_list
    assert {one.investor_id for one in listed} == {own}


@pytest.mark.parametrize("page", ["call", "distribution", "cashentry", "investment", "valuation"])
def test_an_investor_does_not_open_the_books(demo_db, page):
    answer = signed_in("manager").get(address(f"{page}_changelist"))
    assert answer.status_code in {302, 403, 404}


def test_a_stranger_to_a_fund_does_not_find_it(demo_db):
    """The guide fund alone stands behind the special fund; a bank does not see it."""
    special = Fund.objects.get(code="MW-SF1")
    assert signed_in("bank").get(address("fund_change", special.pk)).status_code == 302
    assert "MW-SF1" not in read("bank", address("fund_changelist"))


def test_a_published_value_opens_to_its_parts(demo_db):
    nav = Nav.objects.filter(fund=the_fund()).first()
    text = read("fund", address("nav_change", nav.pk), "zh-hans")
    assert "资金账截至" in text
    (held,) = [part for part in nav.parts if part["kind"] == "UNITS"]
    assert prices.source_names()[held["source"]] in text  # of the day's mark
    assert "140,000" in text
    assert sum((Decimal(part["amount"]) for part in nav.parts), Decimal(0)) == nav.net_assets


def test_positions_stand_on_a_page_and_in_a_file(demo_db):
    text = read("bank", reverse("fund_positions"))
    assert "30,000,000.00" in text
    assert "50,000,000.00" not in text
    client = signed_in("fund")
    answer = client.get(reverse("fund_positions_file", args=["csv"]))
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert len(rows) == 5  # four positions in two funds
    assert client.get(reverse("fund_positions_file", args=["xlsx"])).status_code == 200
    assert signed_in("data").get(reverse("fund_positions")).status_code == 404
    old = client.get(reverse("fund_positions"), {"on": "1999-01-01"})
    assert old.context["rows"] == []


def test_a_call_is_asked_for_by_one_and_made_by_another(committed_db):
    fund, calls = the_fund(), Call.objects.count()
    client = signed_in("fund")
    url = address("fund_act", fund.pk, "call")
    asked = {
        "amount": "1000000.01", "purpose": "INVESTMENT", "called_on": TODAY.isoformat(),
        "due_on": TODAY.isoformat(), "share_price": "1",
    }  # fmt: skip
    shown = client.post(url, asked, HTTP_ACCEPT_LANGUAGE="en").content.decode()
    assert "Yongwan Government Guidance Fund Co., Ltd. (demonstration): 200,000.00 CNY" in shown
    done = client.post(url, {**asked, "confirmed": "yes", "idempotency_key": "k-1"})
    assert done.status_code == 302
    assert Call.objects.count() == calls

    approval = Approval.objects.get(operation="funds.make_call")
    approvals.approve(approval_id=approval.pk, by=person("fundapprover"), at=timezone.now())
    made = Call.objects.latest("recorded_at")
    assert sorted(made.lines.values_list("amount", flat=True)) == [
        Decimal("200000.00"), Decimal("300000.00"), Decimal("500000.01"),
    ]  # fmt: skip

    line = made.lines.get(amount=Decimal("300000.00"))
    pay = address("callline_act", line.pk, "pay")
    paid = {"amount": "300000", "paid_on": TODAY.isoformat(), "evidence": "银行回单"}
    client.post(pay, {**paid, "confirmed": "yes", "idempotency_key": "k-2"})
    assert CashEntry.objects.get(call_line=line).amount == 300_000


def test_too_large_a_call_is_refused_before_it_is_asked_for(committed_db):
    client = signed_in("fund")
    answer = client.post(
        address("fund_act", the_fund().pk, "call"),
        {
            "amount": "99000000", "purpose": "INVESTMENT", "called_on": TODAY.isoformat(),
            "due_on": TODAY.isoformat(), "share_price": "1",
        },
    )  # fmt: skip
    assert answer.status_code == 409
    assert "尚可催缴" in answer.content.decode()
    assert not Approval.objects.filter(operation="funds.make_call").exists()


def test_a_value_is_asked_for_with_its_figures_and_refused_when_they_change(committed_db):
    fund, client = the_fund(), signed_in("fund")
    url = address("fund_act", fund.pk, "nav")
    asked = {"valued_on": TODAY.isoformat(), "confirmed": "yes", "idempotency_key": "k-3"}
    assert client.post(url, asked).status_code == 302
    approval = Approval.objects.get(operation="funds.publish_nav")
    navs = Nav.objects.count()

    cash = {
        "kind": "EXPENSE", "amount": "100", "happened_on": TODAY.isoformat(), "evidence": "发票",
        "confirmed": "yes", "idempotency_key": "k-4",
    }  # fmt: skip
    client.post(address("fund_act", fund.pk, "cash"), cash)
    told = Approval.objects.get(operation="funds.tell_cash")
    approvals.approve(approval_id=told.pk, by=person("fundapprover"), at=timezone.now())
    with pytest.raises(DomainError) as refused:
        approvals.approve(approval_id=approval.pk, by=person("fundapprover"), at=timezone.now())
    assert refused.value.code == "state_changed"
    assert Nav.objects.count() == navs
