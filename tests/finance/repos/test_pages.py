"""Repo, borrowing and custody in the demonstration: who holds, who owns, what is owed."""

import pytest
from django.utils import timezone

from finance.repos import queries
from finance.repos.models import Agreement
from finance.trades import queries as trades
from finance.trades.rules.lots import count_of
from tests.house.walk import signed_in

pytestmark = pytest.mark.demo
TODAY = timezone.localdate()


def row_of(number):
    return Agreement.objects.get(number=number)


def page_of(number, language="en", who="manager"):
    address = f"/admin/finance_repos/agreement/{row_of(number).pk}/change/"
    return signed_in(who).get(address, HTTP_ACCEPT_LANGUAGE=language)


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", ["legal holder", "beneficial owner", "Yongjiang Carbon", "implied rate a year"]),
        ("zh-hans", ["法定持有人", "实益所有人", "甬江碳资产管理", "10.03 %", "ACT/365F"]),
    ],
)
def test_a_closed_repo_says_who_held_who_owned_and_at_what_rate(demo_db, language, said):
    number = "HG-2026-001" if language == "zh-hans" else "HG-2026-002"
    text = page_of(number, language).content.decode()
    assert [one for one in said if one not in text] == [], text[text.index("<svg") - 3000 :][:3000]
    assert "<svg" in text


def test_held_and_ours_are_told_apart_and_debts_name_their_year(demo_db):
    text = signed_in("manager").get("/admin/repos/ours/").content.decode()
    for number in ("HG-2026-002", "JT-2026-003", "TG-2026-001"):
        assert number in text
    party_id = row_of("HG-2026-002").giver_id
    pilot = next(one for one in queries.ownership_of(party_id) if one.scheme == "PILOT_SH")
    assert (pilot.held, pilot.owed, pilot.due, pilot.ours) == (5000, 5000, 0, 0)
    owed = {one.number: one for one in queries.owed_by_and_to(party_id, TODAY)}
    assert owed["JT-2026-003"].is_liability and owed["JT-2026-003"].usable_for_year
    assert owed["JT-2026-003"].value is not None
    assert (owed["HG-2026-002"].unit_count, owed["TG-2026-001"].unit_count) == (2000, 1000)
    assert "HG-2026-001" not in owed


def test_what_came_back_costs_what_it_did_and_cost_lots_are_the_positions(demo_db):
    party_id = row_of("HG-2026-001").giver_id
    book = trades.book_of(party_id)
    for pool in book.pools:
        if pool[0] in {"CCER", "PILOT_SH"}:
            assert not any(one.is_untold for one in book.layers(pool)), pool
    own = {(one.scheme, one.vintage_year): one.held for one in queries.ownership_of(party_id)}
    for pool in book.pools:
        assert count_of(book.layers(pool)) == own.get(pool, 0), pool
    assert list(trades.check_cost_lots_match_positions()) == []


def test_the_home_page_says_what_is_promised(demo_db):
    text = signed_in("manager").get("/admin/", HTTP_ACCEPT_LANGUAGE="en").content.decode()
    assert "What is promised?" in text
    for said in (
        "Borrowed units to be returned: 5,000", "Trades agreed and not settled: 1",
        "Committed to funds and not paid in yet", "Raised for projects and not spent yet",
    ):  # fmt: skip
        assert said in text, said
    assert 'id="commitments"' not in signed_in("verifier").get("/admin/").content.decode()


def test_others_see_none_of_it(demo_db):
    for role in ("bank", "verifier", "fund"):
        assert page_of("JT-2026-003", who=role).status_code in {302, 403, 404}, role
