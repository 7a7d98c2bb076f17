"""One frozen inventory, many frameworks: the same facts, each framework's own questions."""

import hashlib
import io
import json
import re
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal

import pytest
from django.utils import timezone
from openpyxl import load_workbook
from pypdf import PdfReader

from ledger.audit.models import Event
from ledger.jobs.models import Job
from ledger.kernel.actors import SYSTEM
from ledger.kernel.errors import NotAllowed, NotFound
from ledger.kernel.periods import Period
from reporting.disclosures import operations as disclosures
from reporting.disclosures import queries as statements
from reporting.disclosures import rules
from reporting.disclosures.frameworks import fitting, frameworks
from reporting.disclosures.models import Entry, Statement
from reporting.documents import queries as documents
from reporting.inventories import operations as inventories
from reporting.packages import operations, queries
from reporting.packages.models import Report
from reporting.packages.states import ReportState
from tests.reporting.inventories.conftest import NOON
from tests.reporting.packages.making import (
    approver_of,
    evidence,
    figure,
    frozen_year,
    make,
    tell,
)


@pytest.fixture
def frozen(dataset, park, manager):
    return frozen_year(park, manager)


def statement_of(frozen, framework, at=NOON):
    return disclosures.freeze_statement(
        frozen_inventory_id=frozen.id, framework=framework, by=SYSTEM, at=at
    ).content


def states(content):
    return {one["key"]: one["state"] for one in content["contents"]}


def text_of(content):
    pages = PdfReader(io.BytesIO(content)).pages
    return "".join("".join(page.extract_text().split()) for page in pages)


def test_every_framework_tells_the_same_facts_of_the_same_inventory(frozen):
    told = {
        code: statement_of(frozen, code)
        for code, one in frameworks().items()
        if code != "GRI-102-103"
    }
    assert len({one["facts_hash"] for one in told.values()}) == 1
    assert len({one["input_hash"] for one in told.values()}) == len(told)
    assert len({one["number"] for one in told.values()}) == len(told)
    for code, one in told.items():
        assert one["facts"]["scope_1"]["value"] == one["totals"]["direct_tco2e"]
        assert [x["key"] for x in one["asked"]] == [x.key for x in frameworks()[code].asked]


def test_gri_lacks_what_nobody_has_told_and_is_a_draft(frozen, manager, own_keys):
    content = statement_of(frozen, "GRI-302-305")
    found = states(content)
    assert found["scope_1"] == found["energy_total"] == found["gwp_edition"] == "PRESENT"
    assert found["removals"] == "ABSENT" and found["biogenic_co2"] == "ABSENT"
    assert found["scope_3"] == found["reductions_by_measure"] == "MISSING"
    assert found["targets"] == "NOT_GIVEN"  # asked for where it applies, until 2027
    assert "CONTENT_MISSING" in content["draft_reasons"]
    assert content["facts"]["removals"]["explanation"]["en"].startswith("Removals were not")


def test_what_a_person_tells_and_another_approves_completes_the_statement(frozen, park, manager):
    before = statement_of(frozen, "GRI-302-305")
    tell(park, manager, "scope_3", kind="ABSENT", text_zh="数据尚缺。", text_en="No data yet.")
    entry = tell(park, manager, "reductions_by_measure")
    after = statement_of(frozen, "GRI-302-305")
    found = states(after)
    assert (found["scope_3"], found["reductions_by_measure"]) == ("ABSENT", "PRESENT")
    assert after["facts"]["scope_3"]["explanation"]["en"] == "No data yet."
    assert after["facts"]["reductions_by_measure"]["entry"]["id"] == str(entry.pk)
    assert "CONTENT_MISSING" not in after["draft_reasons"]
    assert after["input_hash"] != before["input_hash"]
    assert Statement.objects.count() == 2  # the earlier stays as it was


