"""Documents of frozen statements. Nothing here reads the database or the clock."""

from collections.abc import Mapping
from typing import Any

from ledger.kernel.canonical import canonical_json
from reporting.documents.rendering.report import document_number, report_html
from reporting.documents.rendering.use_of_units import use_html

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


def get_xlsx(statement: Mapping[str, Any], *, language: str) -> bytes:
    """The statement as a workbook whose sums are formulas; same statement, same bytes."""
    from reporting.documents.rendering.workbook import statement_xlsx

    return statement_xlsx(statement, language=language)


def get_xhtml(statement: Mapping[str, Any], *, language: str) -> bytes:
    """The statement as inline XBRL; the files of `get_taxonomy` belong in a folder beside it."""
    from reporting.documents.rendering.inline import statement_xhtml

    return statement_xhtml(statement, language=language)


def get_taxonomy() -> Mapping[str, bytes]:
    """The files of our own open taxonomy, by name."""
    from reporting.documents.rendering.inline import taxonomy_files

    return taxonomy_files()


def get_use_html(statement: Mapping[str, Any], *, language: str) -> str:
    """The statement of a use of units (`ledger.claims.queries.statements`), before its pages."""
    return use_html(statement, language=language)


def get_use_pdf(statement: Mapping[str, Any], *, language: str) -> bytes:
    """The same as PDF/A-3a with its data inside; same statement, same bytes."""
    from reporting.documents.rendering.pages import use_pdf

    return use_pdf(statement, language=language)


def get_attestation_pdf(document: bytes, *, language: str) -> bytes:
    """A signed attestation in words, the signed bytes themselves inside; same bytes, same file."""
    from reporting.documents.rendering.pages import attestation_pdf

    return attestation_pdf(document, language=language)


def get_number(statement: Mapping[str, Any], *, language: str) -> str:
    """The number printed on every page of the document."""
    return document_number(statement, language)


def get_settlement_pdf(content: Mapping[str, Any], *, language: str) -> bytes:
    """The settlement statement of a green power contract as PDF/A-3a, for both sides."""
    from reporting.documents.rendering.settlement import settlement_pdf

    return settlement_pdf(content, language=language)


def get_settlement_html(content: Mapping[str, Any], *, language: str) -> str:
    """The same before it is set in pages."""
    from reporting.documents.rendering.settlement import settlement_html

    return settlement_html(content, language=language)
