"""The planner for machines: prices told, the cheapest cover worked out, kept and read back."""

import pytest
from django.utils import timezone

from finance.planner.models import Plan, Price
from ledger.compliance.models import Obligation
from ledger.units.models import Entry
from tests.factories.machines import machine
from tests.factories.people import make_party

pytestmark = pytest.mark.demo


@pytest.fixture
def party_id(committed_db):
    return Obligation.objects.select_related("entity").first().entity.party_id


def price(scheme, buy, **more):
    day = timezone.localdate().isoformat()
    return {"scheme": scheme, "buy_cny": buy, "quoted_on": day, "source": "exchange", **more}


def test_a_plan_is_made_once_from_told_prices_and_moves_nothing(party_id):
    mine, moved = machine(party_id), Entry.objects.count()
    told = mine.post("planner/prices/", price("CEA", "74.63", vintage_year=2025), key="p-1")
    assert (told.status_code, told.json()["buy_cny"]) == (201, "74.63")
    mine.post("planner/prices/", price("CCER", "70.76"), key="p-2")
    body = {
        "title": "cover of 2025",
        "planned_on": timezone.localdate().isoformat(),
        "years": [
            {
                "year": 2025,
                "obligation_t": 2_600_000,
                "offset_share": "0.05",
                "due_on": "2099-12-31",
            }
        ],
        "price_steps_bps": [-1000, 1000],
    }
    made = mine.post("planner/plans/", body, key="k-1")
    assert made.status_code == 201
    assert mine.post("planner/plans/", body, key="k-1").json() == made.json()
    assert Plan.objects.count() == 1
    plan = mine.get(made.headers["Location"]).json()
    assert (plan["open_t"], plan["missing_t"]) == (2_600_000, 0)
    assert plan["content_hash"] == Plan.objects.get().content_hash
    offsets = [
        one["quantity"] for one in plan["result"]["plan"]["lines"]
        if one["act"] in {"USE", "BUY"} and one["scheme"] == "CCER" and one["act"] == "USE"
    ]  # fmt: skip
    assert sum(offsets) <= 130_000  # the cap, TV-2.1
    assert [one["price_bps"] for one in plan["result"]["scenarios"]] == [-1000, 0, 1000]
    assert Entry.objects.count() == moved


def test_prices_and_plans_of_others_are_as_if_not_there(party_id):
    mine, other = machine(party_id), machine(make_party(name_zh="别家").id)
    mine.post("planner/prices/", price("CEA", "74.63", vintage_year=2025), key="p-1")
    day = timezone.localdate().isoformat()
    made = mine.post("planner/plans/", {"title": "t", "planned_on": day}, key="k-1")
    assert made.status_code == 201  # what the entity still owes
    assert other.get("planner/prices/").json()["items"] == []
    assert other.get("planner/plans/").json()["items"] == []
    assert other.get(made.headers["Location"]).status_code == 404


def test_a_price_finer_than_a_fen_or_of_nothing_is_refused(party_id):
    mine = machine(party_id)
    before = Price.objects.count()
    assert mine.post("planner/prices/", price("CEA", "74.631"), key="p-1").status_code == 400
    assert mine.post("planner/prices/", price("CEA", None), key="p-2").status_code == 400
    assert mine.post("planner/prices/", price("GOLD", "1.00"), key="p-3").status_code in {404, 409}
    reader = machine(party_id, role="AUDITOR")
    assert reader.post("planner/prices/", price("CEA", "1.00"), key="p").status_code == 403
    assert Price.objects.count() == before