def test_a_figure_by_hand_needs_evidence_and_shows_its_hash(frozen, park, manager):
    with pytest.raises(rules.FigureNeedsEvidence):
        tell(park, manager, "internal_carbon_price", kind="FIGURE", amount=Decimal(90))
    assert Entry.objects.count() == 0
    entry = figure(park, manager, "internal_carbon_price", "90.5")
    fact = statement_of(frozen, "ESRS-E1")["facts"]["internal_carbon_price"]
    assert (fact["value"], fact["unit"], fact["origin"]) == ("90.5", "CNY/tCO2e", "ENTERED")
    assert fact["entry"]["evidence_sha256"] == entry.evidence_sha256
    assert len(entry.evidence_sha256) == 64


def test_revenue_by_hand_gives_an_intensity_over_the_gross_total(frozen, park, manager):
    figure(park, manager, "net_revenue", "29000")
    content = statement_of(frozen, "HKEX-ESG")
    rows = {one["unit"]: one["value"] for one in content["facts"]["intensity"]["rows"]}
    whole = Decimal(content["totals"]["total_location_tco2e"])
    wanted = (whole / 29000).quantize(Decimal("0.000001"), ROUND_HALF_UP)
    assert Decimal(rows["tCO2e / 10^4 CNY"]) == wanted


def test_words_must_be_in_both_languages_and_a_point_must_exist(park, manager):
    with pytest.raises(rules.WordsMissing):
        tell(park, manager, "policy", text_en=" ")
    with pytest.raises(rules.UnknownPoint):
        tell(park, manager, "nothing")
    with pytest.raises(rules.NotAFigure):
        shown = evidence(manager)
        tell(park, manager, "policy", kind="FIGURE", amount=Decimal(1), evidence_id=shown.pk)
    assert Entry.objects.count() == 0


def test_only_an_approver_writes_and_only_of_her_own_park(park, manager):
    period = {"period_start": NOON.date().replace(month=1, day=1)}
    given = {**period, "period_end": period["period_start"].replace(year=2027), "point": "policy",
             "kind": "TEXT", "text_zh": "甲", "text_en": "a", "at": NOON}  # fmt: skip
    with pytest.raises(NotAllowed):
        disclosures.tell_point(park_id=park.id, by=manager, idempotency_key="1", **given)
    stranger = approver_of(manager).__class__(manager.user_id, park.id, approver_of(manager).roles)
    with pytest.raises(NotFound):
        disclosures.tell_point(park_id=park.id, by=stranger, idempotency_key="2", **given)
    assert Entry.objects.count() == 0


def test_the_same_key_tells_once_and_a_correction_is_the_next_version(park, manager):
    first = tell(park, manager, "policy")
    again = disclosures.tell_point(
        park_id=park.id,
        period_start=first.period_start,
        period_end=first.period_end,
        point="policy",
        kind="TEXT",
        text_zh="别的",
        text_en="other",
        by=approver_of(manager),
        at=NOON,
        idempotency_key=first.idempotency_key.partition(":")[2],
    )
    assert again.pk == first.pk
    assert tell(park, manager, "policy", text_zh="新", text_en="new").version == 2


def test_last_years_words_taken_over_name_where_they_came_from(park, manager):
    last = tell(park, manager, "governance", year=2024)
    same, other = tell(park, manager, "governance"), tell(park, manager, "governance", text_zh="改")
    assert same.reused_from_id == last.pk
    assert other.reused_from_id is None


def test_freezing_again_later_gives_the_same_statement_and_the_same_pdf_text(frozen):
    first = disclosures.freeze_statement(
        frozen_inventory_id=frozen.id, framework="ESRS-E1", by=SYSTEM, at=NOON
    )
    later = disclosures.freeze_statement(
        frozen_inventory_id=frozen.id, framework="ESRS-E1", by=SYSTEM, at=NOON.replace(hour=9)
    )
    assert later.pk == first.pk
    made = disclosures.draft_statement(
        frozen=inventories_view(frozen), framework="ESRS-E1", at=NOON.replace(hour=9)
    )
    assert (made["input_hash"], made["number"]) == (first.input_hash, first.number)
    one, two = (documents.get_pdf(first.content, language="en") for _ in range(2))
    assert hashlib.sha256(one).digest() == hashlib.sha256(two).digest()


def inventories_view(frozen):
    from reporting.inventories import queries as views

    return views.get_frozen(frozen.id)


