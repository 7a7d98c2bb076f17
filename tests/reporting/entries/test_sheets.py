"""Entries by the sheet: each template comes back, every problem is named, all or nothing."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils.translation import override
from openpyxl import load_workbook

from ledger.imports import filling
from ledger.kernel.actors import Role
from ledger.kernel.errors import NotAllowed
from reporting.entries import importer, operations
from reporting.entries.models import Entry
from reporting.entries.states import Method
from tests.factories.readings import NOON, person
from tests.house.walk import signed_in

FILLED = {
    Method.AVERAGE: {"amount": "12.5 t"},
    Method.SPEND: {"amount": "1000 CNY"},
    Method.SUPPLIER: {"emission": "3 t"},
    Method.DISTANCE: {"mass": "10 t", "distance": "200 km"},
    Method.ASSET: {"emission": "10 t", "share": "0.35"},
    Method.FUEL: {"amount": "5 GJ"},
    Method.GRID_LOSSES: {"power": "100 MWh", "loss": "0.05"},
    Method.REFRIGERANT_BALANCE: {"serviced": "12 kg", "recovered": "2 kg"},
    Method.REFRIGERANT_SCREENING: {"charge": "4 kg", "units": "10", "a_year": "0.05"},
    Method.PRODUCT: {"output": "900 t", "reused": "0.1"},
    Method.CLINKER: {"cement": "100 t", "clinker_share": "0.7"},
    Method.ANODE_EFFECTS: {"aluminium": "1000 t", "slope": "0.143", "c2f6_per_cf4": "0.121",
                           "minutes_per_cell_day": "0.2"},
    Method.CARBON_BALANCE: {"put_in": "1000 t @ 0.85", "taken_out": "20 t @ 0.1"},
    Method.SHARED_PLANT: {"emission": "100 t", "heat": "500 GJ", "power": "200 GJ",
                          "heat_efficiency": "0.8", "power_efficiency": "0.35"},
}  # fmt: skip
GIVEN = {"given_value": "2.1", "given_mass": "t", "given_per": "", "given_source": "供应商"}


@pytest.fixture
def officer(operator):
    return person(operator.pk, Role.DATA_OFFICER)


def sheet_of(method, change=None):
    """The method's template, one row of it filled in as a person would."""
    carriers = {"R32": "R-32"}
    columns = importer.columns(method, carriers=carriers)
    book = load_workbook(io.BytesIO(filling.write_sheet(columns, title="x")))
    worked = FILLED[method]
    per = next(iter(worked.values())).split()[-1]
    told = {f"in_{name}": text for name, text in worked.items()}
    told |= {"code": "A1", "title": "甲", "evidence": "发票 7", **GIVEN, "given_per": per}
    told |= {"factor": "R-32"} if method in importer.REFRIGERANTS else {}
    told |= {column.name: str(column.choices[0][1]) for column in columns if column.choices}
    told |= change or {}
    for at, column in enumerate(columns, start=1):
        book.worksheets[0].cell(row=2, column=at, value=told.get(column.name))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def take(park, by, content, key="k"):
    return operations.import_entries(
        park_id=park.id, year=2025, content=io.BytesIO(content), by=by, at=NOON,
        idempotency_key=key,
    )  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("method", list(Method))
def test_the_template_of_each_method_is_taken_back(park, officer, reference, method, language):
    with override(language):
        content = sheet_of(method)
    [row] = take(park, officer, content)
    assert (row.method, row.code, row.version) == (method, "A1", 1)
    assert row.inputs == FILLED[method]
    assert [one.pk for one in take(park, officer, content)] == [row.pk]  # the same key, once


