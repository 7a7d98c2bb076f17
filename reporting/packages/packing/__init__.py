"""The package of a final report: the report, all it was made of, and what proves it."""

from reporting.packages.packing.container import pack
from reporting.packages.packing.contents import contents_of

__all__ = ["contents_of", "pack"]
