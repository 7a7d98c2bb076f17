"""The settlement statement as a document for both sides."""

import hashlib
import io

import pytest
from pypdf import PdfReader

from finance.ppas.queries import documents as statements
from ledger.kernel.canonical import canonical_json
from reporting.documents import queries
from tests.factories.ppas import meishan

pytestmark = pytest.mark.django_db


@pytest.fixture
def content():
    bargain = meishan()
    bargain.settle()
    (row,) = bargain.finalise()
    return statements.statement_content(row)


def test_it_tells_the_meishan_case_in_both_languages(content):
    chinese = queries.get_settlement_html(content, language="zh-hans")
    english = queries.get_settlement_html(content, language="en")
    for said in ("20,000", "14,000", "6,000", "140,000.00", "70%"):
        assert said in chinese
        assert said in english
    assert "绿电结算单" in chinese
    assert "Settlement statement of green power" in english
    assert "梅山风电" in chinese
    assert "申洲针织" in chinese


def test_the_same_statement_gives_the_same_bytes_with_its_source_inside(content):
    pdf = queries.get_settlement_pdf(content, language="zh-hans")
    assert pdf == queries.get_settlement_pdf(content, language="zh-hans")
    inside = PdfReader(io.BytesIO(pdf)).attachments["settlement.json"][0]
    source = canonical_json(dict(content))
    assert hashlib.sha256(inside).digest() == hashlib.sha256(source).digest()
