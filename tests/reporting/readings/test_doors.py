"""Readings through the API and the pages."""

import hashlib
import io
from datetime import date

import pytest
from openpyxl import Workbook, load_workbook

from reporting.readings import importer, tasks
from reporting.readings.models import Day, Month, Piece, Upload
from tests.factories import readings as factory
from tests.factories.machines import machine

pytestmark = pytest.mark.django_db


@pytest.fixture
def meter(park):
    return factory.add_meter(factory.add_source(park[0], "GRID"), "E-1", 60)


def test_a_workbook_is_read_as_a_text_file_is(park, meter):
    book = Workbook()
    book.active.append(["表计编号", "时间", "用量", "数据质量"])
    book.active.append(["E-1", "2025-01-02 00:00", 1.25, "实测"])
    book.active.append(["E-1", "2025-01-02 01:00", 2, "估算"])
    out = io.BytesIO()
    book.save(out)
    assert factory.upload(*park, out.getvalue()).state == "TAKEN"
    assert Day.objects.get().values_millionths[:2] == [1_250_000, 2_000_000]


def test_a_template_has_lists_of_the_parks_own_meters():
    content = importer.write_template(
        template=importer.Template.LINES, words={}, numbers=["E-1", "E-2"], units=["kWh"],
        marks=["measured", "estimated", "proxy"],
    )  # fmt: skip
    book = load_workbook(io.BytesIO(content))
    assert [cell.value for cell in book["readings"][1]][:3] == ["meter", "time", "value"]
    assert [cell.value for cell in book["lists"]["A"]][:2] == ["E-1", "E-2"]
    ranges = {
        str(one.sqref): one.formula1 for one in book["readings"].data_validations.dataValidation
    }
    assert ranges["A2:A3000"] == "lists!$A$1:$A$2"
    assert ranges["E2:E3000"] == "lists!$C$1:$C$3"


def test_a_job_run_twice_takes_a_file_in_once(park, meter):
    made = factory.upload(*park, factory.lines([("E-1", "2025-01-02 00:00", "1")]))
    told = tasks.read_upload(made.pk)
    assert (told["state"], told["rows"]) == ("TAKEN", 1)
    assert Piece.objects.count() == 1


def test_a_whole_month_of_hours_is_complete(park, meter):
    rows = [("E-1", f"2025-01-{d:02d} {h:02d}:00", "1") for d in range(1, 32) for h in range(24)]
    made = factory.upload(*park, factory.lines(rows))
    assert (made.row_count, made.day_count, made.first_day) == (744, 31, date(2025, 1, 1))
    assert Month.objects.get().told_count == Month.objects.get().expected_count == 744
    assert Upload.objects.get().problems == []


def test_a_gateway_brings_readings_and_proves_them_without_our_help(park, meter):
    gateway = machine(park[1].own_party, "DATA_OFFICER")
    rows = [{"meter": "E-1", "time": "2025-01-02 00:00", "value": "1.5"}]
    body = {"park_id": str(park[0].id), "rows": rows}
    made = gateway.post("park-readings/", body, key="k1")
    assert (made.status_code, made.json()["state"]) == (202, "WAITING")
    assert gateway.post("park-readings/", body, key="k1").json()["id"] == made.json()["id"]
    tasks.read_upload(Upload.objects.get().pk)
    told = gateway.get(made.headers["Location"]).json()
    assert (told["state"], told["new_count"]) == ("TAKEN", 1)
    [month] = gateway.get("park-readings/months/", meter_id=str(meter)).json()["items"]
    assert (month["amount"], month["unit"], month["expected_count"]) == ("1.500000", "kWh", 744)
    days = gateway.get("park-readings/days/", meter_id=str(meter), month="2025-01-31").json()
    assert days["items"][0]["hours"][:2] == ["1.500000", None]
    proof = gateway.get(f"park-readings/{meter}/2025-01-02/proof/").json()
    assert proof["merkle_root"] == month["merkle_root"]
    leaf = hashlib.sha256(b"\0" + proof["leaf"].encode()).hexdigest()
    assert (leaf, proof["path"]) == (proof["merkle_root"], [])  # the only day of its month


def test_machines_without_the_right_bring_and_see_nothing(park, meter):
    body = {"park_id": str(park[0].id), "rows": [{"meter": "E-1", "time": "x", "value": "1"}]}
    manager = machine(park[1].own_party, "CARBON_MANAGER")
    assert manager.post("park-readings/", body, key="k").status_code == 403
    factory.upload(*park, factory.lines([("E-1", "2025-01-02 00:00", "1")]))
    other, _officer = factory.make_park("XX")
    stranger = machine(other.operator_id, "DATA_OFFICER")
    assert stranger.post("park-readings/", body, key="k").status_code == 404
    assert stranger.get(f"park-readings/{Upload.objects.get().pk}/").status_code == 404
    assert stranger.get("park-readings/months/").json()["items"] == []
    assert stranger.get(f"park-readings/{meter}/2025-01-02/proof/").status_code == 404
    assert (
        stranger.get("park-readings/days/", meter_id=str(meter), month="2025-01-01").status_code
        == 404
    )
    assert Upload.objects.count() == 1
