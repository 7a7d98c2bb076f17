"""From a frozen inventory through the job to a report, and what becomes of it later."""

import hashlib
import io
import json
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from uuid import uuid4

import pytest
from pypdf import PdfReader

from ledger.audit.models import Event
from ledger.files.models import StoredFile
from ledger.jobs.models import Job
from ledger.jobs.states import JobState
from ledger.kernel.actors import SYSTEM, Actor, Role
from ledger.kernel.canonical import canonical_json, digest
from ledger.kernel.errors import NotAllowed, NotFound
from ledger.kernel.periods import Period
from ledger.parties.models import Party
from reporting.disclosures import operations as disclosures
from reporting.disclosures import queries as statements
from reporting.disclosures.models import Statement
from reporting.documents import queries as documents
from reporting.inventories import operations as inventories
from reporting.packages import operations, queries, rules, tasks
from reporting.packages.models import Report
from reporting.packages.states import ReportState
from reporting.verification import operations as verification
from reporting.verification.states import AssuranceLevel, OpinionKind
from tests.factories.holdings import holdings
from tests.ledger.claims.test_claims import claim
from tests.reporting.inventories.conftest import NOON, build, person

GOLDEN = Path(__file__).parents[2] / "golden" / "cases" / "ghg_arb_mrr_facility_co2e.json"
CASE = "arb-mrr-2020-100011"


def case():
    cases = json.loads(GOLDEN.read_text())["cases"]
    return next(one for one in cases if one["id"] == CASE)


@pytest.fixture
def golden_facility(reference, park, manager):
    """A real facility as published: masses by gas, verified under its own programme."""
    given = json.loads(GOLDEN.read_text(), parse_float=str)["cases"]
    inputs = next(one for one in given if one["id"] == CASE)["inputs"]
    built = inventories.build_from_gases(
        park_id=park.id,
        period=Period.year(2020),
        gwp_set="SAR",
        tonnes={gas: Decimal(inputs[f"{gas.lower()}_t"]) for gas in ("CO2", "CH4", "N2O")},
        source="CARB MRR 2020, facility 100011",
        data_state="VERIFIED",
        biogenic_inside=True,
        by=manager,
        at=NOON,
    )
    return inventories.freeze_inventory(inventory_id=built.id, by=manager, at=NOON)


def opine(frozen, park, manager, kind=OpinionKind.UNMODIFIED, year=2020, *, accreditation=""):
    """A verification body looks at it and says what it thinks."""
    body = Party.objects.create(kind=Party.Kind.VERIFIER, name_zh="华东核查", name_en="ECEV")
    verifier = person(body, Role.VERIFIER)
    engagement = verification.open_engagement(
        park_id=park.id,
        period=Period.year(year),
        verifier_id=body.pk,
        criteria="ISO 14064-1:2018",
        level=AssuranceLevel.REASONABLE,
        scope="categories 1 and 2",
        accreditation=accreditation,
        team=[verifier.user_id],
        by=manager,
        at=NOON,
    )
    verification.declare_independence(
        engagement_id=engagement, statement="independent", by=verifier, at=NOON
    )
    verification.give_opinion(
        engagement_id=engagement,
        kind=kind,
        content_hash=frozen.content_hash,
        text="Fairly stated in all material respects.",
        by=verifier,
        at=NOON,
    )
    return verifier


def make(frozen, manager, language="en"):
    job = operations.request_report(
        frozen_inventory_id=frozen.id, language=language, by=manager, at=NOON
    )
    tasks.make_report(job_id=str(job))
    job = Job.objects.get(pk=job)
    assert job.state == JobState.DONE, job.error
    return Report.objects.select_related("statement").get(pk=job.result["report"])


def text_of(content):
    pages = PdfReader(io.BytesIO(content)).pages
    return "".join("".join(page.extract_text().split()) for page in pages)


def test_a_verified_facility_becomes_a_signed_report_with_the_published_total(
    golden_facility, park, manager, own_keys
):
    opine(golden_facility, park, manager)
    report = make(golden_facility, manager)
    content = queries.content_of(report)

    assert not report.is_draft
    assert report.signature_level == "B-B"
    assert hashlib.sha256(content).hexdigest() == report.sha256
    published = Decimal(str(case()["expected"]["total_co2e_t"]))
    direct = Decimal(report.statement.content["totals"]["direct_tco2e"])
    assert abs(direct - published) <= Decimal("0.5")
    assert f"{published:,.2f}" in text_of(content)
    assert queries.state_of(report) is ReportState.CURRENT
    inside = PdfReader(io.BytesIO(content)).attachments["statement.json"][0]
    assert inside == queries.statement_of(report)
    assert digest(json.loads(inside)).hex() == report.statement.content_hash


