"""The ledger of units for machines: read all of what is yours, propose what should move."""
