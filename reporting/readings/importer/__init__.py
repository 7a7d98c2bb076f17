"""A file of readings to meters' days: CSV in UTF-8 or GB18030, or XLSX; ten million lines a piece.

Its headings say how it is laid out: a line a reading, a line a meter's day, or lines of what the
register of a meter showed.
"""

from reporting.readings.importer.books import Read
from reporting.readings.importer.reading import Progress, read_file
from reporting.readings.importer.templates import Template, headings_of, write_template

__all__ = ["Progress", "Read", "Template", "headings_of", "read_file", "write_template"]
