"""The compliance year for machines: read as on the pages, surrenders only asked for."""

import pytest
from django.utils import timezone

from ledger.approvals.models import Approval
from ledger.compliance.models import Allocation, Obligation, Surrender
from tests.factories.machines import machine
from tests.factories.people import make_party

pytestmark = pytest.mark.demo


@pytest.fixture
def year(committed_db):
    return Obligation.objects.select_related("entity").order_by("year").first()


@pytest.fixture
def mine(year):
    return machine(year.entity.party_id)


def test_entities_years_cover_and_due_days_are_read_by_their_party_alone(year, mine):
    other = machine(make_party(name_zh="别家").id)
    found = mine.get("compliance/entities/", sector=year.entity.sector).json()["items"]
    (entity,) = [one for one in found if one["id"] == str(year.entity_id)]
    assert entity["code"] == year.entity.code
    assert mine.get("compliance/entities/", sector="CEMENT").json()["items"] == []
    listed = mine.get("compliance/years/", entity_id=entity["id"]).json()["items"]
    assert str(year.pk) in {one["id"] for one in listed}
    told = mine.get(f"compliance/years/{year.pk}/").json()
    assert (told["owed_t"], told["open_t"]) == (year.owed_t, year.open_t)
    free = [one for one in told["held"] if one["state"] == "FREE" and one["verdict"] != "REFUSED"]
    allowances = sum(one["unit_count"] for one in free if not one["is_offset"])
    assert told["cover"]["free_allowances"] == allowances > 0
    dues = mine.get("compliance/due-dates/", past="true").json()["items"]
    assert "SURRENDER" in {one["event"] for one in dues}
    for path in ("compliance/entities/", "compliance/years/", "compliance/due-dates/"):
        assert other.get(path).json()["items"] == []
    for path in (f"compliance/entities/{entity['id']}/", f"compliance/years/{year.pk}/"):
        assert other.get(path).status_code == 404


def surrender_of(mine, year, count):
    told = mine.get(f"compliance/years/{year.pk}/").json()
    place = next(
        one for one in told["held"]
        if one["state"] == "FREE" and one["verdict"] != "REFUSED" and not one["is_offset"]
    )  # fmt: skip
    named = {name: place[name] for name in ("account_id", "lot_id")}
    return {
        "lines": [{**named, "unit_count": count}],
        "happened_on": timezone.localdate().isoformat(),
        "reason": "for the year",
    }


def test_a_surrender_is_proposed_once_and_waits(year, mine):
    path, body = f"compliance/years/{year.pk}/surrenders/", surrender_of(mine, year, 10)
    before = Surrender.objects.count()
    asked = mine.post(path, body, key="s-1")
    assert asked.status_code == 202
    assert mine.post(path, body, key="s-1").json() == asked.json()
    assert Approval.objects.filter(operation="compliance.surrender").count() == 1
    assert Surrender.objects.count() == before
    assert mine.get(asked.json()["href"]).json()["content"]["lines"] == body["lines"]


def test_more_than_is_owed_is_refused_and_nobody_is_asked(year, mine):
    path = f"compliance/years/{year.pk}/surrenders/"
    answer = mine.post(path, surrender_of(mine, year, year.open_t + 1), key="s-1")
    assert (answer.status_code, answer.headers["Content-Type"]) == (
        409, "application/problem+json",
    )  # fmt: skip
    empty = {**surrender_of(mine, year, 1), "lines": []}
    assert mine.post(path, empty, key="s-2").status_code == 400
    other = machine(make_party(name_zh="别家").id)
    assert other.post(path, surrender_of(mine, year, 1), key="s-3").status_code == 404
    assert not Approval.objects.filter(operation="compliance.surrender").exists()


def test_an_allocation_is_recorded_once_and_more_does_not_go_back(year, mine):
    path = f"compliance/years/{year.pk}/allocations/"
    before, allocated = Allocation.objects.count(), year.allocated_t
    body = {"step": "ALLOCATED", "table": "FINAL", "unit_count": 7, "evidence": "notice 7"}
    made = mine.post(path, body, key="a-1")
    assert made.status_code == 201
    assert mine.post(path, body, key="a-1").json() == made.json()
    assert Allocation.objects.count() == before + 1
    year.refresh_from_db()
    assert year.allocated_t == allocated + 7
    assert made.json()["id"] in {one["id"] for one in mine.get(path).json()["items"]}
    back = {**body, "step": "REVERSED", "unit_count": 10**9}
    assert mine.post(path, back, key="a-2").status_code == 409
