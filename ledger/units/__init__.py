"""Lots, serial ranges, entries, movements, positions: the posting engine."""
