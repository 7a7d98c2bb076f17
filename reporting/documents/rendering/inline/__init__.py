"""A statement as inline XBRL, and the open taxonomy of our own that it is tagged with."""

from reporting.documents.rendering.inline.report import statement_xhtml
from reporting.documents.rendering.inline.taxonomy import taxonomy_files

__all__ = ["statement_xhtml", "taxonomy_files"]
