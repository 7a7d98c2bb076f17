"""The pages of readings, with the demonstration: for who may, in both languages."""

import json
from datetime import date
from io import BytesIO

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from openpyxl import load_workbook

from ledger.audit.paths import check_inclusion, leaf_hash
from reporting.activity.models import Dataset, Finding
from reporting.activity.states import FindingState
from reporting.readings.models import Month, Upload
from tests.house.walk import signed_in


def text_of(answer):
    assert answer.status_code == 200, answer.content[:300]
    return answer.content.decode()


def a_month(number="E-0001", year=2025, month=1):
    years = Month.objects.order_by("month").values_list("month", flat=True)
    return Month.objects.get(meter__number=number, month=date(years[0].year, month, 1))


def test_the_demonstrations_bills_and_meters_agree(demo_db):
    for row in Month.objects.filter(month__year=a_month().month.year):
        assert row.told_count == row.expected_count, row
    january = a_month()
    assert january.total_millionths == 4_894_200_000  # the bill of 4,894.2 MWh, to the watt-hour


def test_a_month_leads_to_its_days_and_a_day_to_its_proof(demo_db):
    client, month = signed_in("data"), a_month()
    page = text_of(client.get(reverse("admin:reporting_readings_month_change", args=[month.pk])))
    day = f"{month.month:%Y-%m}-15"
    address = reverse("readings_day", args=[month.meter_id, day])
    assert address in page and month.root in page and "<svg" in page
    shown = text_of(client.get(address))
    assert "<svg" in shown and "23:00" in shown
    answer = client.get(reverse("readings_proof", args=[month.meter_id, day]))
    assert answer["Content-Disposition"].startswith("attachment")
    told = json.loads(answer.content)
    check_inclusion(
        leaf=leaf_hash(told["leaf"].encode()), index=told["index"], size=told["size"],
        path=[bytes.fromhex(one) for one in told["path"]], root=bytes.fromhex(month.root),
    )  # fmt: skip
    rows = client.get(reverse("readings_file", args=[month.meter_id, day, "csv"])).content
    assert rows.decode("utf-8-sig").count("\n") == 25


def test_what_is_not_there_or_not_ones_own_is_not_found(demo_db):
    month = a_month()
    for role, day in (
        ("data", "2001-01-01"),
        ("data", "never"),
        ("bank", f"{month.month:%Y-%m}-15"),
    ):
        client = signed_in(role)
        for name in ("readings_day", "readings_proof"):
            assert client.get(reverse(name, args=[month.meter_id, day])).status_code == 404
    template = reverse("readings_template", args=[month.park_id, "xlsx"])
    assert signed_in("bank").get(template).status_code == 404


def test_a_verifier_follows_a_row_down_to_the_reading_in_her_engagements_year(demo_db):
    client, month = signed_in("verifier"), a_month()
    page = reverse("admin:reporting_readings_month_change", args=[month.pk])
    assert month.root in text_of(client.get(page))
    day = f"{month.month:%Y-%m}-15"
    assert client.get(reverse("readings_proof", args=[month.meter_id, day])).status_code == 200
    later = a_month(month=2)
    this_year = Month.objects.filter(meter=later.meter, month__year=later.month.year + 1).first()
    shut = reverse("admin:reporting_readings_month_change", args=[this_year.pk])
    assert client.get(shut).status_code == 302


def test_a_template_names_the_meters_of_a_kind_of_source(demo_db):
    address = reverse("readings_template", args=[a_month().park_id, "xlsx"])
    answer = signed_in("data").get(address, {"kind": "PURCHASED_POWER"})
    lists = load_workbook(BytesIO(answer.content))["lists"]
    numbers = [cell.value for cell in lists["A"] if cell.value]
    assert "E-0001" in numbers and "G-0001" not in numbers


@pytest.mark.demo
def test_a_file_is_brought_by_the_page_and_waits_to_be_read(committed_db):
    client, park_id = signed_in("data"), a_month().park_id
    page = reverse("admin:reporting_readings_upload_do", args=["upload"])
    assert "enctype" in text_of(client.get(page))
    file = SimpleUploadedFile("r.csv", b"meter,time,value\nE-0001,2026-05-01 00:00,1\n")
    data = {"park": str(park_id), "file": file, "stamp": "START", "reason": ""}
    answer = client.post(page, data)
    assert answer.status_code == 302
    made = Upload.objects.get(file_name="r.csv")
    shown = text_of(client.get(reverse("admin:reporting_readings_upload_change", args=[made.pk])))
    assert 'data-follow="2"' in shown
    file = SimpleUploadedFile("evil.csv", b"MZ\x00\x01")
    refused = client.post(page, {**data, "file": file})
    assert refused.status_code == 409
    assert not Upload.objects.filter(file_name="evil.csv").exists()


@pytest.mark.demo
def test_findings_are_answered_on_their_page_by_the_data_officer_alone(committed_db):
    row = Finding.objects.filter(state=FindingState.OPEN, check_code="gap").first()
    page = reverse("admin:reporting_activity_finding_change", args=[row.pk])
    act = reverse("admin:reporting_activity_finding_act", args=[row.pk, "answer"])
    assert act in text_of(signed_in("data").get(page))
    assert act not in text_of(signed_in("auditor").get(page))
    answered = signed_in("data").post(act, {"kind": "EXPLAINED", "answer": "停电五小时"})
    assert answered.status_code == 302
    row.refresh_from_db()
    assert (row.state, row.answer) == (FindingState.ANSWERED, "停电五小时")


@pytest.mark.demo
def test_a_year_says_its_findings_and_quality_in_both_languages(committed_db):
    dataset = Dataset.objects.order_by("-year").first()
    page = reverse("admin:reporting_activity_dataset_change", args=[dataset.pk])
    client = signed_in("data")
    for language, word in (("zh-hans", "检查发现"), ("en", "Findings of the checks")):
        client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
        assert word in text_of(client.get(page))
