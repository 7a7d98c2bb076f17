"""Every figure on a page of finance leads to what it is made of, and every way leads somewhere."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from lxml import html

from ledger.doors.admin import site
from tests.house.test_pages import signed_in

ROOMS = (
    "facilities", "funds", "hedges", "planner", "pledges", "ppas", "prices", "proceeds", "repos",
    "sharing", "trades",
)  # fmt: skip
PAGES = (
    "fund_positions", "hedges_ratio", "plan_cover", "prices_history", "prices_valuation",
    "repos_ours", "trades_entries", "trades_lots", "trades_notes", "trades_result",
    "trades_unmatched",
)  # fmt: skip
OF_EACH = 4  # objects of a list that are looked at
NUMBER = re.compile(r"[+\-−]?\d[\d,]*(\.\d+)?( ?%| ?t| ?MWh| ?CNY| ?USD| ?EUR)?")
# Tables whose figures are made of nothing: agreed terms, rules and told facts, written once, with
# their basis or evidence beside them; and what would follow from the figures of the same page.
OF_FACTS = {
    "Price parts", "Shortfall and surplus", "What is known of the province's rules", "Terms",
    "Margin steps linked to sustainability", "Verified figures",
    "What falls due, by what is owed and the rate of today", "What if prices change",
}  # fmt: skip


def objects(client: Client, room: str) -> Iterator[str]:
    """The pages of the first objects of every list of a room that the reader may open."""
    for model in site._registry:
        if model._meta.app_label != f"finance_{room}":
            continue
        address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        answer = client.get(address)
        if answer.status_code == 200:
            rows = answer.context["cl"].result_list
            yield from (f"{address}{row.pk}/change/" for row in rows[:OF_EACH])


def drawn(client: Client, address: str) -> Any:
    answer = client.get(address, headers={"accept-language": "en"})
    assert answer.status_code == 200, address
    return html.fromstring(answer.content.decode()).get_element_by_id("main", None) or (
        html.fromstring(answer.content.decode())
    )


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
    client = signed_in(role)
    for name in PAGES:
        address = reverse(name)
        if client.get(address).status_code == 200:
            yield address, drawn(client, address)
    for room in ROOMS:
        for address in objects(client, room):
            yield address, drawn(client, address)


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
    client, seen, lost = signed_in(role), 0, []
    for address, page in pages(role):
        for card in page.xpath(".//a[@data-figure]"):
            seen += 1
            url = card.get("href")
            if url.startswith("#"):
                there = bool(page.xpath(f".//*[@id='{url[1:]}']"))
            else:
                there = client.get(url).status_code == 200
            if not there:
                lost.append(f"{address}: {card.text_content().split()} → {url}")
    assert lost == []
    assert seen > 20


@pytest.mark.parametrize("role", ["manager", "fund", "bank"])
def test_no_way_from_a_page_of_finance_ends_in_nothing(demo_db, role):
    client, known, lost = signed_in(role), dict[str, int](), []
    for address, page in pages(role):
        for url in page.xpath(".//table//a/@href"):
            if not url.startswith("/") or "export" in url or url.endswith((".csv", ".xlsx")):
                continue
            if url not in known:
                known[url] = client.get(url).status_code
            if known[url] not in {200, 302}:
                lost.append(f"{address} → {url}: {known[url]}")
    assert lost == []
