"""Files, requests for approval, the machines' door and the pages of prices."""

import io
from datetime import date
from decimal import Decimal

import pytest
from django.utils import translation

from finance.prices import approvable, importer, models, operations, queries
from finance.prices.rules import facts as rules
from finance.prices.rules.facts import MarkFact, RateFact, TellingHasProblems
from finance.prices.states import TellingKind
from ledger.approvals import operations as approvals
from ledger.doors import tabular
from ledger.files import operations as files
from ledger.kernel.actors import SYSTEM
from ledger.kernel.money import Money
from ledger.parameters import operations as parameters
from tests.factories import people, prices
from tests.factories.machines import machine
from tests.factories.prices import LATE, ROOT, fact

MONDAY, TUESDAY = date(2026, 11, 16), date(2026, 11, 17)
CSV = """品种,年份,来源,日期,收盘价,成交量
CEA,2025,CNEEEX,2026-11-16,74.63,"120,000"
CEA,2025,CNEEEX,2026年11月17日,75.10,
CCER,,CBGEX_CCER,2026/11/17,70.76,500
"""

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _book() -> None:
    parameters.load_seeds(folder=ROOT / "seeds", by=SYSTEM, at=LATE)
    prices.load()


def test_a_chinese_file_is_read_as_it_is_written():
    found = importer.read_facts(CSV.encode("gb18030"), TellingKind.MARKS)
    assert found == [
        MarkFact("CEA", 2025, "CNEEEX", MONDAY, Decimal("74.63"), volume=120_000),
        MarkFact("CEA", 2025, "CNEEEX", TUESDAY, Decimal("75.10")),
        MarkFact("CCER", None, "CBGEX_CCER", TUESDAY, Decimal("70.76"), volume=500),
    ]


def test_a_workbook_of_rates_is_read():
    book = tabular.to_xlsx(
        ["from", "source", "day", "rate"], [["eur", "CFETS", "20261116", Decimal("8.25")]],
        title="rates",
    )  # fmt: skip
    (found,) = importer.read_facts(book, TellingKind.RATES)
    assert found == RateFact("EUR", "CNY", "CFETS", MONDAY, Decimal("8.25"))


def test_every_cell_that_cannot_be_read_is_named():
    text = "scheme,vintage,source,day,price,mode\nCEA,old,CNEEEX,soon,much,swap\nCEA,2025.5,X,,1,\n"
    with pytest.raises(TellingHasProblems) as refused:
        importer.read_facts(text.encode(), TellingKind.MARKS)
    assert [(one.row, one.column, one.error.code) for one in refused.value.problems] == [
        (1, "vintage", "not_a_number"),
        (1, "day", "not_a_day"),
        (1, "price", "not_a_number"),
        (1, "mode", "not_one_of"),
        (2, "vintage", "not_whole"),
        (2, "day", "not_a_day"),
    ]


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        (b"scheme,day\nCEA,2026-11-16\n", rules.ColumnsMissing),
        (b"scheme,source,day,price\n", rules.NothingTold),
        (b"\x00\x01\x02", rules.UnreadableTable),
    ],
)
def test_a_file_of_another_kind_is_refused(content, refusal):
    with pytest.raises(refusal):
        importer.read_facts(content, TellingKind.MARKS)


def stored(by, content: str = CSV):
    return files.store_file(
        content=io.BytesIO(content.encode()), name="marks.csv", purpose="prices",
        party_id=by.own_party, by=by, at=LATE,
    )  # fmt: skip


def test_a_file_is_taken_in_when_another_person_agrees():
    manager = people.make_actor("CARBON_MANAGER")
    party = people.queries.get_party(manager.own_party)
    approver = people.make_actor("APPROVER", party=party)
    payload = {"file_id": str(stored(manager).pk), "kind": "MARKS", "reason": "", "key": "f"}
    made = approvals.propose(
        operation=approvable.IMPORT, payload=payload,
        summary=approvable.describe_import(payload), party_id=party.pk, by=manager, at=LATE,
    )  # fmt: skip
    assert made.approval is not None and models.Mark.objects.count() == 0
    approvals.approve(approval_id=made.approval.pk, by=approver, at=LATE)
    assert queries.mark_on("CEA", 2025, TUESDAY).price == Money("75.10")
    telling = models.Telling.objects.get()
    assert (telling.row_count, telling.approval_id) == (3, made.approval.pk)
    assert telling.file_id is not None


def test_a_file_with_a_mistake_changes_nothing():
    manager = people.make_actor("CARBON_MANAGER")
    wrong = CSV.replace("CBGEX_CCER", "NOBODY")
    with pytest.raises(TellingHasProblems):
        operations.import_prices(
            file_id=stored(manager, wrong).pk, kind="MARKS", reason="", by=manager, at=LATE,
            idempotency_key="f",
        )  # fmt: skip
    assert models.Telling.objects.count() == 0


def test_an_approval_is_stale_when_the_day_was_told_meanwhile():
    payload = approvable.payload_of([fact(MONDAY, "74.63")], reason="", key="k")
    before = approvable.fingerprint_marks(payload)
    prices.mark(MONDAY, "74.00")
    assert approvable.fingerprint_marks(payload) != before


def test_a_request_says_what_it_replaces():
    prices.mark(MONDAY, "74.00")
    payload = approvable.payload_of([fact(MONDAY, "74.63")], reason="misread", key="k")
    with translation.override("zh-hans"):
        said = " ".join(approvable.describe_marks(payload))
    assert "74.63 CNY" in said and "第 1 版（74）" in said and "misread" in said


# --- machines


def test_a_machine_proposes_marks_once_and_reads_them():
    party = people.make_party()
    client = machine(party.pk)
    rows = [{
        "scheme": "CEA", "vintage_year": 2025, "source_code": "CNEEEX",
        "marked_on": "2026-11-16", "price": "74.63",
    }]  # fmt: skip
    first = client.post("marks/", {"rows": rows}, key="m-1")
    again = client.post("marks/", {"rows": rows}, key="m-1")
    assert (first.status_code, again.json()) == (202, first.json())
    assert models.Mark.objects.count() == 0
    approver = people.make_actor("APPROVER", party=party)
    approvals.approve(approval_id=first.json()["approval_id"], by=approver, at=LATE)
    found = client.get("marks/", scheme="CEA").json()["items"]
    assert [(one["price"], one["marked_on"]) for one in found] == [("74.630000", "2026-11-16")]
    one = client.get(f"marks/{found[0]['id']}/").json()
    assert one["source_code"] == "CNEEEX"


def test_a_machine_is_told_what_is_wrong_before_anybody_is_asked():
    client = machine(people.make_party().pk)
    row = {"from_currency": "EUR", "source_code": "CNEEEX", "rated_on": "2026-11-16", "rate": "8"}
    answer = client.post("exchange-rates/", {"rows": [row]}, key="r-1")
    assert (answer.status_code, answer.json()["code"]) == (409, "not_of_this_source")
    right = client.post("exchange-rates/", {"rows": [{**row, "source_code": "CFETS"}]}, key="r-1")
    assert right.status_code == 202
    assert client.get("exchange-rates/").json()["items"] == []


def test_a_machine_reads_the_value_of_its_own_holdings_only():
    prices.mark(MONDAY, "74.63")
    client = machine(people.make_party().pk)
    answer = client.get("valuations/", on="2026-11-16").json()
    assert (answer["value"], answer["lines"]) == ({"amount": "0", "currency": "CNY"}, [])
    other = people.make_party().pk
    assert client.get("valuations/", on="2026-11-16", party_id=str(other)).status_code == 404