def test_unverified_data_give_a_draft_with_a_mark_and_no_signature(facility, manager, own_keys):
    report = make(facility, manager)
    content = queries.content_of(report)
    assert report.is_draft and report.signature_level == ""
    assert report.statement.content["draft_reasons"] == ["NOT_VERIFIED", "DATA_NOT_VERIFIED"]
    assert b"/ByteRange" not in content
    assert "DRAFT-notverified" in text_of(content)
    assert queries.state_of(report) is ReportState.DRAFT


def test_an_adverse_opinion_gives_no_final_report(golden_facility, park, manager, own_keys):
    opine(golden_facility, park, manager, kind=OpinionKind.ADVERSE)
    assert make(golden_facility, manager).is_draft


def test_asking_twice_and_running_twice_gives_one_report_one_file_one_event(
    golden_facility, park, manager, own_keys
):
    opine(golden_facility, park, manager)
    first = make(golden_facility, manager)
    second = make(golden_facility, manager)
    assert first.pk == second.pk
    assert Report.objects.count() == Statement.objects.count() == 1
    assert StoredFile.objects.filter(purpose="report").count() == 3  # PDF, XLSX, XHTML
    assert Event.objects.filter(verb="report.issued").count() == 1
    assert Event.objects.filter(verb="report.file_issued").count() == 2


def test_a_second_signature_of_the_same_report_is_thrown_away(
    golden_facility, park, manager, own_keys
):
    opine(golden_facility, park, manager)
    report = make(golden_facility, manager)
    again = operations.issue_report(
        statement=report.statement,
        language="en",
        document=operations.SignedDocument(b"%PDF-1.7 other", "B-B", "00", "x"),
        asked_by=manager.user_id,
        by=SYSTEM,
        at=NOON,
    )
    assert (again.pk, again.sha256) == (report.pk, report.sha256)


def test_two_languages_share_one_statement(golden_facility, park, manager, own_keys):
    opine(golden_facility, park, manager)
    english = make(golden_facility, manager, "en")
    chinese = make(golden_facility, manager, "zh-hans")
    assert english.statement_id == chinese.statement_id
    assert english.document_number.removesuffix("EN") == chinese.document_number.removesuffix("ZH")
    assert "温室气体清单报告" in text_of(queries.content_of(chinese))


def test_the_opinion_makes_a_new_statement_that_supersedes_the_draft(
    golden_facility, park, manager, own_keys
):
    draft = make(golden_facility, manager)
    opine(golden_facility, park, manager)
    final = make(golden_facility, manager)
    assert draft.is_draft and not final.is_draft
    assert final.statement.supersedes_id == draft.statement_id
    later = datetime(2026, 3, 1, tzinfo=UTC)
    assert later > NOON
    assert draft.document_number != final.document_number


def test_a_restated_inventory_makes_the_report_stale(golden_facility, park, manager, own_keys):
    """Trap 10: a report left "verified" after an input changed (R5.20)."""
    opine(golden_facility, park, manager)
    report = make(golden_facility, manager)
    inventories.restate_inventory(
        inventory_id=golden_facility.inventory_id, reason="meter error", by=manager, at=NOON
    )
    assert queries.state_of(report) is ReportState.STALE
    assert queries.content_of(report)  # the issued file stays as it was


def test_a_park_with_data_gives_a_report_of_both_categories(dataset, park, manager, own_keys):
    built = build(park, manager)
    frozen = inventories.freeze_inventory(inventory_id=built.id, by=manager, at=NOON)
    report = make(frozen, manager, "zh-hans")
    content = report.statement.content
    assert content["period"] == {"start": "2025-01-01", "end": "2026-01-01"}
    assert len(content["months"]) == 12
    assert {gas["category"] for gas in content["gases"]} == {"1", "2"}
    states = {one["key"]: one["state"] for one in content["contents"]}
    required = {x["key"] for x in content["contents"] if x["obligation"] == "REQUIRED"}
    assert len(required) == 20
    assert {states[key] for key in required} <= {"PRESENT", "ABSENT"}
    assert all(
        one["explanation"]["zh"] and one["explanation"]["en"]
        for one in content["contents"]
        if one["state"] == "ABSENT"
    )
    month_sum = sum(Decimal(one["direct_tco2e"]) for one in content["months"])
    assert month_sum == Decimal(content["totals"]["direct_tco2e"])


