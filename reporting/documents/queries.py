"""Documents of frozen statements. Nothing here reads the database or the clock."""

from collections.abc import Mapping
from typing import Any

from ledger.kernel.canonical import canonical_json
from reporting.documents.rendering.report import document_number, report_html

LANGUAGES = ("zh-hans", "en")


def get_json(statement: Mapping[str, Any]) -> bytes:
    """The statement itself, in the bytes whose hash is printed on the document."""
    return canonical_json(dict(statement))


def get_html(statement: Mapping[str, Any], *, language: str) -> str:
    """The document before it is set in pages."""
    return report_html(statement, language=language)


def get_pdf(statement: Mapping[str, Any], *, language: str) -> bytes:
    """The document as PDF/A-3a with the statement inside; same statement, same bytes."""
    from reporting.documents.rendering.pages import report_pdf

    return report_pdf(statement, language=language)


def get_number(statement: Mapping[str, Any], *, language: str) -> str:
    """The number printed on every page of the document."""
    return document_number(statement, language)
