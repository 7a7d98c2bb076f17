"""Inline XBRL of every framework, before a judge that is not ours (Arelle): no errors, offline."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from ledger.kernel.actors import SYSTEM
from reporting.disclosures import operations as disclosures
from reporting.disclosures import queries
from reporting.disclosures.queries.composing import period_of
from reporting.documents import queries as documents
from tests.reporting.documents.judging import judged
from tests.reporting.inventories.conftest import NOON
from tests.reporting.packages.making import figure, frozen_year, tell


@pytest.fixture
def frozen(dataset, park, manager):
    figure(park, manager, "net_revenue", "29000")
    figure(park, manager, "internal_carbon_price", "90.5")
    tell(park, manager, "policy", text_zh="1 < 2 & 3 > 2", text_en="1 < 2 & 3 > 2")
    return frozen_year(park, manager)


def statement_of(frozen: Any, framework: str) -> Mapping[str, Any]:
    return disclosures.freeze_statement(
        frozen_inventory_id=frozen.id, framework=framework, by=SYSTEM, at=NOON
    ).content


def test_arelle_finds_no_error_in_any_framework_in_either_language(frozen, tmp_path: Path) -> None:
    fitting = [one.code for one in queries.fitting(period_of(frozen))]
    assert len(fitting) >= 13
    reports = {
        f"{code}-{language}.xhtml": documents.get_xhtml(
            statement_of(frozen, code), language=language
        )
        for code in fitting
        for language in documents.LANGUAGES
    }
    told = judged(tmp_path, reports, documents.get_taxonomy())
    assert {name: wrong for name, (_count, wrong) in told.items() if wrong} == {}
    assert min(count for count, _wrong in told.values()) > 10


def test_arelle_finds_what_is_wrong(frozen, tmp_path: Path) -> None:
    """Else the test above could not fail: a wrong total, unit, tag and number of digits."""
    statement = statement_of(frozen, "GHG-PROTOCOL")
    page = documents.get_xhtml(statement, language="en")
    head, tag, rest = page.partition(b'name="tz:TotalLocation"')
    begin, _mark, end = rest.partition(b">")
    forged = {
        "total.xhtml": head + tag + begin + b">1,234.00" + end[end.index(b"<") :],
        "unit.xhtml": page.replace(b"utr:tCO2e", b"utr:kWh"),
        "tag.xhtml": page.replace(b'name="tz:Scope1"', b'name="tz:Scope9"'),
        "digits.xhtml": page.replace(b'decimals="2"', b'decimals="two"', 1),
    }
    assert all(one != page for one in forged.values())
    told = judged(tmp_path, forged, documents.get_taxonomy())
    codes = {name: {one.partition(": ")[0] for one in wrong} for name, (_n, wrong) in told.items()}
    assert "calc11e:inconsistentCalculationUsingRounding" in codes["total.xhtml"]
    assert "utre:error-NumericFactUtrInvalid" in codes["unit.xhtml"]
    assert codes["tag.xhtml"] and codes["digits.xhtml"]