def test_the_report_tells_factors_credits_uncertainty_and_what_is_not_stated(
    dataset, park, operator, manager, own_keys
):
    account, lot_id = holdings(5000, scheme="CCER")
    made = claim(account, lot_id, 4000, claimant_id=operator.pk, use="OFFSET", purpose="年会")
    built = build(park, manager)
    frozen = inventories.freeze_inventory(inventory_id=built.id, by=manager, at=NOON)
    content = disclosures.freeze_statement(
        frozen_inventory_id=frozen.id, by=SYSTEM, at=NOON
    ).content

    factors = {one["name"]["en"]: one for one in content["factors"]}
    grid, mix = factors["Grid average power, Zhejiang"], factors["Residual mix power"]
    assert (grid["confidence"], grid["uncertainty"]) == ("A", "0.100000")
    assert grid["stands_in"]["zh"] == "2025 年未公布，采用 2023 年"
    assert (mix["value"], mix["is_fallback"]) == ("0.6096", True)
    weak = {one["name"]["en"] for one in content["factors"] if one["is_unverified"]}
    flagged = [one["text"]["en"] for one in content["flags"] if one["code"] == "factor_unverified"]
    assert weak and all(any(name in text for text in flagged) for name in weak)
    (offset,) = content["offsets"]
    assert (offset["tco2e"], offset["entry_id"]) == ("4000", str(made.entry_id))
    assert offset["use"] == {"zh": "抵销剩余排放", "en": "offsetting of residual emissions"}
    parts = {one["name"]["en"]: one["ratio"] for one in content["uncertainty"]["rows"]}
    assert parts["Mobile combustion"] == "0.070711"  # √(0.05² + 0.05²)
    states = {one["key"]: one["state"] for one in content["contents"]}
    assert states["uncertainty_result"] == states["offsets"] == "PRESENT"


@pytest.mark.parametrize(("language", "said"), [("en", "not stated"), ("zh-hans", "未载明")])
def test_an_accreditation_that_nobody_stated_is_said_to_be_missing(
    golden_facility, park, manager, language, said
):
    opine(golden_facility, park, manager)
    statement = disclosures.freeze_statement(
        frozen_inventory_id=golden_facility.id, by=SYSTEM, at=NOON
    )
    assert statement.content["verification"]["accreditation"] is None
    assert f"<td>{said}</td>" in documents.get_html(statement.content, language=language)


def test_an_accreditation_entered_with_the_engagement_reaches_the_report(
    golden_facility, park, manager
):
    opine(golden_facility, park, manager, accreditation="CNAS V001")
    statement = disclosures.freeze_statement(
        frozen_inventory_id=golden_facility.id, by=SYSTEM, at=NOON
    )
    told = {"zh": "CNAS V001", "en": "CNAS V001"}
    assert statement.content["verification"]["accreditation"] == told
    assert "CNAS V001" in documents.get_html(statement.content, language="zh-hans")


@pytest.mark.usefixtures("own_keys")
def test_without_keys_the_job_fails_with_a_sentence(
    golden_facility, park, manager, settings, tmp_path
):
    settings.KEY_DIR = tmp_path / "empty"
    opine(golden_facility, park, manager)
    job = operations.request_report(
        frozen_inventory_id=golden_facility.id, language="en", by=manager, at=NOON
    )
    tasks.make_report(job_id=str(job))
    job = Job.objects.get(pk=job)
    assert (job.state, job.error) == (JobState.FAILED, rules.DocumentKeyMissing.message)


def test_downloads_are_on_record_and_only_for_those_concerned(
    golden_facility, park, manager, own_keys
):
    verifier = opine(golden_facility, park, manager)
    report = make(golden_facility, manager)
    for reader in (manager, verifier):
        _, content = operations.download_report(
            report_id=report.pk, form="json", by=reader, at=NOON
        )
        assert content == canonical_json(report.statement.content)
    assert Event.objects.filter(verb="report.downloaded").count() == 2
    for role in (Role.CARBON_MANAGER, Role.VERIFIER):
        stranger = Actor(uuid4(), uuid4(), frozenset({role}))
        with pytest.raises(NotFound):
            operations.download_report(report_id=report.pk, form="pdf", by=stranger, at=NOON)
    banker = Actor(uuid4(), uuid4(), frozenset({Role.BANK_OFFICER}))
    with pytest.raises(NotAllowed):
        operations.download_report(report_id=report.pk, form="pdf", by=banker, at=NOON)
    assert Event.objects.filter(verb="report.downloaded").count() == 2


def test_another_party_cannot_ask_and_another_language_is_refused(facility, manager):
    stranger = Actor(uuid4(), uuid4(), frozenset({Role.CARBON_MANAGER}))
    with pytest.raises(NotFound):
        operations.request_report(
            frozen_inventory_id=facility.id, language="en", by=stranger, at=NOON
        )
    with pytest.raises(rules.UnknownLanguage):
        operations.request_report(
            frozen_inventory_id=facility.id, language="fr", by=manager, at=NOON
        )


def test_statement_and_report_are_as_their_events_say(golden_facility, park, manager, own_keys):
    opine(golden_facility, park, manager)
    make(golden_facility, manager)
    assert list(statements.check_rows()) == []
    assert list(queries.check_rows()) == []


def test_only_the_system_freezes_statements(facility, manager):
    with pytest.raises(NotAllowed):
        disclosures.freeze_statement(frozen_inventory_id=facility.id, by=manager, at=NOON)
    assert date(2026, 2, 5) == NOON.date()
