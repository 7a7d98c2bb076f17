"""Bills by the sheet: the template comes down, is filled in, goes up, and is held against meters.

All through the pages, as a data officer of the demonstration's operator does it for another park.
"""

import csv
import io
from datetime import date
from decimal import Decimal

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext, override
from lxml import html
from openpyxl import load_workbook

from ledger.kernel.actors import Actor, Role
from ledger.kernel.periods import Period
from ledger.parties.models import User
from reporting.activity import operations, queries
from reporting.activity.models import ActivityRow, Dataset, Upload
from reporting.activity.rules import QUALITIES, NoRows
from reporting.parks import operations as parks
from reporting.parks import queries as park_queries
from reporting.parks.states import SourceKind
from tests.factories import readings as factory
from tests.factories.readings import NOON, SYSTEM
from tests.house.walk import signed_in

YEAR = 2025
HOURS = 28 * 24
# by source and month: what the bill says. February's meters read 672 MWh each.
AGREES, DIFFERS = "685.5", "714"  # 2 % and 5.9 % off the meter; 3 % of the bill is let pass
BILLS = {("GRID", "2025-02"): AGREES, ("YARD", "2025-02"): DIFFERS, ("YARD", "2025-03"): "12.125"}
LANGUAGES = ["zh-hans", "en"]


def kwh(day, hour, shift):
    """A thousand on average, and no two meters alike."""
    return 990 + (day * 7 + hour + shift) % 3 * 10


@pytest.fixture
def rolled_back(demo_db):
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture
def client(rolled_back):
    return signed_in("data")


@pytest.fixture
def place(rolled_back):
    """A park of the same operator: two metered sources of power, one of heat without a meter."""
    user = User.objects.get(email="data@demo.example")
    operator = park_queries.find_park("MW-DEMO")
    assert operator is not None
    officer = Actor(user.pk, operator.operator_id, frozenset({Role.DATA_OFFICER}))
    park = parks.register_park(
        code="BILLS", name_zh="账单园区", name_en="Bills", province="330000",
        operator_id=operator.operator_id, by=SYSTEM, at=NOON,
    )  # fmt: skip
    for code in ("GRID", "YARD"):
        factory.add_meter(factory.add_source(park, code), f"M-{code}", 60)
    factory.add_source(park, "HEAT", unit="GJ", kind=SourceKind.PURCHASED_HEAT, carrier="STEAM")
    rows = [
        (f"M-{code}", f"2025-02-{day:02d} {hour:02d}:00", kwh(day, hour, shift))
        for shift, code in enumerate(("GRID", "YARD"))
        for day in range(1, 29)
        for hour in range(24)
    ]
    factory.upload(park, officer, factory.lines(rows))
    return park, officer


def template(client, park, form, **asked):
    answer = client.get(reverse("activity_template", args=[park.id, YEAR, form]), asked)
    assert answer.status_code == 200
    assert answer["Content-Disposition"].startswith("attachment")
    return answer.content


def filled_workbook(content, bills):
    book = load_workbook(io.BytesIO(content))
    sheet = book[str(YEAR)]
    for row in sheet.iter_rows(min_row=2):
        told = bills.get((row[0].value, row[1].value))
        if told is not None:
            row[2].value, row[4].value = Decimal(told), f"B-{row[1].value}"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def filled_text(content, bills):
    lines = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    for row in lines[1:]:
        told = bills.get((row[0], row[1]))
        if told is not None:
            row[2], row[4] = told, f"B-{row[1]}"
    out = io.StringIO()
    csv.writer(out).writerows(lines)
    return ("\ufeff" + out.getvalue()).encode()


FILLED = {"xlsx": filled_workbook, "csv": filled_text}


def bring(client, park, content, name):
    """The page's first turn: what the file would do, or what is wrong with it."""
    data = {"park": str(park.id), "year": YEAR, "file": SimpleUploadedFile(name, content)}
    return client.post(reverse("activity_upload"), data)


def take_in(client, park, preview):
    told = {
        one.get("name"): one.get("value")
        for one in html.fromstring(preview.content.decode()).xpath("//input[@type='hidden']")
        if one.get("name") in {"park", "year", "reason", "staged"}
    }
    assert told["park"] == str(park.id)
    return client.post(reverse("activity_upload"), told)


def kept(park):
    return {
        (row.source_code, f"{row.month:%Y-%m}"): (str(row.amount.normalize()), row.evidence)
        for row in ActivityRow.objects.filter(dataset__park_id=park.id)
    }


def nothing_is_kept(park):
    return not Dataset.objects.filter(park_id=park.id).exists()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("form", ["xlsx", "csv"])
def test_a_template_that_was_filled_in_is_taken_back_to_the_digit(client, place, form, language):
    park, officer = place
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    content = FILLED[form](template(client, park, form), BILLS)
    preview = bring(client, park, content, f"bills.{form}")
    assert (preview.status_code, nothing_is_kept(park)) == (200, True)
    assert len(preview.context["preview"].readings) == 3
    assert preview.context["preview"].unfilled == 33  # of three sources' twelve months
    assert take_in(client, park, preview).status_code == 302
    assert kept(park) == {
        ("GRID", "2025-02"): ("685.5", "B-2025-02"),
        ("YARD", "2025-02"): ("714", "B-2025-02"),
        ("YARD", "2025-03"): ("12.125", "B-2025-03"),
    }
    assert Upload.objects.get(dataset__park_id=park.id).row_count == 3
    assert list(queries.check_rows_against_events()) == []

    found = operations.run_checks(park_id=park.id, year=YEAR, by=officer, at=NOON)
    told = {(row.check_code, row.subject, row.month): row.params for row in found}
    metered = sum(kwh(day, hour, 1) for day in range(1, 29) for hour in range(24))
    assert metered == HOURS * 1000
    assert told == {
        ("bill", "YARD", date(2025, 2, 1)): {"bill": "714", "metered": "672", "unit": "MWh"}
    }


