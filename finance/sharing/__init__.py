"""Agreements that share money out: land, storage, reduction revenue, saved energy."""