def test_a_framework_of_another_year_is_refused(facility, manager):
    with pytest.raises(rules.FrameworkOfAnotherYear):
        operations.request_report(
            frozen_inventory_id=facility.id,
            framework="GRI-102-103",
            language="en",
            by=manager,
            at=NOON,
        )
    assert Job.objects.count() == 0


def test_no_chapter_of_any_framework_stands_empty_in_either_language(frozen):
    for code in (one.code for one in fitting(Period.year(2025))):
        content = statement_of(frozen, code)
        for language in documents.LANGUAGES:
            page = documents.get_html(content, language=language)
            assert not re.search(r"<p>\s*</p>|<h[23][^>]*>\s*</h|</h[23]>\s*</section>", page), code
            assert "None" not in re.sub(r"<style.*?</style>", "", page, flags=re.S).replace(
                "None.", ""
            ), code


def test_two_runs_from_the_same_inputs_give_the_same_hash_and_the_same_pages(frozen):
    for code in (one.code for one in fitting(Period.year(2025))):
        first, again = (
            disclosures.draft_statement(
                frozen=inventories_view(frozen), framework=code, at=NOON.replace(hour=hour)
            )
            for hour in (4, 9)
        )
        assert (first["input_hash"], first["number"]) == (again["input_hash"], again["number"])
        kept = disclosures.freeze_statement(
            frozen_inventory_id=frozen.id, framework=code, by=SYSTEM, at=NOON
        )
        later = disclosures.freeze_statement(
            frozen_inventory_id=frozen.id, framework=code, by=SYSTEM, at=NOON.replace(hour=9)
        )
        assert later.content_hash == kept.content_hash
        one, two = (documents.get_html(made.content, language="en") for made in (kept, later))
        assert one == two and kept.content_hash in one


@pytest.mark.usefixtures("own_keys")
@pytest.mark.parametrize(("language", "said"), [("en", "Disclosuresasked"), ("zh-hans", "披露")])
def test_a_report_of_a_further_framework_tells_its_points_in_both_languages(
    frozen, park, manager, language, said
):
    figure(park, manager, "internal_carbon_price", "90.5")
    report = make(frozen, manager, "ESRS-E1", language)
    text = text_of(queries.content_of(report))
    assert said in text and "ESRSE1" in text and "90.5" in text
    shown = Decimal(report.statement.content["totals"]["direct_tco2e"]).quantize(Decimal("0.01"))
    assert f"{shown:,}" in text
    assert "E1-6" in text


# --- the workbook


def test_the_workbook_adds_the_lines_up_by_formulas_to_what_is_reported(frozen, manager):
    content = statement_of(frozen, "GHG-PROTOCOL")
    made = documents.get_xlsx(content, language="en")
    assert made == documents.get_xlsx(content, language="en")
    book = load_workbook(io.BytesIO(made))
    lines = list(book["Lines"].iter_rows(min_row=2, values_only=True))
    assert len(lines) == len(content["lineage"])
    summary = {row[0].value: row for row in book["Summary"].iter_rows() if row[0].value}
    for figure_, name, key in (
        ("1", "Category 1: direct emissions (Scope 1)", "direct_tco2e"),
        ("2", "Imported energy (category 2), location-based", "energy_location_tco2e"),
        ("2 MB", "Imported energy (category 2), market-based", "energy_market_tco2e"),
    ):
        formula, reported = summary[name][1].value, summary[name][2].value
        last = len(lines) + 1
        own = f'=SUMIFS(Lines!$E$2:$E${last},Lines!$A$2:$A${last},"{figure_}")'
        assert formula.startswith(own)
        whole = sum(row[4] for row in lines if row[0] == figure_)
        if figure_ == "2 MB":  # and the heat, which both ways of counting power share
            heat = f'+SUMIFS(Lines!$E$2:$E${last},Lines!$A$2:$A${last},"2",Lines!$F$2:$F${last},'
            assert formula == f'{own}{heat}"IMPORTED_HEAT")'
            whole += sum(row[4] for row in lines if row[0] == "2" and row[5] == "IMPORTED_HEAT")
        assert whole == pytest.approx(float(content["totals"][key]))
        assert float(reported) == pytest.approx(whole)