def test_the_finding_stands_on_its_page_until_the_bill_is_corrected(client, place):
    park, officer = place
    first = bring(client, park, filled_text(template(client, park, "csv"), BILLS), "bills.csv")
    take_in(client, park, first)
    given = {"park_id": park.id, "year": YEAR, "by": officer, "at": NOON}
    [finding] = operations.run_checks(**given)
    assert finding.state == "OPEN"
    page = reverse("admin:reporting_activity_finding_change", args=[finding.pk])
    for language, word in (
        ("zh-hans", "账单与表计不一致"),
        ("en", "The bill and the meter differ"),
    ):
        client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
        shown = client.get(page).content.decode()
        assert word in shown and "714 MWh → 672 MWh" in shown
    right = filled_text(template(client, park, "csv"), {("YARD", "2025-02"): "673"})
    take_in(client, park, bring(client, park, right, "corrected.csv"))
    assert [one.state for one in operations.run_checks(**given)] == ["CLEARED"]
    versions = ActivityRow.objects.filter(source_code="YARD", month=date(2025, 2, 1))
    assert [int(one.amount) for one in versions.order_by("version")] == [714, 673]


@pytest.mark.parametrize("form", ["xlsx", "csv"])
def test_every_bad_row_of_a_filled_template_is_told_at_once(client, place, form):
    park, _officer = place
    bad = {
        ("GRID", "2025-02"): "68O.5", ("HEAT", "2025-01"): "-3", ("YARD", "2025-03"): "12.125",
        ("YARD", "2025-12"): "=1+1",
    }  # fmt: skip
    if form == "xlsx":
        content = template(client, park, form)
        book = load_workbook(io.BytesIO(content))
        for row in book[str(YEAR)].iter_rows(min_row=2):
            row[2].value = bad.get((row[0].value, row[1].value))
        book[str(YEAR)]["D38"] = "MWh"  # a row that the template does not have: its unit alone
        book[str(YEAR)]["C38"] = 5
        out = io.BytesIO()
        book.save(out)
        content = out.getvalue()
    else:
        content = filled_text(template(client, park, form), bad) + b",,5,MWh,,,\r\n"
    answer = bring(client, park, content, f"bad.{form}")
    assert (answer.status_code, nothing_is_kept(park)) == (422, True)
    told = [(row, column) for row, column, _reason in answer.context["problems"]]
    with override("zh-hans"):
        assert [(row, str(column)) for row, column in told] == [
            (3, "数量"), (14, "数量"), (37, "数量"), (38, "来源"), (38, "月份"),
        ]  # fmt: skip
    shown = answer.content.decode()
    assert "“68O.5”" in shown or "68O.5" in shown
    as_file = client.post(
        reverse("activity_upload"),
        {"park": str(park.id), "year": YEAR, "as": "csv",
         "file": SimpleUploadedFile(f"bad.{form}", content)},
    )  # fmt: skip
    assert as_file.content.decode("utf-8-sig").count("\r\n") == 6
    assert nothing_is_kept(park)


@pytest.mark.parametrize("form", ["xlsx", "csv"])
def test_a_template_that_nobody_filled_in_brings_nothing(client, place, form):
    park, _officer = place
    answer = bring(client, park, template(client, park, form), f"empty.{form}")
    assert (answer.status_code, answer.context["refusal_code"]) == (409, NoRows.code)
    assert nothing_is_kept(park)


def test_a_template_of_one_kind_has_its_sources_alone(client, place):
    park, _officer = place
    lines = template(client, park, "csv", kind=SourceKind.PURCHASED_HEAT).decode("utf-8-sig")
    assert [line.split(",")[:4] for line in lines.splitlines()[1:]] == [
        ["HEAT", f"2025-{month:02d}", "", "GJ"] for month in range(1, 13)
    ]
    book = load_workbook(io.BytesIO(template(client, park, "xlsx", kind="PURCHASED_POWER")))
    assert {row[0].value for row in book["2025"].iter_rows(min_row=2)} == {"GRID", "YARD"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_words_that_a_template_offers_are_words_that_the_upload_knows(language):
    with override(language):
        offered = [gettext(one) for one in ("measured", "billed", "estimated", "proxy")]
    assert [QUALITIES[one] for one in offered] == ["MEASURED", "MEASURED", "ESTIMATED", "PROXY"]


def test_a_template_is_of_ones_own_park_and_of_two_forms(client, place):
    park, _officer = place
    assert (
        client.get(f"{reverse('activity_template', args=[park.id, YEAR, 'exe'])}").status_code
        == 404
    )
    for form in ("csv", "xlsx"):
        address = reverse("activity_template", args=[park.id, YEAR, form])
        assert signed_in("bank").get(address).status_code == 404


def test_both_forms_of_each_kind_are_offered_on_the_years_page(client, place):
    park, _officer = place
    content = filled_text(template(client, park, "csv"), BILLS)
    page = take_in(client, park, bring(client, park, content, "b.csv")).url
    shown = html.fromstring(client.get(page).content.decode()).xpath("//a/@href")
    for form in ("xlsx", "csv"):
        address = reverse("activity_template", args=[park.id, YEAR, form])
        assert {address, f"{address}?kind=PURCHASED_HEAT"} <= set(shown)


def test_bills_count_for_the_period_that_they_are_of(client, place):
    park, _officer = place
    take_in(
        client, park, bring(client, park, filled_text(template(client, park, "csv"), BILLS), "b")
    )
    rows = queries.rows_for(park.id, Period.month(2025, 2))
    assert sum(row.quantity.amount for row in rows) == Decimal("1399.5")
