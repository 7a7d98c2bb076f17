"""The rendered report: what a reader finds in it, in both languages."""

import hashlib
import io
import json
import os
import re
import subprocess
import sys
from decimal import Decimal
from typing import Any

import pytest
from pypdf import PdfReader

from ledger.kernel.canonical import canonical_json
from reporting.documents import queries

LANGUAGES = ("zh-hans", "en")
Statement = dict[str, Any]
_made: dict[tuple[bytes, str], bytes] = {}


def pdf(statement: Statement, language: str) -> bytes:
    """Rendering costs seconds; the same input gives the same bytes, so once is enough."""
    key = hashlib.sha256(canonical_json(statement)).digest(), language
    if key not in _made:
        _made[key] = queries.get_pdf(statement, language=language)
    return _made[key]


def pages(content: bytes) -> list[str]:
    return [page.extract_text() for page in PdfReader(io.BytesIO(content)).pages]


def flat(text: str) -> str:
    return re.sub(r"\s+", "", text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_required_content_has_its_heading_and_none_has_a_clause_letter(
    statement: Statement, language: str
) -> None:
    text = flat("".join(pages(pdf(statement, language))))
    for point in statement["contents"]:
        heading = point["heading"]["zh" if language == "zh-hans" else "en"]
        assert flat(heading) in text
        if point["state"] == "ABSENT":
            assert flat(point["explanation"]["zh" if language == "zh-hans" else "en"]) in text
    assert "9.3.1" not in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_table_of_contents_names_the_page_on_which_a_chapter_begins(
    statement: Statement, language: str
) -> None:
    text = pages(pdf(statement, language))
    entries = re.findall(r"(\d+)\s+(\S[^.\n]*?)\s*(?:\.\s*){5,}\s*(\d+)", text[1])
    assert len(entries) == 16
    for _number, title, page in entries:
        assert flat(title) in flat(text[int(page) - 1]), title


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_says_its_number_the_document_and_that_it_is_a_demonstration(
    statement: Statement, language: str
) -> None:
    text = pages(pdf(statement, language))
    mark = "演示数据" if language == "zh-hans" else "DEMONSTRATIONDATA"
    suffix = "ZH" if language == "zh-hans" else "EN"
    assert all(mark in flat(page) for page in text)
    for number, page in enumerate(text[1:], 2):
        said = f"第{number}页，共{len(text)}页"
        assert (said if language == "zh-hans" else f"Page{number}of{len(text)}") in flat(page)
        assert f"TZ-2025-7F3A91C2-{suffix}" in page


def test_real_data_carries_no_demonstration_mark(statement: Statement) -> None:
    statement["is_demonstration"] = False
    html = queries.get_html(statement, language="en")
    assert "DEMONSTRATION" not in html


def test_a_draft_says_so_on_every_page_and_claims_no_conformity(statement: Statement) -> None:
    statement.update(is_draft=True, verification=None)
    text = pages(pdf(statement, "en"))
    assert all("DRAFT-notverified" in flat(page) for page in text)
    assert "has been prepared in accordance" not in " ".join(text)


def test_figures_are_printed_as_readers_of_the_language_write_them(statement: Statement) -> None:
    english, chinese = (flat("".join(pages(pdf(statement, one)))) for one in ("en", "zh-hans"))
    assert statement["totals"]["direct_tco2e"] == "31846.93452595875"
    assert "31,846.93" in english and "31,846.93" in chinese
    assert "1January2025–31December2025" in english
    assert "2025年1月1日–2025年12月31日" in chinese


def test_the_statement_travels_inside_as_the_source(statement: Statement) -> None:
    content = pdf(statement, "en")
    reader = PdfReader(io.BytesIO(content))
    inside = reader.attachments["statement.json"][0]
    assert inside == canonical_json(statement)
    assert json.loads(inside) == statement
    assert reader.trailer["/Root"]["/AF"][0].get_object()["/AFRelationship"] == "/Source"
    assert hashlib.sha256(inside).hexdigest() in flat(pages(content)[0])


def test_the_file_claims_archival_and_accessible_form_and_is_tagged(statement: Statement) -> None:
    reader = PdfReader(io.BytesIO(pdf(statement, "zh-hans")))
    root = reader.trailer["/Root"]
    metadata = root["/Metadata"].get_object().get_data().decode()
    assert 'pdfaid:part="3"' in metadata and 'pdfaid:conformance="A"' in metadata
    assert "<pdfuaid:part>1</pdfuaid:part>" in metadata
    assert root["/MarkInfo"]["/Marked"] is True or root["/MarkInfo"]["/Marked"].value
    assert root["/Lang"] == "zh-Hans"
    assert bool(root["/ViewerPreferences"]["/DisplayDocTitle"])


def test_the_same_statement_gives_the_same_bytes_in_another_process(statement: Statement) -> None:
    code = (
        "import json,sys,hashlib,django;django.setup();"
        "from config import messages;messages.compile_all();"
        "from reporting.documents import queries;"
        "s=json.load(sys.stdin);"
        "print(hashlib.sha256(queries.get_pdf(s,language='en')).hexdigest())"
    )
    other = subprocess.run(
        [sys.executable, "-c", code],
        input=json.dumps(statement),
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings"},
    )
    assert other.stdout.strip() == hashlib.sha256(pdf(statement, "en")).hexdigest()


def test_another_statement_gives_another_file_identifier(statement: Statement) -> None:
    first = PdfReader(io.BytesIO(pdf(statement, "en"))).trailer["/ID"][0]
    second = PdfReader(io.BytesIO(pdf(statement, "zh-hans"))).trailer["/ID"][0]
    assert first != second


def test_instruments_stand_apart_and_change_no_total(statement: Statement) -> None:
    """R5.1: a credit more leaves every printed total as it was."""
    before = queries.get_html(statement, language="en")
    statement["offsets"].append({"name": {"zh": "CCER", "en": "CCER more"}, "tco2e": "99999"})
    after = queries.get_html(statement, language="en")
    totals = re.compile(r'<tr class="total">.*?</tr>', re.S)
    assert totals.findall(before) == totals.findall(after)
    assert "99,999.00" in after


def test_names_cannot_smuggle_markup(statement: Statement) -> None:
    statement["organization"]["name"] = {"zh": "<b>甲</b>", "en": "<script>x</script>"}
    html = queries.get_html(statement, language="en")
    assert "<script>" not in html
    assert "&lt;script&gt;" in html


def test_json_is_the_canonical_form(statement: Statement) -> None:
    assert queries.get_json(statement) == canonical_json(statement)


def test_a_scale_has_round_steps() -> None:
    from reporting.documents.rendering.charts import round_steps

    assert round_steps(Decimal("6443")) == [Decimal(n) for n in (0, 2000, 4000, 6000, 8000)]
    assert round_steps(Decimal(0)) == [Decimal(0), Decimal(1)]
