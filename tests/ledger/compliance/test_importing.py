"""What a registry's file states of a year becomes facts of the party's own entities."""

import io
from datetime import date

import pytest

from ledger.compliance import operations as compliance
from ledger.compliance import queries
from ledger.compliance.models import Allocation, Fact, Obligation
from ledger.compliance.queries.allocating import allocations_of, entitlements_of
from ledger.compliance.rules.obligations import RecordedSince
from ledger.imports import approvable
from ledger.imports import operations as imports
from ledger.imports import queries as imported
from ledger.imports.models import Import
from ledger.imports.states import ImportState as S
from ledger.kernel.actors import SYSTEM
from ledger.parameters import operations as parameters
from tests.factories import imports as files
from tests.factories.imports import NOON
from tests.ledger.compliance.conftest import SEEDS

pytestmark = pytest.mark.django_db
YEARS = (
    "Regulator,Operator ID,Installation Name,Year,Verified emissions,Allowances delivered,"
    "Surrendered allowances,Entitlement\n"
)
GRANTS = "Installation ID," + ",".join(str(year) for year in range(2021, 2031)) + "\n"


@pytest.fixture
def by(db):
    made = files.manager()
    parameters.load_seeds(folder=SEEDS, by=SYSTEM, at=NOON)
    compliance.load_regimes(folder=SEEDS, by=SYSTEM, at=NOON)
    return made


@pytest.fixture
def mill(by):
    return compliance.enter_entity(
        party_id=by.party_id, regime="UK_ETS", code="1000123", sector="INSTALLATION",
        first_year=2021, told_on=date(2026, 1, 5), by=by, at=NOON,
    )  # fmt: skip


def read(body, *, by, name="years.csv", layout="uk_operator_years"):
    made = imports.upload_file(
        content=io.BytesIO(body.encode()), name=name, target="compliance", as_of=files.DAY,
        layout=layout, by=by, at=NOON,
    )  # fmt: skip
    return files.check(made.import_id)


def codes(row):
    return sorted(imported.standing_problems(row).values_list("row_number", "code", "is_blocking"))


def of(entity, year=2023):
    return Obligation.objects.get(entity=entity, year=year)


def line(emitted, delivered="", *, operator="1000123", year=2023, surrendered=""):
    return f"EA,{operator},Mill,{year},{emitted},{delivered},{surrendered},\n"


def test_verified_emissions_and_allocations_become_facts_of_the_year(by, mill):
    row = read(YEARS + line(5000, 3000, surrendered=4000) + line(5200, year=2024), by=by)
    assert codes(row) == [(2, "not_of_a_year", False)]
    assert row.summary["written"] == [
        {"kind": "ALLOCATED", "scheme": "UKA", "vintage": 2023, "movements": 1, "units": 3000},
        {"kind": "VERIFIED", "scheme": "UKA", "vintage": 2023, "movements": 1, "units": 5000},
        {"kind": "VERIFIED", "scheme": "UKA", "vintage": 2024, "movements": 1, "units": 5200},
    ]

    files.take_in(row, by=by)

    year = of(mill)
    assert (year.emissions_t, year.owed_t, year.allocated_t) == (5000, 5000, 3000)
    assert (of(mill, 2024).emissions_t, year.allowances_t) == (5200, 0)
    fact = Fact.objects.get(year=2023, kind="EMISSIONS")
    assert (fact.purpose, fact.content_hash, fact.evidence) == ("ETS", row.sha256, "years.csv: 2")
    assert list(queries.check_rows_match_events()) == []
    assert list(queries.check_reckonings()) == []


def test_it_waits_for_an_approver(by, mill):
    row = read(YEARS + line(5000), by=by)
    made = approvable.payload_of(row, key="k")
    from ledger.approvals import operations as approvals

    asked = approvals.propose(
        operation=approvable.COMMIT, payload=made, summary=approvable.sentences_of(row),
        party_id=by.own_party, by=by, at=NOON,
    )  # fmt: skip
    assert asked.approval is not None
    assert asked.approval.needed_count == 1
    assert not Fact.objects.filter(kind="EMISSIONS").exists()


def test_anothers_installation_is_no_entity_of_ours(by, mill):
    row = read(YEARS + line(5000, operator="999") + line(10), by=by)
    assert (row.state, codes(row)) == (S.FAULTY, [(2, "no_entity", True)])
    imports.set_aside_lines(import_id=row.pk, reason="not ours", by=by, at=NOON)
    files.take_in(files.check(row.pk), by=by)
    assert of(mill).emissions_t == 10


