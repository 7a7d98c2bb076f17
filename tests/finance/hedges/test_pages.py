"""Hedges in the demonstration: a contract day by day, and what of the gap is hedged."""

import csv
from decimal import Decimal

import pytest

from finance.hedges import queries
from finance.hedges.models import Contract
from tests.house.walk import signed_in

pytestmark = pytest.mark.demo
FORWARD, OPTION, FUTURE = "YQ-2026-011", "QQ-2026-004", "ICE-2026-0045"


def page_of(number, language="en"):
    row = Contract.objects.get(number=number)
    answer = signed_in("manager").get(
        f"/admin/finance_hedges/contract/{row.pk}/change/", HTTP_ACCEPT_LANGUAGE=language
    )
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_forward_shows_its_days_margin_and_charts(demo_db):
    text = page_of(FORWARD, "zh-hans")
    row = Contract.objects.get(number=FORWARD)
    assert row.settlements.count() > 15
    assert text.count("<polyline") == 3  # price, agreed price, variation
    for said in ("所需保证金", "累计盈亏", "240,000.00"):
        assert said in text, said
    marked = row.settlements.exclude(mark_id=None).first()
    assert f"/admin/finance_prices/mark/{marked.mark_id}/change/" in text


def test_an_option_shows_what_it_is_worth_and_its_greeks(demo_db):
    text = page_of(OPTION)
    worth = queries.standing_of(Contract.objects.get(number=OPTION)).value
    assert worth is not None and worth.amount > 0
    for said in ("value of the option", "strike", "Δ", "Γ"):
        assert said in text, said


def test_a_future_abroad_was_closed_out_in_its_own_currency(demo_db):
    row = Contract.objects.get(number=FUTURE)
    assert (row.state, row.currency) == ("CLOSED", "EUR")
    # bought 2,000 at 71.35, closed out at 75.20
    assert queries.standing_of(row).gained.amount == Decimal("7700.00")


def test_what_is_hedged_is_the_sum_of_what_is_counted(demo_db):
    client = signed_in("manager")
    page = client.get("/admin/hedges/ratio/", HTTP_ACCEPT_LANGUAGE="en")
    text = page.content.decode()
    assert "<svg" in text and FORWARD in text and OPTION in text and FUTURE not in text
    party_id = Contract.objects.get(number=FORWARD).party_id
    counted = queries.counted_of(party_id)
    rows = list(csv.reader(
        client.get("/admin/hedges/ratio/?export=csv").content.decode("utf-8-sig").splitlines()
    ))  # fmt: skip
    (year,) = {str(one.contract.for_year) for one in counted}
    (row,) = (one for one in rows[1:] if one[1] == year)
    assert Decimal(row[3]) == sum(one.units for one in counted)
    weights = {one.contract.number: one.weight for one in counted}
    assert weights[FORWARD] == 1 and 0 < weights[OPTION] < 1


def test_others_see_none_of_it(demo_db):
    assert signed_in("bank").get("/admin/hedges/ratio/").status_code == 404
    row = Contract.objects.get(number=FORWARD)
    for role in ("bank", "verifier", "fund"):
        answer = signed_in(role).get(f"/admin/finance_hedges/contract/{row.pk}/change/")
        assert answer.status_code in {302, 403, 404}, role
