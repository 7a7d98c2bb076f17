"""The desk's pages of compliance."""

from ledger.compliance.admin import entities, records, years

__all__ = ["entities", "records", "years"]