def test_words_in_a_workbook_never_run_as_a_formula(frozen, park, manager):
    tell(park, manager, "targets", text_zh="=1+1", text_en='=HYPERLINK("x")')
    book = load_workbook(io.BytesIO(documents.get_xlsx(
        statement_of(frozen, "ESRS-E1"), language="en")))  # fmt: skip
    cells = [cell for row in book["Data points"].iter_rows() for cell in row]
    said = next(cell for cell in cells if cell.value == '=HYPERLINK("x")')
    assert said.data_type == "s"


# --- comparison and restatement


def test_a_restated_year_is_told_with_its_reason(frozen, park, manager):
    restated = inventories.restate_inventory(
        inventory_id=frozen.inventory_id, reason="meter error", by=manager, at=NOON
    )
    again = inventories.freeze_inventory(inventory_id=restated.id, by=manager, at=NOON)
    content = statement_of(again, "ISO14064-1")
    (told,) = content["restatements"]
    assert told["reason"] == {"zh": "meter error", "en": "meter error"}
    assert (told["before_hash"], told["after_hash"]) == (frozen.content_hash, again.content_hash)
    assert content["comparison"] is None  # there is no year before


def test_a_year_is_compared_with_the_year_before(park, reference, manager):
    from ledger.kernel.periods import Period

    def year(number, tonnes):
        built = inventories.build_from_gases(
            park_id=park.id, period=Period.year(number), gwp_set="AR5",
            tonnes={"CO2": Decimal(tonnes)}, source="measured", by=manager, at=NOON,
        )  # fmt: skip
        return inventories.freeze_inventory(inventory_id=built.id, by=manager, at=NOON)

    year(2024, "1000")
    content = statement_of(year(2025, "750"), "ISO14064-1")
    row = next(x for x in content["comparison"]["rows"] if x["key"] == "scope_1" and not x["name"])
    told = (row["before"], row["now"], row["change"], row["change_percent"])
    assert told == ("1000", "750", "-250", "-25")
    assert row["first"] == ""  # never restated


# --- what it is worth


def test_telling_something_new_makes_an_issued_report_stale(frozen, park, manager, own_keys):
    report = make(frozen, manager)
    assert queries.state_of(report) is ReportState.DRAFT
    later = timezone.now() + timedelta(days=1)
    disclosures.tell_point(
        park_id=park.id,
        period_start=report.statement.period_start,
        period_end=report.statement.period_end,
        point="policy",
        kind="TEXT",
        text_zh="新",
        text_en="new",
        by=approver_of(manager),
        at=later,
        idempotency_key="later",
    )
    assert queries.state_of(report) is ReportState.STALE


def test_entries_statements_and_files_are_as_their_events_say(frozen, park, manager, own_keys):
    tell(park, manager, "policy")
    disclosures.comment_point(
        frozen_inventory_id=frozen.id, point="policy", text="Shorter?", by=manager, at=NOON,
        idempotency_key="c",
    )  # fmt: skip
    make(frozen, manager)
    assert Report.objects.get().files.count() == 2
    assert list(statements.check_rows()) == []
    assert list(queries.check_rows()) == []
    assert Event.objects.filter(verb="disclosure.commented").count() == 1


def test_the_inline_report_shows_the_figures_of_the_statement(frozen):
    content = statement_of(frozen, "VSME-B3")
    page = documents.get_xhtml(content, language="zh-hans").decode()
    found = dict(re.findall(r'name="tz:(\w+)"[^>]*>([0-9.,]+)</ix:nonFraction>', page))
    for tag, key in (("Scope1", "direct_tco2e"), ("TotalMarket", "total_market_tco2e")):
        exact = Decimal(content["totals"][key]).quantize(Decimal("0.01"), ROUND_HALF_UP)
        assert Decimal(found[tag].replace(",", "")) == exact
    assert json.dumps(content)  # canonical values only
    assert page == documents.get_xhtml(content, language="zh-hans").decode()
