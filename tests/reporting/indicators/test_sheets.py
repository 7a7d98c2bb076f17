"""Facts by the sheet: each template comes back, every problem is named, all or nothing."""

import io

import pytest
from django.urls import reverse
from django.utils.translation import override
from openpyxl import load_workbook

from ledger.imports import filling
from ledger.kernel.actors import Role
from reporting.indicators import importer, operations
from reporting.indicators.models import ParkFact
from reporting.indicators.rules.facts import PAIRS
from reporting.indicators.states import FactKind
from tests.factories.readings import NOON, person
from tests.house.walk import signed_in

KINDS = [FactKind(code) for code, _word in importer.COUNTED]
UNITS = {
    FactKind.SOLID_WASTE: "t", FactKind.WATER: "m3", FactKind.BUNKERS: "t",
    FactKind.PRODUCT_OUTPUT: "t", FactKind.PRODUCT_ENERGY: "kgce/t",
    FactKind.HEAT_FACTOR: "tCO2/GJ", FactKind.TRANSFORMED_IN: "t", FactKind.TRANSFORMED_OUT: "t",
    FactKind.SENT_POWER_GREEN: "MWh", FactKind.SENT_POWER_FOSSIL: "MWh",
}  # fmt: skip


@pytest.fixture
def officer(operator):
    return person(operator.pk, Role.DATA_OFFICER)


def take(park, by, content, key="k"):
    return operations.import_facts(
        park_id=park.id, year=2025, content=io.BytesIO(content), by=by, at=NOON,
        idempotency_key=key,
    )  # fmt: skip


def filled_in(kind):
    columns = importer.columns(kind)
    book = load_workbook(io.BytesIO(filling.write_sheet(columns, title="x")))
    sheet = book.worksheets[0]
    told = {"kind": str(columns[0].choices[0][1]), "name": "甲", "part": 60.5, "evidence": "台账",
            "whole": 100, "unit": UNITS.get(kind, "GJ")}  # fmt: skip
    for at, column in enumerate(columns, start=1):
        sheet.cell(row=2, column=at, value=told.get(column.name))
    assert sheet.data_validations.dataValidation
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_template_of_each_kind_is_taken_back(park, officer, language):
    for kind in KINDS:
        with override(language):
            [row] = take(park, officer, filled_in(kind), key=kind)
        assert (row.kind, str(row.part.normalize()), row.version) == (kind, "60.5", 1)
        assert (row.whole is not None) is (kind in PAIRS)


@pytest.mark.django_db
def test_every_bad_cell_and_row_is_named_and_nothing_is_kept(park, officer):
    text = (
        "kind,name,part,whole,unit,evidence\n"
        "SOLID_WASTE,slag,80,100,t,log\n"
        "MAGIC,slag,80,100,t,log\n"
        "WATER,,many,100,m3,log\n"
        "WATER,reuse,80,,m3,log\n"
        "WATER,more,120,100,m3,log\n"
        "WATER,mass,1,2,t,log\n"
        "SOLID_WASTE,slag,80,100,t,log\n"
        "WASTE_HEAT,,1,2,,log\n"
        "WASTE_HEAT,flue,1,2,GJ,\n"
    )
    with pytest.raises(filling.SheetHasProblems) as told:
        take(park, officer, text.encode())
    assert [(one.row, one.column) for one in told.value.problems] == [
        (3, "kind"), (4, "part"), (5, ""), (6, ""), (7, ""), (8, "name"), (9, "unit"), (10, ""),
    ]  # fmt: skip
    assert not ParkFact.objects.exists()


@pytest.mark.django_db
def test_a_sheet_without_its_columns_or_rows_is_refused(park, officer):
    with pytest.raises(filling.SheetLacksColumns):
        take(park, officer, b"kind,part\nWATER,1\n")
    with pytest.raises(filling.reading.NoRows):
        take(park, officer, b"kind,name,part,whole,unit,evidence\n")


def test_templates_are_for_who_keeps_the_data(demo_db):
    client = signed_in("data")
    answer = client.get(reverse("facts_template", args=["waste_heat"]))
    assert answer["Content-Disposition"].startswith("attachment")
    assert client.get(reverse("facts_template", args=["magic"])).status_code == 404
    page = client.get(reverse("facts_upload"))
    assert page.status_code == 200
    assert reverse("facts_template", args=["water"]) in page.content.decode()