def test_what_is_known_is_recorded_once_and_what_differs_as_a_later_fact(by, mill):
    files.take_in(read(YEARS + line(5000, 3000), by=by), by=by)
    row = read(YEARS + line(5000, 2900), by=by, name="again.csv")
    assert codes(row) == [(2, "known_already", False), (2, "replaces", False)]
    files.take_in(row, by=by)
    assert Fact.objects.filter(kind="EMISSIONS").count() == 1
    steps = Allocation.objects.order_by("recorded_at", "id").values_list("step", "unit_count")
    assert sorted(steps) == [("ALLOCATED", 3000), ("RETURNED", 100)]
    assert of(mill).allocated_t == 2900


def test_a_year_before_its_first_is_refused_before_anybody_is_asked(by, mill):
    row = read(YEARS + line(5000, year=2020), by=by)
    assert row.state == S.FAULTY
    assert [(number, blocks) for number, _code, blocks in codes(row)] == [(2, True)]


def test_a_table_of_grants_is_an_entitlement_and_may_be_lowered(by, mill):
    body = GRANTS + "1000123,,,7000,,,,,,,\n"
    named = "UK_NAT_2021_2030_{}.csv"
    row = read(body, by=by, name=named.format("A"), layout="uk_allocation_upload_installations")
    lines = [code for _row, code, blocks in codes(row) if blocks]
    assert set(lines) <= {"odd_file_name"}  # the registry's own name carries the sum of its bytes
    imports.set_aside_lines(import_id=row.pk, lines=[(2, 1)], reason="x", by=by, at=NOON)
    assert entitlements_of(allocations_of(mill.pk)) == []

    from hashlib import md5

    def grant(count):
        content = workbook(count)
        name = f"UK_NAT_2021_2030_{md5(content, usedforsecurity=False).hexdigest()}.xlsx"
        made = imports.upload_file(
            content=io.BytesIO(content), name=name, target="compliance", as_of=files.DAY,
            layout="uk_allocation_upload_installations", by=by, at=NOON,
        )  # fmt: skip
        return files.take_in(files.check(made.import_id), by=by)

    first = grant(7000)
    second = grant(6500)
    (told,) = entitlements_of(allocations_of(mill.pk))
    assert (told.year, told.table, told.entitlement, told.net) == (2023, "NAT", 6500, 0)
    assert of(mill).allocated_t == 0
    files.undo(second, by=by)
    assert entitlements_of(allocations_of(mill.pk))[0].entitlement == 7000
    files.undo(first, by=by)
    assert entitlements_of(allocations_of(mill.pk))[0].entitlement == 0
    assert list(queries.check_rows_match_events()) == []


def workbook(count):
    from openpyxl import Workbook

    book = Workbook()
    book.active.append(["Installation ID", *[str(year) for year in range(2021, 2031)]])
    book.active.append(["1000123", "", "", str(count), *[""] * 7])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_undone_the_books_say_what_they_said_before(by, mill):
    first = files.take_in(read(YEARS + line(5000, 3000), by=by), by=by)
    second = files.take_in(read(YEARS + line(5500, 3500), by=by, name="b.csv"), by=by)
    assert (of(mill).emissions_t, of(mill).allocated_t) == (5500, 3500)
    files.undo(second, by=by)
    assert (of(mill).emissions_t, of(mill).allocated_t) == (5000, 3000)
    with pytest.raises(RecordedSince):
        files.undo(first, by=by)
    assert Import.objects.get(pk=first.pk).state == S.COMMITTED
    assert list(queries.check_rows_match_events()) == []


def test_a_first_report_undone_is_missing_again(by, mill):
    row = files.take_in(read(YEARS + line(5000, 3000), by=by), by=by)
    files.undo(row, by=by)
    assert (of(mill).emissions_t, of(mill).allocated_t) == (None, 0)


def test_the_public_archive_of_the_eu_goes_in_by_the_same_door(by):
    plant = compliance.enter_entity(
        party_id=by.party_id, regime="EU_ETS", code="AT_16", sector="INSTALLATION",
        first_year=2021, told_on=date(2026, 1, 5), by=by, at=NOON,
    )  # fmt: skip
    body = (
        "installation_id,year,reportedInSystem_id,euetsPhase,allocatedFree,allocatedNewEntrance,"
        "allocatedTotal,allocated10c,verified,surrendered\n"
        "AT_16,2022,euets,P4,900,100,1000,,1200,1200\n"
    )
    row = read(body, by=by, layout="euets_compliance")
    assert [code for _row, code, blocks in codes(row) if blocks] == []
    files.take_in(row, by=by)
    year = of(plant, 2022)
    assert (year.emissions_t, year.allocated_t) == (1200, 1000)