@pytest.mark.django_db
@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_every_bad_cell_and_row_is_named_and_nothing_is_kept(park, officer, reference, encoding):
    text = (
        "编码,内容,方法,计入,排放量,凭证,数据质量,租户\n"
        "A1,甲,供应商告知,1 外购商品和服务,3 t,发票,,\n"
        "A2,乙,magic,1 外购商品和服务,3 t,发票,,\n"
        "A3,丙,供应商告知,nowhere,3 t,发票,excellent,\n"
        "A4,丁,供应商告知,1 外购商品和服务,three,发票,,\n"
        "A5,戊,供应商告知,1 外购商品和服务,,发票,,\n"
        "A6,己,供应商告知,1 外购商品和服务,3 t,,,\n"
        "A1,庚,供应商告知,1 外购商品和服务,3 t,发票,,\n"
        ",辛,供应商告知,1 外购商品和服务,3 t,发票,,\n"
        "A9,壬,供应商告知,工业过程,3 t,发票,,\n"
        "A10,癸,供应商告知,1 外购商品和服务,3 t,发票,,T9\n"
    )
    with override("zh-hans"):
        words = {one.name: str(one.word) for one in importer.columns(carriers={})}
        choices = {one.name: dict(one.choices) for one in importer.columns(carriers={})}
    text = text.replace("编码", words["code"]).replace("内容", words["title"])
    text = text.replace("方法", words["method"]).replace("计入", words["part"])
    text = text.replace("排放量", words["in_emission"]).replace("凭证", words["evidence"])
    text = text.replace("租户", words["tenant"]).replace("数据质量", words["quality"])
    with override("zh-hans"):
        text = text.replace("供应商告知", str(choices["method"]["SUPPLIER"]))
        text = text.replace("1 外购商品和服务", str(choices["part"]["PURCHASED_GOODS"]))
        text = text.replace("工业过程", str(choices["part"]["PROCESS"]))
    with pytest.raises(filling.SheetHasProblems) as told:
        take(park, officer, text.encode(encoding))
    assert [(one.row, one.column) for one in told.value.problems] == [
        (3, "method"), (4, "part"), (4, "quality"), (5, "in_emission"), (6, "in_emission"),
        (7, ""), (8, "code"), (9, "code"), (10, ""), (11, ""),
    ]  # fmt: skip
    assert not Entry.objects.exists()


@pytest.mark.django_db
def test_a_preview_keeps_nothing_and_says_what_it_comes_to(park, officer, reference):
    with override("en"):
        content = sheet_of(Method.REFRIGERANT_BALANCE)
    [row] = operations.preview_entries(
        park_id=park.id, year=2025, content=io.BytesIO(content), by=officer, at=NOON
    )
    assert row.inputs == FILLED[Method.REFRIGERANT_BALANCE]
    assert not Entry.objects.exists()


@pytest.mark.django_db
def test_a_correction_by_sheet_says_why(park, officer, reference):
    with override("en"):
        take(park, officer, sheet_of(Method.SUPPLIER))
        again = sheet_of(Method.SUPPLIER, {"in_emission": "4 t"})
        with pytest.raises(filling.SheetHasProblems):
            take(park, officer, again, key="k2")
        [row] = take(
            park, officer, sheet_of(Method.SUPPLIER, {"in_emission": "4 t", "reason": "typo"}), "k3"
        )
    assert (row.version, Entry.objects.count()) == (2, 2)


@pytest.mark.django_db
def test_only_those_who_may_enter_bring_a_sheet(park, operator, reference):
    with override("en"), pytest.raises(NotAllowed):
        take(park, person(operator.pk, Role.AUDITOR), sheet_of(Method.SUPPLIER))
    assert not Entry.objects.exists()


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_no_two_columns_are_called_the_same(language):
    with override(language):
        words = [str(one.word).lower() for one in importer.columns(carriers={})]
    assert sorted(words) == sorted(set(words))


@pytest.mark.demo
def test_a_sheet_goes_through_the_page_and_its_problems_go_out_as_csv(committed_db):
    client, page = signed_in("data"), reverse("entries_upload")
    park_id = Entry.objects.first().park_id
    template = client.get(reverse("entries_template", args=["supplier"]))
    assert template["Content-Disposition"].startswith("attachment")
    with override("zh-hans"):
        good, bad = sheet_of(Method.SUPPLIER), sheet_of(Method.SUPPLIER, {"in_emission": "x"})
    data = {"park": str(park_id), "year": "2026"}
    told = client.post(page, {**data, "file": SimpleUploadedFile("b.xlsx", bad), "as": "csv"})
    assert told["Content-Type"].startswith("text/csv")
    assert told.content.decode("utf-8-sig").splitlines()[1].startswith("2,")
    shown = client.post(page, {**data, "file": SimpleUploadedFile("a.xlsx", good)})
    assert shown.status_code == 200, shown.content[-800:]
    staged = shown.context["hidden"][2][1]
    assert not Entry.objects.filter(code="A1").exists()
    done = client.post(page, {**data, "staged": str(staged)})
    assert done.status_code == 302
    assert Entry.objects.get(code="A1").inputs == FILLED[Method.SUPPLIER]
    assert signed_in("bank").get(page).status_code in {302, 403, 404}
