"""The planner's page: form, result, keeping, files. Nothing moves."""

from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from finance.planner import models
from ledger.units.models import Entry
from tests.house.walk import signed_in

pytestmark = pytest.mark.demo
PRICES = "/admin/finance_planner/price/"


def form_of(client: Client) -> dict[str, Any]:
    """What the browser would send back of an untouched form."""
    page = client.get("/admin/planner/new/")
    assert page.status_code == 200
    data = {"key": page.context["key"]}
    for form in [
        page.context["form"],
        *page.context["years"],
        *(r for _h, r in page.context["holds"]),
    ]:
        for field in form:
            value = field.value()
            data[field.html_name] = "" if value is None or value is False else str(value)
    for prefix, count in (
        ("years", len(page.context["years"])),
        ("holds", len(page.context["holds"])),
    ):
        data |= {f"{prefix}-TOTAL_FORMS": str(count)}
        data |= {f"{prefix}-INITIAL_FORMS": str(count - 1 if prefix == "years" else count)}
    return data


def recorded(client: Client, **given: str) -> None:
    data = {"quoted_on": timezone.localdate().isoformat(), "source": "上海环境能源交易所", **given}
    sent = {**data, "confirmed": "yes", "idempotency_key": str(sorted(given.items()))}
    assert client.post(f"{PRICES}do/record/", data).status_code == 200
    assert client.post(f"{PRICES}do/record/", sent).status_code == 302


def test_a_manager_plans_reads_and_keeps_it(committed_db):
    client, moved = signed_in("manager"), Entry.objects.count()
    recorded(client, scheme="CEA", vintage_year="2025", buy="74.63", sell="74.00")
    recorded(client, scheme="CCER", buy="70.76")
    data = form_of(client) | {"years-0-obligation": "2600000"}
    assert (
        data["years-0-due_on"] == "2026-12-31"
        if timezone.localdate() <= date(2026, 12, 31)
        else True
    )
    page = client.post("/admin/planner/new/", {**data, "calculate": "yes"})
    text = page.content.decode()
    assert page.status_code == 200
    assert "130,000" in text  # the cap of offsets, TV-2.1
    assert "<svg" in text and "polyline" in text
    assert models.Plan.objects.count() == 0

    kept = client.post("/admin/planner/new/", {**data, "save": "yes"})
    assert kept.status_code == 302
    again = client.post("/admin/planner/new/", {**data, "save": "yes"})
    assert again["Location"] == kept["Location"]
    plan = models.Plan.objects.get()
    assert plan.missing_t == 0
    shown = client.get(kept["Location"])
    assert shown.status_code == 200
    assert plan.content_hash in shown.content.decode()
    for form in ("csv", "xlsx"):
        answer = client.get(f"/admin/planner/{plan.pk}/lines.{form}")
        assert answer.status_code == 200
    lines = client.get(f"/admin/planner/{plan.pk}/lines.csv").content.decode("utf-8-sig")
    assert lines.count("\n") == len(plan.result["plan"]["lines"]) + 1
    assert Entry.objects.count() == moved

    assert signed_in("bank").get(kept["Location"]).status_code in {302, 403, 404}
    assert signed_in("bank").get(f"/admin/planner/{plan.pk}/lines.csv").status_code == 404
    assert signed_in("auditor").get(kept["Location"]).status_code == 200


def test_the_page_says_what_is_wrong_in_both_languages(committed_db):
    client = signed_in("manager")
    data = form_of(client) | {"years-0-obligation": "10", "price_steps": "1,2,3,4,5,6,7,8,9,10"}
    page = client.post("/admin/planner/new/", {**data, "calculate": "yes"})
    assert page.status_code == 409
    odd = client.post("/admin/planner/new/", {**data, "price_steps": "many", "calculate": "yes"})
    assert odd.status_code == 200 and odd.context["form"].errors["price_steps"]


def test_a_key_too_long_to_be_kept_is_refused_on_the_page(committed_db):
    client = signed_in("manager")
    data = form_of(client) | {"years-0-obligation": "10", "save": "yes"}
    refused = client.post("/admin/planner/new/", {**data, "key": "k" * 251})
    assert refused.status_code == 409
    assert "须为 1 至 200 个可打印字符" in refused.content.decode()
    assert models.Plan.objects.count() == 0


def test_who_may_not_plan_finds_no_page(committed_db):
    for role in ("auditor", "data", "verifier"):
        assert signed_in(role).get("/admin/planner/new/").status_code == 404
