"""The statement of certificates written off, of a redemption: one page with its data inside."""

import io
import json
from datetime import date

import pytest
from pypdf import PdfReader

from ledger.audit.models import Event
from ledger.claims import operations as claims
from ledger.claims.queries import statements
from ledger.kernel.errors import NotFound
from ledger.kernel.ids import new_id
from reporting.documents import queries
from reporting.documents.views import blocks_lifted
from tests.factories.holdings import PARK_MANAGER, STRANGER
from tests.ledger.claims.test_issuing import JAN, MAY, Farm
from tests.reporting.disclosures.test_lifted import differing, offset

pytestmark = pytest.mark.django_db


@pytest.fixture
def farm() -> Farm:
    return Farm()


def used(farm, scheme="GEC", **more):
    return farm.claim(farm.issue(JAN, "100", scheme=scheme), 10, **more)


def text_of(content: bytes) -> str:
    return " ".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)


@pytest.mark.parametrize(
    ("scheme", "more", "title", "titel"),
    [
        ("GEC", {}, "Statement of certificates written off", "证书核销凭证"),
        ("IREC", {"country": "CN"}, "Redemption statement", "兑付声明"),
    ],
)
def test_it_says_who_used_what_for_what_and_when(farm, scheme, more, title, titel):
    claim = used(farm, scheme, **more)
    told = statements.use_statement(claim.pk, by=PARK_MANAGER)
    assert (told["unit_count"], told["period"]) == (10, ["2024-01-01", "2024-12-31"])
    assert told["serials"][0][1:] == [1, 10]

    english = text_of(queries.get_use_pdf(told, language="en"))
    assert title in english
    assert all(word in english for word in (str(claim.pk)[:13], "10 MWh", "2024-12-31"))
    assert "The registry's record alone proves title" in english
    html = queries.get_use_html(told, language="zh-hans")
    assert titel in html
    assert "权属以登记机构的记录为准" in html


def test_the_same_statement_gives_the_same_bytes_with_its_data_inside(farm):
    told = statements.use_statement(used(farm).pk, by=PARK_MANAGER)
    one, two = (queries.get_use_pdf(told, language="en") for _ in range(2))
    assert one == two
    assert json.loads(PdfReader(io.BytesIO(one)).attachments["statement.json"][0]) == told


def test_there_is_none_of_what_was_taken_back_and_none_for_a_stranger(farm):
    claim = used(farm)
    with pytest.raises(NotFound):
        statements.use_statement(claim.pk, by=STRANGER)
    claims.reverse_claim(
        claim_id=claim.pk, by=PARK_MANAGER, at=MAY, idempotency_key=str(new_id()),
        reason="wrong year", happened_on=date(2024, 5, 6),
    )  # fmt: skip
    with pytest.raises(NotFound):
        statements.use_statement(claim.pk, by=PARK_MANAGER)


def test_a_download_is_on_record(farm, client, monkeypatch):
    from django.test import RequestFactory

    from reporting.documents import views

    claim = used(farm)
    request = RequestFactory().get("/")
    request.actor = PARK_MANAGER
    answer = views.use_statement(request, claim.pk)
    assert (answer["Content-Type"], answer.content[:5]) == ("application/pdf", b"%PDF-")
    assert Event.objects.filter(
        verb="claim.downloaded", subject=f"claims.Claim:{claim.pk}"
    ).exists()


def test_units_whose_block_two_persons_lifted_are_said_to_be_so():
    place = differing()
    told = statements.use_statement(offset(place, place.lot_id).pk, by=place.maker)
    told["lifted"] = blocks_lifted(told)
    (one,) = told["lifted"]
    assert (one["reason"], one["valid_from"]) == ("清缴在即", "2026-01-06")
    for language, title in (("zh-hans", "经两人批准的临时放行"), ("en", "Blocks lifted by two")):
        html = queries.get_use_html(told, language=language)
        assert title in html
        assert "2026-01-06 – 2026-01-08: 清缴在即" in html


def test_where_no_block_was_lifted_nothing_is_said_of_one(farm):
    told = statements.use_statement(used(farm).pk, by=PARK_MANAGER)
    assert blocks_lifted(told) == []
    assert "Blocks lifted" not in queries.get_use_html({**told, "lifted": []}, language="en")
