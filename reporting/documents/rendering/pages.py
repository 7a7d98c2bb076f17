"""The report set in pages: PDF by WeasyPrint.

Heavy to load: imported where a document is made, never at start.
"""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from weasyprint import HTML, Attachment

from ledger.kernel.canonical import canonical_json
from reporting.documents.rendering.finishing import finish
from reporting.documents.rendering.fonts import font_configuration
from reporting.documents.rendering.report import report_html


def report_pdf(statement: Mapping[str, Any], *, language: str) -> bytes:
    """PDF/A-3a and PDF/UA-1, with `statement.json` as its source attachment."""
    source = canonical_json(dict(statement))
    frozen_at = datetime.fromisoformat(str(statement["frozen_at"]).replace("Z", "+00:00"))
    attachment = Attachment(
        string=source,
        name="statement.json",
        description="The frozen statement from which every figure was taken",
        relationship="Source",
        created=frozen_at,
        modified=frozen_at,
    )
    html = HTML(string=report_html(statement, language=language), encoding="utf-8")
    identifier = hashlib.sha256(source + language.encode()).digest()[:16]
    pdf = html.write_pdf(
        font_config=font_configuration(),
        pdf_variant="pdf/a-3a",
        pdf_identifier=identifier,
        attachments=[attachment],
        finisher=finish,
    )
    assert isinstance(pdf, bytes)  # noqa: S101  without a target it returns the file
    return pdf
