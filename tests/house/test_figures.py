"""Every figure on a page of finance leads to what it is made of, and every way leads somewhere."""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import reverse

from ledger.doors.admin import site
from tests.house.walk import lists, page

ROOMS = (
    "facilities", "funds", "hedges", "planner", "pledges", "ppas", "prices", "proceeds", "repos",
    "sharing", "trades",
)  # fmt: skip
PAGES = (
    "fund_positions", "hedges_ratio", "plan_cover", "prices_history", "prices_valuation",
    "repos_ours", "trades_entries", "trades_lots", "trades_notes", "trades_result",
    "trades_unmatched",
)  # fmt: skip
OF_EACH = 2  # ways from one kind of page to another that are gone
NUMBER = re.compile(r"[+\-−]?\d[\d,]*(\.\d+)?( ?%| ?t| ?MWh| ?CNY| ?USD| ?EUR)?")
# Tables whose figures are made of nothing: agreed terms, rules and told facts, written once, with
# their basis or evidence beside them; and what would follow from the figures of the same page.
OF_FACTS = {
    "Price parts", "Shortfall and surplus", "What is known of the province's rules", "Terms",
    "Margin steps linked to sustainability", "Verified figures",
    "What falls due, by what is owed and the rate of today", "What if prices change",
}  # fmt: skip


def objects(role: str, room: str) -> Iterator[str]:
    """The pages of the first objects of every list of a room that the reader may open."""
    for model in site._registry:
        if model._meta.app_label == f"finance_{room}":
            address = lists()[model._meta.label]
            yield from (f"{address}{row}/change/" for row in page(role, "en", address).rows)


def mute_rows(page: Any) -> Iterator[str]:
    """Rows with a figure in them that lead nowhere; a chart's text and a foot of sums aside."""
    for table in page.xpath(".//table[not(ancestor::details) and not(@id='result_list')]"):
        titles = table.xpath("(preceding::h2)[last()]/text()")
        title = (titles[0] if titles else "").strip()
        for row in table.xpath(".//tbody/tr"):
            cells = [" ".join(cell.text_content().split()) for cell in row.xpath("./td|./th")]
            goes_on = not cells[0]  # a second side of the entry above
            is_mute = not goes_on and not row.xpath(".//a[@href]")
            if is_mute and any(NUMBER.fullmatch(cell) for cell in cells):
                yield f"{title}: {' | '.join(cells)}"


def pages(role: str) -> Iterator[tuple[str, Any]]:
    whole = [reverse(name) for name in PAGES]
    yield from (
        (address, page(role, "en", address).main)
        for address in whole
        if page(role, "en", address).status == 200
    )
    for room in ROOMS:
        for address in objects(role, room):
            assert page(role, "en", address).status == 200, address
            yield address, page(role, "en", address).main


def kind_of(address: str) -> str:
    """Without its ids, numbers and what it asks for."""
    return re.sub(r"[0-9a-f-]{36}|\d+", "…", address.partition("?")[0])


@pytest.mark.parametrize("role", ["manager", "fund", "bank"])
def test_every_figure_leads_to_what_it_is_made_of(demo_db, role):
    mute = [
        f"{address} {row}"
        for address, page in pages(role)
        for row in mute_rows(page)
        if row.partition(":")[0] not in OF_FACTS
    ]
    assert mute == []


@pytest.mark.parametrize("role", ["manager", "fund", "bank"])
def test_a_card_leads_to_a_place_that_is_there(demo_db, role):
    seen, lost = 0, []
    for address, main in pages(role):
        for card in main.xpath(".//a[@data-figure]"):
            seen += 1
            url = card.get("href")
            if url.startswith("#"):
                there = bool(main.xpath(f".//*[@id='{url[1:]}']"))
            else:
                there = page(role, "en", url).status == 200
            if not there:
                lost.append(f"{address}: {card.text_content().split()} → {url}")
    assert lost == []
    assert seen > 20


@pytest.mark.parametrize("role", ["manager", "fund", "bank"])
def test_no_way_from_a_page_of_finance_ends_in_nothing(demo_db, role):
    """Of the ways between two kinds of page, the first few."""
    gone, lost = Counter[tuple[str, str]](), []
    for address, main in pages(role):
        for url in dict.fromkeys(main.xpath(".//table//a/@href")):
            if not url.startswith("/") or "export" in url or url.endswith((".csv", ".xlsx")):
                continue
            way = kind_of(address), kind_of(url)
            gone[way] += 1
            if gone[way] <= OF_EACH and page(role, "en", url).status not in {200, 302}:
                lost.append(f"{address} → {url}")
    assert lost == []
