"""A statement as a workbook: every sum is a formula over the lines, beside what was reported."""

from reporting.documents.rendering.workbook.book import statement_xlsx

__all__ = ["statement_xlsx"]
