"""The report set in pages: PDF by WeasyPrint.

Heavy to load: imported where a document is made, never at start.
"""

import gc
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from django.template.loader import render_to_string
from weasyprint import CSS, HTML, Attachment

from ledger.kernel.canonical import canonical_json
from reporting.documents.rendering.attestation import attestation_html
from reporting.documents.rendering.finishing import finish
from reporting.documents.rendering.fonts import font_configuration
from reporting.documents.rendering.report import report_html
from reporting.documents.rendering.use_of_units import use_html


def report_pdf(statement: Mapping[str, Any], *, language: str) -> bytes:
    """PDF/A-3a and PDF/UA-1, with `statement.json` as its source attachment."""
    html = report_html(statement, language=language)
    return _pdf(html, statement, made_at=str(statement["frozen_at"]), language=language)


def use_pdf(statement: Mapping[str, Any], *, language: str) -> bytes:
    """The statement of a use of units, likewise."""
    html = use_html(statement, language=language)
    return _pdf(html, statement, made_at=str(statement["claimed_at"]), language=language)


def attestation_pdf(document: bytes, *, language: str) -> bytes:
    """An attestation, with the file that the ledger signed inside."""
    html = attestation_html(document, language=language)
    made_at = json.loads(document)["statement"]["issued_at"]
    source = Source("attestation.json", document, "The attestation as the ledger signed it")
    style = "reporting/documents/attestation/style.css"
    return _set(html, source, made_at=made_at, language=language, styles=[style])


class Source(NamedTuple):
    """What lies inside the PDF."""

    name: str
    content: bytes
    description: str


def _pdf(html_text: str, statement: Mapping[str, Any], *, made_at: str, language: str) -> bytes:
    said = "The frozen statement from which every figure was taken"
    source = Source("statement.json", canonical_json(dict(statement)), said)
    return _set(html_text, source, made_at=made_at, language=language)


@contextmanager
def uncollected() -> Iterator[None]:
    """A document is a hundred thousand objects that all stay until it is done: looking through
    them for rubbish again and again takes a quarter of the time.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@cache
def stylesheet(template: str) -> CSS:
    """Read once: it is the same for every document."""
    return CSS(string=render_to_string(template), font_config=font_configuration())


def _set(
    html_text: str, source: Source, *, made_at: str, language: str, styles: Sequence[str] = ()
) -> bytes:
    frozen_at = datetime.fromisoformat(made_at.replace("Z", "+00:00"))
    attachment = Attachment(
        string=source.content,
        name=source.name,
        description=source.description,
        relationship="Source",
        created=frozen_at,
        modified=frozen_at,
    )
    html = HTML(string=html_text, encoding="utf-8")
    identifier = hashlib.sha256(source.content + language.encode()).digest()[:16]
    with uncollected():
        pdf = html.write_pdf(
            font_config=font_configuration(),
            stylesheets=[stylesheet(one) for one in styles],
            pdf_variant="pdf/a-3a",
            pdf_identifier=identifier,
            attachments=[attachment],
            finisher=finish,
        )
    assert isinstance(pdf, bytes)  # noqa: S101  without a target it returns the file
    return pdf
